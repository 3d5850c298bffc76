//! Reads a text as a shell would, roughly: simple commands with their words, without quotes and tricks of spelling, and
//! what flows from one into the next. It runs nothing and expands no names of files. One pass, whatever the text.

use std::collections::HashMap;
use std::ops::Range;

/// One simple command.
#[derive(Debug, Default, Clone)]
pub(super) struct Simple {
    /// Its words as the shell would hand them over, the program first; lower case is left to who compares.
    pub(super) words: Vec<String>,
    /// What is written to: the targets of `>`, `>>`.
    pub(super) writes: Vec<String>,
    /// What is read from: the targets of `<`.
    pub(super) reads: Vec<String>,
    /// What is written into it in the same text: `<<EOF`, `<<<`.
    pub(super) input: String,
    /// Where it begins in the text.
    pub(super) start: usize,
    /// Where it ends.
    pub(super) end: usize,
    /// The number of the command whose output is its input.
    pub(super) piped_from: Option<usize>,
    /// The numbers of the commands whose output stands in its words or is read by it: `sh -c "$(curl …)"`.
    pub(super) inner: Vec<Range<usize>>,
    /// Whether a stream goes where another one does: `2>&1`.
    pub(super) joins_streams: bool,
    /// Whether its program is spelt so that it cannot be read.
    pub(super) is_disguised: bool,
}

/// At most this many commands are read, and this many words of each.
pub(super) const COMMANDS_MAX: usize = 4096;
const WORDS_MAX: usize = 200;
/// At most this many variables are remembered, each up to this long.
const VARIABLES_MAX: usize = 16;
const VARIABLE_BYTES_MAX: usize = 64;
/// Nothing is nested deeper.
const DEPTH_MAX: usize = 8;

impl Simple {
    /// The program, without its folder and ending, in small letters, and its arguments: past `sudo` and its like.
    pub(super) fn program(&self) -> (String, &[String]) {
        let mut rest = self.words.as_slice();
        loop {
            let Some((first, after)) = rest.split_first() else { return (String::new(), &[]) };
            let name = base_name(first);
            rest = after;
            if !WRAPPERS.contains(&name.as_str()) && !is_assignment(first) {
                return (name, after);
            }
            // Options of the wrapper and what stands with them.
            while let Some((next, after)) = rest.split_first() {
                let number = next.bytes().next().is_some_and(|b| b.is_ascii_digit());
                let counted = number && matches!(name.as_str(), "timeout" | "nice" | "watch" | "xargs");
                if !next.starts_with('-') && !counted {
                    break;
                }
                rest = after;
                let takes =
                    matches!(next.as_str(), "-u" | "-n" | "-g" | "-I" | "-P" | "-L" | "-k" | "-s") && name != "env";
                if takes && rest.len() > 1 {
                    rest = rest.get(1..).unwrap_or_default();
                }
            }
        }
    }

    /// All words but the program, one after another.
    pub(super) fn joined(&self) -> String {
        self.words.join(" ")
    }
}

const WRAPPERS: &[&str] = &[
    "sudo", "doas", "env", "nohup", "time", "timeout", "nice", "ionice", "exec", "command", "builtin", "xargs", "then",
    "do", "else", "if", "while", "until", "!", "{", "stdbuf", "setsid", "watch", "busybox", "parallel", "start",
    "call", "unbuffer",
];

/// The last part of a path to a program.
pub(super) fn base_name(word: &str) -> String {
    let lower = word.to_ascii_lowercase();
    let name = lower.rsplit(['/', '\\']).next().unwrap_or(&lower);
    name.strip_suffix(".exe").unwrap_or(name).to_owned()
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        name.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    })
}

/// The simple commands of a text, in the order in which they end. A quote that is never closed is a letter.
pub(super) fn read(text: &str) -> Vec<Simple> {
    let mut reader = Reader {
        text,
        at: 0,
        is_double: false,
        done: Vec::new(),
        current: Open::default(),
        outer: Vec::new(),
        variables: HashMap::new(),
        here: None,
    };
    while reader.at < text.len() && reader.done.len() < COMMANDS_MAX {
        reader.step();
    }
    loop {
        reader.finish();
        match reader.outer.pop() {
            Some(outer) => reader.current = outer,
            None => break,
        }
    }
    reader.done
}

/// A command that is being read, and the word of it.
#[derive(Default)]
struct Open {
    simple: Simple,
    word: String,
    has_word: bool,
    /// Where the word under way goes: the target of `<` or `>`.
    redirect: Option<u8>,
    /// What ends it: `)` or a backtick.
    closes: Option<u8>,
    /// Whether it stands in double quotes of the outer one.
    is_quoted: bool,
    /// How many commands were read when it began.
    first: usize,
    /// The command before it in the same pipe, if the next one is piped.
    last: Option<usize>,
    /// Whether quotes or escapes stand inside the word under way.
    is_tricked: bool,
    /// How many parentheses are open in it.
    groups: usize,
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    is_double: bool,
    done: Vec<Simple>,
    current: Open,
    outer: Vec<Open>,
    variables: HashMap<String, String>,
    /// The word that ends the text under way, which the next line begins.
    here: Option<String>,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn step(&mut self) {
        let Some(byte) = self.byte(0) else { return };
        let double = self.is_double;
        match byte {
            b'\\' => self.escape(),
            b'\'' if !double => self.single(),
            b'"' => {
                self.is_double = !double && self.rest().get(1..).is_some_and(|rest| rest.contains('"'));
                self.trick();
                self.current.has_word = true;
                self.at += 1;
            }
            b')' | b'`' if !double && self.current.closes == Some(byte) && self.current.groups == 0 => self.close(),
            b'$' if self.byte(1) == Some(b'\'') && !double => self.coded(),
            b'$' if self.byte(1) == Some(b'(') && self.byte(2) != Some(b'(') => self.nest(2, b')'),
            b'`' => self.nest(1, b'`'),
            b'<' | b'>' if self.byte(1) == Some(b'(') && !double => self.nest(2, b')'),
            b'$' => self.variable(),
            _ if double => self.letter(),
            b' ' | b'\t' => {
                self.end_word();
                self.at += 1;
            }
            b';' | b'|' | b'&' | b'\n' | b'\r' | b'(' | b')' => self.separator(byte),
            b'<' | b'>' => self.redirect(byte),
            b'^' if self.byte(1).is_some_and(|b| b.is_ascii_alphabetic()) => {
                // The escape of cmd.exe.
                self.trick();
                self.at += 1;
            }
            b'#' if !self.current.has_word => self.at += self.rest().find('\n').unwrap_or(self.rest().len()),
            _ => self.letter(),
        }
    }

    fn letter(&mut self) {
        let Some(character) = self.rest().chars().next() else { return };
        self.current.has_word = true;
        self.current.word.push(character);
        self.at += character.len_utf8();
    }

    /// Notes a sign in the middle of a word that changes nothing but its looks.
    fn trick(&mut self) {
        let inside = self.current.word.bytes().next_back().is_some_and(|b| b.is_ascii_alphanumeric())
            && self.byte(1).is_some_and(|b| b.is_ascii_alphanumeric());
        self.current.is_tricked |= inside;
    }

    fn escape(&mut self) {
        match self.byte(1) {
            Some(b'\n') => self.at += 2,
            Some(next) if next.is_ascii_alphabetic() && self.is_windows_path() => {
                let _ = next;
                self.letter();
            }
            Some(next) => {
                if next.is_ascii_alphabetic() {
                    self.trick();
                }
                self.at += 1;
                self.letter();
            }
            None => self.at += 1,
        }
    }

    /// Whether a backslash parts the names of a path rather than escaping: after a drive, a variable, or another name.
    fn is_windows_path(&self) -> bool {
        let word = self.current.word.as_str();
        word.contains(':') || word.contains('%') || word.starts_with(['.', '~', '$', '\\']) || {
            // `HKCU\Software\Microsoft`, `bin\obj`: a long name follows. `w\ho\am\i` has short pieces.
            let next: usize = self.rest().bytes().skip(1).take_while(u8::is_ascii_alphanumeric).take(5).count();
            word.len() >= 3 && next >= 3
        }
    }

    fn single(&mut self) {
        let inside = self.rest().get(1..).unwrap_or_default();
        let Some(end) = inside.find('\'') else {
            self.at += 1;
            return;
        };
        let piece = inside.get(..end).unwrap_or_default().to_owned();
        let after = inside.as_bytes().get(end + 1).is_some_and(u8::is_ascii_alphanumeric);
        let lone =
            piece.len() <= 3 && (after || self.current.has_word && !self.current.word.ends_with(['=', ':', '/']));
        self.current.is_tricked |= lone && piece.bytes().all(|b| b.is_ascii_alphanumeric());
        self.trick();
        self.current.word.push_str(&piece);
        self.current.has_word = true;
        self.at += end + 2;
    }

    /// `$'\x72\x6d'`: escapes of C.
    fn coded(&mut self) {
        let inside = self.rest().get(2..).unwrap_or_default();
        let end = inside.find('\'').unwrap_or(inside.len());
        let piece = unescaped(inside.get(..end).unwrap_or_default());
        self.current.is_tricked |= inside.get(..end).unwrap_or_default().contains("\\x");
        self.current.word.push_str(&piece);
        self.current.has_word = true;
        self.at += end + 3;
    }

    fn nest(&mut self, length: usize, closes: u8) {
        if self.outer.len() >= DEPTH_MAX {
            self.at += length;
            return;
        }
        let first = self.done.len();
        let inner = Open { closes: Some(closes), is_quoted: self.is_double, first, ..Open::default() };
        self.at += length;
        let mut outer = std::mem::replace(&mut self.current, inner);
        outer.has_word = true;
        self.current.simple.start = self.at;
        self.outer.push(outer);
        self.is_double = false;
    }

    fn close(&mut self) {
        self.finish();
        self.at += 1;
        let (first, is_quoted) = (self.current.first, self.current.is_quoted);
        let Some(outer) = self.outer.pop() else { return };
        self.current = outer;
        self.is_double = is_quoted;
        let inner = first..self.done.len();
        if inner.is_empty() {
            self.trick();
            return;
        }
        self.current.simple.inner.push(inner);
        self.current.word.push_str(SUBSTITUTED);
    }

    /// `$name`, `${name}`: what was assigned in the same text stands there, `${IFS}` parts words.
    fn variable(&mut self) {
        let rest = self.rest().get(1..).unwrap_or_default();
        let is_braced = rest.starts_with('{');
        let name_text = if is_braced { rest.get(1..).unwrap_or_default() } else { rest };
        let length = name_text.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let name = name_text.get(..length).unwrap_or_default();
        if let Some(tail) = name.strip_prefix("IFS") {
            self.at += 1 + usize::from(is_braced) + length - if is_braced { 0 } else { tail.len() };
            if is_braced {
                self.at += self.rest().bytes().take(8).position(|b| b == b'}').map_or(0, |end| end + 1);
            }
            // `$IFS$9`: an empty parameter keeps the name apart from what follows.
            if self.rest().starts_with("$9") {
                self.at += 2;
            }
            self.end_word();
            return;
        }
        if let (Some(b'@' | b'*'), false) = (rest.bytes().next(), is_braced) {
            let inside = self.current.word.ends_with(|c: char| c.is_ascii_alphanumeric());
            self.current.is_tricked |= inside && self.byte(2).is_some_and(|b| b.is_ascii_alphanumeric());
            self.at += 2;
            return;
        }
        let closed = is_braced && name_text.get(length..).is_some_and(|after| after.starts_with('}'));
        if length == 0 || is_braced && !closed {
            self.letter();
            return;
        }
        let name = name.to_owned();
        let value = self.variables.get(&name).cloned();
        self.at += 1 + length + if is_braced { 2 } else { 0 };
        self.current.has_word = true;
        match value {
            Some(value) => {
                self.current.is_tricked |= self.current.simple.words.is_empty();
                self.current.word.push_str(&value);
            }
            None => {
                self.current.word.push('$');
                self.current.word.push_str(&name);
            }
        }
    }

    fn end_word(&mut self) {
        if !std::mem::take(&mut self.current.has_word) {
            return;
        }
        let word = std::mem::take(&mut self.current.word);
        let is_tricked = std::mem::take(&mut self.current.is_tricked);
        let simple = &mut self.current.simple;
        match self.current.redirect.take() {
            Some(b'>') => simple.writes.push(word),
            Some(HERE) => self.here = Some(word),
            Some(HERE_STRING) => simple.input = word,
            Some(_) => simple.reads.push(word),
            None if simple.words.len() < WORDS_MAX => {
                if simple.words.iter().all(|word| is_assignment(word))
                    && let Some((name, value)) = word.split_once('=').filter(|_| is_assignment(&word))
                    && self.variables.len() < VARIABLES_MAX
                    && value.len() <= VARIABLE_BYTES_MAX
                    && !value.contains(SUBSTITUTED)
                {
                    self.variables.insert(name.to_owned(), value.to_owned());
                }
                let is_program = simple.words.iter().all(|word| is_assignment(word)) && !is_assignment(&word);
                simple.is_disguised |= is_tricked && is_program;
                simple.words.push(word);
            }
            None => (),
        }
    }

    /// Ends the command under way.
    fn finish(&mut self) {
        self.end_word();
        let mut simple = std::mem::take(&mut self.current.simple);
        simple.end = self.at.min(self.text.len());
        let is_empty = simple.words.is_empty() && simple.writes.is_empty() && simple.reads.is_empty();
        if !is_empty {
            self.current.last = Some(self.done.len());
            self.done.push(simple);
        }
    }

    fn separator(&mut self, byte: u8) {
        // `2>&1`, `>&`, `&>`: no separators.
        if byte == b'&' && self.byte(1) == Some(b'>') {
            self.at += 1;
            return;
        }
        self.finish();
        let twice = self.byte(1) == Some(byte) && matches!(byte, b'|' | b'&');
        self.at += 1 + usize::from(twice) + usize::from(byte == b'|' && self.byte(1) == Some(b'&'));
        match byte {
            b'(' => self.current.groups += 1,
            b')' => self.current.groups = self.current.groups.saturating_sub(1),
            _ => (),
        }
        if byte == b'\n' {
            self.here_text();
        }
        self.current.simple.start = self.at;
        self.current.simple.piped_from = self.current.last.filter(|_| byte == b'|' && !twice);
    }

    fn redirect(&mut self, byte: u8) {
        // The number of a stream before it belongs to it.
        if self.current.word.bytes().all(|b| b.is_ascii_digit()) && self.current.word.len() == 1 {
            self.current.word.clear();
            self.current.has_word = false;
        }
        self.end_word();
        let signs = self.rest().bytes().take(3).take_while(|b| *b == byte).count();
        self.at += signs;
        if self.byte(0) == Some(b'&') {
            // `>&1` and `0>&1` join streams; `>& file` writes.
            self.at += 1;
            self.current.simple.joins_streams = true;
            let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
            self.at += digits;
            if digits > 0 {
                return;
            }
        }
        if byte == b'<' && signs == 2 && self.byte(0) == Some(b'-') {
            self.at += 1;
        }
        self.current.redirect = Some(match (byte, signs) {
            (b'<', 2) => HERE,
            (b'<', 3) => HERE_STRING,
            _ => byte,
        });
    }

    /// The lines up to the word that ends them are the input of the command before.
    fn here_text(&mut self) {
        let Some(word) = self.here.take() else { return };
        let rest = self.rest();
        let mut length = 0;
        let mut body = rest.len();
        for line in rest.split_inclusive('\n') {
            if line.trim() == word {
                body = length;
                length += line.len();
                break;
            }
            length += line.len();
        }
        let text = rest.get(..body).unwrap_or_default().to_owned();
        self.at += length;
        if let Some(command) = self.done.last_mut() {
            command.input = text;
        }
    }
}

/// Where a word goes that stands behind `<<` or `<<<`.
const HERE: u8 = b'h';
const HERE_STRING: u8 = b's';

/// What stands for the output of a command in a word.
pub(super) const SUBSTITUTED: &str = "\u{FFFC}";

/// Escapes of C: `\x72`, `\162`, `\u0072`, `\n`.
pub(super) fn unescaped(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        made.push_str(rest.get(..at).unwrap_or_default());
        let after = rest.get(at + 1..).unwrap_or_default();
        let (skip, radix, most) = match after.as_bytes() {
            [b'x', ..] => (1, 16, 2),
            [b'u', ..] => (1, 16, 4),
            [b'0'..=b'7', ..] => (0, 8, 3),
            _ => (1, 0, 0),
        };
        let digits = after.get(skip..).unwrap_or_default();
        let length = digits.bytes().take(most).take_while(|b| char::from(*b).is_digit(radix.max(8))).count();
        let value = digits.get(..length).and_then(|digits| u32::from_str_radix(digits, radix.max(8)).ok());
        match value.and_then(char::from_u32).filter(|_| radix > 0) {
            Some(character) => {
                made.push(character);
                rest = digits.get(length..).unwrap_or_default();
            }
            None => {
                let character = after.chars().next();
                made.push(match character {
                    Some('n') => '\n',
                    Some('t') => '\t',
                    Some(other) => other,
                    None => '\\',
                });
                rest = after.get(character.map_or(0, char::len_utf8)..).unwrap_or_default();
            }
        }
    }
    made.push_str(rest);
    made
}

#[cfg(test)]
mod tests;
