//! `greenlit-issuer print`: passes as pictures, letters and wallet cards.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use greenlit_words::Language;
use serde_json::json;

use crate::cli::language::LanguageArg;
use crate::cli::{Outcome, now, tell, tell_notice};
use crate::print::{self, Form, Job, Summary};

const FORMS: &str = "Forms (--as):
  png     a picture of the code a pass, for screens; into a folder, or FILE.zip
  svg     the same for print shops
  letter  an A4 page a pass, with a large code and what a till compares; FILE.pdf
  wallet  cards the size of a bank card, ten on an A4 page with marks to cut them by; FILE.pdf

More passes than --part become several files: FILE-001.pdf, FILE-002.pdf and on.";

/// How often a line is told of a long job.
const PAUSE: Duration = Duration::from_secs(10);

/// Print passes that `issue-batch` has written: as pictures of their codes, letters or wallet cards.
///
/// Each pass is first held to the authority: one that is not its own, or is revoked, suspended or expired, is not printed.
/// What paper says is read out of the pass. Nothing that is there is replaced; run again, the same command goes on.
///
/// Exit status: 1 if passes were not printed or not found, 2 on error.
#[derive(clap::Args)]
#[command(after_long_help = FORMS)]
pub(crate) struct Args {
    /// The authority's folder; or, on a machine without it, a folder that `publish` has made.
    folder: PathBuf,
    /// The passes, as `issue-batch` has written them.
    #[arg(value_name = "PASSES.csv")]
    passes: PathBuf,
    /// As what to print them.
    #[arg(long = "as", value_enum, value_name = "FORM")]
    form: FormArg,
    /// Where to: a folder or FILE.zip for pictures, FILE.pdf for letters and wallet cards.
    #[arg(long, value_name = "PATH")]
    out: PathBuf,
    /// Language of letters and wallet cards [default: letters in all three, wallet cards in Russian].
    #[arg(long, value_enum)]
    language: Option<LanguageArg>,
    /// Print only this pass, such as one that was lost, by its reference or your id; may be repeated.
    #[arg(long, value_name = "REF|ID")]
    only: Vec<String>,
    /// Passes a PDF or zip, at most 10,000.
    #[arg(long, value_name = "PASSES", default_value_t = print::PART, value_parser = part)]
    part: usize,
    /// Print what became of the passes as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum FormArg {
    Png,
    Svg,
    Letter,
    Wallet,
}

impl From<FormArg> for Form {
    fn from(word: FormArg) -> Self {
        match word {
            FormArg::Png => Self::Png,
            FormArg::Svg => Self::Svg,
            FormArg::Letter => Self::Letter,
            FormArg::Wallet => Self::Wallet,
        }
    }
}

fn part(text: &str) -> Result<usize, String> {
    let passes = text.parse().ok().filter(|passes| (1..=print::PART).contains(passes));
    passes.ok_or_else(|| format!("a number of passes from 1 to {}", print::PART))
}

pub(crate) fn run(args: &Args) -> Outcome {
    let job = Job {
        folder: args.folder.clone(),
        passes: args.passes.clone(),
        form: args.form.into(),
        out: args.out.clone(),
        language: args.language.map(Language::from),
        only: args.only.clone(),
        part: args.part,
    };
    let mut told = Instant::now();
    let summary = print::run(&job, now(), &mut tell_notice, &mut |so_far| {
        if told.elapsed() >= PAUSE {
            told = Instant::now();
            tell(&format!("greenlit-issuer: {} passes", so_far.printed + so_far.already + so_far.failed));
        }
    })?;
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{}", as_json(&summary))?;
    } else {
        show(&mut out, &summary)?;
    }
    Ok(ExitCode::from(u8::from(summary.failed > 0 || !summary.not_found.is_empty())))
}

fn show(out: &mut impl Write, summary: &Summary) -> std::io::Result<()> {
    let already = if summary.already > 0 { format!(", {} there already", summary.already) } else { String::new() };
    writeln!(out, "{} passes printed{already}", summary.printed)?;
    match (summary.files.first(), summary.files.last()) {
        (Some(first), Some(last)) if first != last => writeln!(out, "  in {} to {}", first.display(), last.display())?,
        (Some(file), _) => writeln!(out, "  in {}", file.display())?,
        _ => {}
    }
    if summary.failed > 0 {
        writeln!(out, "  {} not printed", summary.failed)?;
    }
    out.flush()?;
    for row in &summary.told {
        let id = shown(&row.id);
        let id = if id.is_empty() { id } else { format!(" ({id})") };
        tell(&format!("line {}{id}: {}", row.line, row.why));
    }
    let more = summary.failed - summary.told.len() as u64;
    if more > 0 {
        tell(&format!("and {more} more"));
    }
    summary.not_found.iter().for_each(|name| tell(&format!("{}: no such reference or id in the file", shown(name))));
    Ok(())
}

/// What others wrote, short and without what a terminal would obey.
fn shown(text: &str) -> String {
    text.chars().filter(|c| greenlit_core::text::is_printable(*c)).take(60).collect()
}

fn as_json(summary: &Summary) -> serde_json::Value {
    let text = |path: &PathBuf| Path::display(path).to_string();
    let told: Vec<_> = summary
        .told
        .iter()
        .map(|row| json!({ "line": row.line, "id": row.id, "reason": row.why.to_string() }))
        .collect();
    json!({
        "printed": summary.printed, "already": summary.already, "failed": summary.failed, "told": told,
        "not_found": summary.not_found, "files": summary.files.iter().map(text).collect::<Vec<_>>(),
    })
}
