//! Loading a policy: any text is a policy or a readable error, and never a panic.

use gatehold_decide::Policy;
use gatehold_fuzz::{Corpus, Recipe};

const WORDS: &[&str] = &[
    "version: 1\n",
    "rules:\n",
    "  - name: x\n",
    "    action: deny\n",
    "    match: {tool: \"*\"}\n",
    "default: allow\n",
    "mode: audit\n",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "'",
    "&a ",
    "*a",
    "<<: ",
    "!!str ",
    "|\n",
    "# ",
    "- ",
    ": ",
    "\t",
    "\u{e9}",
    "\u{feff}",
    "null",
    "~",
    "regex: \"(a+)+$\"",
    "glob: \"**\"",
    "1e400",
];

#[test]
fn policy() {
    let corpus = Corpus::load("policy", WORDS).unwrap();
    corpus.seeds().for_each(judge);
    bolero::check!()
        .with_type::<Recipe>()
        .with_test_time(super::SHORT_RUN)
        .for_each(|recipe| judge(&corpus.input(recipe)));
}

fn judge(text: &[u8]) {
    let text = String::from_utf8_lossy(text);
    match Policy::load("policy.yaml", &text) {
        Ok(policy) => assert_eq!(policy.digest().len(), 64),
        Err(error) => {
            assert!(!error.diagnostics().is_empty(), "an error says what is wrong");
            assert!(!error.to_string().trim().is_empty());
            let _ = error.to_colour_string();
        }
    }
}
