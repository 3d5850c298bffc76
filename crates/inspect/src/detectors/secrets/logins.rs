//! Passwords beside the name of a user: in URLs, in command lines and headers, in the files in which programs keep logins.

use super::shapes::{mixed, mixed_case};
use super::{Found, documented, named, values};
use crate::normalise::Layer;
use crate::signals::Hit;

/// The user and password of a command line: `-u ada:…`, `--user "ada":'…'`.
pub(super) fn in_command(text: &str, start: usize) -> Option<Found> {
    // The quotation mark before the value was passed over already.
    let bytes = text.as_bytes();
    let length = bytes.get(start..)?.iter().take(300).take_while(|b| b.is_ascii_graphic() && **b != b'|').count();
    let argument = text.get(start..start + length)?;
    let (user, password) = argument.split_once(':')?;
    let password = password.trim_matches(['"', '\'', '{', '}', ',', ')', ';', '`']);
    // A key in the place of the user, and no password.
    if password.is_empty() {
        let real = user.len() >= 20 && super::shapes::is_random_value(user) && !values::is_placeholder(user);
        return real.then_some((start..start + user.len(), "password-in-command", 0.8));
    }
    let real =
        user.len() <= 80 && password.len() >= 6 && !named::is_reference(password) && !values::is_placeholder(password);
    let chosen = mixed(password) || password.len() >= 10 && mixed_case(password) && values::entropy(password) > 3.0;
    let shown = ["password", "passwd"].contains(&password.to_ascii_lowercase().as_str());
    let address = user.contains("//") || password.bytes().all(|b| b.is_ascii_digit());
    (real && chosen && !shown && !address).then_some((start..start + length, "password-in-command", 0.8))
}

/// The password of a pair in code: `auth=("ada", "k3…")`.
pub(super) fn in_pair(text: &str, from: usize) -> Option<Found> {
    const PAIR_MAX: usize = 160;
    let pair = text.get(from..text.floor_char_boundary(from + PAIR_MAX))?;
    let quote = pair.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (user, rest) = pair.get(1..)?.split_once(quote)?;
    let second = rest.trim_start_matches([',', ' ', '\n']);
    let (password, _) = second.strip_prefix(quote)?.split_once(quote)?;
    let start = from + (pair.len() - second.len()) + 1;
    let real = password.len() >= 8 && mixed(password) && !is_shown(user, password, "");
    real.then_some((start..start + password.len(), "password-in-command", 0.75))
}

/// The password that a client is given on its command line: `mysql -u root -pk3…`, `redis-cli -a k3…`.
pub(super) fn in_client(text: &str, from: usize, client: &str) -> Option<Found> {
    const LINE_MAX: usize = 200;
    let line = text.get(from..text.floor_char_boundary(from + LINE_MAX))?.split(['\n', '|', ';']).next()?;
    let option = match client {
        "mysql" => " -p",
        "sshpass" => " -p ",
        _ => " -a ",
    };
    let at = line.find(option)? + option.len();
    let quoted = line.get(at..)?;
    let value = quoted.trim_start_matches(['\'', '"']);
    let start = from + at + quoted.len() - value.len();
    let value = value.split([' ', '\'', '"']).next()?;
    let shown = ["pass", "secret", "root"].iter().any(|word| value.to_ascii_lowercase().contains(word));
    let real = value.len() >= 6 && mixed(value) && !shown && !named::is_nothing(text, &(start..start + value.len()));
    real.then_some((start..start + value.len(), "password-in-command", 0.75))
}

/// A password in the user part of a URL.
pub(super) fn in_url(layer: &Layer<'_>, hit: &Hit) -> Option<Found> {
    let text = layer.text();
    if text.get(hit.start..hit.end)? != "://" {
        return None;
    }
    let rest = text.get(hit.end..)?;
    let length = rest
        .bytes()
        .take(300)
        .take_while(|b| {
            b.is_ascii_graphic() && !matches!(b, b'/' | b'?' | b'#' | b'"' | b'\'' | b'<' | b'>' | b'`' | b'|' | b'\\')
        })
        .count();
    let (user, host) = rest.get(..length)?.rsplit_once('@')?;
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    if password.is_empty() {
        // A token in the place of the user, as forges take it.
        let real = name.len() >= 20 && super::shapes::is_random_value(name) && !values::is_placeholder(name);
        return real.then_some((hit.end..hit.end + name.len(), "password-in-url", 0.8));
    }
    let start = hit.end + name.len() + 1;
    (!is_shown(name, password, host)).then_some((start..start + password.len(), "password-in-url", 0.85))
}

/// Whether documentation shows a password so.
fn is_shown(name: &str, password: &str, host: &str) -> bool {
    let lower = password.to_ascii_lowercase();
    let words = ["pass", "pwd", "user", "secret", "token", "postgres", "root", "guest", "admin", "..."];
    let reserved = ["example", "localhost", "127.0.0.1", "host", "yourdomain", "domain.com"];
    let dressed = password.contains(['{', '$', '*', '[', '<', '%', '(']) && !password.contains("%40");
    // A long password is no word, whatever words are in it.
    let worded = (password.len() < 16 || !mixed(password)) && words.iter().any(|word| lower.contains(word));
    // Beside a name of a host that is somebody's, a bad password is one too: only the very words of a form are not.
    let somewhere = host.contains('.') && !reserved.iter().any(|word| host.contains(word));
    let very = ["password", "pass", "passwd", "pwd", "secret", "token", "pw", "user", "username"];
    password.len() < 5
        || named::is_reference(password)
        || dressed
        || documented::is_published(password)
        || values::is_placeholder(password) && values::entropy(password) < 2.0
        || worded && !(somewhere && mixed(password) && !very.contains(&lower.as_str()))
        || lower == name.to_ascii_lowercase()
}

/// `Basic` and what it stands for: a user, a colon, a password.
pub(super) fn in_basic(value: &str) -> Option<bool> {
    let decoded = values::base64_bytes(value.trim_end_matches('='))?;
    let decoded =
        String::from_utf8(decoded).ok().filter(|text| text.bytes().all(|b| b.is_ascii_graphic() || b == b' '))?;
    let (user, password) = decoded.split_once(':')?;
    let key = if password.is_empty() { user } else { password };
    let lower = key.to_ascii_lowercase();
    let shown = ["pass", "pwd", "secret", "token", "example", "1234", "admin", "sesame"]
        .iter()
        .any(|word| lower.contains(word));
    Some(key.len() >= 5 && (!shown || key.len() >= 16) && !documented::is_published(value))
}

/// The password in one line of a file of logins, at the mark that is found in it: the hash behind a user's name, or the
/// last field of a line with five.
pub(super) fn in_line(text: &str, start: usize, mark: &str) -> Option<Found> {
    const HEAD_MAX: usize = 120;
    let window = text.get(text.ceil_char_boundary(start.saturating_sub(HEAD_MAX))..start)?;
    let head = window.rsplit(['\n', '"', '\'', ' ']).next()?;
    let rest = text.get(start + mark.len()..)?;
    if mark == ":5432:" {
        // host:port:database:user:password
        let host = !head.is_empty() && !head.contains("//") && head.len() <= 100;
        let line = rest.get(..rest.floor_char_boundary(300))?.split(['\n', '"', '\'', ' ', '\r']).next()?;
        let mut fields = line.splitn(3, ':');
        let (database, user, password) = (fields.next()?, fields.next()?, fields.next()?);
        let real = host && !database.is_empty() && !user.is_empty() && !is_shown(user, password, "");
        let at = start + mark.len() + line.len() - password.len();
        return real.then_some((at..at + password.len(), "password-in-file", 0.8));
    }
    let user = (1..=64).contains(&head.len())
        && head.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'@'));
    let hash = rest.bytes().take(300).take_while(|b| b.is_ascii_alphanumeric() || b"./$+=,-".contains(b)).count();
    (user && hash >= 20).then_some((start + 1..start + mark.len() + hash, "password-hash", 0.8))
}
