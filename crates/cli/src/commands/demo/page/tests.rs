//! What the page must hold to, whatever is shown.

use super::*;

fn texts(lines: &[Line]) -> Vec<&str> {
    lines.iter().map(|line| line.text.as_str()).collect()
}

#[test]
fn texts_are_broken_at_spaces_and_indented() {
    let lines = wrapped("agent    one two three", 0, 9, 16, Style::Plain);
    assert_eq!(texts(&lines), ["agent    one two", "         three"]);
    assert_eq!(texts(&wrapped("", 2, 2, 16, Style::Plain)), [""]);
}

#[test]
fn a_word_without_end_is_broken() {
    let lines = wrapped(&format!("x {}", "y".repeat(25)), 0, 2, 10, Style::Plain);
    assert_eq!(texts(&lines), ["x", "  yyyyyyyy", "  yyyyyyyy", "  yyyyyyyy", "  y"]);
    assert_eq!(texts(&lines).concat().matches('y').count(), 25);
}

#[test]
fn no_line_is_wider_than_asked() {
    let text = "a bc def \u{1b}[2J\u{202e} ghij klmnopqrstuvwxyz 0123456789 0123456789";
    for width in 12..60 {
        for line in wrapped(text, 2, 9, width, Style::Bad) {
            assert!(line.text.len() <= width, "{width}: {:?}", line.text);
        }
    }
}

#[test]
fn nothing_that_is_shown_moves_the_cursor_or_hides() {
    assert_eq!(shown("a\u{1b}[2J\r\nb\u{202e}c\u{200b}\u{7f}"), "a\\u{1b}[2J\\r\\nb\\u{202e}c\\u{200b}\\u{7f}");
}

#[test]
fn columns_stay_aligned_where_one_side_is_shorter() {
    let look = Look { width: 20, colours: false };
    let line = |text: &str| Line::plain(text.to_owned());
    let mut out = String::new();
    row(&mut out, &[line("a")], &[line("b"), line("c")], 4, look);
    assert_eq!(out, "a    | b\n     | c\n");
}

#[test]
fn colours_do_not_count_as_width() {
    let mut out = String::new();
    let bad = Line { text: "a".to_owned(), style: Style::Bad };
    row(&mut out, &[bad], &[Line::plain("b".to_owned())], 4, Look { width: 20, colours: true });
    assert_eq!(out, "\u{1b}[31ma\u{1b}[0m    | b\n");
}
