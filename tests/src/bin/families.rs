//! `make families`: a row a family with what it has beside Llama's block, and the folders its numbers are proven on.

#![expect(
    clippy::print_stdout,
    reason = "a program of this repository alone, which prints a table"
)]

use tests::families::rows;

fn main() {
    let rows = rows();
    for row in &rows {
        println!("{:30} {}", row.architecture, row.models);
        println!("{:30}   {}", "", row.differences.join(", "));
        println!("{:30}   proven on {}", "", row.folders.join(", "));
    }
    let folders: usize = rows.iter().map(|row| row.folders.len()).sum();
    println!("families: {} architectures, {folders} golden folders", rows.len());
}
