//! The command line of a server, for pages to say while it is away.

use super::Options;
use std::path::Path;

/// The command line that starts this server again, on the port that it has, as a shell takes it.
pub(super) fn command(options: &Options, port: u16, data_dir: &Path) -> String {
    let program = std::env::current_exe().unwrap_or_else(|_| "corral".into());
    let mut words = vec![program.display().to_string(), "serve".into()];
    let mut say = |option: &str, value: String| words.extend([option.to_owned(), value]);
    if options.host != "127.0.0.1" {
        say("--host", options.host.clone());
    }
    say("--port", port.to_string());
    say("--data-dir", data_dir.display().to_string());
    if let Some(slots) = options.slots {
        say("--slots", slots.to_string());
    }
    for host in &options.allowed_hosts {
        say("--allowed-host", host.clone());
    }
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@+".contains(c);
    match word.chars().all(plain) && !word.is_empty() {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_takes_it_as_it_is() {
        let options = Options {
            slots: Some(2),
            ..Options::on(Path::new("x"))
        };
        // another had the port asked for
        let command = command(&options, 7861, Path::new("/a b/it's"));
        assert!(
            command.ends_with(r"serve --port 7861 --data-dir '/a b/it'\''s' --slots 2"),
            "{command}"
        );
    }
}
