//! The page that the demonstration prints: the two transcripts side by side (one below the other where the terminal is
//! narrow), what was blocked by which rule, the record, the policy, and what to do next. Plain ASCII; what a server or
//! a file said is escaped, so that it cannot move the cursor.

use std::io::IsTerminal as _;

use super::Run;
use super::agent::{Said, Speaker, Step, Tone};
use super::notes_server::ATTACKER;
use super::record::Account;

/// The width where the terminal does not say one.
const WIDTH: usize = 100;
/// Below this width the transcripts stand one below the other.
const COLUMNS_WIDTH_MIN: usize = 80;
/// Lines are never made for less or more than this.
const WIDTH_RANGE: (usize, usize) = (40, 120);
/// The width of a speaker's name with the space after it.
const LABEL_WIDTH: usize = 9;
/// The width of the mark before it.
const MARK_WIDTH: usize = 2;
/// Where the words of a section stand behind what they are about.
const ABOUT_WIDTH: usize = 22;

/// How the page is to look.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// Characters in a line.
    pub(super) width: usize,
    /// Whether colours are used.
    pub(super) colours: bool,
}

/// Everything that is shown.
pub(super) struct Page<'a> {
    pub(super) without: &'a Run,
    pub(super) with: &'a Run,
    pub(super) account: &'a Account,
    pub(super) policy: &'a str,
}

/// A line of a column, not yet padded.
#[derive(Debug, Clone, Default)]
struct Line {
    text: String,
    style: Style,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Style {
    #[default]
    Plain,
    Strong,
    Bad,
    Good,
}

impl Look {
    /// What suits standard output: the terminal's width, colours if it is one and nobody objects (`NO_COLOR`,
    /// `TERM=dumb`).
    pub(super) fn of_standard_output() -> Self {
        let output = std::io::stdout();
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let terminal = rustix::termios::tcgetwinsize(&output).ok().map(|size| usize::from(size.ws_col));
        let terminal = terminal.filter(|width| *width > 0);
        let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let width = terminal.or(told).filter(|width| *width > 0).unwrap_or(WIDTH);
        Self { width, colours: output.is_terminal() && !is_set("NO_COLOR") && !is_dumb }
    }
}

impl Page<'_> {
    /// The page as text.
    pub(super) fn render(&self, look: Look) -> String {
        let width = look.width.clamp(WIDTH_RANGE.0, WIDTH_RANGE.1);
        let mut lines = title(width);
        let mut out = String::new();
        if width >= COLUMNS_WIDTH_MIN {
            put(&mut out, &lines, look);
            self.side_by_side(width, look, &mut out);
            lines.clear();
        } else {
            for (heading, run) in [("WITHOUT GATEHOLD", self.without), ("WITH GATEHOLD", self.with)] {
                lines.push(Line { text: heading.to_owned(), style: Style::Strong });
                lines.push(Line::plain("-".repeat(width)));
                lines.extend(run.said.iter().flat_map(|said| spoken(said, width)));
                lines.extend(outcome(run, width));
                lines.push(Line::default());
            }
        }
        self.blocked(width, &mut lines);
        self.record(width, &mut lines);
        self.rules(&mut lines);
        next(width, &mut lines);
        put(&mut out, &lines, look);
        out
    }

    /// The transcripts, each step beside its like.
    fn side_by_side(&self, width: usize, look: Look, out: &mut String) {
        let column = (width - 3) / 2;
        let heading = |text: &str| Line { text: text.to_owned(), style: Style::Strong };
        row(out, &[heading("WITHOUT GATEHOLD")], &[heading("WITH GATEHOLD")], column, look);
        out.push_str(&format!("{}+{}\n", "-".repeat(column + 1), "-".repeat(column + 1)));
        for step in Step::ALL {
            let (left, right) = (of_step(self.without, step, column), of_step(self.with, step, column));
            for at in 0..left.len().max(right.len()) {
                let block = |blocks: &[Vec<Line>]| blocks.get(at).cloned().unwrap_or_default();
                row(out, &block(&left), &block(&right), column, look);
            }
        }
        out.push_str(&format!("{}+{}\n", "-".repeat(column + 1), "-".repeat(column + 1)));
        row(out, &outcome(self.without, column), &outcome(self.with, column), column, look);
        out.push('\n');
    }

    fn blocked(&self, width: usize, lines: &mut Vec<Line>) {
        lines.push(Line::strong("What was blocked, by which rule (read from the record)"));
        for denial in &self.account.denied {
            let by = match denial.rule.strip_prefix("finding:") {
                Some(id) => format!("finding {id}"),
                None => format!("rule {}", denial.rule),
            };
            lines.extend(about(&denial.what, &format!("{by}: {}", denial.reason), width, Style::Good));
        }
        for notice in &self.account.noticed {
            let text = format!(
                "finding {} ({}), only recorded: this policy lets the attack go on to show more; with `action: deny` it \
                 ends here",
                notice.id, notice.detail
            );
            lines.extend(about(&notice.what, &text, width, Style::Plain));
        }
        lines.push(Line::default());
    }

    fn record(&self, width: usize, lines: &mut Vec<Line>) {
        lines.push(Line::strong("The record: every decision, in a chain that verifies offline"));
        let report = self.account.report.to_string();
        let style = if self.account.report.is_valid() { Style::Good } else { Style::Bad };
        lines.extend(about("as written", report.lines().last().unwrap_or_default(), width, style));
        let tampered = &self.account.tampered;
        let (verdict, style) = if tampered.noticed { ("NOT VALID", Style::Good) } else { ("NOT NOTICED", Style::Bad) };
        lines.extend(about("with a byte changed", &format!("{verdict}: {}", tampered.words), width, style));
        lines.push(Line::default());
    }

    fn rules(&self, lines: &mut Vec<Line>) {
        lines.push(Line::strong("The policy"));
        lines.extend(self.policy.lines().map(|line| Line::plain(format!("  {line}"))));
        lines.push(Line::default());
    }
}

fn title(width: usize) -> Vec<Line> {
    let mut lines = vec![Line::strong("gatehold demo: one attack, without and with the gateway"), Line::default()];
    let text = "A user wants a note sent. The notes server hides an order to the model in a tool's description, and the \
                agent obeys it (lines with !). The agent is a script that plays such a model: no model and no network \
                are used, and the secret is made up. The rest is real: processes, protocol, policy, record.";
    lines.extend(wrapped(text, 0, 0, width, Style::Plain));
    lines.push(Line::default());
    lines
}

fn next(width: usize, lines: &mut Vec<Line>) {
    lines.push(Line::strong("Next"));
    for text in [
        "gatehold wrap -- <command>    put this before the command of a server of yours",
        "gatehold audit tail           see what is decided, as it happens",
        "docs/guide/policy.md          write rules of your own",
    ] {
        lines.extend(wrapped(text, 2, 4, width, Style::Plain));
    }
}

/// What something is about, and words on it in a column of their own.
fn about(what: &str, words: &str, width: usize, style: Style) -> Vec<Line> {
    wrapped(&format!("{}{words}", padded(what, ABOUT_WIDTH)), 2, 2 + ABOUT_WIDTH, width, style)
}

/// What was said in a step of the script, each thing with its lines.
fn of_step(run: &Run, step: Step, width: usize) -> Vec<Vec<Line>> {
    run.said.iter().filter(|said| said.step == step).map(|said| spoken(said, width)).collect()
}

fn spoken(said: &Said, width: usize) -> Vec<Line> {
    let speaker = match said.speaker {
        Speaker::User => "user",
        Speaker::Agent => "agent",
        Speaker::Server => "server",
        Speaker::Gateway => "GATEHOLD",
    };
    let (mark, style) = match said.tone {
        Tone::Plain => ("", Style::Plain),
        Tone::Bad => ("!", Style::Bad),
        Tone::Good => ("", Style::Good),
    };
    let text = format!("{}{}{}", padded(mark, MARK_WIDTH), padded(speaker, LABEL_WIDTH), said.text);
    wrapped(&text, 0, MARK_WIDTH + LABEL_WIDTH, width, style)
}

/// What a run came to.
fn outcome(run: &Run, width: usize) -> Vec<Line> {
    let (text, style) = match run.stolen() {
        Some(stolen) => (format!("LEAKED: {ATTACKER} now has \"{stolen}\""), Style::Bad),
        None => (format!("NOTHING LEAKED: {ATTACKER} got nothing."), Style::Good),
    };
    let mut lines = wrapped(&text, 0, 0, width, style);
    let text = if run.served() { "The user's note was sent." } else { "The user's note was not sent." };
    lines.extend(wrapped(text, 0, 0, width, Style::Plain));
    lines
}

/// Two blocks beside each other, the shorter one filled up.
fn row(out: &mut String, left: &[Line], right: &[Line], column: usize, look: Look) {
    let empty = Line::default();
    for at in 0..left.len().max(right.len()) {
        let (left, right) = (left.get(at).unwrap_or(&empty), right.get(at).unwrap_or(&empty));
        let gap = " ".repeat(column.saturating_sub(left.text.chars().count()));
        let text = format!("{}{gap} | {}", left.painted(look), right.painted(look));
        out.push_str(text.trim_end());
        out.push('\n');
    }
}

fn put(out: &mut String, lines: &[Line], look: Look) {
    for line in lines {
        out.push_str(line.painted(look).trim_end());
        out.push('\n');
    }
}

impl Line {
    fn plain(text: String) -> Self {
        Self { text, style: Style::Plain }
    }

    fn strong(text: &str) -> Self {
        Self { text: text.to_owned(), style: Style::Strong }
    }

    fn painted(&self, look: Look) -> String {
        let code = match self.style {
            _ if !look.colours => return self.text.clone(),
            Style::Plain => return self.text.clone(),
            Style::Strong => "1",
            Style::Bad => "31",
            Style::Good => "32",
        };
        format!("\u{1b}[{code}m{}\u{1b}[0m", self.text)
    }
}

/// Breaks a text at its spaces; the first line is indented by `first`, the others by `rest`. A word that is longer than
/// a line is broken.
fn wrapped(text: &str, first: usize, rest: usize, width: usize, style: Style) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut line = " ".repeat(first);
    let mut begun = false;
    let text = shown(text);
    for word in text.split_inclusive(' ') {
        let mut word = word;
        let fits = |line: &str, word: &str| line.len() + word.trim_end().len() <= width;
        if begun && !fits(&line, word) {
            lines.push(Line { text: std::mem::replace(&mut line, " ".repeat(rest)), style });
        }
        while !fits(&line, word) {
            let room = width.saturating_sub(line.len()).max(1);
            let Some((head, tail)) = word.split_at_checked(room) else { break };
            line.push_str(head);
            lines.push(Line { text: std::mem::replace(&mut line, " ".repeat(rest)), style });
            word = tail;
        }
        line.push_str(word);
        begun = true;
    }
    lines.push(Line { text: line, style });
    for line in &mut lines {
        line.text.truncate(line.text.trim_end().len());
    }
    lines
}

/// The text with everything but printable ASCII escaped: nothing in it moves the cursor, hides or reorders, and each
/// byte is one column.
fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character == ' ' || character.is_ascii_graphic() {
            out.push(character);
        } else {
            out.extend(character.escape_default());
        }
    }
    out
}

fn padded(text: &str, width: usize) -> String {
    format!("{text:<width$}")
}

#[cfg(test)]
mod tests;
