//! What several commands take: the policy, the mode, the ledger; and how a command fails.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::{Args, ValueEnum};
use gatehold_decide::{Mode, Policy};
use gatehold_evidence::{Durability, Ledger};
use gatehold_gateway::config::{load_policy, load_preset, translated};
use gatehold_gateway::state::State;
use gatehold_gateway::{ConfigError, Detectors};
use gatehold_session::{Attributes, Principal, Proof};

use crate::print;

/// Why a command ends, and with which status.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: u8,
    text: String,
}

impl Failure {
    /// An error: usage, files, network.
    pub(crate) fn error(text: impl fmt::Display) -> Self {
        Self { status: 2, text: text.to_string() }
    }

    pub(crate) fn with_status(status: u8, text: impl fmt::Display) -> Self {
        Self { status, text: text.to_string() }
    }
}

impl Failure {
    /// The failure as one of a configuration that is read again.
    pub(crate) fn into_config_error(self) -> ConfigError {
        ConfigError::plain(self.text)
    }
}

impl From<DurabilityArgument> for Durability {
    fn from(durability: DurabilityArgument) -> Self {
        match durability {
            DurabilityArgument::Os => Self::Os,
            DurabilityArgument::Disk => Self::Disk,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        if print::colours() { Self::error(error.to_colour_string()) } else { Self::error(error) }
    }
}

/// Whether decisions are carried out.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ModeArgument {
    /// Decisions are carried out.
    Enforce,
    /// Decisions are recorded, and everything readable passes.
    Audit,
}

/// When a record counts as written.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum DurabilityArgument {
    /// Handed to the kernel: survives the end of the process.
    Os,
    /// On the disk: survives the end of the machine.
    Disk,
}

/// When the detectors run.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum DetectorsArgument {
    /// When somebody wants their findings.
    Auto,
    /// On every message.
    On,
    /// Never.
    Off,
}

impl From<DetectorsArgument> for Detectors {
    fn from(detectors: DetectorsArgument) -> Self {
        match detectors {
            DetectorsArgument::Auto => Self::Auto,
            DetectorsArgument::On => Self::On,
            DetectorsArgument::Off => Self::Off,
        }
    }
}

/// The rules and the record.
#[derive(Debug, Args)]
pub(crate) struct Gate {
    /// The policy file; without one everything is allowed and recorded
    #[arg(long, value_name = "FILE", env = "GATEHOLD_POLICY")]
    pub(crate) policy: Option<PathBuf>,
    /// A policy that comes with the program, instead of a file: `gatehold policy preset list`
    #[arg(long, value_name = "NAME", env = "GATEHOLD_PRESET", conflicts_with = "policy")]
    pub(crate) preset: Option<String>,
    /// Whether decisions are carried out or only recorded (default: what the policy says)
    #[arg(long, value_enum, env = "GATEHOLD_MODE")]
    pub(crate) mode: Option<ModeArgument>,
    /// When the detectors run (default: when the policy acts on findings, or there is no policy)
    #[arg(long, value_enum, env = "GATEHOLD_DETECTORS")]
    pub(crate) detectors: Option<DetectorsArgument>,
    /// The folder of the record (default: `$XDG_STATE_HOME/gatehold/ledger`)
    #[arg(long, value_name = "DIR", env = "GATEHOLD_LEDGER")]
    pub(crate) ledger: Option<PathBuf>,
    /// When a record counts as written (default: os)
    #[arg(long, value_enum, env = "GATEHOLD_DURABILITY")]
    pub(crate) durability: Option<DurabilityArgument>,
    #[command(flatten)]
    pub(crate) state: StateArgument,
}

/// Where gateways and the command line meet on this host.
#[derive(Debug, Args)]
pub(crate) struct StateArgument {
    /// The state folder: grants, held messages, second factors (default: `$XDG_STATE_HOME/gatehold/state`)
    #[arg(long, value_name = "DIR", env = "GATEHOLD_STATE")]
    state: Option<PathBuf>,
}

impl StateArgument {
    /// The folder that was named, or the one of the configuration, or the default one.
    pub(crate) fn folder(&self, configured: Option<&Path>) -> Result<PathBuf, Failure> {
        match self.state.as_deref().or(configured) {
            Some(folder) => Ok(folder.to_owned()),
            None => state_home("--state").map(|home| home.join("state")),
        }
    }

    /// The same for a gateway, which also runs where there is no home: then nobody on the host can answer what it holds,
    /// and there are no grants.
    pub(crate) fn folder_if_any(&self, configured: Option<&Path>) -> Option<PathBuf> {
        self.folder(configured).ok()
    }

    /// Opens the folder for a gateway.
    pub(crate) fn open_if_any(&self) -> Result<Option<State>, Failure> {
        self.folder_if_any(None).map(|folder| State::open(&folder).map_err(Failure::error)).transpose()
    }

    pub(crate) fn open(&self) -> Result<State, Failure> {
        State::open(&self.folder(None)?).map_err(Failure::error)
    }
}

/// What commands that change the state take: they record what they do.
#[derive(Debug, Args)]
pub(crate) struct Host {
    #[command(flatten)]
    state: StateArgument,
    /// The folder of the record (default: `$XDG_STATE_HOME/gatehold/ledger`)
    #[arg(long, value_name = "DIR", env = "GATEHOLD_LEDGER")]
    ledger: Option<PathBuf>,
}

impl Host {
    pub(crate) fn state(&self) -> Result<State, Failure> {
        self.state.open()
    }

    /// Opens a file of the record for what this command does.
    pub(crate) fn ledger(&self, purpose: &str) -> Result<Ledger, Failure> {
        let folder = self.ledger.clone().map_or_else(default_ledger_folder, Ok)?;
        Ledger::open(&folder, purpose, Durability::Disk).map_err(Failure::error)
    }
}

impl Gate {
    /// The policy that applies, in the mode that was asked for.
    pub(crate) fn policy(&self) -> Result<Arc<Policy>, Failure> {
        let policy = match (&self.preset, &self.policy) {
            (Some(name), _) => load_preset(name)?,
            (None, Some(path)) => load_policy(path)?,
            (None, None) => Policy::none(),
        };
        for note in self.policy.iter().filter_map(|path| translated(path)) {
            print::note(&note);
        }
        Ok(Arc::new(in_mode(policy, self.mode)))
    }

    /// What the policy is called: its file, or the preset.
    pub(crate) fn policy_name(&self) -> Option<PathBuf> {
        let preset = self.preset.as_ref().map(|name| PathBuf::from(format!("preset:{name}")));
        preset.or_else(|| self.policy.clone())
    }

    pub(crate) fn detectors(&self) -> Detectors {
        self.detectors.map_or(Detectors::Auto, Detectors::from)
    }

    pub(crate) fn durability(&self) -> Option<Durability> {
        self.durability.map(Durability::from)
    }

    pub(crate) fn ledger_folder(&self) -> Result<PathBuf, Failure> {
        self.ledger.clone().map_or_else(default_ledger_folder, Ok)
    }

    /// Opens the ledger and reports what was repaired.
    pub(crate) fn open_ledger(&self, purpose: &str) -> Result<Ledger, Failure> {
        let durability = self.durability().unwrap_or(Durability::Os);
        let ledger = Ledger::open(&self.ledger_folder()?, purpose, durability).map_err(Failure::error)?;
        for repair in ledger.repairs() {
            print::note(&format!(
                "{}: a crash had cut its last record; it was repaired by appending",
                repair.path.display()
            ));
        }
        Ok(ledger)
    }
}

/// The policy in another mode, where one was asked for.
pub(crate) fn in_mode(policy: Policy, mode: Option<ModeArgument>) -> Policy {
    match mode {
        Some(ModeArgument::Enforce) => policy.with_mode(Mode::Enforce),
        Some(ModeArgument::Audit) => policy.with_mode(Mode::Audit),
        None => policy,
    }
}

/// What applies, in a sentence for the start-up line.
pub(crate) fn describe(policy: &Policy, file: Option<&Path>) -> String {
    match (file, policy.mode()) {
        (None, _) => "no policy: everything is allowed and recorded".to_owned(),
        (Some(file), Mode::Enforce) => format!("policy {} is enforced", file.display()),
        (Some(file), Mode::Audit) => {
            format!("policy {} is only observed (audit mode), nothing is blocked", file.display())
        }
    }
}

/// `${XDG_STATE_HOME}/gatehold/ledger`, by default `~/.local/state/gatehold/ledger`.
pub(crate) fn default_ledger_folder() -> Result<PathBuf, Failure> {
    state_home("--ledger").map(|home| home.join("ledger"))
}

/// `${XDG_STATE_HOME}/gatehold`, by default `~/.local/state/gatehold` (XDG Base Directory Specification). `flag` is what
/// to name a folder with when neither is known.
fn state_home(flag: &str) -> Result<PathBuf, Failure> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = absolute("XDG_STATE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/state")));
    let state = state.ok_or_else(|| {
        Failure::error(format!("neither XDG_STATE_HOME nor HOME is set: name a folder with `{flag} DIR`"))
    })?;
    Ok(state.join("gatehold"))
}

/// A time as it is written on the command line: `30s`, `5m`, `2h`, `1d`.
pub(crate) fn parse_time(text: &str) -> Result<Duration, String> {
    let help = || "write a whole number with s, m, h or d: `30s`, `5m`, `2h`, `1d`".to_owned();
    let unit = text.chars().last().ok_or_else(help)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return Err(help()),
    };
    let number = text.strip_suffix(unit).filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
    let number: u32 = number.and_then(|number| number.parse().ok()).ok_or_else(help)?;
    Ok(Duration::from_secs(u64::from(number).saturating_mul(seconds)))
}

/// A moment for people, in UTC, and how far it is.
pub(crate) fn moment(at: i64) -> String {
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let away = at.saturating_sub(i64::try_from(clock.as_secs()).unwrap_or(i64::MAX));
    let words = match away.unsigned_abs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3600),
    };
    if away >= 0 { format!("in {words}") } else { format!("{words} ago") }
}

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(clock.as_secs()).unwrap_or(i64::MAX)
}

/// Who uses a wrapped server. Whoever starts us could start the server itself, so what they say is believed.
#[derive(Debug, Default, Args)]
pub(crate) struct Local {
    /// The principal in policy and records (default: the user of the operating system)
    #[arg(long, value_name = "NAME", env = "GATEHOLD_PRINCIPAL")]
    principal: Option<String>,
    /// Roles of the principal, separated by commas; repeatable
    #[arg(long, value_name = "ROLES", value_delimiter = ',')]
    roles: Vec<String>,
    /// A label of the principal; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_label)]
    label: Vec<(String, String)>,
}

impl Local {
    /// The principal: by name, or else the user of the operating system that runs this process.
    pub(crate) fn principal(&self) -> Result<Principal, Failure> {
        let uid = rustix::process::getuid().as_raw();
        // Not the variable `USER`, which whoever starts us can set to anything.
        let name = self
            .principal
            .clone()
            .unwrap_or_else(|| gatehold_gateway::state::passwd_name(uid).unwrap_or_else(|| format!("uid:{uid}")));
        let is_name = |text: &str| !text.trim().is_empty() && !text.chars().any(char::is_control);
        if !is_name(&name) {
            return Err(Failure::error("`--principal` needs a name without control characters"));
        }
        if !self.roles.iter().all(|role| is_name(role)) {
            return Err(Failure::error("`--roles` needs names, separated by commas"));
        }
        let attributes = Attributes {
            roles: self.roles.iter().map(|role| role.trim().into()).collect(),
            labels: self.label.iter().map(|(name, value)| (name.as_str().into(), value.as_str().into())).collect(),
            ..Attributes::default()
        };
        Ok(Principal::new(&name, Proof::LocalUser).with_attributes(attributes))
    }
}

/// A label as it stands on a command line: `NAME=VALUE`.
pub(crate) fn parse_label(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() && !value.is_empty() => Ok((name.trim().into(), value.into())),
        _ => Err("a label is written `NAME=VALUE`".to_owned()),
    }
}
