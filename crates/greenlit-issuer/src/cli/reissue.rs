//! `greenlit-issuer reissue`: a pass in the place of another one.

use std::path::PathBuf;

use chrono::NaiveDate;

use crate::cli::holder::{HOLDER_FORMAT, HolderArgs};
use crate::cli::issue::OutArgs;
use crate::cli::{Outcome, now, open};
use crate::issue::{self, Application, Term};
use crate::{Igg, parse_day, revoke};

/// Issue a pass in the place of another one, which is revoked by that: for a new document, a new name, or a mistake.
///
/// The new pass has the class and the first and last day of the old one, unless --basis and --on decide it anew. Exit
/// status: 1 if this person is not entitled to a pass (the reason is printed), 2 on error.
#[derive(clap::Args)]
#[command(after_long_help = HOLDER_FORMAT)]
pub(crate) struct Args {
    /// The authority's folder.
    folder: PathBuf,
    /// Text of the pass to be replaced, or its reference.
    #[arg(long, value_name = "PASS|REF")]
    replaces: String,
    /// Decide anew by this ground of rules.toml.
    #[arg(long, value_name = "GROUND", requires = "on")]
    basis: Option<String>,
    /// Date of the last dose, of the test, or of whatever entitles.
    #[arg(long, value_name = "DATE", value_parser = parse_day, requires = "basis")]
    on: Option<NaiveDate>,
    /// IgG result; required for antibodies.
    #[arg(long, value_name = "N", requires = "basis")]
    igg: Option<Igg>,
    /// The entitlement's last day; required for grounds with given_months.
    #[arg(long, value_name = "DATE", value_parser = parse_day, requires = "basis")]
    through: Option<NaiveDate>,
    #[command(flatten)]
    holder: HolderArgs,
    #[command(flatten)]
    out: OutArgs,
}

pub(crate) fn run(args: &Args) -> Outcome {
    args.out.hand_out(|new_keys| {
        let person = args.holder.read()?;
        let asked = args.basis.clone().zip(args.on).map(|(ground, on)| Application {
            ground,
            on,
            igg: args.igg,
            through: args.through,
            person: person.clone(),
        });
        let term = asked.as_ref().map_or(Term::Same, Term::Anew);
        let mut authority = open(&args.folder)?;
        let old = revoke::find(&authority, &args.replaces)?;
        let issued = issue::reissue(&mut authority, old, &term, &person, new_keys, now())?;
        Ok((authority, issued))
    })
}
