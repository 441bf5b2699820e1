//! `greenlit self-test`: whether this till judges rightly, for the start of a shift. Changes nothing.

use std::io::{self, Write};
use std::process::ExitCode;

use crate::cli::Outcome;
use greenlit_words::{Language, health};

use crate::config::diagnostic::{language, printable};
use crate::config::till::Till;
use crate::self_test::{self, SelfTest};

/// Check that this till judges passes correctly, and that it is ready for work.
///
/// Reads and judges built-in samples with known answers, then looks at the camera, the store, the
/// trust data and the clock. Exit status: 0 if all is well, 1 if the till needs attention, 2 if a
/// sample was judged wrongly: do not use this till.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args, till: &Till) -> Outcome {
    let test = self_test::run(till, language());
    let mut out = io::stdout().lock();
    if args.json {
        serde_json::to_writer(&mut out, &test.json()).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        write_text(&mut out, &test, language())?;
    }
    out.flush()?;
    Ok(ExitCode::from(test.outcome().exit_code()))
}

fn write_text(out: &mut impl Write, test: &SelfTest, language: Language) -> io::Result<()> {
    let mark = |is_well: bool| if is_well { '✓' } else { '✗' };
    for sample in &test.samples {
        let expected = || format!(", {}", health::expected(language, sample.expected.as_str()));
        let instead = if sample.passed { String::new() } else { expected() };
        writeln!(out, "{} {:18}  {}{instead}", mark(sample.passed), sample.name, sample.found.as_str())?;
    }
    writeln!(out, "{}", health::this_till(language))?;
    for part in test.till.parts(language) {
        writeln!(out, "{} {:18}  {}", mark(part.is_well), part.title, printable(&part.text))?;
    }
    writeln!(out, "{}", test.closing(language))
}
