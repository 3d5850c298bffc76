//! Errors in a policy or configuration file, shown with line, column, caret and help.
//!
//! A `Source` is a file's name and text, a `Diagnostic` one error in it. Rendering is plain by default; colour has its
//! own method, since only the caller knows whether it writes to a terminal. It never reads the file.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

/// How many diagnostics are shown; the rest is counted.
pub const SHOWN_MAX: usize = 20;

/// The longest line, in bytes, that is shown around an error. Beyond, the place is named and the line is left out.
const LINE_BYTES_MAX: usize = 4096;

/// A file's name and text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    name: Box<str>,
    text: Box<str>,
}

/// One error in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is wrong, in a sentence without a full stop.
    pub message: String,
    /// Where, in bytes of the text. `None` when the file as a whole is meant.
    pub span: Option<Range<usize>>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error at a place.
    #[must_use]
    pub fn new(message: impl Into<String>, span: Range<usize>) -> Self {
        Self { message: message.into(), span: Some(span), help: None }
    }

    /// An error of the file as a whole.
    #[must_use]
    pub fn of_file(message: impl Into<String>) -> Self {
        Self { message: message.into(), span: None, help: None }
    }

    /// The error with help.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl Source {
    /// A file. `name` is shown as it is given, but for control characters. A byte order mark at the start of the text is dropped.
    #[must_use]
    pub fn new(name: &str, text: &str) -> Self {
        Self { name: printable(name).into(), text: text.strip_prefix('\u{feff}').unwrap_or(text).into() }
    }

    /// The file's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file's text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Line and column of a byte offset, both counted from 1, the column in characters.
    #[must_use]
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..self.floor(offset)).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        (line, before.get(line_start..).unwrap_or_default().chars().count() + 1)
    }

    /// All errors with their lines, without colour.
    #[must_use]
    pub fn render(&self, diagnostics: &[Diagnostic]) -> String {
        self.render_with(diagnostics, &Renderer::plain(), &Level::ERROR)
    }

    /// The same for what is no error.
    #[must_use]
    pub fn render_warnings(&self, diagnostics: &[Diagnostic]) -> String {
        self.render_with(diagnostics, &Renderer::plain(), &Level::WARNING)
    }

    /// All errors with their lines, with ANSI escapes for a terminal.
    #[must_use]
    pub fn render_colour(&self, diagnostics: &[Diagnostic]) -> String {
        self.render_with(diagnostics, &Renderer::styled(), &Level::ERROR)
    }

    fn render_with(&self, diagnostics: &[Diagnostic], renderer: &Renderer, level: &Level<'static>) -> String {
        let mut out = String::new();
        for diagnostic in diagnostics.iter().take(SHOWN_MAX) {
            if !out.is_empty() {
                out.push_str("\n\n");
            }
            out.push_str(&self.render_one(diagnostic, renderer, level));
        }
        if let Some(more) = diagnostics.len().checked_sub(SHOWN_MAX).filter(|more| *more > 0) {
            out.push_str(&format!("\n\nand {more} more errors"));
        }
        out
    }

    fn render_one(&self, diagnostic: &Diagnostic, renderer: &Renderer, level: &Level<'static>) -> String {
        let message = printable(&diagnostic.message);
        let help = diagnostic.help.as_deref().map(printable);
        let place = diagnostic.span.as_ref().map(|span| self.place(span));
        // A line that is kilobytes long is not shown: it would bury the message.
        let shown =
            place.as_ref().filter(|(_, span, window)| span.end <= window.len() && window.len() <= LINE_BYTES_MAX);
        let title = match (&place, shown) {
            (Some((line, _, _)), None) => format!("{message} (in {}, line {line})", self.name),
            (None, _) => format!("{message} (in {})", self.name),
            (Some(_), Some(_)) => message,
        };
        let mut group = Group::with_title(level.clone().primary_title(title.as_str()));
        if let Some((line, span, window)) = shown {
            group = group.element(
                Snippet::source(window.as_str())
                    .line_start(*line)
                    .path(&*self.name)
                    .annotation(AnnotationKind::Primary.span(span.clone())),
            );
        }
        if let Some(help) = &help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        renderer.render(&[group])
    }

    /// The line of a span's start, the span within that line, and the line itself with nothing that moves a cursor.
    fn place(&self, span: &Range<usize>) -> (usize, Range<usize>, String) {
        let start = self.floor(span.start);
        let (line, _) = self.position(start);
        let line_start = self.text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        let rest = self.text.get(line_start..).unwrap_or_default();
        let text = rest.split('\n').next().unwrap_or_default().trim_end_matches('\r');
        let within = start - line_start;
        let end = self.floor(span.end).saturating_sub(line_start).clamp(within, text.len().max(within));
        // A span of nothing still gets a caret, one character wide where there is one.
        let width = text.get(within..).and_then(|after| after.chars().next()).map_or(0, char::len_utf8);
        let end = if end == within { within + width } else { end };
        (line, within..end, printable(text))
    }

    /// The nearest character boundary at or before an offset.
    fn floor(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }
}

/// A text whose control characters cannot move the cursor of a terminal. Keeps the number of bytes where it can, so
/// that carets stay in place.
fn printable(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\n' | '\t' => character,
            control if control.is_control() && control.len_utf8() == 1 => '?',
            other => other,
        })
        .collect()
}

/// The error of the YAML parser, in our words.
#[must_use]
pub fn from_yaml_error(source: &Source, error: &serde_saphyr::Error) -> Diagnostic {
    use serde_saphyr::Error;

    let error = error.without_snippet();
    let span = error.location().and_then(|location| byte_span(source, &location));
    if let Error::AliasError { error: inner, .. } = error {
        let diagnostic = from_yaml_error(source, inner);
        return Diagnostic { span: diagnostic.span.or(span), ..diagnostic };
    }
    let (message, help) = match error {
        Error::DuplicateMappingKey { key: Some(key), .. } => {
            (format!("the key `{key}` occurs twice"), "keep one of the two")
        }
        Error::DuplicateMappingKey { key: None, .. } => ("a key occurs twice".to_owned(), "keep one of the two"),
        Error::UnsupportedTag { tag, .. } => (format!("tags such as `{tag}` are not read"), "take the tag out"),
        Error::UnknownAnchor { .. } => {
            ("nothing has this name to refer to".to_owned(), "a text that begins with `*` takes quotes")
        }
        other => words_for(sentence(other)),
    };
    Diagnostic { message, span, help: Some(help.to_owned()) }
}

/// Message and help for an error that has no better words than the parser's own.
fn words_for(text: String) -> (String, &'static str) {
    if text.contains("limit") || text.contains("budget") {
        let help = "write aliases out, and keep the nesting below 32 levels";
        ("the file expands to more than is read".to_owned(), help)
    } else if text.contains("merge key") {
        ("merge keys (`<<`) are not read".to_owned(), "write the keys out")
    } else if text.contains("multiple YAML documents") {
        ("a second document begins".to_owned(), "one file holds one document: take the `---` out")
    } else {
        let help = "texts with `:`, `#`, `*`, `{` or `[` in them take quotes; entries of one list stand in one column";
        (format!("not readable as YAML: {text}"), help)
    }
}

/// The parser's own message without the place, which is shown apart.
fn sentence(error: &serde_saphyr::Error) -> String {
    let options = serde_saphyr::RenderOptions::default();
    let text = error.render_with_options(options);
    let text = text.lines().next().unwrap_or_default();
    let text = text.strip_prefix("error: ").unwrap_or(text);
    let end = text.find(" at line ").unwrap_or(text.len());
    text.get(..end).unwrap_or(text).to_owned()
}

/// The bytes of the text that a location of the YAML parser means. Errors of syntax have no bytes, but a line and a
/// column.
pub(crate) fn byte_span(source: &Source, location: &serde_saphyr::Location) -> Option<Range<usize>> {
    let length = source.text.len();
    let span = location.span();
    if let (Some(start), Some(bytes)) = (span.byte_offset(), span.byte_len()) {
        let (start, bytes) = (usize::try_from(start).ok()?, usize::try_from(bytes).ok()?);
        return (start <= length).then(|| start..start.saturating_add(bytes).min(length));
    }
    let line = usize::try_from(location.line()).ok()?.checked_sub(1)?;
    let column = usize::try_from(location.column()).ok()?.checked_sub(1)?;
    let line_start = match line {
        0 => 0,
        line => source.text.match_indices('\n').nth(line - 1).map_or(length, |(at, _)| at + 1),
    };
    let rest = source.text.get(line_start..)?;
    let text = rest.split('\n').next().unwrap_or_default();
    let start = line_start + text.char_indices().nth(column).map_or(text.len(), |(at, _)| at);
    Some(start..start)
}

/// The known word that is nearest to `word`, if one is near enough to be meant.
#[must_use]
pub fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let distance_max = match word.chars().count() {
        0..=2 => 1,
        3..=5 => 2,
        _ => 3,
    };
    known
        .iter()
        .map(|candidate| (distance(word, candidate), *candidate))
        .filter(|(distance, candidate)| *distance <= distance_max && *distance < candidate.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many letters must be changed, added, taken away or swapped with their neighbour. Case counts for nothing, and
/// long words are taken for different at once.
fn distance(one: &str, two: &str) -> usize {
    const LENGTH_MAX: usize = 64;
    let one: Vec<char> = one.to_lowercase().replace('-', "_").chars().take(LENGTH_MAX + 1).collect();
    let two: Vec<char> = two.to_lowercase().replace('-', "_").chars().take(LENGTH_MAX + 1).collect();
    if one.len() > LENGTH_MAX || two.len() > LENGTH_MAX {
        return usize::MAX;
    }
    let mut rows: Vec<Vec<usize>> = vec![(0..=two.len()).collect()];
    let at = |rows: &[Vec<usize>], row: usize, column: usize| {
        rows.get(row).and_then(|cells| cells.get(column)).copied().unwrap_or(usize::MAX / 2)
    };
    for (row, first) in one.iter().enumerate() {
        let mut cells = vec![row + 1];
        for (column, second) in two.iter().enumerate() {
            let changed = at(&rows, row, column) + usize::from(first != second);
            let removed = at(&rows, row, column + 1) + 1;
            let added = cells.last().copied().unwrap_or_default() + 1;
            let is_swap =
                row > 0 && column > 0 && one.get(row - 1) == Some(second) && two.get(column - 1) == Some(first);
            let swapped = if is_swap { at(&rows, row - 1, column - 1) + 1 } else { usize::MAX };
            cells.push(changed.min(removed).min(added).min(swapped));
        }
        rows.push(cells);
    }
    at(&rows, one.len(), two.len())
}

#[cfg(test)]
mod tests;
