//! `greenlit figures`: how many answers this shift has had.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use greenlit_core::answer::{Answer, Code};
use greenlit_core::tally::{Figure, Tally};
use greenlit_files::{IfExists, write_atomic};

use crate::cli::Outcome;
use crate::config::till::Till;
use crate::session::figures::restored;

/// Show how many answers this shift has had, by hour and code; start a new shift in the window.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Write the figures to this file as CSV instead; numbers from 1 to 4, and any that would reveal them, are hidden.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
}

pub(crate) fn run(args: &Args, till: &Till) -> Outcome {
    let tally = restored(till.figures()?);
    if let Some(file) = &args.csv {
        write_atomic(file, tally.to_csv().as_bytes(), 0o644, IfExists::Replace)?;
        return Ok(ExitCode::SUCCESS);
    }
    std::io::stdout().lock().write_all(table(&tally).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// A line an hour, and a column a code.
fn table(tally: &Tally) -> String {
    if tally.is_empty() {
        return "no passes were checked in this shift\n".into();
    }
    let codes: Vec<Code> = tally.codes().into_iter().collect();
    let line = |hour: &str, counts: Vec<String>| {
        let counts: String = counts.iter().map(|count| format!("{count:>7}")).collect();
        format!("{hour:<16}{counts}\n")
    };
    let mut text = line("", codes.iter().map(|code| code.to_string()).chain(["all".into()]).collect());
    for hour in tally.hours() {
        let all: u64 = Answer::ALL.iter().map(|answer| tally.answers_at(hour, *answer)).sum();
        let counts = codes.iter().map(|code| tally.at(hour, Figure::Code(*code))).chain([all]);
        text.push_str(&line(&hour.to_string(), counts.map(|count| count.to_string()).collect()));
    }
    let totals = codes.iter().map(|code| tally.total(Figure::Code(*code))).chain([tally.all_answers()]);
    text.push_str(&line("total", totals.map(|count| count.to_string()).collect()));
    text.push_str(&format!("doesn't match the ID: {}\n", tally.total(Figure::Mismatch)));
    text.push_str(&format!("shown again: {}\n", tally.total(Figure::ShownAgain)));
    text
}

#[cfg(test)]
mod tests {
    use greenlit_core::tally::Hour;

    use super::*;

    #[test]
    fn the_table_has_a_line_an_hour_and_says_when_there_is_none() {
        let code = Figure::Code;
        let hour = Hour::new(495_000);
        let tally = Tally::restored([
            (hour, code(Code::Ok), 12),
            (hour, code(Code::TrustExpired), 1),
            (Hour::new(495_001), code(Code::Ok), 3),
            (Hour::new(495_001), Figure::Mismatch, 2),
        ]);
        let wanted = "                     OK    OLD    all\n\
                      2026-06-21 00:00     12      1     13\n\
                      2026-06-21 01:00      3      0      3\n\
                      total                15      1     16\n\
                      doesn't match the ID: 2\nshown again: 0\n";
        assert_eq!(table(&tally), wanted);
        assert_eq!(table(&Tally::default()), "no passes were checked in this shift\n");
    }
}
