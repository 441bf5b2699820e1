//! `people ROWS SEED >people.csv`: invented people who ask for a pass, for `greenlit-issuer issue-batch`. What should
//! become of them is told on standard error.
#![allow(clippy::print_stderr, reason = "an example")]

use std::io::{BufWriter, Write};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [rows, seed] = arguments.as_slice() else { return Err("usage: people ROWS SEED".into()) };
    let mut out = BufWriter::new(std::io::stdout().lock());
    let today = chrono::Utc::now().date_naive();
    let expected = greenlit_testkit::people::write(&mut out, rows.parse()?, seed.parse()?, today)?;
    out.flush()?;
    eprintln!("{expected:?}");
    Ok(())
}
