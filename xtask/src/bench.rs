//! `cargo xtask bench`: builds what is measured and what measures it, sees to nginx, and starts `gatehold-bench` (the
//! package in `xtask/bench`, which explains how it measures). Nothing is measured here.

use std::path::PathBuf;
use std::process::Command;

use crate::failure::{During, Failure, Outcome};
use crate::{step, workspace};

/// Builds and measures. `--smoke` takes a profile that links quickly; everything else is built as it is released.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let has = |word: &str| arguments.iter().any(|argument| argument == word);
    let profile = if has("--smoke") { "ci" } else { "release" };
    let folder = workspace::target_folder().join(profile);
    let bench = |more: &[&str]| {
        let mut command = Command::new(folder.join("gatehold-bench"));
        command.args(arguments).args(more);
        shown_on_error_stream(&mut command)
    };
    build("gatehold-bench", profile)?;
    if has("--help") || has("-h") {
        return bench(&[]);
    }
    // A wrong option is told before the long build, not after it.
    bench(&["--dry-run"])?;
    if !leaves_out(arguments, "nginx") {
        provide_nginx()?;
    }
    if leaves_out(arguments, "gatehold") {
        return bench(&[]);
    }
    build("gatehold", profile)?;
    bench(&["--gatehold", &folder.join("gatehold").to_string_lossy()])
}

/// Whether the words have `--without NAME`.
fn leaves_out(arguments: &[String], name: &str) -> bool {
    arguments.windows(2).any(|pair| matches!(pair, [option, value] if option == "--without" && value == name))
}

/// Runs a command and shows it on standard error, so that with `--json` standard output has the figures alone.
fn shown_on_error_stream(command: &mut Command) -> Outcome {
    eprintln!("$ {}", step::shown(command));
    let status = command.status().during(format_args!("cannot start `{}`", step::shown(command)))?;
    if status.success() { Ok(()) } else { Err(Failure::new(format!("`{}` ended with {status}", step::shown(command)))) }
}

/// Builds one package.
fn build(package: &str, profile: &str) -> Outcome {
    shown_on_error_stream(&mut step::cargo(&["build", "--locked", "--profile", profile, "--package", package]))
}

/// Installs nginx from Debian where that is possible without asking, or says how to go on without it.
fn provide_nginx() -> Outcome {
    let places = ["nginx", "/usr/sbin/nginx"];
    if places.iter().any(|program| step::is_installed(program, "-v")) {
        return Ok(());
    }
    if !(PathBuf::from("/usr/bin/apt-get").is_file() && is_root()) {
        return Err(Failure::new(
            "nginx, which the figures are compared with, is not installed; install it (on Debian: `apt-get install \
             nginx-light`), or leave it out with `--without nginx`",
        ));
    }
    for words in [&["update"][..], &["install", "--yes", "--no-install-recommends", "nginx-light"]] {
        let mut command = Command::new("apt-get");
        // The run level of a machine that is being repaired: the service is installed but not started.
        command.args(words).env("DEBIAN_FRONTEND", "noninteractive").env("RUNLEVEL", "1");
        command.stdout(std::io::stderr());
        shown_on_error_stream(&mut command)?;
    }
    Ok(())
}

/// Whether this process may install packages.
fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_left_out_only_by_its_name() {
        let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert!(leaves_out(&words("--json --without nginx --smoke"), "nginx"));
        assert!(!leaves_out(&words("--without gatehold"), "nginx"));
        assert!(!leaves_out(&words("--also nginx --without"), "nginx"));
    }
}
