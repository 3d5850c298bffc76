//! `gatehold inspect`: what the detectors find in a text, a message or many rows, without a gateway. It sends nothing,
//! records nothing, and repeats no secret that it finds.

mod model;
mod report;
mod rows;
mod subject;

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use gatehold_decide::Verdict;
use gatehold_inspect::{Registry, TextKind};
use gatehold_wire::Limits;

use crate::print;
use crate::shared::Failure;
use model::Tier;
use subject::{Shape, Subject};

/// See what the detectors find in a text, a message or many rows
///
/// Reads a text, one JSON-RPC message, or JSON Lines: one object a line with `text` and `kind`, and optionally `id`,
/// `tool` and `param`, or one JSON-RPC message a line. Rows are answered in order, one line each, as they come.
///
/// Exit status 0: inspected. 1: an action is at least that of `--fail-on`. 2: a row or the input could not be read.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The file to read (default: standard input)
    file: Option<PathBuf>,
    /// What the input is (default: told from its first lines)
    #[arg(long, value_enum)]
    input: Option<Input>,
    /// What a text is for, and a row that does not say so (default for a text: tool-output)
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    /// The tool that a text belongs to
    #[arg(long, value_name = "NAME")]
    tool: Option<String>,
    /// The parameter that holds a text
    #[arg(long, value_name = "NAME")]
    param: Option<String>,
    /// Print one JSON object a row: `id`, `findings`, `score`, `action`
    #[arg(long)]
    json: bool,
    /// Ask a model as well: a folder with `model.onnx` and `tokenizer.json`; its findings stand apart (needs a program that
    /// was built with the feature `model`)
    #[arg(long, value_name = "DIR")]
    model: Option<PathBuf>,
    /// From which confidence on a text is a finding of the model
    #[arg(long, value_name = "NUMBER", default_value_t = 0.9, requires = "model")]
    model_threshold: f32,
    /// End with status 1 when the action of any row is this or a stricter one
    #[arg(long, value_enum, value_name = "ACTION")]
    fail_on: Option<Action>,
}

/// What the input is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Input {
    /// All of it is one text
    Text,
    /// One JSON-RPC message
    Message,
    /// One JSON object a line
    Lines,
}

/// What a text is for.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// What a server says about itself
    #[value(alias = "tool_description")]
    ToolDescription,
    /// The name of a tool, prompt, resource or parameter
    Name,
    /// What a server answers
    #[value(alias = "tool_output")]
    ToolOutput,
    /// What a server asks the user
    Elicitation,
    /// What a client sends to a tool: one value, or all arguments as a JSON object
    Arguments,
    /// What a client sends to a prompt
    #[value(alias = "prompt_argument")]
    PromptArgument,
    /// A resource URI that a client names
    #[value(alias = "resource_uri")]
    ResourceUri,
}

/// What the preset `standard` does.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Action {
    /// Parts are taken out
    Redact,
    /// Somebody is asked
    Hold,
    /// It is not sent
    Deny,
}

impl Kind {
    const fn text_kind(self) -> TextKind {
        match self {
            Self::ToolDescription => TextKind::ToolDescription,
            Self::Name => TextKind::Name,
            Self::ToolOutput => TextKind::ToolOutput,
            Self::Elicitation => TextKind::Elicitation,
            Self::Arguments => TextKind::Arguments,
            Self::PromptArgument => TextKind::PromptArgument,
            Self::ResourceUri => TextKind::ResourceUri,
        }
    }
}

impl Action {
    const fn verdict(self) -> Verdict {
        match self {
            Self::Redact => Verdict::Redact,
            Self::Hold => Verdict::Hold,
            Self::Deny => Verdict::Deny,
        }
    }
}

/// What looks: the detectors, and a model where one is named.
struct Looking {
    registry: Registry,
    tier: Option<Tier>,
}

/// What a run came to.
#[derive(Debug, Clone, Copy)]
struct Outcome {
    /// The strictest action of all rows.
    worst: Verdict,
    /// Rows that could not be read.
    unread: u64,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let (name, input): (String, Box<dyn Read + Send>) = match &arguments.file {
        None => ("standard input".to_owned(), Box::new(std::io::stdin())),
        Some(path) => {
            let file = File::open(path);
            let file = file.map_err(|error| Failure::error(format!("{} cannot be read: {error}", path.display())))?;
            (path.display().to_string(), Box::new(file))
        }
    };
    let mut input = BufReader::with_capacity(rows::BUFFER_BYTES, input);
    let failed = |error: std::io::Error| Failure::error(format!("{name} cannot be read: {error}"));
    let by_name = arguments.file.as_ref().and_then(|path| path.extension()).and_then(|extension| extension.to_str());
    let begun = match (arguments.input, by_name) {
        (Some(kind), _) => Begun { kind, read: Vec::new() },
        (None, Some("jsonl" | "ndjson")) => Begun { kind: Input::Lines, read: Vec::new() },
        (None, _) => look(&mut input, arguments.kind.is_some()).map_err(failed)?,
    };
    let tier = arguments.model.as_ref().map(|folder| Tier::open(folder, arguments.model_threshold)).transpose()?;
    let looking = Looking { registry: Registry::standard(), tier };
    let shape = Shape {
        kind: arguments.kind.map(Kind::text_kind),
        tool: arguments.tool.clone(),
        parameter: arguments.param.clone(),
    };
    let outcome = match begun.kind {
        Input::Lines => {
            let source = rows::Source::new(begun.read, input);
            rows::run(source, &looking, &shape, arguments.json).map_err(failed)?
        }
        Input::Text | Input::Message => {
            let bytes = whole(input, begun.read, &name)?;
            one(&bytes, begun.kind, &looking, &shape, arguments.json)?
        }
    };
    if outcome.unread > 0 {
        return Err(Failure::error(format!("{} of the rows could not be read", outcome.unread)));
    }
    let fails = arguments.fail_on.is_some_and(|action| outcome.worst >= action.verdict());
    Ok(ExitCode::from(u8::from(fails)))
}

/// What the first lines of an input say about it, and those lines.
struct Begun {
    kind: Input,
    read: Vec<u8>,
}

/// At most this many lines are looked at to tell what an input is: the first row of many may be broken.
const LINES_LOOKED_AT_MAX: usize = 8;

/// Tells rows from a text by the first line that is a JSON object. `has_kind`: the command says what a text is for.
fn look(input: &mut impl BufRead, has_kind: bool) -> std::io::Result<Begun> {
    let mut read = Vec::new();
    for _ in 0..LINES_LOOKED_AT_MAX {
        let start = read.len();
        let room = Limits::default().message_bytes_max.saturating_sub(start);
        let count = input.take(u64::try_from(room).unwrap_or(u64::MAX)).read_until(b'\n', &mut read)?;
        let line = read.get(start..).unwrap_or_default().trim_ascii();
        if count == 0 || !(line.is_empty() || line.starts_with(b"{")) {
            break;
        }
        match subject::guess(line, has_kind) {
            // A message that is one line may be followed by others.
            Some(subject::Guess::Row | subject::Guess::Message) => return Ok(Begun { kind: Input::Lines, read }),
            Some(subject::Guess::Other) => break,
            None => {}
        }
    }
    Ok(Begun { kind: Input::Text, read })
}

/// The whole input, within the limit of a message.
fn whole(input: impl Read, mut read: Vec<u8>, name: &str) -> Result<Vec<u8>, Failure> {
    let limit = Limits::default().message_bytes_max;
    let room = u64::try_from(limit.saturating_sub(read.len()) + 1).unwrap_or(u64::MAX);
    input
        .take(room)
        .read_to_end(&mut read)
        .map_err(|error| Failure::error(format!("{name} cannot be read: {error}")))?;
    if read.len() > limit {
        return Err(Failure::error(format!(
            "{name} is longer than {limit} bytes, the most that is read as one text; \
             give many texts as JSON Lines, see `gatehold inspect --help`"
        )));
    }
    Ok(read)
}

/// One text or one message.
fn one(bytes: &[u8], input: Input, looking: &Looking, shape: &Shape, json: bool) -> Result<Outcome, Failure> {
    let subject = match input {
        Input::Text if !subject::is_message(bytes) => {
            Subject::text(String::from_utf8_lossy(bytes.strip_suffix(b"\n").unwrap_or(bytes)).into_owned(), shape)
        }
        Input::Text | Input::Message | Input::Lines => Subject::message(bytes)
            .map_err(|error| Failure::error(format!("it is not one JSON-RPC message: {error}")))?,
    };
    let found = subject.inspect(&looking.registry, looking.tier.as_ref());
    let text = match json {
        true => report::json(&subject.id_or("1"), &found),
        false => report::shown(&subject, &found, &looking.registry),
    };
    print::line(text.trim_end());
    Ok(Outcome { worst: found.action, unread: 0 })
}
