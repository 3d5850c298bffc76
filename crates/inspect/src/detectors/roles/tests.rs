//! Roles by the names that real servers use.

use super::*;

fn role(tool: &str, parameter: &str, value: &str) -> Role {
    let given = |name: &'static str| Some(name).filter(|name| !name.is_empty());
    let (tool, parameter) = (tool.to_owned().leak(), parameter.to_owned().leak());
    Role::of(&Text::new(value, TextKind::Arguments, given(tool), given(parameter)))
}

#[test]
fn names_of_parameters() {
    for (tool, parameter, wanted) in [
        ("bash", "command", Role::Command),
        ("run_in_terminal", "input", Role::Command),
        ("execute_python", "code", Role::Command),
        ("browser_evaluate", "function", Role::Command),
        ("run_code", "sourceCode", Role::Command),
        ("create_issue", "description", Role::Content),
        ("subscribe", "subscriptionId", Role::Value),
        ("convert", "country_code", Role::Value),
        ("redeem", "code", Role::Value),
        ("calculate", "expression", Role::Value),
        ("execute_sql", "sql", Role::Query),
        ("postgres_query", "query", Role::Query),
        ("find_documents", "filter", Role::Query),
        ("web_search", "query", Role::Content),
        ("write_file", "fileContent", Role::Content),
        ("write_file", "filePath", Role::Value),
        ("render_template", "template", Role::Template),
        ("ping", "host", Role::Value),
        ("", "", Role::Unknown),
    ] {
        assert_eq!(role(tool, parameter, "a; b"), wanted, "{tool} {parameter}");
    }
}

#[test]
fn words_of_names() {
    for (name, wanted) in [
        ("searchQuery", vec!["search", "query"]),
        ("user-id", vec!["user", "id"]),
        ("mcp__files__read_file", vec!["mcp", "files", "read", "file"]),
        ("URL", vec!["url"]),
        ("", vec![]),
    ] {
        assert_eq!(words(Some(name)), wanted);
    }
}
