//! The README says what the program can: its tables are those of `protocol::supported` and `tests::families`.

use tests::families;
use tests::programs::root;

const UPDATE: &str = "README.md is not up to date: UPDATE_README=1 cargo test -p tests --test project readme";

#[test]
fn the_table_of_what_is_supported_is_the_programs_own() {
    assert!(is_up_to_date("supported", &protocol::supported::markdown()), "{UPDATE}");
}

#[test]
fn the_table_of_families_is_the_programs_own() {
    assert!(is_up_to_date("families", &families::markdown()), "{UPDATE}");
}

/// Each family has numbers of another library to be compared with.
#[test]
fn every_family_is_proven() {
    for row in families::rows() {
        assert!(!row.models.is_empty(), "{} has no name", row.architecture);
        assert!(!row.folders.is_empty(), "{} has no golden folder", row.architecture);
    }
}

/// Whether this stands between the two marks of a table; with `UPDATE_README` it is put there.
fn is_up_to_date(name: &str, table: &str) -> bool {
    let path = root().join("README.md");
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let parts = text.split_once(&begin).and_then(|(before, rest)| {
        let (found, after) = rest.split_once(&end)?;
        Some((before, found, after))
    });
    let Some((before, found, after)) = parts else {
        return false;
    };
    let want = format!("\n{table}\n");
    if found != want && std::env::var_os("UPDATE_README").is_some() {
        return std::fs::write(&path, format!("{before}{begin}{want}{end}{after}")).is_ok();
    }
    found == want
}
