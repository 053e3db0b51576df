//! The README says what the program can: its table is the one in `protocol::supported`.

use tests::programs::root;

#[test]
fn the_table_of_what_is_supported_is_the_programs_own() {
    let path = root().join("README.md");
    let text = std::fs::read_to_string(&path).expect("README.md");
    let (begin, end) = ("<!-- supported -->\n", "<!-- /supported -->");
    let from = text.find(begin).expect("the table's begin") + begin.len();
    let to = text.find(end).expect("the table's end");
    let want = format!("\n{}\n", protocol::supported::markdown());
    if text[from..to] == want {
        return;
    }
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(&path, format!("{}{want}{}", &text[..from], &text[to..])).expect("README.md is writable");
        return;
    }
    panic!("README.md's table is not up to date: UPDATE_README=1 cargo test -p tests --test project readme");
}
