//! Keeps the commands in README.md and docs/guide/ true. A fenced block of shell commands states what becomes of it:
//!
//! - ```` ```sh run ````: run by `cargo xtask test`, must succeed;
//! - ```` ```sh no-run reason="…" ````: not run, and why.
//!
//! A block without one of the two is an error. Blocks are run by `bash`, in the root of the repository, with the freshly
//! built `gatehold` on the path and with its state and configuration in a folder that is thrown away.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::docs::Program;
use crate::failure::{During, Failure, Outcome};
use crate::workspace;

/// How long one block may take.
const BLOCK_TIME_MAX: Duration = Duration::from_secs(600);
/// Languages of blocks that hold commands.
const SHELLS: &[&str] = &["sh", "bash", "shell", "console", "zsh"];

/// A fenced block.
#[derive(Debug, PartialEq, Eq)]
struct Block {
    /// The line of its fence, from 1.
    line: usize,
    /// What follows the fence.
    info: String,
    text: String,
}

/// What becomes of a block.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    Run,
    Leave,
    /// It holds no commands.
    Text,
}

impl Block {
    /// Reads the words after the fence.
    fn fate(&self) -> Result<Fate, &'static str> {
        let (language, rest) = self.info.split_once(' ').unwrap_or((&self.info, ""));
        if !SHELLS.contains(&language) {
            return Ok(Fate::Text);
        }
        let reason = |rest: &str| {
            let quoted = rest.trim().strip_prefix("no-run reason=\"")?.strip_suffix('"')?;
            (!quoted.trim().is_empty()).then_some(Fate::Leave)
        };
        match rest.trim() {
            "run" => Ok(Fate::Run),
            rest => reason(rest).ok_or("a block of commands needs `run` or `no-run reason=\"…\"` after its language"),
        }
    }
}

/// The files whose blocks are kept.
fn pages() -> Outcome<Vec<PathBuf>> {
    let is_page = |file: &PathBuf| {
        file == Path::new("README.md")
            || (file.starts_with("docs/guide") && file.extension().is_some_and(|it| it == "md"))
    };
    let pages: Vec<PathBuf> = workspace::files()?.into_iter().filter(is_page).collect();
    Ok(pages)
}

/// The fenced blocks of a page.
fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<(Block, &str)> = None;
    for (index, line) in page.lines().enumerate() {
        let trimmed = line.trim_start();
        let ticks = trimmed.len() - trimmed.trim_start_matches('`').len();
        let fence = trimmed.get(..ticks).unwrap_or_default();
        match &mut open {
            Some((_, opening)) if ticks >= opening.len() && trimmed.trim_end() == fence => {
                blocks.extend(open.take().map(|(block, _)| block));
            }
            Some((block, _)) => block.text.extend([line, "\n"]),
            None if ticks >= 3 => {
                let info = trimmed.get(ticks..).unwrap_or_default().trim().to_owned();
                open = Some((Block { line: index + 1, info, text: String::new() }, fence));
            }
            None => {}
        }
    }
    blocks.extend(open.map(|(block, _)| block));
    blocks
}

/// What is wrong with the pages, without running anything: blocks with no fate, verbs that do not exist, and verbs that
/// the README does not list.
///
/// # Errors
/// When the pages cannot be read.
pub(crate) fn problems() -> Outcome<Vec<String>> {
    let mut problems = Vec::new();
    for path in pages()? {
        let page = fs::read_to_string(workspace::root().join(&path)).during(path.display())?;
        problems.extend(problems_of(&path, &page));
    }
    let readme = fs::read_to_string(workspace::root().join("README.md")).unwrap_or_default();
    for verb in crate::verb_names() {
        if !readme.contains(&format!("`{verb}`")) && !readme.contains(&format!("cargo xtask {verb}")) {
            problems.push(format!("README.md: does not list the verb `{verb}` of cargo xtask"));
        }
    }
    Ok(problems)
}

/// What is wrong with one page.
fn problems_of(path: &Path, page: &str) -> Vec<String> {
    let mut problems = Vec::new();
    for block in blocks(page) {
        if let Err(wrong) = block.fate() {
            problems.push(format!("{}:{}: {wrong}", path.display(), block.line));
        }
    }
    for (index, line) in page.lines().enumerate() {
        for rest in line.split("cargo xtask ").skip(1) {
            let word: String = rest.chars().take_while(|it| it.is_ascii_alphanumeric() || *it == '-').collect();
            if !word.is_empty() && word != "help" && !crate::verb_names().any(|verb| verb == word) {
                problems.push(format!("{}:{}: there is no `cargo xtask {word}`", path.display(), index + 1));
            }
        }
    }
    problems
}

/// Runs every block that is marked so.
///
/// # Errors
/// With the first block that fails or takes too long.
pub(crate) fn run_examples() -> Outcome {
    let mut marked = Vec::new();
    for path in pages()? {
        let page = fs::read_to_string(workspace::root().join(&path)).during(path.display())?;
        let runs = blocks(&page).into_iter().filter(|block| block.fate() == Ok(Fate::Run));
        marked.extend(runs.map(|block| (path.clone(), block)));
    }
    if marked.is_empty() {
        println!("  no block is marked `sh run`");
        return Ok(());
    }
    let program = Program::build()?;
    let scratch = workspace::target_folder().join("readme-examples");
    for (path, block) in marked {
        run_block(&program, &scratch, &block).during(format_args!("{}:{}", path.display(), block.line))?;
    }
    Ok(())
}

/// Runs one block.
fn run_block(program: &Program, scratch: &Path, block: &Block) -> Outcome {
    print!("{}", block.text);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(program.folder().to_path_buf()).chain(std::env::split_paths(&path));
    let mut child = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &block.text])
        .current_dir(workspace::root())
        .env("PATH", std::env::join_paths(folders).during("the path")?)
        .env("XDG_STATE_HOME", scratch.join("state"))
        .env("XDG_CONFIG_HOME", scratch.join("config"))
        .stdin(Stdio::null())
        .spawn()
        .during("cannot start bash")?;
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return if status.success() {
                Ok(())
            } else {
                Err(Failure::new(format!("the example ended with {status}")))
            };
        }
        if started.elapsed() > BLOCK_TIME_MAX {
            child.kill()?;
            child.wait()?;
            return Err(Failure::new(format!("the example took over {} s", BLOCK_TIME_MAX.as_secs())));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_with_their_lines() {
        let page = "# A\n\n```sh run\ngatehold demo\n```\n\n````md\n```sh\nnested\n```\n````\n\n- item\n  ```yaml\n  a: 1\n  ```\n";
        let found = blocks(page);
        assert_eq!(found.iter().map(|block| block.line).collect::<Vec<_>>(), [3, 7, 14]);
        assert_eq!(found[0].text, "gatehold demo\n");
        assert_eq!(found[1].text, "```sh\nnested\n```\n");
    }

    #[test]
    fn every_block_of_commands_states_its_fate() {
        let fate = |info: &str| Block { line: 1, info: info.to_owned(), text: String::new() }.fate();
        assert_eq!(fate("sh run"), Ok(Fate::Run));
        assert_eq!(fate("bash no-run reason=\"needs a server\""), Ok(Fate::Leave));
        assert_eq!((fate(""), fate("yaml"), fate("rust")), (Ok(Fate::Text), Ok(Fate::Text), Ok(Fate::Text)));
        for wrong in ["sh", "console", "sh no-run", "sh no-run reason=\"\"", "sh norun", "bash run later"] {
            assert!(fate(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_verb_that_does_not_exist_is_found() {
        let page = "Run `cargo xtask check`, `cargo xtask help`, `cargo xtask <verb>` or `cargo xtask verify`.";
        assert_eq!(problems_of(Path::new("R.md"), page), ["R.md:1: there is no `cargo xtask verify`"]);
    }
}
