//! Base64 (RFC 4648, section 4) in its one canonical form. Written here because strictness is the point: a value that
//! two decoders read differently must not pass, so padding is required, unused bits are zero and nothing is skipped.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The bytes that `text` encodes; `None` unless it is what `encode` would write.
pub(super) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let (groups, rest) = text.as_chunks::<4>();
    if !rest.is_empty() {
        return None;
    }
    let mut bytes = Vec::with_capacity(groups.len() * 3);
    for (index, group) in groups.iter().enumerate() {
        let padding = group.iter().rev().take_while(|&&byte| byte == b'=').count();
        if padding > 2 || (padding > 0 && index + 1 < groups.len()) {
            return None;
        }
        let digits = group.iter().take(4 - padding);
        let bits = digits.clone().try_fold(0_u32, |bits, &digit| Some(bits << 6 | sextet(digit)?))? << (6 * padding);
        let [_, first, second, third] = bits.to_be_bytes();
        let unused = match padding {
            0 => 0,
            1 => third,
            _ => second | third,
        };
        if unused != 0 {
            return None;
        }
        bytes.extend([first, second, third].iter().take(3 - padding));
    }
    Some(bytes)
}

fn sextet(digit: u8) -> Option<u32> {
    let value = match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

/// `bytes` as Base64, padded.
pub(super) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for position in 0..4_usize {
            let digit = ALPHABET.get((bits >> (18 - 6 * position)) as usize & 63).copied().unwrap_or_default();
            text.push(if position <= chunk.len() { digit as char } else { '=' });
        }
    }
    text
}
