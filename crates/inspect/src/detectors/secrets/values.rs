//! Judges single values: whether one is a placeholder, how random it looks, whether its checksum holds.

/// From this length on, short words in a value mean nothing.
const LONG: usize = 80;

/// Whether a value is one that documentation shows instead of a real one.
pub(super) fn is_placeholder(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    const WORDS: &[&str] = &[
        "example",
        "xxxx",
        "your",
        "placeholder",
        "changeme",
        "redacted",
        "dummy",
        "sample",
        "insert",
        "replace",
        "here",
        "****",
        "....",
        "<",
        "test-key",
        "fake",
        "todo",
        "secret-key",
        "foobar",
        "mytoken",
        "my-token",
        "my_token",
        "00000000",
        "aaaaaaaa",
        "11111111",
        "insecure",
        "deadbeef",
        "cafebabe",
        "abc123xyz",
    ];
    // In a long random value any short word may stand by chance.
    let long = value.len() > LONG;
    // So may a row of one letter, where a long key has a row of zeros.
    let row = |word: &str| value.len() > LONG && word.bytes().all(|b| word.starts_with(char::from(b)));
    WORDS.iter().any(|word| (!long || word.len() > 4) && !row(word) && lower.contains(word)) || is_dull(value)
}

/// Whether the payload of a token holds what documentation puts there, so that it was never somebody's.
pub(super) fn is_documented(payload: &str) -> bool {
    // Base64 of the words, at each of the three places they can stand in a group of bytes.
    const WORDS: &[&str] = &[
        "ImZvby",
        "JmZvby",
        "iZm9v",
        "mb28iO",
        "dGVzdC",
        "InRlc3Qi",
        "0ZXN0I",
        "ZXhhbXBsZ",
        "V4YW1wbG",
        "leGFtcGxl",
        "Sm9obiBEb2",
        "pvaG4gRG9l",
        "Kb2huIERvZ",
        "Impvw",
        "Impvz",
        "am9lI",
        "MTUxNjIzOTAyM",
        "E1MTYyMzkwMj",
        "xNTE2MjM5MDIy",
        "MTMwMDgxOTM4M",
        "EzMDA4MTkzOD",
        "xMzAwODE5Mzgw",
        "c3RyaW5nQ2xhaW",
        "N0cmluZ0NsYWlt",
        "zdHJpbmdDbGFpb",
    ];
    WORDS.iter().any(|word| payload.contains(word))
}

/// Whether a value has fewer different characters than anything random would have.
pub(super) fn is_dull(value: &str) -> bool {
    let mut seen = [false; 128];
    let mut different = 0usize;
    for byte in value.bytes() {
        if let Some(slot) = seen.get_mut(usize::from(byte)) {
            different += usize::from(!*slot);
            *slot = true;
        }
    }
    different < 6 || different * 6 < value.len().min(60)
}

/// Whether a value is text in base64 that says the same thing twice, as test data does and no key.
pub(super) fn is_repeated(value: &str) -> bool {
    const PERIOD_MAX: usize = 64;
    let value = value.trim_end_matches('=');
    let Some(bytes) = base64_bytes(value).filter(|bytes| bytes.len() >= 24 && bytes.iter().all(u8::is_ascii_graphic))
    else {
        return false;
    };
    let repeats = |period: usize| bytes.iter().zip(bytes.iter().skip(period)).all(|(a, b)| a == b);
    (1..=(bytes.len() / 2).min(PERIOD_MAX)).any(repeats)
}

/// What a value of base64 stands for. None where it holds anything else, or is longer than any key.
pub(super) fn base64_bytes(value: &str) -> Option<Vec<u8>> {
    const LENGTH_MAX: usize = 600;
    if value.len() > LENGTH_MAX {
        return None;
    }
    let mut bytes = Vec::with_capacity(value.len());
    let (mut bits, mut held) = (0u32, 0u32);
    for byte in value.bytes() {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 & 0xFFFF | u32::from(digit);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xFF).unwrap_or(0));
        }
    }
    Some(bytes)
}

/// Whether a value spells the alphabet in capital and small letters by turns, as only a person types it.
pub(super) fn is_alphabet(value: &str) -> bool {
    const RUN_MIN: usize = 16;
    let mut run = 1;
    value.as_bytes().windows(2).any(|pair| {
        let [a, b] = pair else { return false };
        let follows = a.is_ascii_uppercase() != b.is_ascii_uppercase()
            && a.to_ascii_lowercase().checked_add(1) == Some(b.to_ascii_lowercase())
            && a.is_ascii_alphabetic()
            && b.is_ascii_alphabetic();
        run = if follows { run + 1 } else { 1 };
        run >= RUN_MIN
    })
}

/// Shannon's entropy in bits a character.
pub(super) fn entropy(value: &str) -> f32 {
    let mut counts = [0u32; 256];
    for byte in value.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "lengths of values are far below 2^24")]
    let length = value.len() as f32;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            #[expect(clippy::cast_precision_loss, reason = "lengths of values are far below 2^24")]
            let share = *count as f32 / length;
            -share * share.log2()
        })
        .sum()
}

/// Whether the last six characters are the CRC-32 of the rest in base 62, as GitHub and npm issue their tokens.
pub(super) fn crc62_holds(token: &str) -> bool {
    let Some(split) = token.len().checked_sub(6) else { return false };
    let (body, sum) = token.split_at(split);
    // npm and GitHub compute over the random part, without the prefix.
    let random = body.rsplit('_').next().unwrap_or(body);
    base62(crc32(random.as_bytes())) == sum
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xEDB8_8320 & (0u32.wrapping_sub(sum & 1))))
    })
}

fn base62(mut value: u32) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS.get((value % 62) as usize).copied().unwrap_or(b'0');
        value /= 62;
    }
    String::from_utf8_lossy(&digits).into_owned()
}

/// Whether a value is an identifier that is public by nature: a UUID, or a hash in hexadecimal.
pub(super) fn is_public_identifier(value: &str) -> bool {
    let uuid = value.len() == 36
        && value.bytes().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        });
    // Programs print hashes in one case.
    let hash = matches!(value.len(), 32 | 40 | 64 | 96 | 128) && value.bytes().all(|b| b.is_ascii_hexdigit());
    uuid || hash && !super::shapes::mixed_case(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        let body = "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ";
        let token = format!("ghp_{body}{}", base62(crc32(body.as_bytes())));
        assert!(crc62_holds(&token));
        assert!(!crc62_holds("ghp_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ000000"));
    }

    #[test]
    fn judgements() {
        assert!(is_placeholder("YOUR_API_KEY"));
        assert!(is_placeholder("xxxxxxxxxxxxxxxx"));
        assert!(!is_placeholder("zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ"));
        assert!(entropy("aaaaaaaa") < 0.1);
        assert!(entropy("zQWBuTSOoRi4A9spHcVY") > 4.0);
        assert!(is_public_identifier("123e4567-e89b-12d3-a456-426614174000"));
        assert!(is_alphabet("AbCdEfGhIjKlMnOpQrStUvWxYz123456"));
        assert!(!is_alphabet("zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ"));
        assert!(is_repeated(
            "MDAxMTIyMzM0NDU1NjY3Nzg4OTlhYWJiY2NkZGVlZmYwMDExMjIzMzQ0NTU2Njc3ODg5OWFhYmJjY2RkZWVmZg=="
        ));
        assert!(!is_repeated("kZ8vR2mQ7pL4xT9cB1nD6wF3sG5hJ0yU8eA2iO4r"));
        assert!(is_public_identifier("3b18e512dba79e4c8300dd08aeb37f8e728b8dad"));
    }
}
