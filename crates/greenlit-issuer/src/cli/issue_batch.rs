//! `greenlit-issuer issue-batch`: passes for the rows of a CSV file.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use indicatif::{HumanDuration, ProgressBar, ProgressStyle};
use serde_json::json;

use crate::batch::{self, Counts, Encoding, Job, Progress, Summary};
use crate::cli::{Outcome, now, open, tell};

const COLUMNS: &str = r#"The first line names the columns, in English or Russian, in any order; others are handed through:
  name (or family name, given name, patronymic)     ФИО (или фамилия, имя, отчество)
  born                                              дата рождения
  document (or series, number)                      номер документа (или серия, номер)
  document kind: passport where there is none       вид документа
  basis: a ground of rules.toml, or --basis         основание
  on: the day of the dose or test                   дата
  igg: where the ground asks for it                 результат IgG
  through: where the ground asks for it             действует по
  id: your own, handed through to the passes        ид"#;

/// How often a line is told where there is no terminal.
const PAUSE: Duration = Duration::from_secs(10);

/// Issue passes for the rows of a CSV file.
///
/// Rows that make no pass go to a file of their own with their reasons, to be corrected and sent again alone. Interrupted
/// at any moment, the same command goes on; run again, it issues nothing.
///
/// Exit status: 1 if rows were rejected, 2 on error.
#[derive(clap::Args)]
#[command(after_long_help = COLUMNS)]
pub(crate) struct Args {
    /// The authority's folder.
    folder: PathBuf,
    /// The rows, as CSV in UTF-8 or Windows-1251.
    file: PathBuf,
    /// Where the passes go; FILE.passes.csv if left out.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Where rows go that make no pass; FILE.rejected.csv if left out.
    #[arg(long, value_name = "FILE")]
    rejected: Option<PathBuf>,
    /// What entitles every row, where no column says it.
    #[arg(long, value_name = "GROUND")]
    basis: Option<String>,
    /// The file's encoding, instead of the one found.
    #[arg(long, value_enum)]
    encoding: Option<EncodingArg>,
    /// Rows that go through and are written together; fewer are done sooner, and all of them later.
    #[arg(long, value_name = "ROWS", default_value_t = batch::PART, value_parser = part)]
    part: usize,
    /// Print what became of the rows as JSON.
    #[arg(long)]
    json: bool,
    /// Issue even if not every till knows the key yet; for emergencies.
    #[arg(long)]
    before_tills_know: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum EncodingArg {
    #[value(name = "utf-8")]
    Utf8,
    #[value(name = "windows-1251")]
    Windows1251,
}

impl From<EncodingArg> for Encoding {
    fn from(word: EncodingArg) -> Self {
        match word {
            EncodingArg::Utf8 => Self::Utf8,
            EncodingArg::Windows1251 => Self::Windows1251,
        }
    }
}

fn part(text: &str) -> Result<usize, String> {
    let rows = text.parse().ok().filter(|rows| (1..=100_000).contains(rows));
    rows.ok_or_else(|| "a number of rows from 1 to 100000".into())
}

pub(crate) fn run(args: &Args) -> Outcome {
    let mut authority = open(&args.folder)?;
    let beside = |ending: &str| args.file.with_extension(ending);
    let job = Job {
        file: args.file.clone(),
        passes: args.out.clone().unwrap_or_else(|| beside("passes.csv")),
        rejected: args.rejected.clone().unwrap_or_else(|| beside("rejected.csv")),
        encoding: args.encoding.map(Encoding::from),
        ground: args.basis.clone(),
        part: args.part,
        before_tills_know: args.before_tills_know,
    };
    let mut shown = Shown::new();
    let summary = batch::run(&mut authority, &job, &now, &mut |progress| shown.tell(progress));
    shown.end();
    let summary = summary?;
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{}", as_json(&summary, &job))?;
    } else {
        print(&mut out, &summary, &job)?;
    }
    let rejected = summary.counts.all_refused() + summary.counts.all_faulty();
    Ok(ExitCode::from(u8::from(rejected > 0)))
}

fn print(out: &mut impl Write, summary: &Summary, job: &Job) -> std::io::Result<()> {
    let counts = &summary.counts;
    if summary.was_done {
        writeln!(out, "this batch was done before; nothing was issued now")?;
    }
    writeln!(out, "{} rows: {} issued, {} had the pass already", counts.rows, counts.issued, counts.already)?;
    writeln!(out, "  passes in {}", job.passes.display())?;
    let (refused, faulty) = (counts.all_refused(), counts.all_faulty());
    if refused + faulty > 0 {
        writeln!(out, "  {refused} refused{}", listed(counts.refused.iter()))?;
        writeln!(out, "  {faulty} to be corrected{}", listed(counts.faulty.iter()))?;
        writeln!(out, "  these in {}", job.rejected.display())?;
    }
    out.flush()
}

fn listed<'a>(counts: impl Iterator<Item = (&'a String, &'a u64)>) -> String {
    let all: Vec<String> = counts.map(|(what, count)| format!("{what} {count}")).collect();
    if all.is_empty() { String::new() } else { format!(" ({})", all.join(", ")) }
}

fn as_json(summary: &Summary, job: &Job) -> serde_json::Value {
    let Counts { rows, issued, already, refused, faulty } = &summary.counts;
    json!({
        "rows": rows, "issued": issued, "already": already, "refused": refused, "faulty": faulty,
        "was_done": summary.was_done, "passes": text(&job.passes), "rejected": text(&job.rejected),
    })
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// A bar where somebody looks, and lines where not.
struct Shown {
    bar: Option<ProgressBar>,
    bytes: u64,
    begun: Instant,
    told: Instant,
    /// What an earlier run has done.
    before: u64,
}

impl Shown {
    fn new() -> Self {
        Self { bar: None, bytes: 0, begun: Instant::now(), told: Instant::now(), before: 0 }
    }

    fn tell(&mut self, progress: Progress) {
        match progress {
            Progress::Begun { encoding, bytes, resumed } => {
                tell(&format!("greenlit-issuer: the file is {encoding}"));
                if resumed.rows > 0 {
                    tell(&format!("greenlit-issuer: going on after {} rows", resumed.rows));
                }
                (self.bytes, self.before) = (bytes, resumed.rows);
                if std::io::stderr().is_terminal() {
                    let bar = ProgressBar::new(bytes);
                    // The template is our own, and is one.
                    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {percent}%, {msg}, {eta} left") {
                        bar.set_style(style);
                    }
                    self.bar = Some(bar);
                }
            }
            Progress::Done { bytes, counts } => {
                let seconds = self.begun.elapsed().as_secs_f64().max(0.001);
                let rate = (counts.rows - self.before) as f64 / seconds;
                let rows = format!("{} rows, {rate:.0} a second", counts.rows);
                match &self.bar {
                    Some(bar) => {
                        bar.set_position(bytes);
                        bar.set_message(rows);
                    }
                    None if self.told.elapsed() >= PAUSE => {
                        self.told = Instant::now();
                        let share = bytes as f64 / self.bytes.max(1) as f64;
                        let left = Duration::from_secs_f64((seconds / share.max(0.001) - seconds).clamp(0.0, 1e9));
                        tell(&format!("greenlit-issuer: {rows}, {} left", HumanDuration(left)));
                    }
                    None => {}
                }
            }
        }
    }

    fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}
