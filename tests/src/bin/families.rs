//! `make families`: a row a family with the forms that its frozen base may be stored in, what it has beside Llama's block, and the
//! folders its numbers are proven on.

#![expect(
    clippy::print_stdout,
    reason = "a program of this repository alone, which prints a table"
)]

use protocol::decoder::{BASES, Extent};
use tests::families::rows;

fn main() {
    let rows = rows();
    let line = |first: &str, columns: Vec<&str>| {
        let columns = BASES
            .iter()
            .zip(columns)
            .map(|(base, what)| format!("{what:^0$}", base.name().len()));
        println!("{first:30} {}", columns.collect::<Vec<_>>().join("  "));
    };
    println!("bases: + all layers, (+) all but the experts, which checkpoints keep as no layers of their own");
    line("", BASES.iter().map(|base| base.name()).collect());
    for row in &rows {
        let sign = |extent: &Extent| match extent {
            Extent::All => "+",
            Extent::AllButExperts => "(+)",
            Extent::Nothing => "",
        };
        line(
            row.architecture,
            row.bases.iter().map(|(_, extent)| sign(extent)).collect(),
        );
        println!("{:30}   {}", "", row.models);
        println!("{:30}   {}", "", row.differences.join(", "));
        println!("{:30}   proven on {}", "", row.folders.join(", "));
    }
    let folders: usize = rows.iter().map(|row| row.folders.len()).sum();
    println!("families: {} architectures, {folders} golden folders", rows.len());
}
