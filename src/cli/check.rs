//! `greenlit check`: judges pictures of QR codes and texts of passes.

mod texts;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use greenlit_core::benefits::Venue;
use greenlit_core::time::{TimeError, UnixTime};
use greenlit_core::trust::{TrustState, VenueKind};
use greenlit_schemes::judge;
use greenlit_words::terminal::answers;

use crate::cli::Outcome;
use crate::clock::{self, Clock};
use crate::config::diagnostic::{language, warn};
use crate::config::failures;
use crate::config::settings::is_known;
use crate::config::till::{StoreTrouble, Till, build_date};
use crate::report::finding::{CheckLine, Finding, Measurements, write_text};
use crate::report::moment;
use crate::session::handed_in::{STILL_BUDGET, Still, read_picture};
use texts::Texts;

/// How long one frame of a camera may be looked at.
const LIVE_BUDGET: Duration = Duration::from_millis(25);

/// Check pictures of QR codes, or pass texts from standard input.
///
/// Exit status: 2 if any could not be read or checked, else 1 if any is not a valid pass, else 0.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// PNG, JPEG or PGM pictures; `-` reads texts from standard input, one per line.
    #[arg(required_unless_present = "stream", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Read the pictures in a folder as frames of one camera until a code is read, and report which.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["files", "live", "codes", "at", "site", "last_night"])]
    stream: Option<PathBuf>,
    /// With --stream: read each frame on its own, ignoring earlier ones; for comparison.
    #[arg(long, requires = "stream", conflicts_with = "files")]
    alone: bool,
    /// Print one JSON object per file. If `error` accompanies `no-code`, the file could not be read.
    #[arg(long)]
    json: bool,
    /// With --json: also list every QR code in the picture, pass or not.
    #[arg(long, requires = "json")]
    codes: bool,
    /// Spend no more time on a picture than on one camera frame.
    #[arg(long)]
    live: bool,
    /// Check as if it were this time, for example 2026-11-22T18:00:00+05:00.
    #[arg(long, value_name = "RFC3339", value_parser = parse_time)]
    at: Option<UnixTime>,
    /// Check for a guest who stays overnight: the pass must still be valid on the evening of this date,
    /// for example 2026-12-05.
    #[arg(long, value_name = "DATE", value_parser = parse_night)]
    last_night: Option<NaiveDate>,
    /// Type of place to use instead of the till's own; may be repeated: retail, hotel, resort,
    /// sport, entertainment, employer-education, public-space.
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = parse_site)]
    site: Vec<VenueKind>,
}

fn parse_time(text: &str) -> Result<UnixTime, TimeError> {
    UnixTime::parse_rfc3339(text)
}

fn parse_night(text: &str) -> Result<NaiveDate, String> {
    let date: Option<NaiveDate> = text.parse().ok();
    date.filter(|date| clock::end_of_day(*date).is_some())
        .ok_or_else(|| "expected a date such as 2026-12-05".to_owned())
}

fn parse_site(text: &str) -> Result<VenueKind, String> {
    VenueKind::new(text).map_err(|_| format!("unknown type of place; known types are {}", VenueKind::KNOWN.join(", ")))
}

pub(crate) fn run(args: &Args, till: &Till) -> Outcome {
    if let Some(folder) = &args.stream {
        return Ok(ExitCode::from(super::stream::check(folder, args.json, args.alone)?));
    }
    let (trust, unread) = match till.trust() {
        Ok(trust) => (trust, None),
        // The answers turn amber.
        Err(why) => (TrustState::empty(build_date()), Some(why)),
    };
    let mut place = till.place();
    if !args.site.is_empty() {
        place.sites.clone_from(&args.site);
    }
    let stay = args.last_night.and_then(clock::end_of_day);
    let check = Check { args, till_clock: till.clock(), trust, unread, place, language: till.language(), stay };
    // A slip of the year would ask for nothing.
    if let Some(night) = args.last_night.filter(|night| clock::last_night(check.clock(), 1).is_some_and(|d| *night < d))
    {
        return Err(answers::last_night_is_over(language(), night).into());
    }
    if let Some(unknown) = check.unknown_site() {
        warn(&answers::no_rule_for_site(language(), unknown, VenueKind::KNOWN.join(", ")));
    }
    if let Some(since) = check.due_since() {
        warn(&answers::out_of_date_since(language(), moment(since)));
    }
    let mut worst = 0;
    for file in &args.files {
        worst = worst.max(if file == Path::new("-") { check.texts()? } else { check.picture(file)? });
    }
    // After the answers: where another copy is writing, this waits.
    till.note_time(&check.trust);
    Ok(ExitCode::from(worst))
}

struct Check<'a> {
    args: &'a Args,
    till_clock: &'a Clock,
    trust: TrustState,
    /// The store could not be read.
    unread: Option<StoreTrouble>,
    place: Venue,
    language: String,
    /// The moment at which a pass must still be valid.
    stay: Option<UnixTime>,
}

impl Check<'_> {
    fn clock(&self) -> UnixTime {
        self.args.at.unwrap_or_else(|| self.till_clock.now())
    }

    fn due_since(&self) -> Option<UnixTime> {
        let usable = self.trust.usable(self.clock()).ok()?;
        Some(usable.bundle.soft_expiry).filter(|soft| usable.now >= *soft)
    }

    fn unknown_site(&self) -> Option<&str> {
        let bundle = self.trust.bundle()?;
        self.place.sites.iter().find(|site| !is_known(site, Some(bundle))).map(|site| site.0.as_str())
    }

    fn picture(&self, path: &Path) -> io::Result<u8> {
        let name = path.display().to_string();
        let budget = if self.args.live { LIVE_BUDGET } else { STILL_BUDGET };
        let still = match read_picture(path, budget) {
            Ok(still) => still,
            Err(error) => {
                // In JSON the line goes with its file; otherwise it is a complaint, not an answer.
                if !self.args.json {
                    warn(&failures::picture(&error, language()));
                    return Ok(2);
                }
                let measured = Measurements { payloads: self.args.codes.then(Vec::new), ..Measurements::default() };
                return self.tell(&name, &Finding::Unreadable(error), &measured);
            }
        };
        let Still { codes, ran_out, cpu } = still;
        let started = Instant::now();
        let clock = self.clock();
        let all = codes.iter().map(|code| judge(&self.trust, clock).code(code).for_stay(self.stay));
        let finding = Finding::of_codes(all, ran_out).without_store(self.unread);
        let measured = Measurements {
            decode_ms: rounded(cpu.as_secs_f64() * 1e3),
            verify_us: rounded(started.elapsed().as_secs_f64() * 1e6),
            payloads: self.args.codes.then(|| codes.into_iter().map(|code| code.payload).collect()),
        };
        self.tell(&name, &finding, &measured)
    }

    fn texts(&self) -> io::Result<u8> {
        let mut input = Texts::of(io::stdin().lock());
        let mut worst = None;
        while let Some(text) = input.next()? {
            let started = Instant::now();
            let finding = Finding::Code(judge(&self.trust, self.clock()).text(&text.bytes).for_stay(self.stay));
            let finding = finding.without_store(self.unread);
            let verify_us = rounded(started.elapsed().as_secs_f64() * 1e6);
            let payloads = self.args.codes.then(|| vec![text.bytes]);
            let measured = Measurements { verify_us, payloads, ..Measurements::default() };
            worst = worst.max(Some(self.tell(&format!("-:{}", text.line), &finding, &measured)?));
            if text.perhaps_broken {
                warn(&answers::split_over_lines(language(), format_args!("-:{}", text.line)));
            }
        }
        if worst.is_none() {
            warn(&answers::empty_input(language()));
        }
        Ok(worst.unwrap_or(2))
    }

    fn tell(&self, name: &str, finding: &Finding, measured: &Measurements) -> io::Result<u8> {
        let mut out = io::stdout().lock();
        if self.args.json {
            let line = CheckLine::new(name, finding, measured, &self.place, &self.language);
            serde_json::to_writer(&mut out, &line)?;
            writeln!(out)?;
        } else {
            write_text(&mut out, name, finding, &self.place, &self.language, language())?;
        }
        out.flush()?;
        Ok(finding.exit_code())
    }
}

/// To three digits behind the point.
fn rounded(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}
