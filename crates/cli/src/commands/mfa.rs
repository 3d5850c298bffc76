//! `gatehold mfa`: second factors, for calls that a policy steps up.

use std::io::{BufRead as _, IsTerminal as _};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use gatehold_gateway::approvals::{self, Given, Needs, Said};
use gatehold_gateway::mfa::{self, Counted, Offer};
use gatehold_gateway::state::{State, User};

use crate::print;
use crate::shared::{Failure, Host, Local, moment, now};

/// Bytes of a line that is typed in.
const LINE_BYTES_MAX: usize = 256;
/// Codes that may be tried when enrolling.
const TRIES_MAX: usize = 3;

/// Enrol and use second factors
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a second factor: shows a QR code for an authenticator app, and asks for its first code
    Enrol {
        /// The principal that it is for (default: who you are to `gatehold wrap`)
        #[arg(long, value_name = "NAME", env = "GATEHOLD_PRINCIPAL")]
        principal: Option<String>,
        #[command(flatten)]
        host: Host,
    },
    /// Show who has a second factor
    List {
        /// Print it as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        host: Host,
    },
    /// Take a principal's second factor away
    Remove {
        /// The principal
        principal: String,
        #[command(flatten)]
        host: Host,
    },
    /// Give a code: to what waits for it, or only to see whether it is right, which uses it up
    ///
    /// The code is read from standard input unless it is given. Exit status 0: it counts. 1: it does not.
    Verify {
        /// The code
        code: Option<String>,
        /// The principal that it is of (default: who you are to `gatehold wrap`)
        #[arg(long, value_name = "NAME", env = "GATEHOLD_PRINCIPAL")]
        principal: Option<String>,
        #[command(flatten)]
        host: Host,
    },
}

pub(crate) fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    match arguments.action {
        Action::Enrol { principal, host } => enrol(&named(principal)?, &host),
        Action::List { json, host } => list(json, &host),
        Action::Remove { principal, host } => {
            let (state, ledger) = (host.state()?, host.ledger("mfa")?);
            mfa::remove(&state, &ledger, &principal, &User::current().name).map_err(Failure::error)?;
            print::line(&format!("{} has no second factor any more", print::plain(&principal)));
            Ok(ExitCode::SUCCESS)
        }
        Action::Verify { code, principal, host } => verify(code, &named(principal)?, &host),
    }
}

fn named(principal: Option<String>) -> Result<String, Failure> {
    principal.map_or_else(|| Ok(Local::default().principal()?.name().to_owned()), Ok)
}

fn enrol(principal: &str, host: &Host) -> Result<ExitCode, Failure> {
    let state = host.state()?;
    let offer = Offer::new(principal).map_err(Failure::error)?;
    if mfa::list(&state, now()).map_err(Failure::error)?.iter().any(|enrolled| enrolled.principal == principal) {
        return Err(Failure::error(mfa::MfaError::Enrolled(principal.to_owned())));
    }
    let code = offer.qr_code().map_err(Failure::error)?;
    print::line(&format!("Second factor of {}. Scan this with an authenticator app:", print::plain(principal)));
    print::line("");
    let is_terminal = std::io::stdout().is_terminal();
    for line in code.lines() {
        // Dark on light, whatever the colours of the terminal are: apps do not read it the other way round.
        print::line(&if is_terminal { format!("\u{1b}[38;5;16;48;5;231m{line}\u{1b}[0m") } else { line.to_owned() });
    }
    print::line("");
    print::line(&format!("or type this into it: {}", *offer.secret()));
    print::line("It is not shown again.");
    let ledger = host.ledger("mfa")?;
    for _ in 0..TRIES_MAX {
        print::note("the code that the app shows:");
        let Some(code) = typed()? else { break };
        match offer.accept(&state, &ledger, &code, &User::current().name, now()) {
            Ok(codes) => {
                print::line(&format!("{} is enrolled.", print::plain(principal)));
                print::line("Recovery codes, each for once, if the app is lost. They are not shown again:");
                for code in codes {
                    print::line(&format!("  {}", *code));
                }
                return Ok(ExitCode::SUCCESS);
            }
            Err(mfa::MfaError::Wrong) => print::note("this is not it; is the clock of this machine right?"),
            Err(error) => return Err(Failure::error(error)),
        }
    }
    Err(Failure::with_status(1, "nobody was enrolled: no right code was given"))
}

fn list(json: bool, host: &Host) -> Result<ExitCode, Failure> {
    let all = mfa::list(&host.state()?, now()).map_err(Failure::error)?;
    if json {
        print::line(&serde_json::to_string(&all).map_err(Failure::error)?);
        return Ok(ExitCode::SUCCESS);
    }
    if all.is_empty() {
        print::note("nobody has a second factor");
    }
    for enrolled in all {
        let locked = enrolled.locked_until.map(|until| format!("; no code counts, ends {}", moment(until)));
        print::line(&print::plain(&format!(
            "{}  enrolled {}; {} recovery codes left{}",
            enrolled.principal,
            moment(enrolled.at),
            enrolled.recovery_left,
            locked.unwrap_or_default()
        )));
    }
    Ok(ExitCode::SUCCESS)
}

fn verify(code: Option<String>, principal: &str, host: &Host) -> Result<ExitCode, Failure> {
    let state = host.state()?;
    let code = given_or_typed(code)?;
    let holds = approvals::pending(&state).map_err(Failure::error)?;
    let waiting = holds.into_iter().find(|hold| hold.needs == Needs::Code && hold.principal == principal);
    if let Some(hold) = waiting {
        return give_code(&state, &hold.id, &hold.digest, code);
    }
    let ledger = host.ledger("mfa")?;
    let checked = mfa::check(&state, principal, &code, now());
    let why = checked.as_ref().map_or_else(|error| error.name(), |_| "right");
    ledger.lifecycle("mfa_verified", &[("principal", principal), ("code", why)]).map_err(Failure::error)?;
    match checked {
        Ok(Counted::Password) => print::line("the code is right; nothing waits for it"),
        Ok(Counted::Recovery(left)) => print::line(&format!("the recovery code is right; {left} are left")),
        Err(error) => return Err(Failure::with_status(1, error)),
    };
    Ok(ExitCode::SUCCESS)
}

/// Gives a code to what waits for it.
pub(crate) fn give_code(state: &State, id: &str, digest: &str, code: String) -> Result<ExitCode, Failure> {
    let by = User::current().name;
    let given = Given { hold: id.to_owned(), digest: digest.to_owned(), by, said: Said::Code(code), reason: None };
    let reply = approvals::give(state, &given).map_err(Failure::error)?;
    if !reply.counted {
        return Err(Failure::with_status(1, reply.text));
    }
    print::line(&reply.text);
    Ok(ExitCode::SUCCESS)
}

/// Who answers: the user of this host, or, with a code of their second factor, somebody else who stands beside.
#[derive(Debug, Args)]
pub(crate) struct Who {
    /// Answer as this person instead of the user of this host; asks for a code of their second factor
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,
}

impl Who {
    /// The name, proved.
    pub(crate) fn name(&self, state: &State) -> Result<String, Failure> {
        let Some(name) = &self.name else { return Ok(User::current().name) };
        let code = given_or_typed(None)?;
        mfa::check(state, name, &code, now()).map_err(|error| Failure::with_status(1, error))?;
        Ok(name.clone())
    }
}

/// The code that was given, or the next line of standard input.
pub(crate) fn given_or_typed(code: Option<String>) -> Result<String, Failure> {
    if let Some(code) = code {
        return Ok(code);
    }
    print::note("the code that the app shows:");
    typed()?.ok_or_else(|| Failure::with_status(1, "no code was given"))
}

/// The next line of standard input; `None` at its end.
fn typed() -> Result<Option<String>, Failure> {
    let mut line = String::new();
    let stdin = std::io::stdin();
    let mut limited = std::io::Read::take(stdin.lock(), LINE_BYTES_MAX as u64);
    match limited.read_line(&mut line).map_err(Failure::error)? {
        0 => Ok(None),
        _ => Ok(Some(line.trim().to_owned())),
    }
}
