//! What passes of each scheme are known to say, for whoever writes rules: crate `greenlit-schemes` reads them so, and a
//! test holds the two together.

use greenlit_core::scheme::Scheme;
use greenlit_core::trust::{AGE, ISSUED};

/// Facts of every scheme.
const OF_ALL: [&str; 2] = [AGE, ISSUED];

/// The kinds of pass of a scheme.
pub(super) fn kinds(scheme: Scheme) -> &'static [&'static str] {
    match scheme {
        Scheme::Pretix => &["ticket"],
        Scheme::Hcert => &["vaccination", "test", "recovery", "yellow-card"],
        Scheme::Claim169 | Scheme::Aadhaar => &["identity"],
        Scheme::TwoDDoc => &[
            "2d-doc/00",
            "2d-doc/01",
            "2d-doc/02",
            "2d-doc/03",
            "2d-doc/04",
            "2d-doc/05",
            "2d-doc/06",
            "2d-doc/07",
            "2d-doc/10",
            "2d-doc/11",
            "2d-doc/18",
            "2d-doc/24",
            "2d-doc/27",
            "2d-doc/28",
            "2d-doc/A2",
            "2d-doc/A6",
            "2d-doc/B0",
            "2d-doc/B1",
        ],
    }
}

/// The facts that conditions may ask about.
pub(super) fn facts(scheme: Scheme) -> Vec<&'static str> {
    let own: &[&str] = match scheme {
        Scheme::Pretix => &["item", "variation", "sub-event"],
        Scheme::Hcert => &[
            "disease",
            "vaccine",
            "product",
            "dose",
            "doses",
            "vaccinated",
            "test-type",
            "sampled",
            "result",
            "first-positive",
            "from",
            "until",
            "country",
            "nationality",
        ],
        Scheme::Claim169 => &["nationality"],
        Scheme::Aadhaar => &["state"],
        Scheme::TwoDDoc => &[
            "emitted",
            "postcode",
            "town",
            "country",
            "from",
            "until",
            "reference-income",
            "shares",
            "income-year",
            "nationality",
            "level",
            "academic-year",
            "diploma",
            "valid-from",
            "expires",
        ],
    };
    // Tickets are nobody's, and say nothing of when they were signed.
    let of_all = if scheme == Scheme::Pretix { &[][..] } else { &OF_ALL };
    own.iter().chain(of_all).copied().collect()
}

/// The known word that somebody may have meant: one that two slips of the hand make of it.
pub(super) fn meant<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    // No longer than any word there is, so that a long one costs nothing.
    let word = word.chars().take(64).collect::<String>().to_lowercase().replace('_', "-");
    let near =
        known.into_iter().map(|known| (strsim::levenshtein(&word, &known.to_lowercase().replace('_', "-")), known));
    // Two slips in a word of four letters leave nothing of it.
    near.filter(|(slips, known)| *slips <= 1 + usize::from(known.len() > 4)).min().map(|(_, known)| known)
}

/// ` (did you mean "item"?)`, where something is near.
pub(super) fn question(meant: Option<&str>) -> String {
    meant.map_or_else(String::new, |word| format!("; did you mean \"{word}\"?"))
}
