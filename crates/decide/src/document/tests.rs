//! Places and kinds of values, and what YAML allows but we do not.

use super::*;

fn read_text(text: &str) -> Node {
    read(&Source::new("f.yaml", text)).unwrap()
}

fn entries(node: &Node) -> &[Entry] {
    match &node.value {
        Value::Table(table) => table,
        other => panic!("{other:?}"),
    }
}

#[test]
fn values_and_their_places() {
    let text = "é: [1, 2.50, -3e4, true, null, ~, x, \"7\", 'y', yes, 1e400, 0x10]\nlast: |\n  block\n";
    let node = read_text(text);
    let table = entries(&node);
    let Value::List(items) = &table[0].node.value else { panic!() };
    let shown: Vec<String> =
        items.iter().map(|item| format!("{} {:?}", &text[item.span.clone()], item.value)).collect();
    assert_eq!(
        shown,
        [
            "1 Number(\"1\")",
            "2.50 Number(\"2.50\")",
            "-3e4 Number(\"-3e4\")",
            "true Bool(true)",
            "null Null",
            "~ Null",
            "x Text(\"x\")",
            "\"7\" Text(\"7\")",
            "'y' Text(\"y\")",
            "yes Text(\"yes\")",
            "1e400 Number(\"1e400\")",
            "0x10 Number(\"0x10\")",
        ]
    );
    assert_eq!(&text[table[0].key_span.clone()], "é");
    assert_eq!(&text[table[1].key_span.clone()], "last");
    assert_eq!(table[1].node.value, Value::Text("block\n".to_owned()));
}

#[test]
fn an_alias_is_the_value_at_the_place_of_the_alias() {
    let text = "a: &x 1.0\nb: *x\n";
    let node = read_text(text);
    let second = &entries(&node)[1].node;
    assert_eq!(second.value, Value::Number("1.0".to_owned()));
    assert_eq!(&text[second.span.clone()], "*x");
}

#[test]
fn a_byte_order_mark_moves_nothing() {
    let source = Source::new("f", "\u{feff}a: b\n");
    let node = read(&source).unwrap();
    assert_eq!(&source.text()[entries(&node)[0].node.span.clone()], "b");
}

#[test]
fn what_yaml_allows_and_we_do_not() {
    for text in ["a: 1\na: 2\n", "a: &x {b: 1}\nc: {<<: *x}\n", "a: 1\n---\nb: 2\n", "a: !x y\n", "a: *x\n"] {
        assert!(read(&Source::new("f", text)).is_err(), "{text}");
    }
}
