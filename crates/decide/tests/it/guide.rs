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
        if let Err(error) = Policy::load("docs/guide/policy.md", example) {
            panic!("{error}\nin\n{example}");
        }
        count += 1;
    }
    assert!(count >= 5, "the guide has {count} examples");
}
