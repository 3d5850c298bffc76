//! What the user asked for on the command line. Nothing here starts or measures anything.

use std::path::PathBuf;
use std::time::Duration;

use gatehold_bench::session::Endpoint;

/// The text of `--help`.
pub(crate) const HELP: &str = "\
cargo xtask bench [options]

Measures Gatehold (policy of ten rules, ledger with durability `os`) next to a direct connection and nginx.

  --seconds N            measured time of each run (default 4)
  --rounds N             alternating rounds per table (default 3)
  --only SECTION         http, admission, detection, payload, stdio, start, memory, crowd or soak;
                         may be repeated (default: all but crowd and soak)
  --soak                 adds the soak: cost and memory after ten thousand and after a million calls
  --also NAME=URL[,PID]  adds a proxy that runs already; with PID (and its children) processor time and memory too
  --upstream-port N      keeps a fixture upstream at http://127.0.0.1:N/mcp, for what is added with --also
  --without NAME         leaves out nginx or gatehold; may be repeated
  --enforce              ends with a failure when a target is missed
  --smoke                one short round that only proves that everything runs and nothing errs
  --dry-run              checks the options and measures nothing
  --json                 prints one JSON document instead of tables
";

/// A part of the benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Http,
    Admission,
    Detection,
    Payload,
    Stdio,
    Start,
    Memory,
    Crowd,
    Soak,
}

impl Section {
    /// Those that run when nothing else is said.
    const DEFAULT: &'static [Self] =
        &[Self::Http, Self::Admission, Self::Detection, Self::Payload, Self::Stdio, Self::Start, Self::Memory];

    /// Reads a name as `--only` takes it.
    fn parse(name: &str) -> Result<Self, String> {
        Ok(match name {
            "http" => Self::Http,
            "admission" => Self::Admission,
            "detection" => Self::Detection,
            "payload" => Self::Payload,
            "stdio" => Self::Stdio,
            "start" => Self::Start,
            "memory" => Self::Memory,
            "crowd" => Self::Crowd,
            "soak" => Self::Soak,
            _ => {
                return Err(format!(
                    "`{name}` is no section: take http, admission, detection, payload, stdio, start, memory, crowd or soak"
                ));
            }
        })
    }
}

/// A proxy that somebody else runs.
#[derive(Debug, Clone)]
pub(crate) struct Also {
    pub(crate) name: String,
    pub(crate) endpoint: Endpoint,
    pub(crate) pid: Option<u32>,
}

/// All options with their defaults filled in.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) time: Duration,
    pub(crate) warm_up: Duration,
    pub(crate) rounds: usize,
    pub(crate) sections: Vec<Section>,
    pub(crate) also: Vec<Also>,
    pub(crate) upstream_port: u16,
    pub(crate) without: Vec<String>,
    pub(crate) is_smoke: bool,
    pub(crate) is_json: bool,
    pub(crate) is_enforced: bool,
    pub(crate) is_dry: bool,
    /// The program to measure; set by the front door, which has built it.
    pub(crate) gatehold: Option<PathBuf>,
}

impl Options {
    /// Whether a target takes part.
    pub(crate) fn has(&self, name: &str) -> bool {
        !self.without.iter().any(|without| without == name)
    }

    /// Reads the command line.
    ///
    /// # Errors
    /// With a sentence that names the word that is wrong.
    pub(crate) fn parse(words: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            time: Duration::from_secs(4),
            warm_up: Duration::from_millis(500),
            rounds: 3,
            sections: Vec::new(),
            also: Vec::new(),
            upstream_port: 0,
            without: Vec::new(),
            is_smoke: false,
            is_json: false,
            is_enforced: false,
            is_dry: false,
            gatehold: None,
        };
        let mut is_soak = false;
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("`{word}` needs a value"));
            match word.as_str() {
                "--seconds" => options.time = Duration::from_secs(number(&word, &value()?, 3600)?),
                "--rounds" => options.rounds = usize::try_from(number(&word, &value()?, 100)?).unwrap_or(1),
                "--only" => options.sections.push(Section::parse(&value()?)?),
                "--also" => options.also.push(parse_also(&value()?)?),
                "--upstream-port" => {
                    options.upstream_port = u16::try_from(number(&word, &value()?, 65_535)?).unwrap_or_default();
                }
                "--without" => options.without.push(parse_without(value()?)?),
                "--gatehold" => options.gatehold = Some(value()?.into()),
                "--soak" => is_soak = true,
                "--smoke" => options.is_smoke = true,
                "--dry-run" => options.is_dry = true,
                "--json" => options.is_json = true,
                "--enforce" => options.is_enforced = true,
                _ => return Err(format!("unknown option `{word}`; `cargo xtask bench --help` lists them")),
            }
        }
        if options.is_smoke {
            (options.time, options.warm_up, options.rounds) = (Duration::from_secs(1), Duration::from_millis(100), 1);
        }
        if options.sections.is_empty() {
            options.sections.extend_from_slice(Section::DEFAULT);
        }
        if is_soak && !options.sections.contains(&Section::Soak) {
            options.sections.push(Section::Soak);
        }
        Ok(options)
    }
}

/// A whole number from 1 to `max`.
fn number(option: &str, value: &str, max: u64) -> Result<u64, String> {
    match value.parse() {
        Ok(number) if (1..=max).contains(&number) => Ok(number),
        _ => Err(format!("`{option} {value}`: needs a whole number from 1 to {max}")),
    }
}

/// A target that may be left out. Direct may not: every ratio is taken from it.
fn parse_without(name: String) -> Result<String, String> {
    if ["nginx", "gatehold"].contains(&name.as_str()) {
        Ok(name)
    } else {
        Err(format!("`--without {name}`: only nginx and gatehold can be left out"))
    }
}

/// Reads `NAME=URL[,PID]`.
fn parse_also(value: &str) -> Result<Also, String> {
    let (name, rest) = value.split_once('=').ok_or_else(|| format!("`--also {value}`: needs NAME=URL[,PID]"))?;
    let (url, pid) = match rest.rsplit_once(',') {
        Some((url, pid)) => {
            (url, Some(pid.parse().map_err(|_| format!("`--also {value}`: `{pid}` is no process id"))?))
        }
        None => (rest, None),
    };
    let endpoint = Endpoint::parse(url).map_err(|error| format!("`--also {value}`: {error}"))?;
    Ok(Also { name: name.to_owned(), endpoint, pid })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn options_are_read() {
        let options =
            parse("--seconds 2 --rounds 5 --also a=http://127.0.0.1:9/mcp,77 --without nginx --soak").unwrap();
        assert_eq!((options.time, options.rounds), (Duration::from_secs(2), 5));
        assert_eq!(options.also.first().map(|also| also.pid), Some(Some(77)));
        assert!(!options.has("nginx") && options.has("gatehold"));
        assert!(options.sections.contains(&Section::Soak) && options.sections.contains(&Section::Http));
    }

    #[test]
    fn a_smoke_run_is_short_whatever_else_is_said() {
        assert_eq!(parse("--seconds 60 --smoke").unwrap().time, Duration::from_secs(1));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (line, named) in [
            ("--second 2", "--second"),
            ("--seconds 0", "1 to 3600"),
            ("--seconds", "needs a value"),
            ("--also nothing", "NAME=URL"),
            ("--also a=http://127.0.0.1:1/,x", "`x`"),
            ("--only disk", "`disk`"),
            ("--without direct", "direct"),
        ] {
            let error = parse(line).unwrap_err();
            assert!(error.contains(named), "{line}: {error}");
        }
    }
}
