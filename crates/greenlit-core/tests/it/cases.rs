//! The vectors, as the fixture makes them. What they must be answered with stands here in words, and
//! is not asked of the program.
#![allow(clippy::indexing_slicing)]

#[path = "cases_malformed.rs"]
mod malformed;
#[path = "cases_not_a_pass.rs"]
mod not_a_pass;
#[path = "cases_root_code.rs"]
mod root_code;

use std::collections::BTreeMap;

use greenlit_core::answer::Code;
use greenlit_core::pass::{self, Class, Pass, StatusRef};
use greenlit_core::time::UnixTime;

use crate::vectors::Case;
use greenlit_testkit::fixture::*;

/// What the base rules give a resident at a hotel.
const AT_A_HOTEL: &[&str] = &["stay", "mask"];

/// Every file of `vectors/greenlit/` but its README.
pub(crate) fn files() -> BTreeMap<String, String> {
    let mut cases = Cases::default();
    boundaries(&mut cases);
    issuers(&mut cases);
    statuses(&mut cases);
    trust_and_clock(&mut cases);
    order(&mut cases);
    benefits(&mut cases);
    malformed::add(&mut cases);
    not_a_pass::add(&mut cases);
    let cases = cases.0.iter().map(|(name, case)| (format!("{name}.json"), json(case)));
    let root_codes = root_code::all().into_iter().map(|(name, case)| (format!("root-codes/{name}.json"), json(&case)));
    cases.chain(root_codes).chain(trust_sets()).chain(frozen()).collect()
}

fn json(case: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(case).unwrap() + "\n"
}

#[derive(Default)]
pub(crate) struct Cases(BTreeMap<String, Case>);

impl Cases {
    /// A case that is valid at a hotel unless more is said.
    pub(crate) fn add(&mut self, name: &str, why: &str, text: impl Into<String>) -> &mut Case {
        let case = Case {
            why: why.into(),
            text: Some(text.into()),
            hex: None,
            trust: "base".into(),
            clock: NOW.into(),
            sites: vec!["hotel".into()],
            answer: "valid".into(),
            code: Some("OK".into()),
            benefits: Some(AT_A_HOTEL.iter().map(|rule| (*rule).to_owned()).collect()),
            says: None,
        };
        assert!(!self.0.contains_key(name), "two vectors named {name}");
        self.0.entry(name.into()).or_insert(case)
    }

    /// Three cases: a second before, at, and a second after.
    fn around(&mut self, name: &str, why: &str, codes: [&str; 3], set: impl Fn(&mut Case, i64)) {
        for (shift, when) in [(-1, "a-second-before"), (0, "at-the-second"), (1, "a-second-after")] {
            let case = self.add(&format!("{name}-{when}"), why, "");
            set(case, shift);
            case.code(codes[usize::try_from(shift + 1).unwrap()]);
        }
    }

    /// The same pass while the clock goes past a moment.
    fn around_clock(&mut self, name: &str, why: &str, text: &str, at: &str, codes: [&str; 2]) {
        self.around(name, why, [codes[0], codes[1], codes[1]], |case, shift| {
            case.text = Some(text.into());
            case.clock(shifted(at, shift));
        });
    }
}

impl Case {
    pub(crate) fn code(&mut self, code: &str) -> &mut Self {
        let known = Code::ALL.iter().find(|known| known.as_str() == code).unwrap();
        self.answer = known.answer().as_str().into();
        self.code = Some(code.into());
        self.benefits = self.benefits.take().filter(|_| code == "OK");
        self
    }

    pub(crate) fn clock(&mut self, clock: UnixTime) -> &mut Self {
        self.clock = clock.to_string();
        self
    }

    pub(crate) fn trust(&mut self, set: &str) -> &mut Self {
        self.trust = set.into();
        self
    }

    pub(crate) fn at(&mut self, sites: &[&str], benefits: &[&str]) -> &mut Self {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        self.sites = owned(sites);
        self.benefits = Some(owned(benefits));
        self
    }
}

pub(crate) fn shifted(at: &str, by: i64) -> UnixTime {
    UnixTime::new(time(at).seconds().checked_add_signed(by).unwrap()).unwrap()
}

fn trust_sets() -> impl Iterator<Item = (String, String)> {
    let base = Authority::new();
    let sets = [
        ("base", base.documents()),
        ("root-only", greenlit_core::trust::Documents { roots: base.documents().roots, ..Default::default() }),
        ("two-roots", base.clone().second_root().documents()),
        ("root-expires-first", base.clone().root(|root| root.expires = time("2021-04-01T00:00:00Z")).documents()),
        ("list-ahead", base.clone().list(1, |l| l.token.issued = time("2021-03-20T00:00:00Z")).documents()),
        ("list-expires", base.list(1, |l| l.token.expires = Some(time("2021-03-20T00:00:00Z"))).documents()),
    ];
    sets.into_iter().flat_map(|(set, documents)| {
        let roots = documents.roots.into_iter().zip(1..).map(|(bytes, n)| (format!("root-{n}.cbor"), bytes));
        let bundle = documents.bundle.into_iter().map(|bytes| ("trust.cbor".to_owned(), bytes));
        let lists = documents.lists.into_iter().map(|(id, bytes)| (format!("status-{id}.cwt"), bytes));
        let files: Vec<_> = roots.chain(bundle).chain(lists).collect();
        files.into_iter().map(move |(name, bytes)| (format!("trust/{set}/{name}.hex"), hex_lines(&bytes)))
    })
}

/// One document of each format, whose meaning `tests/frozen.rs` spells out.
fn frozen() -> impl Iterator<Item = (String, String)> {
    let documents = Authority::new().documents();
    let text = sign(&pass(), ISSUER);
    let envelope = base45::decode(text.strip_prefix(pass::PREFIX).unwrap()).unwrap();
    let files = [
        ("pass", envelope),
        ("root", documents.roots[0].clone()),
        ("bundle", documents.bundle.unwrap()),
        ("status-list", documents.lists[&1].clone()),
    ];
    files.into_iter().map(|(name, bytes)| (format!("frozen/{name}.hex"), hex_lines(&bytes)))
}

fn hex_lines(bytes: &[u8]) -> String {
    bytes.chunks(48).map(|line| hex::encode(line) + "\n").collect()
}

/// Good from 1 March 2021, and to a day inside everybody's limits.
fn until(exp: &str) -> Pass {
    Pass { exp: time(exp), ..pass() }
}

fn class(class: u64) -> Pass {
    Pass { class: Class(class), ..pass() }
}

fn without_status() -> Pass {
    Pass { status: None, ..pass() }
}

fn boundaries(cases: &mut Cases) {
    let (good, stadium) = (sign(&pass(), ISSUER), sign(&without_status(), STADIUM));
    cases.add("good", "an ordinary pass on an ordinary day", &good);
    cases.add("good-two-roots", "the same after the authority has changed its root", &good).trust("two-roots");
    cases.add("good-without-status", "its issuer's passes carry no status", &stadium);
    let bare = Pass { initials: None, birthday: None, document: None, ..pass() };
    cases.add("good-nameless", "everything optional left out but the status", sign(&bare, ISSUER));
    let text = sign(&until("2021-05-01T00:00:00Z"), ISSUER);
    cases.around_clock("expiry", "good until just before exp", &text, "2021-05-01T00:00:00Z", ["OK", "EXP"]);
    let text = sign(&Pass { nbf: time("2021-03-20T00:00:00Z"), ..pass() }, ISSUER);
    cases.around_clock("start", "good from nbf on", &text, "2021-03-20T00:00:00Z", ["NBF", "OK"]);
    let why = "trust data is used until just before its hard expiry; the pass needs no list";
    cases.around_clock("hard-expiry", why, &stadium, "2021-06-29T00:00:00Z", ["OK", "OLD"]);
    let why = "an unknown issuer is accused until the soft expiry, and may be a new one from then on";
    cases.around_clock("soft-expiry", why, &sign(&pass(), STRANGER), "2021-03-15T00:00:00Z", ["KEY", "NEW"]);
    let why = "a list is used until just before its hard age";
    cases.around_clock("list-age", why, &good, "2021-05-30T00:00:00Z", ["OK", "LST"]);
    let why = "a list that names its own expiry is used until just before it";
    cases.around("list-expiry", why, ["OK", "LST", "LST"], |case, shift| {
        case.text = Some(good.clone());
        case.trust("list-expires").clock(shifted("2021-03-20T00:00:00Z", shift));
    });
    let why = "a list dated more than five minutes after the clock is not judged by: a thief may have dated it";
    cases.around("list-ahead", why, ["LST", "OK", "OK"], |case, shift| {
        case.text = Some(good.clone());
        case.trust("list-ahead").clock(shifted("2021-03-19T23:55:00Z", shift));
    });
    cases.around("root-expiry", "a root is used until just before its expiry", ["OK", "OLD", "OLD"], |case, shift| {
        case.text = Some(good.clone());
        case.trust("root-expires-first").clock(shifted("2021-04-01T00:00:00Z", shift));
    });
    let why = "a clock five minutes behind the newest signed document is borne with, and not a second more";
    cases.around_clock("clock-floor", why, &good, "2021-02-28T23:55:00Z", ["CLK", "OK"]);
    let why = "a stolen key's passes stand until the theft, whenever they say they were made";
    cases.around_clock("key-revoked", why, &sign(&pass(), REVOKED), "2021-04-01T00:00:00Z", ["OK", "KRV"]);
    let season = sign(&class(3), ISSUER);
    for (name, why, at, codes) in [
        ("rule-from", "class 3 is honoured from the rule's first second", "2021-04-01T00:00:00Z", ["CLS", "OK", "OK"]),
        (
            "rule-until",
            "class 3 is honoured until just before the rule's end",
            "2021-05-01T00:00:00Z",
            ["OK", "CLS", "CLS"],
        ),
    ] {
        cases.around(name, why, codes, |case, shift| {
            case.text = Some(season.clone());
            case.at(&["sport"], &["season"]).clock(shifted(at, shift));
        });
    }
}

fn issuers(cases: &mut Cases) {
    let why = "a pass may start from its issuer's not before on";
    cases.around("issuer-not-before", why, ["ISS", "OK", "OK"], |case, shift| {
        let nbf = shifted("2021-02-15T00:00:00Z", shift);
        case.text = Some(sign(&Pass { nbf, ..until("2021-06-01T00:00:00Z") }, ISSUER));
    });
    let why = "a closed issuer's passes stand if they start before its not after";
    cases.around("issuer-not-after", why, ["OK", "ISS", "ISS"], |case, shift| {
        let nbf = shifted("2021-02-20T00:00:00Z", shift);
        case.text = Some(sign(&Pass { nbf, ..until("2021-06-01T00:00:00Z") }, RETIRED));
    });
    let why = "a pass may last as long as its issuer's longest, 366 days, and no second more";
    cases.around("longest-life", why, ["OK", "OK", "ISS"], |case, shift| {
        case.text = Some(sign(&Pass { exp: shifted("2022-03-02T00:00:00Z", shift), ..pass() }, ISSUER));
    });
    let backwards = Pass { exp: time("2021-02-28T00:00:00Z"), ..pass() };
    cases.add("ends-before-it-starts", "no issuer may issue that", sign(&backwards, ISSUER)).code("ISS");
    cases.add("class-not-allowed", "class 5 is not for this issuer", sign(&class(5), ISSUER)).code("ISS");
    cases.add("class-without-rule", "class 4 is allowed, and no rule honours it", sign(&class(4), ISSUER)).code("CLS");
    let why = "an issuer that promised to be able to revoke must give each pass a status";
    cases.add("no-status-from-status-issuer", why, sign(&without_status(), ISSUER)).code("ISS");
    let why = "a status is looked up even if its issuer need not give one";
    cases.add("revoked-status-from-no-status-issuer", why, sign(&with_index(REVOKED_INDEX), STADIUM)).code("REV");
    cases.add("unknown-issuer", "nobody in the trust data has this key", sign(&pass(), STRANGER)).code("KEY");
    cases.add("signed-by-a-bundle-key", "a key that signs bundles signs no passes", sign(&pass(), 11)).code("KEY");
    let specimen = sign(&class(2), ISSUER);
    cases.add("specimen", "a genuine sample is never green", specimen).code("CLS");
    let text = sign(&Pass { class: Class(2), ..until("2021-03-09T00:00:00Z") }, ISSUER);
    cases.add("specimen-expired", "an expired sample is expired", text).code("EXP");
    let text = sign(&Pass { class: Class(2), ..with_index(REVOKED_INDEX) }, ISSUER);
    cases.add("specimen-revoked", "a revoked sample is revoked", text).code("REV");
}

fn statuses(cases: &mut Cases) {
    let in_list = |list, index| Pass { status: Some(StatusRef { list, index }), ..pass() };
    for (name, why, list, index, code) in [
        ("revoked", "status 1 of a list of two bits", 1, REVOKED_INDEX, "REV"),
        ("revoked-neighbour", "the entry before a revoked one stands", 1, REVOKED_INDEX - 1, "OK"),
        ("suspended", "status 2", 1, SUSPENDED_INDEX, "SUS"),
        ("status-unknown", "status 3 means something in a newer version", 1, UNKNOWN_STATUS_INDEX, "VER"),
        ("revoked-one-bit", "status 1 of a list of one bit", 2, REVOKED_INDEX, "REV"),
        ("revoked-one-bit-before", "its neighbour before stands", 2, REVOKED_INDEX - 1, "OK"),
        ("revoked-one-bit-after", "its neighbour after stands", 2, REVOKED_INDEX + 1, "OK"),
        ("index-first", "the first entry", 1, 0, "OK"),
        ("index-last", "the last entry announced", 1, LIST_SIZE - 1, "OK"),
        ("index-beyond", "one past the last, though the last byte has room for it", 1, LIST_SIZE, "IDX"),
        ("index-past-the-bytes", "past the list's bytes", 1, LIST_SIZE + 3, "IDX"),
        ("index-largest", "no index is too large to read", 1, u64::MAX, "IDX"),
        ("list-undelivered", "a list that the trust data names and the till does not hold", 3, 7, "LST"),
        ("list-unknown", "a list that the trust data does not name", 9, 7, "LST"),
        ("list-unknown-largest", "no list number is too large to read", u64::MAX, 7, "LST"),
    ] {
        cases.add(name, why, sign(&in_list(list, index), ISSUER)).code(code);
    }
}

fn trust_and_clock(cases: &mut Cases) {
    let good = sign(&pass(), ISSUER);
    cases.add("trust-none", "a till that trusts nobody cannot tell", &good).trust("none").code("TRU");
    cases.add("trust-root-only", "a root alone knows no issuers", &good).trust("root-only").code("TRU");
    let why = "a clock a little behind is set to the floor: this pass ended then";
    let nbf = time("2021-02-20T00:00:00Z");
    let ended = sign(&Pass { nbf, ..until(ISSUED) }, ISSUER);
    cases.add("clock-behind-expired", why, ended).clock(shifted(ISSUED, -240)).code("EXP");
    let later = Pass { nbf: shifted(ISSUED, 1), ..pass() };
    let why = "and not further than the floor: this pass starts a second later";
    cases.add("clock-behind-not-yet", why, sign(&later, ISSUER)).clock(shifted(ISSUED, -240)).code("NBF");
    cases.add("clock-1970", "a clock that starts from nothing", &good).clock(time("1970-01-01T00:00:00Z")).code("CLK");
    let why = "a clock years ahead looks like trust data that has run out";
    cases.add("clock-2031", why, &good).clock(time("2031-01-01T00:00:00Z")).code("OLD");
}

/// Where two things are wrong, the earlier step of the fixed order answers.
fn order(cases: &mut Cases) {
    let expired = until("2021-03-09T00:00:00Z");
    let forged = |pass: &Pass, claimed: u8| {
        let header = greenlit_core::cose::Header::encode(kid(claimed));
        pass::to_text(&pass_envelope(&header, &pass.encode(), STRANGER))
    };
    let malformed = "GL1:NOT BASE45?";
    let wanted: &[(&str, &str, String, &str, &str)] = &[
        ("malformed-before-trust", "the text alone shows it", malformed.into(), "none", "FMT"),
        ("version-before-trust", "the text alone shows it", "GL2:X".into(), "none", "VER"),
        ("trust-before-issuer", "without trust nobody is unknown", sign(&pass(), STRANGER), "none", "TRU"),
        ("signature-before-times", "a forgery is not called expired", forged(&expired, ISSUER), "base", "SIG"),
        ("signature-before-class", "nor of another class", forged(&class(4), ISSUER), "base", "SIG"),
        ("signature-before-status", "nor revoked", forged(&with_index(REVOKED_INDEX), ISSUER), "base", "SIG"),
        ("signature-before-limits", "nor beyond its issuer", forged(&class(5), ISSUER), "base", "SIG"),
        ("limits-before-times", "", sign(&Pass { class: Class(5), ..expired.clone() }, ISSUER), "base", "ISS"),
        ("times-before-class", "", sign(&Pass { class: Class(4), ..expired.clone() }, ISSUER), "base", "EXP"),
        (
            "times-before-status",
            "",
            sign(&Pass { status: Some(StatusRef { list: 9, index: 7 }), ..expired }, ISSUER),
            "base",
            "EXP",
        ),
        (
            "class-before-status",
            "",
            sign(&Pass { class: Class(4), ..with_index(REVOKED_INDEX) }, ISSUER),
            "base",
            "CLS",
        ),
    ];
    for (name, why, text, trust, code) in wanted {
        let why = if why.is_empty() { "the earlier check answers" } else { why };
        cases.add(&format!("order-{name}"), why, text).trust(trust).code(code);
    }
    let (late, early) = (time("2021-04-02T00:00:00Z"), time("1970-01-01T00:00:00Z"));
    let why = "a forgery does not become genuine by naming a stolen key";
    cases.add("order-signature-before-key-revoked", why, forged(&pass(), REVOKED)).clock(late).code("SIG");
    let stale = sign(&until("2021-03-09T00:00:00Z"), REVOKED);
    cases.add("order-key-revoked-before-times", "the earlier check answers", stale).clock(late).code("KRV");
    let unknown = sign(&pass(), STRANGER);
    cases.add("order-clock-before-issuer", "the device first", unknown).clock(early).code("CLK");
}

fn benefits(cases: &mut Cases) {
    let good = sign(&pass(), ISSUER);
    let all = ["shop", "spring-week", "venue", "stay", "leave", "distance", "mask"];
    for (name, why, sites, benefits) in [
        ("any-site", "with no site chosen every rule speaks, reminders last", &[][..], &all[..]),
        ("retail", "two discounts and the reminder", &["retail"], &["shop", "spring-week", "mask"]),
        ("two-sites", "several sites, each rule once", &["sport", "resort"], &["venue", "stay", "mask"]),
        ("public-space", "no reminder is written for it", &["public-space"], &["distance"]),
        ("leave", "this issuer's passes only", &["employer-education"], &["leave"]),
        ("nothing-here", "valid, and nothing extra here", &["library"], &[]),
    ] {
        cases.add(&format!("benefits-{name}"), why, &good).at(sites, benefits);
    }
    let other = sign(&without_status(), STADIUM);
    let why = "the leave is for another issuer's passes";
    cases.add("benefits-other-issuer", why, other).at(&["employer-education"], &[]);
    let (plain, week) = (&["shop", "mask"][..], &["shop", "spring-week", "mask"][..]);
    for (name, at, before, from) in [
        ("benefits-from", "2021-03-08T00:00:00Z", plain, week),
        ("benefits-until", "2021-03-15T00:00:00Z", week, plain),
    ] {
        cases.around(name, "a week's discount begins and ends to the second", ["OK"; 3], |case, shift| {
            case.text = Some(good.clone());
            case.at(&["retail"], if shift < 0 { before } else { from }).clock(shifted(at, shift));
        });
    }
}
