//! Writes JSON by hand into a buffer that is used again. Knows nothing of records. Every string has a bound, and no
//! byte that could steer a terminal stands in what it writes.

use crate::record::digest;

/// Bytes of a string from a peer that a record keeps; of what is longer it keeps this much, a mark, and the digest.
pub(crate) const TEXT_BYTES_MAX: usize = 512;

/// Stands at the end of a string that was cut.
const CUT_MARK: &str = "…";

/// Appends members and elements to a buffer and puts commas where they belong.
#[derive(Debug)]
pub(crate) struct Json<'o> {
    out: &'o mut Vec<u8>,
}

impl<'o> Json<'o> {
    pub(crate) const fn new(out: &'o mut Vec<u8>) -> Self {
        Self { out }
    }

    /// A comma, unless a container was opened just now. The last byte tells: a string ends with a quote.
    fn separate(&mut self) {
        if !matches!(self.out.last(), Some(b'{' | b'[') | None) {
            self.out.push(b',');
        }
    }

    /// `"key":`; keys are ours and need no escape.
    fn key(&mut self, key: &'static str) {
        self.separate();
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    /// Opens an object as a member.
    pub(crate) fn open(&mut self, key: &'static str) {
        self.key(key);
        self.out.push(b'{');
    }

    /// Opens an array as a member.
    pub(crate) fn open_list(&mut self, key: &'static str) {
        self.key(key);
        self.out.push(b'[');
    }

    /// Opens an object as an element.
    pub(crate) fn open_item(&mut self) {
        self.separate();
        self.out.push(b'{');
    }

    pub(crate) fn close(&mut self) {
        self.out.push(b'}');
    }

    pub(crate) fn close_list(&mut self) {
        self.out.push(b']');
    }

    /// A string that is ours: short, without anything to escape.
    pub(crate) fn word(&mut self, key: &'static str, word: &str) {
        self.key(key);
        self.out.push(b'"');
        self.out.extend_from_slice(word.as_bytes());
        self.out.push(b'"');
    }

    /// A string of a peer or an operator. What is longer than `TEXT_BYTES_MAX` is cut, marked, and followed by a member
    /// `<key>_digest` over the whole of it.
    pub(crate) fn text(&mut self, key: &'static str, text: &str) {
        self.key(key);
        if text.len() <= TEXT_BYTES_MAX {
            write_string(text, "", self.out);
            return;
        }
        write_string(cut(text, TEXT_BYTES_MAX), CUT_MARK, self.out);
        self.out.extend_from_slice(b",\"");
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"_digest\":\"");
        digest::write(text.as_bytes(), self.out);
        self.out.push(b'"');
    }

    /// As `text`, where there is one.
    pub(crate) fn optional(&mut self, key: &'static str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(key, text);
        }
    }

    /// A member whose key is not ours. Key and value are cut without a digest.
    pub(crate) fn foreign(&mut self, key: &str, text: &str) {
        self.separate();
        write_cut(key, self.out);
        self.out.push(b':');
        write_cut(text, self.out);
    }

    /// A string as an element.
    pub(crate) fn item(&mut self, text: &str) {
        self.separate();
        write_cut(text, self.out);
    }

    pub(crate) fn number(&mut self, key: &'static str, number: u64) {
        self.key(key);
        write_number(number, self.out);
    }

    pub(crate) fn boolean(&mut self, key: &'static str, value: bool) {
        self.key(key);
        self.out.extend_from_slice(if value { b"true" } else { b"false" });
    }

    /// A member whose value was written elsewhere as JSON, by us.
    pub(crate) fn raw(&mut self, key: &'static str, json: &str) {
        self.key(key);
        self.out.extend_from_slice(json.as_bytes());
    }

    /// The digest of `bytes` as a member.
    pub(crate) fn digest(&mut self, key: &'static str, bytes: &[u8]) {
        self.key(key);
        self.out.push(b'"');
        digest::write(bytes, self.out);
        self.out.push(b'"');
    }
}

/// Appends a number in decimal.
pub(crate) fn write_number(mut number: u64, out: &mut Vec<u8>) {
    let mut digits = [0_u8; 20];
    let mut count = 0;
    for place in &mut digits {
        *place = b'0' + (number % 10) as u8;
        number /= 10;
        count += 1;
        if number == 0 {
            break;
        }
    }
    out.extend(digits.iter().take(count).rev());
}

/// Appends bytes in lower-case hexadecimal.
pub(crate) fn write_hex(bytes: &[u8], out: &mut Vec<u8>) {
    for byte in bytes {
        out.extend_from_slice(&[hex_digit(byte >> 4), hex_digit(byte & 15)]);
    }
}

/// 32 bytes in lower-case hexadecimal; without branches, since every record needs it several times.
pub(crate) fn hex_of_hash(hash: &[u8; 32]) -> [u8; 64] {
    let mut text = [0; 64];
    for (places, byte) in text.as_chunks_mut::<2>().0.iter_mut().zip(hash) {
        *places = [hex_digit(byte >> 4), hex_digit(byte & 15)];
    }
    text
}

const fn hex_digit(nibble: u8) -> u8 {
    nibble + if nibble < 10 { b'0' } else { b'a' - 10 }
}

fn write_cut(text: &str, out: &mut Vec<u8>) {
    let kept = cut(text, TEXT_BYTES_MAX);
    write_string(kept, if kept.len() < text.len() { CUT_MARK } else { "" }, out);
}

/// The first bytes of a text, up to a character's border.
pub(crate) fn cut(text: &str, bytes_max: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes_max)).unwrap_or(text)
}

/// Writes a JSON string: `text` and then `mark`. Beyond what RFC 8259 demands, it escapes every character that a
/// terminal or an editor may obey (C1 controls, line and paragraph separators, direction marks), so that looking at a
/// ledger with ordinary tools is safe.
fn write_string(text: &str, mark: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    // Looks at every byte instead of stopping at the first: that can be done for many bytes at once.
    let is_plain = |byte: u8| (0x20..0x7f).contains(&byte) & (byte != b'"') & (byte != b'\\');
    if text.bytes().fold(true, |plain, byte| plain & is_plain(byte)) {
        out.extend_from_slice(text.as_bytes());
    } else {
        write_escaped(text, out);
    }
    out.extend_from_slice(mark.as_bytes());
    out.push(b'"');
}

fn write_escaped(text: &str, out: &mut Vec<u8>) {
    for character in text.chars() {
        match character {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            _ if steers(character) => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    out.extend_from_slice(b"\\u");
                    write_hex(&unit.to_be_bytes(), out);
                }
            }
            _ => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

/// Whether a character changes how what follows is shown instead of showing something itself.
pub(crate) fn steers(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A text as it may be shown on a terminal: what steers is escaped, as `\u{…}`.
pub(crate) fn shown(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, character| {
        if steers(character) {
            out.extend(character.escape_unicode());
        } else {
            out.push(character);
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        let mut out = vec![b'{'];
        let mut json = Json::new(&mut out);
        json.text("tool", text);
        json.close();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn hostile_strings_come_back_as_they_were() {
        let hostile = "a\"b\\c\n\r\t\0\u{1b}[31m\u{7f}\u{9b}é\u{202e}\u{2028}😀\u{e0041}\u{feff}";
        let line = written(hostile);
        assert!(!line.chars().any(steers), "{line}");
        let read: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read["tool"], hostile);
    }

    #[test]
    fn a_long_string_is_cut_at_a_character_and_its_digest_stands_beside() {
        for filler in ["x", "é", "😀", "\0", "\""] {
            let long = filler.repeat(2000);
            let read: serde_json::Value = serde_json::from_str(&written(&long)).unwrap();
            let kept = read["tool"].as_str().unwrap();
            assert!(kept.ends_with('…') && kept.len() <= TEXT_BYTES_MAX + 3, "{kept}");
            let mut expected = Vec::new();
            digest::write(long.as_bytes(), &mut expected);
            assert_eq!(read["tool_digest"].as_str().unwrap().as_bytes(), expected);
        }
        assert!(!written(&"x".repeat(TEXT_BYTES_MAX)).contains("digest"), "the bound is inclusive");
    }

    #[test]
    fn numbers_and_hexadecimal() {
        for number in [0, 9, 10, 1234, u64::MAX] {
            let mut out = Vec::new();
            write_number(number, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), number.to_string());
        }
        let mut out = Vec::new();
        write_hex(&[0, 0x1f, 0xa0, 0xff], &mut out);
        assert_eq!(out, b"001fa0ff");
    }
}
