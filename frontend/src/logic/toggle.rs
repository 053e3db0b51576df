//! Toggling a name in a comma-separated list.

use protocol::config::names;

/// The list after a click on `name`. It is taken out if it is in; else it is added, and of the others only those stay that it can be
/// trained with, as `joins` says.
pub fn toggled(list: &str, name: &str, joins: impl Fn(&str) -> bool) -> String {
    let out: Vec<&str> = if names(Some(list)).any(|known| known == name) {
        names(Some(list)).filter(|known| *known != name).collect()
    } else {
        names(Some(list)).filter(|known| joins(known)).chain([name]).collect()
    };
    out.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_click_adds_takes_out_or_replaces() {
        let always = |_: &str| true;
        assert_eq!(toggled("", "a", always), "a");
        assert_eq!(toggled("a, b", "c", always), "a,b,c");
        assert_eq!(toggled("a, b", "a", always), "b");
        assert_eq!(toggled("a", "a", always), "");
        assert_eq!(toggled("demo,a", "b", |known| known != "demo"), "a,b");
    }
}
