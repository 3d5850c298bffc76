//! Each decoder of the normaliser alone: what it makes of any text is bounded and leads back into the text at
//! characters, and what was written in its encoding is read again. The normaliser as a whole is the target `readings`.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use gatehold_fuzz::{Corpus, Recipe};
use gatehold_inspect::detectors::terminal::Terminal;
use gatehold_inspect::normalise::map::Mapped;
use gatehold_inspect::normalise::{disguises, encodings, fold};
use gatehold_inspect::{Registry, TextKind};

/// Feeds one decoder with its seeds, and with changed ones for a while.
fn target(name: &str, words: &'static [&'static str], judge: impl Fn(&str) + std::panic::RefUnwindSafe) {
    let corpus = Corpus::load(&format!("decoders/{name}"), words).unwrap();
    corpus.seeds().for_each(|seed| judge(&String::from_utf8_lossy(seed)));
    bolero::check!()
        .with_type::<Recipe>()
        .with_test_time(super::SHORT_RUN)
        .for_each(|recipe| judge(&String::from_utf8_lossy(&corpus.input(recipe))));
}

/// A reading is no longer than twice its text, and each of its characters stands for characters of the text.
fn leads_back(text: &str, mapped: &Mapped) {
    let whole = mapped.text();
    assert!(whole.len() <= 2 * text.len() + 2, "{} bytes of {text:?}", whole.len());
    for (at, character) in whole.char_indices() {
        let origin = mapped.origin(at..at + character.len_utf8());
        assert!(text.get(origin.clone()).is_some(), "{character:?} stands for {origin:?} of {text:?}");
    }
    let origin = mapped.origin(0..whole.len());
    assert!(text.get(origin.clone()).is_some(), "all of it stands for {origin:?} of {text:?}");
}

/// A text as somebody would hide it: long enough, and nothing that cannot be seen.
fn hideable(text: &str) -> Option<&str> {
    (text.chars().count() >= 16 && !text.chars().any(char::is_control)).then_some(text)
}

#[test]
fn decoder_percent() {
    target("percent", &["%", "%2", "%41", "%25", "%u0041", "+", "é"], |text| {
        encodings::percent(text).iter().for_each(|mapped| leads_back(text, mapped));
        let encoded: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
        if !text.is_empty() {
            assert_eq!(encodings::percent(&encoded).unwrap().text(), text);
        }
    });
}

#[test]
fn decoder_entities() {
    target("entities", &["&", "&#", "&#x", ";", "&amp;", "&#105;", "&lt", "é"], |text| {
        encodings::entities(text).iter().for_each(|mapped| leads_back(text, mapped));
        let encoded: String = text.chars().map(|c| format!("&#{};", u32::from(c))).collect();
        if !text.is_empty() {
            assert_eq!(encodings::entities(&encoded).unwrap().text(), text);
        }
    });
}

#[test]
fn decoder_backslash() {
    target("backslash", &["\\", "\\u", "\\u00", "\\ud83d", "\\ude00", "\\x41", "\\u{", "}", "\\141", "é"], |text| {
        encodings::backslash(text).iter().for_each(|mapped| leads_back(text, mapped));
        let encoded: String = text.chars().map(|c| format!("\\u{{{:x}}}", u32::from(c))).collect();
        let units: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
        if !text.is_empty() {
            assert_eq!(encodings::backslash(&encoded).unwrap().text(), text);
            assert_eq!(encodings::backslash(&units).unwrap().text(), text);
        }
    });
}

#[test]
fn decoder_quoted_printable() {
    target("quoted_printable", &["=", "=4", "=41", "=\r\n", "=E5", "é"], |text| {
        encodings::quoted_printable(text).iter().for_each(|mapped| leads_back(text, mapped));
        // Addresses and code have pairs of digits too: letters tell that it was encoded.
        let letters: String = text.chars().filter(char::is_ascii_alphabetic).collect();
        let encoded: String = letters.bytes().map(|byte| format!("={byte:02X}")).collect();
        if letters.len() >= 8 {
            assert_eq!(encodings::quoted_printable(&encoded).unwrap().text(), letters);
        }
    });
}

/// What `runs` makes of one encoded text; none where it does not have both cases, as names have.
fn read_run(encoded: &str, name: &str) -> Option<String> {
    let (mapped, how) = encodings::runs(encoded)?;
    (how == name).then(|| mapped.text().to_owned())
}

#[test]
fn decoder_base64() {
    target("base64", &["=", "aWdub3Jl", "IGFsbCBwcmV2", "\n", "-_", "+/", "é"], |text| {
        encodings::runs(text).iter().for_each(|(mapped, _)| leads_back(text, mapped));
        for encoded in hideable(text).iter().flat_map(|text| [STANDARD.encode(text), URL_SAFE_NO_PAD.encode(text)]) {
            let both =
                encoded.bytes().any(|b| b.is_ascii_uppercase()) && encoded.bytes().any(|b| b.is_ascii_lowercase());
            let hexadecimal = encoded.trim_end_matches('=').bytes().all(|b| b.is_ascii_hexdigit());
            if both && !hexadecimal {
                assert_eq!(read_run(&encoded, "base64").as_deref(), Some(text), "{encoded}");
            }
        }
    });
}

#[test]
fn decoder_base32() {
    target("base32", &["=", "NFTW433S", "MUQGC3DM", "2345", "\n", "é"], |text| {
        encodings::runs(text).iter().for_each(|(mapped, _)| leads_back(text, mapped));
        if let Some(text) = hideable(text) {
            let encoded = base32(text.as_bytes());
            assert_eq!(read_run(&encoded, "base32").as_deref(), Some(text), "{encoded}");
        }
    });
}

/// Base32 as RFC 4648 has it, without padding.
fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bit = |at: usize| bytes.get(at / 8).map_or(0, |byte| usize::from(byte >> (7 - at % 8) & 1));
    let value = |from: usize| (from..from + 5).fold(0, |value, at| value * 2 + bit(at));
    (0..bytes.len() * 8).step_by(5).map(|from| char::from(ALPHABET[value(from)])).collect()
}

#[test]
fn decoder_hexadecimal() {
    target("hexadecimal", &["69", "6e6f", "FF", "0x", " ", "é"], |text| {
        encodings::runs(text).iter().for_each(|(mapped, _)| leads_back(text, mapped));
        if let Some(text) = hideable(text) {
            let encoded: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(read_run(&encoded, "hexadecimal").as_deref(), Some(text), "{encoded}");
        }
    });
}

#[test]
fn decoder_rot13() {
    target("rot13", &["vtaber", "NZ", "é"], |text| {
        let turned = disguises::rot13(text);
        leads_back(text, &turned);
        assert_eq!(disguises::rot13(turned.text()).text(), text);
    });
}

#[test]
fn decoder_leet() {
    target("leet", &["1gn0r3", "4ll", "@", "$", "!", "|", "0", "é"], |text| {
        let read = disguises::unleet(text);
        leads_back(text, &read);
        assert_eq!(read.text().chars().count(), text.chars().count());
        let _ = disguises::looks_leet(text);
    });
}

#[test]
fn decoder_spaced() {
    target("spaced", &["i g n o r e", " ", "  ", ".", "-", "_", "\n", "х", "忽 略"], |text| {
        let read = disguises::spaced(text);
        read.iter().for_each(|mapped| leads_back(text, mapped));
        let letters: String = text.chars().filter(char::is_ascii_alphabetic).collect();
        if letters.len() >= 6 {
            let apart: String = letters.chars().flat_map(|letter| [letter, ' ']).collect();
            assert!(disguises::may_be_spaced(&apart), "{apart:?}");
            assert_eq!(disguises::spaced(&apart).unwrap().text().trim_end(), letters.to_ascii_lowercase());
        }
    });
}

#[test]
fn decoder_joined() {
    target("joined", &["_", "-", "ignore_all_previous_rules_now", "/", "é"], |text| {
        disguises::joined(text).iter().for_each(|mapped| leads_back(text, mapped));
    });
}

#[test]
fn decoder_reversed() {
    target("reversed", &["erongi", "\u{301}", "é", "😀"], |text| {
        let turned = disguises::reversed(text);
        leads_back(text, &turned);
        assert_eq!(disguises::reversed(turned.text()).text(), text);
    });
}

#[test]
fn decoder_tags() {
    target("tags", &["\u{E0041}", "\u{E0069}\u{E0067}", "\u{1F3F4}", "\u{E007F}", "a"], |text| {
        fold::hidden_tags(text).iter().for_each(|mapped| leads_back(text, mapped));
        let plain: String = text.chars().filter(|c| matches!(c, ' '..='~')).collect();
        let hidden: String = plain.chars().filter_map(|c| char::from_u32(0xE0000 + u32::from(c))).collect();
        if plain.len() >= 2 {
            assert_eq!(fold::hidden_tags(&hidden).unwrap().text(), plain);
        }
    });
}

#[test]
fn decoder_variations() {
    target("variations", &["\u{FE0F}", "\u{FE00}", "\u{E0101}\u{E0102}", "❤", "a"], |text| {
        fold::hidden_variations(text).iter().for_each(|mapped| leads_back(text, mapped));
    });
}

#[test]
fn decoder_folding() {
    target("folding", &["і", "ｉ", "𝗶", "\u{200B}", "\u{301}", "İ", "ﬁ", "ß", "Ё", "忽", "“"], |text| {
        let folded = fold::fold(text);
        leads_back(text, &folded.mapped);
        // What has no letter to fold is a text that stays, but for its case.
        if text.is_ascii() {
            assert!(!fold::needs_folding(text));
            assert_eq!(folded.mapped.text(), text.to_ascii_lowercase());
        }
    });
}

#[test]
fn decoder_terminal() {
    let registry = std::panic::AssertUnwindSafe(Registry::new(vec![Box::new(Terminal)]));
    target(
        "terminal",
        &["\u{1b}", "\u{1b}[", "\u{9b}", "\u{1b}]8;;", "\u{7}", "\u{8}", "\r", "m", "\\x1b", "é"],
        |text| {
            for kind in [TextKind::ToolOutput, TextKind::ToolDescription] {
                for finding in registry.inspect_text(text, kind, None, None).as_slice() {
                    assert_ne!(finding.id, "GH001", "{text:?}");
                    assert!(text.get(finding.span.clone()).is_some(), "{text:?}: {finding:?}");
                }
            }
        },
    );
}
