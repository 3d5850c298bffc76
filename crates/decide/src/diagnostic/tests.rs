//! Places, carets and near misses.

use super::*;

#[test]
fn near_misses_are_found_and_far_ones_are_not() {
    let known = ["version", "mode", "default", "rules", "at_least", "at_most"];
    for (word, expected) in [
        ("defualt", Some("default")),
        ("Rules", Some("rules")),
        ("rule", Some("rules")),
        ("at-least", Some("at_least")),
        ("atmost", Some("at_most")),
        ("verison", Some("version")),
        ("zzz", None),
        ("", None),
        ("something_else", None),
    ] {
        assert_eq!(nearest(word, &known), expected, "{word}");
    }
    assert_eq!(nearest(&"x".repeat(1 << 20), &known), None);
}

#[test]
fn positions_count_lines_and_characters() {
    let source = Source::new("f", "ab\néü=x\n");
    assert_eq!(source.position(0), (1, 1));
    assert_eq!(source.position(3), (2, 1));
    assert_eq!(source.position(7), (2, 3));
    assert_eq!(source.position(4), (2, 1), "inside a character is at its start");
    assert_eq!(source.position(9999), (3, 1));
}

#[test]
fn an_error_stands_under_its_place() {
    let source = Source::new("gatehold.yaml", "a: 1\nbé: 2\n");
    let text = source.render(&[Diagnostic::new("no such key", 5..8).with_help("take it out")]);
    assert_eq!(text, "error: no such key\n --> gatehold.yaml:2:1\n  |\n2 | bé: 2\n  | ^^\n  |\n  = help: take it out");
}

#[test]
fn spans_beyond_the_text_are_survived() {
    for text in ["", "x", "é", "a\r\nb", "\n\n"] {
        let source = Source::new("f", text);
        for start in 0..6 {
            for end in 0..6 {
                let shown = source.render(&[Diagnostic::new("m", start..end)]);
                assert!(shown.contains('m'));
            }
        }
    }
}

#[test]
fn an_error_without_a_place_names_the_file() {
    let text = Source::new("f.yaml", "").render(&[Diagnostic::of_file("empty").with_help("write something")]);
    assert!(text.starts_with("error: empty (in f.yaml)") && text.contains("write something"), "{text}");
}
