//! The examples of the policy guide load.

use std::path::Path;

use gatehold_decide::Policy;

#[test]
fn every_example_of_the_guide_loads() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide/policy.md");
    let text = std::fs::read_to_string(path).unwrap();
    let mut count = 0;
    for block in text.split("```yaml\n").skip(1) {
        let example = block.split("```").next().unwrap();
        let empty_layer = |_: &str, name: &str| Ok((name.to_owned(), "version: 1\n".to_owned()));
        if let Err(error) = Policy::load_with("docs/guide/policy.md", example, &empty_layer) {
            panic!("{error}\nin\n{example}");
        }
        count += 1;
    }
    assert!(count >= 11, "the guide has {count} examples");
}
