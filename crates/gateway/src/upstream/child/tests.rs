//! What a child is given, and how it ends.

use super::*;

fn spec(command: &[&str], environment: &[(&str, Option<&str>)]) -> ChildSpec {
    ChildSpec {
        command: command.iter().map(OsString::from).collect(),
        environment: environment.iter().map(|(name, value)| ((*name).to_owned(), value.map(Secret::new))).collect(),
        folder: None,
    }
}

fn ours() -> Vec<(OsString, OsString)> {
    [("PATH", "/bin"), ("GITHUB_TOKEN", "t"), ("LC_ALL", "C"), ("OTHER", "x")]
        .into_iter()
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}

#[test]
fn a_token_meant_for_one_server_does_not_reach_another() {
    let (passed, held_back) = environment(&spec(&["x"], &[]), ours().into_iter());
    assert_eq!(passed, [("PATH".into(), "/bin".into()), ("LC_ALL".into(), OsString::from("C"))]);
    assert_eq!(held_back, ["GITHUB_TOKEN", "OTHER"]);
}

#[test]
fn what_is_asked_for_by_name_or_given_is_passed() {
    let wanted = spec(&["x"], &[("GITHUB_TOKEN", None), ("OTHER", Some("y"))]);
    let (passed, held_back) = environment(&wanted, ours().into_iter());
    assert!(passed.contains(&("GITHUB_TOKEN".into(), "t".into())));
    assert!(passed.contains(&("OTHER".into(), "y".into())));
    assert!(!passed.contains(&("OTHER".into(), "x".into())));
    assert!(held_back.is_empty());
}

#[tokio::test(flavor = "current_thread")]
async fn a_missing_program_and_one_that_may_not_run_are_told_apart() {
    let error = Child::start(&spec(&["no-such-program-here"], &[]), "").err().unwrap();
    assert_eq!(error.exit_code(), 127);
    let error = Child::start(&spec(&["/etc/passwd"], &[]), "").err().unwrap();
    assert_eq!(error.exit_code(), 126);
}

#[tokio::test(flavor = "current_thread")]
async fn the_whole_group_is_ended_even_when_it_ignores_the_end_of_its_input() {
    let script = "trap '' TERM; sleep 600 & echo $!; wait";
    let (mut child, pipes) = Child::start(&spec(&["sh", "-c", script], &[]), "").unwrap();
    let mut line = String::new();
    let mut stdout = BufReader::new(pipes.stdout);
    stdout.read_line(&mut line).await.unwrap();
    drop(pipes.stdin);
    let status = child.stop().await.unwrap();
    assert_eq!(shell_status(status), 137);
    let grandchild = Pid::from_raw(line.trim().parse().unwrap()).unwrap();
    let mut gone = false;
    for _ in 0..100 {
        gone = gone || rustix::process::test_kill_process(grandchild).is_err() || is_zombie(grandchild);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(gone, "the grandchild still runs");
}

fn is_zombie(process: Pid) -> bool {
    std::fs::read_to_string(format!("/proc/{}/stat", process.as_raw_nonzero()))
        .map_or(true, |stat| stat.contains(") Z "))
}

#[tokio::test(flavor = "current_thread")]
async fn the_last_words_are_kept_and_bounded() {
    let (mut child, pipes) =
        Child::start(&spec(&["sh", "-c", "for i in $(seq 50); do echo line $i >&2; done"], &[]), "").unwrap();
    drop(pipes);
    let _ = child.wait().await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let lines = child.last_words().await.lines();
    assert_eq!(lines.len(), STDERR_LINES_MAX);
    assert_eq!(lines.last().unwrap(), "line 50");
}
