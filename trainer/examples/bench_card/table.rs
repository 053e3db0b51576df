//! A log of the bench as a table: a line for each row, what each program found of it side by side.

use serde_json::Value;

/// The lines of a log that are JSON; others are a program's own words.
pub fn of(log: &str) -> String {
    let lines: Vec<Value> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let rows: Vec<&Value> = lines.iter().filter(|line| line["row"].is_string()).collect();
    let (mut names, mut programs) = (vec![], vec![]);
    for row in &rows {
        for (known, key) in [(&mut names, "row"), (&mut programs, "of")] {
            let new = text(&row[key]);
            if !known.contains(&new) {
                known.push(new);
            }
        }
    }
    let mut out = String::new();
    let mut line = |cells: Vec<String>| out.push_str(&format!("| {} |\n", cells.join(" | ")));
    let titles = std::iter::once("row".to_owned()).chain(programs.iter().cloned());
    line(titles.collect());
    line(vec!["---".to_owned(); programs.len() + 1]);
    for name in &names {
        let found = programs.iter().map(|program| {
            let row = rows
                .iter()
                .find(|row| text(&row["row"]) == *name && text(&row["of"]) == *program);
            row.map_or_else(String::new, |row| cell(&row["found"]))
        });
        line(std::iter::once(name.clone()).chain(found).collect());
    }
    out
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn cell(found: &Value) -> String {
    for key in ["error", "not_reached"] {
        if let Some(words) = found[key].as_str() {
            let first = words.lines().next().unwrap_or_default();
            return format!("{}: {}", key.replace('_', " "), first.replace('|', "/"));
        }
    }
    let number = |key: &str| found[key].as_f64();
    let parts = [
        number("tokens_per_second").map(|n| format!("{n:.0} tokens/s")),
        number("step_seconds").map(|n| format!("{n:.3} s")),
        number("peak_mib").map(|n| format!("{:.1} GiB", n / 1024.0)),
        number("share_of_ceiling").map(|n| format!("{:.0} %", 100.0 * n)),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn a_row_has_what_each_program_found_or_why_not() {
        let log = "a card\n\
            {\"card\":\"X\",\"bf16_tflops\":700.0}\n\
            {\"row\":\"A\",\"of\":\"ours\",\"found\":{\"tokens_per_second\":2000.0,\"step_seconds\":0.5,\"peak_mib\":2048,\"share_of_ceiling\":0.25}}\n\
            {\"row\":\"B\",\"of\":\"ours\",\"found\":{\"not_reached\":\"3 s were over\"}}\n\
            {\"row\":\"A\",\"of\":\"TRL\",\"found\":{\"error\":\"out of | memory\\nmore\"}}\n";
        assert_eq!(
            of(log),
            "| row | ours | TRL |\n| --- | --- | --- |\n\
             | A | 2000 tokens/s, 0.500 s, 2.0 GiB, 25 % | error: out of / memory |\n\
             | B | not reached: 3 s were over |  |\n"
        );
    }
}
