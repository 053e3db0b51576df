//! The README says what the program can: its tables are those of `protocol::supported` and `tests::families`.

use tests::families;
use tests::programs::root;

#[test]
fn the_table_of_what_is_supported_is_the_programs_own() {
    is_up_to_date("supported", &protocol::supported::markdown());
}

#[test]
fn the_table_of_families_is_the_programs_own() {
    is_up_to_date("families", &families::markdown());
}

/// Each family has numbers of another library to be compared with.
#[test]
fn every_family_is_proven() {
    for row in families::rows() {
        assert!(!row.models.is_empty(), "{} has no name", row.architecture);
        assert!(!row.folders.is_empty(), "{} has no golden folder", row.architecture);
    }
}

/// What stands between the two marks of a table.
fn is_up_to_date(name: &str, table: &str) {
    let path = root().join("README.md");
    let text = std::fs::read_to_string(&path).expect("README.md");
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let from = text.find(&begin).expect("the table's begin") + begin.len();
    let to = text.find(&end).expect("the table's end");
    let want = format!("\n{table}\n");
    if text[from..to] == want {
        return;
    }
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(&path, format!("{}{want}{}", &text[..from], &text[to..])).expect("README.md is writable");
        return;
    }
    panic!("README.md's table of {name} is not up to date: UPDATE_README=1 cargo test -p tests --test project readme");
}
