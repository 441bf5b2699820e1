//! Promise: what an authority imports and publishes of others' keys is what tills judge others' passes by, and nothing
//! else is.

use std::path::Path;

use greenlit_core::answer::Code;
use greenlit_core::scheme::Scheme;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::{ImportError, KeyListError, Root, TrustState};
use greenlit_core::verdict::Verdict;
use greenlit_core::verify::Rejection;
use greenlit_issuer::Packing;
use greenlit_issuer::authority::{Authority, AuthorityError};
use greenlit_issuer::init::{self, AuthoritySpec};
use greenlit_issuer::publish::{KeyListChange, PublishError, RuleChange, changes, publish};
use greenlit_issuer::schemes::{Ages, Request, import, read_rules, source, store};
use greenlit_schemes::judge;
use greenlit_testkit::cli::CliHarness;
use serde_json::Value;

use crate::schemes_import::{certificates, now, vectors};

const DAY: u64 = 24 * 3600;

const RULES: &str = r#"
[[rule]]
id = "festival-children"
sites = ["entertainment"]
scheme = "pretix"
kind = "free-entry"
text = { en = "Admission, children's ticket", ru = "Вход по детскому билету" }
issuers = ["festival"]
conditions.item = { one_of = [1, "2", "3", "4", "5"] }

[[rule]]
id = "vaccinated"
sites = ["hotel", "resort"]
scheme = "hcert"
kind = "exemption"
text = { en = "No test at check-in" }
kinds = ["vaccination"]
[rule.conditions]
dose = { no_less_than = "doses" }
vaccinated = { hours_ago_at_least = 0, hours_ago_at_most = 8784 }

[[rule]]
id = "tested-or-recovered"
sites = ["hotel"]
scheme = "hcert"
kind = "reminder"
text = { en = "Masks in the lobby" }
kinds = ["test", "recovery"]

[[rule]]
id = "of-age"
sites = ["hotel"]
scheme = "aadhaar"
kind = "free-entry"
text = { en = "Bar" }
conditions.age = { at_least = 18 }
"#;

/// An authority for practice, as of May 2021, when the test data of the EU was made.
struct Office(tempfile::TempDir);

impl Office {
    fn new() -> Self {
        let office = Self(tempfile::tempdir().unwrap());
        let spec = AuthoritySpec {
            name: [("en".to_owned(), "Ministry".to_owned())].into(),
            region: "RU-BA".into(),
            roots: 1,
            threshold: 1,
            bundle_keys: 2,
            bundle_threshold: 2,
            time: None,
            classes: vec![1],
            list_size: 4_096,
            demo: true,
            passphrase: None,
            second_word_above: None,
            register: None,
        };
        init::make(&office.path("a"), spec, now()).unwrap();
        office
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn open(&self) -> Authority {
        Authority::open(&self.path("a"), &mut |_| ()).unwrap()
    }

    fn import(&self, id: u64, request: &Request<'_>) {
        let draft = import(request).unwrap();
        let source = source(id, draft.body, now(), Ages { hard_days: 120, ..Ages::of(request.scheme) }).unwrap();
        store(&self.path("a"), &source).unwrap();
    }

    /// Keys of a festival, of the EU's test data, and of UIDAI.
    fn import_all(&self) {
        let vectors_file = std::fs::read(vectors("pretix/tickets.json")).unwrap();
        let event: Value = serde_json::from_slice(&vectors_file).unwrap();
        std::fs::write(self.path("keys.json"), event["valid_keys"][0].to_string()).unwrap();
        std::fs::create_dir(self.path("dsc")).unwrap();
        for (at, der) in certificates().iter().enumerate() {
            std::fs::write(self.path(&format!("dsc/{at}.der")), der).unwrap();
        }
        let base = |scheme| Request {
            scheme,
            files: &[],
            revoked: &[],
            issuer: None,
            names: &[],
            key_id: None,
            expired: false,
            replaces: None,
            now: now(),
        };
        let keys = [self.path("keys.json")];
        self.import(1, &Request { files: &keys, issuer: Some("festival"), ..base(Scheme::Pretix) });
        self.import(2, &Request { files: &[self.path("dsc")], ..base(Scheme::Hcert) });
        self.import(3, &Request { files: &[vectors("aadhaar/uidai_prod_cdup.cer")], ..base(Scheme::Aadhaar) });
        std::fs::write(self.path("a/schemes/rules.toml"), RULES).unwrap();
    }

    fn publish(&self, at: UnixTime) -> Result<u64, PublishError> {
        publish(&mut self.open(), &self.path("pub"), &[], Packing::Smallest, at).map(|published| published.version)
    }
}

/// A till that takes all that was published there.
fn till(out: &Path) -> TrustState {
    let read = |name: &str| std::fs::read(out.join(name)).unwrap();
    let anchor = Root::verify_anchor(&read("root-1.cbor")).unwrap();
    let built = anchor.issued;
    let mut till = TrustState::anchored(anchor, built);
    till.import_bundle(&read("trust.cbor")).unwrap();
    till.import_list(1, &read("status-1.cwt")).unwrap();
    till.import_scheme_bundle(&read("trust-2.cbor")).unwrap();
    let ids: Vec<u64> = till.scheme_bundle().unwrap().key_lists.iter().map(|entry| entry.id).collect();
    for id in ids {
        till.import_key_list(id, &read(&format!("keys-{id}.cbor"))).unwrap();
    }
    till
}

fn tickets() -> Vec<String> {
    let all: Value = serde_json::from_slice(&std::fs::read(vectors("pretix/tickets.json")).unwrap()).unwrap();
    all["tickets"].as_array().unwrap().iter().map(|ticket| ticket["text"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_is_imported_and_published_is_what_tills_judge_by() {
    let office = Office::new();
    office.import_all();
    assert_eq!(office.publish(now()).unwrap(), 1);
    let till = till(&office.path("pub"));
    // One version for both, which register and witness keep.
    assert_eq!(till.scheme_bundle().unwrap().version, till.bundle().unwrap().version);
    let at = now().plus(20 * DAY);

    // A ticket for a child, one for somebody else, and one that was altered: no key of the festival signed it.
    let codes =
        |at| tickets().iter().map(|text| judge(&till, at).text(text.as_bytes()).code().unwrap()).collect::<Vec<_>>();
    assert_eq!(codes(now().plus(5 * DAY)), [Code::Ok, Code::ClassNotHonoured, Code::AnotherEvent]);
    // After a week there may be a key that the list lacks.
    assert_eq!(codes(at), [Code::Ok, Code::ClassNotHonoured, Code::IssuerUnknownTrustStale]);

    // UIDAI's own sample is of age. The other card's key was not imported.
    let card = |name: &str| {
        let text = std::fs::read(vectors("aadhaar").join(name)).unwrap();
        judge(&till, now().plus(5 * DAY)).text(text.trim_ascii())
    };
    let Verdict::Valid(pass) = card("uidai-own-sample.txt") else { panic!("{:?}", card("uidai-own-sample.txt")) };
    let pass = pass.foreign().unwrap();
    assert!(pass.issuer_id() == "UIDAI" && pass.asks_age());
    assert_eq!(card("v2-test.txt").code(), Some(Code::Signature));

    // A scheme of which nothing was imported is named, and nobody is accused.
    let identity = std::fs::read(vectors("claim169/valid/ed25519-signed.json")).unwrap();
    let identity: Value = serde_json::from_slice(&identity).unwrap();
    let other = judge(&till, at).text(identity["qr_data"].as_str().unwrap().as_bytes());
    assert!(matches!(other, Verdict::NotAPass(_)), "{other:?}");

    // The EU's test data, each at its own time.
    let (mut good, mut others) = (0, Vec::new());
    for line in std::fs::read_to_string(vectors("hcert/cases.jsonl")).unwrap().lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| case[name].as_str().unwrap();
        let expects = |step: &str| case["expected"][step] != Value::Bool(false);
        let Ok(clock) = UnixTime::parse_rfc3339(text("clock")) else { continue };
        if clock < now() || clock >= now().plus(110 * DAY) {
            continue;
        }
        let verdict = judge(&till, clock).text(text("text").as_bytes());
        let verified = expects("EXPECTEDVERIFY") && expects("EXPECTEDDECODE");
        match verdict.code() {
            Some(Code::Ok) => {
                assert!(verified && expects("EXPECTEDEXPIRATIONCHECK"), "{line}");
                good += 1;
            }
            // The second dose is to come, or their clock is before what they say; they are genuine.
            Some(Code::ClassNotHonoured | Code::NotYetValid) => assert!(verified, "{line}"),
            code if verified => others.push((text("file").to_owned(), code)),
            _ => {}
        }
    }
    others.sort();
    println!("{good} certificates are good, and otherwise: {others:?}");
    assert!(good >= 80, "{good}");
    // A recovery under a certificate that is for vaccinations, and three under certificates of no country, which were
    // left out.
    let named = |file: &str, code| (file.to_owned(), Some(code));
    let wanted = [
        named("LI/2DCode/raw/4.json", Code::OutsideIssuerLimits),
        named("common/2DCode/raw/CO18.json", Code::UnknownIssuer),
        named("common/2DCode/raw/CO20.json", Code::UnknownIssuer),
        named("common/2DCode/raw/CO21.json", Code::UnknownIssuer),
    ];
    assert_eq!(others, wanted);
}

#[test]
fn an_altered_list_and_an_older_bundle_are_refused_by_a_till() {
    let office = Office::new();
    office.import_all();
    office.publish(now()).unwrap();
    let read = |name: &str| std::fs::read(office.path("pub").join(name)).unwrap();
    let copied = std::process::Command::new("cp").arg("-a").args([office.path("a"), office.path("copy")]).status();
    assert!(copied.unwrap().success());
    let mut till = till(&office.path("pub"));
    let (list, old) = (read("keys-1.cbor"), read("trust-2.cbor"));
    let mut altered = list.clone();
    *altered.last_mut().unwrap() ^= 1;
    let refused = till.import_key_list(1, &altered);
    assert!(matches!(refused, Err(ImportError::KeyList { id: 1, error: KeyListError::Other })), "{refused:?}");

    // A ticket is called back: the list is another one, and so is the bundle.
    let vectors_file: Value = serde_json::from_slice(&std::fs::read(vectors("pretix/tickets.json")).unwrap()).unwrap();
    let revoked = tickets().into_iter().find(|text| judge(&till, now()).text(text.as_bytes()).code() == Some(Code::Ok));
    let revoked = revoked.unwrap();
    std::fs::write(office.path("keys.json"), vectors_file["valid_keys"][0].to_string()).unwrap();
    std::fs::write(office.path("revoked"), &revoked).unwrap();
    let request = Request {
        scheme: Scheme::Pretix,
        files: &[office.path("keys.json")],
        revoked: &[office.path("revoked")],
        issuer: Some("festival"),
        names: &[],
        key_id: None,
        expired: false,
        replaces: None,
        now: now(),
    };
    office.import(1, &request);
    let later = now().plus(DAY);
    let told = changes(&office.open(), &office.path("pub"), later).unwrap().schemes.unwrap();
    let [(1, Scheme::Pretix, KeyListChange::Changed(counts))] = told.lists.as_slice() else { panic!("{told:?}") };
    assert_eq!((counts.revoked, counts.added, counts.removed, counts.changed), (1, 0, 0, 0));
    assert!(told.rules.is_empty() && told.unknown.is_empty(), "{told:?}");
    assert_eq!(office.publish(later).unwrap(), 2);
    assert!(till.import_scheme_bundle(&read("trust-2.cbor")).unwrap());
    // What the old bundle named is not what the new one names.
    assert!(matches!(till.import_key_list(1, &list), Err(ImportError::KeyList { id: 1, .. })));
    let missing = judge(&till, later).text(revoked.as_bytes());
    assert!(matches!(missing, Verdict::Rejected(Rejection::KeysMissing { list: 1 })), "{missing:?}");
    till.import_key_list(1, &read("keys-1.cbor")).unwrap();
    assert_eq!(judge(&till, later).text(revoked.as_bytes()).code(), Some(Code::Revoked));
    let back = till.import_scheme_bundle(&old);
    assert!(matches!(back, Err(ImportError::OlderSchemeBundle { found: 1, held: 2 })), "{back:?}");

    // The folder as it was before: the called-back ticket would be good again.
    let newest = read("trust-2.cbor");
    std::fs::remove_dir_all(office.path("a")).unwrap();
    std::fs::rename(office.path("copy"), office.path("a")).unwrap();
    let behind = office.publish(later.plus(DAY));
    let told = AuthorityError::RegisterBehind { there: 2, known: 1 }.to_string();
    assert_eq!(behind.unwrap_err().to_string(), told);
    assert_eq!(read("trust-2.cbor"), newest);
}

#[test]
fn what_changes_for_tills_is_told_and_what_was_published_does_not_vanish_silently() {
    let office = Office::new();
    let out = office.path("pub");
    let told = |at| changes(&office.open(), &out, at).unwrap().schemes;
    // Whoever takes no scheme publishes nothing of them.
    assert_eq!(told(now()), None);
    office.publish(now()).unwrap();
    assert!(!out.join("trust-2.cbor").exists());
    office.import_all();
    let first = told(now().plus(1)).unwrap();
    let added: Vec<(u64, bool)> =
        first.lists.iter().map(|(id, _, change)| (*id, matches!(change, KeyListChange::Added { .. }))).collect();
    assert_eq!(added, [(1, true), (2, true), (3, true)]);
    assert!(first.rules.len() == 4 && first.rules.iter().all(|(_, change)| *change == RuleChange::Added), "{first:?}");
    office.publish(now().plus(DAY)).unwrap();
    let same = told(now().plus(DAY)).unwrap();
    assert!(same.lists.is_empty() && same.rules.is_empty() && same.offset_change.is_none(), "{same:?}");
    // The festival's list is due again after a week.
    let due = told(now().plus(8 * DAY)).unwrap();
    assert_eq!((due.stale.len(), due.stale[0].0, due.stale[0].1), (1, 1, now().plus(7 * DAY)));
    assert!(due.stale[0].2 > due.stale[0].1 && due.next_due == Some(now().plus(7 * DAY)), "{due:?}");
    assert!(due.without_rule.is_empty(), "{due:?}");
    let rules = std::fs::read_to_string(office.path("a/schemes/rules.toml")).unwrap();
    std::fs::write(office.path("a/schemes/rules.toml"), "").unwrap();
    let without = told(now().plus(DAY)).unwrap().without_rule;
    assert_eq!(without, [(1, Scheme::Pretix), (2, Scheme::Hcert), (3, Scheme::Aadhaar)]);
    std::fs::write(office.path("a/schemes/rules.toml"), rules).unwrap();
    // The folder is lost: tills are not told that nothing is taken any more.
    std::fs::rename(office.path("a/schemes"), office.path("away")).unwrap();
    let lost = changes(&office.open(), &out, now().plus(2 * DAY));
    assert!(matches!(lost, Err(PublishError::SchemesMissing(_))), "{lost:?}");
    assert!(matches!(office.publish(now().plus(2 * DAY)), Err(PublishError::SchemesMissing(_))));
    // An empty one says so.
    std::fs::create_dir(office.path("a/schemes")).unwrap();
    let gone = told(now().plus(2 * DAY)).unwrap();
    assert!(gone.lists.len() == 3 && gone.lists.iter().all(|(_, _, change)| *change == KeyListChange::Removed));
    office.publish(now().plus(2 * DAY)).unwrap();
    let till = till(&out);
    // What says nothing is renewed all the same.
    std::fs::remove_dir(office.path("a/schemes")).unwrap();
    assert_eq!(office.publish(now().plus(2 * DAY)).unwrap(), 4);
    assert_eq!(crate::schemes::till(&out).scheme_bundle().unwrap().version, 4);
    assert!(Scheme::ALL.into_iter().all(|scheme| !till.takes(scheme)));
    // A list that is not the one that was imported is not published.
    std::fs::rename(office.path("away"), office.path("a/schemes")).unwrap();
    std::fs::copy(office.path("a/schemes/keys-1.cbor"), office.path("a/schemes/keys-2.cbor")).unwrap();
    let swapped = office.publish(now().plus(3 * DAY)).unwrap_err().to_string();
    assert!(swapped.contains("keys-2.cbor: not the list that was imported"), "{swapped}");
}

#[test]
fn mistakes_in_rules_are_told_with_their_line_and_what_was_meant() {
    let office = Office::new();
    office.import_all();
    let authority = office.open();
    let sources = greenlit_issuer::schemes::read(authority.folder()).unwrap().unwrap();
    let zone = greenlit_issuer::Zone::from_offset("+05:00").unwrap();
    let rules = |text: &str| {
        std::fs::write(office.path("a/schemes/rules.toml"), text).unwrap();
        read_rules(authority.folder(), &zone, &sources)
    };
    assert_eq!(rules(RULES).unwrap().rules.len(), 4);
    assert_eq!(rules("").unwrap().rules.len(), 0);
    let rule = |more: &str| {
        format!(
            "# A rule.\n[[rule]]\nid = \"a\"\nsites = [\"hotel\"]\nscheme = \"hcert\"\nkind = \"reminder\"\n\
             text = {{ en = \"x\" }}\n{more}\n"
        )
    };
    let good = rules(&rule("from = 2021-05-02\nthrough = \"2021-05-03\"")).unwrap();
    let times = good.rules.iter().map(|rule| (rule.from, rule.until)).next().unwrap();
    let time = |text| UnixTime::parse_rfc3339(text).ok();
    assert_eq!(times, (time("2021-05-02T00:00:00+05:00"), time("2021-05-04T00:00:00+05:00")));
    for (more, line, words) in [
        ("isuers = [\"DE\"]", 8, "unknown key \"isuers\"; did you mean \"issuers\"?"),
        ("conditions.dose = { at_leest = 2 }", 8, "unknown test \"at_leest\"; did you mean \"at_least\"?"),
        ("conditions.dose = 2", 8, "a condition says what the fact must be"),
        ("conditions.dose = {}", 8, "a condition says what the fact must be"),
        ("conditions.age = { one_of = [18] }", 8, "age can be asked with at_least and at_most alone"),
        ("conditions.age = { at_least = 1800 }", 8, "age can be asked"),
        ("conditions.issued = { at_least = 1 }", 8, "issued can be asked"),
        ("conditions.dose = { at_least = -1 }", 8, "at_least is to be a number of 0 or more"),
        ("conditions.country = { one_of = [] }", 8, "one_of is to be"),
        ("\nthrough = \"2021-31-12\"", 9, "\"2021-31-12\" is not a date such as 2026-12-31"),
        ("from = \"2021-05-03\"\nthrough = \"2021-05-02\"", 9, "the first day is after the last"),
        ("kinds = []", 8, "kinds is to be a list of one text or more"),
        ("kinds = \"test\"", 8, "kinds is to be a list of texts"),
        ("amount = \"many\"", 8, "amount is to be a number"),
        ("amount = 367", 8, "amount is at most 366 here"),
        ("id = \"b\"", 8, "duplicate key"),
        ("[[rule]]\nid = \"b\"", 8, "the rule has no scheme"),
        ("[[rules]]", 8, "unknown key \"rules\"; did you mean \"rule\"?"),
        ("x = ", 8, ""),
    ] {
        let mistake = rules(&rule(more)).map(|_| ()).unwrap_err().to_string();
        let wanted = format!("rules.toml, line {line}: ");
        assert!(mistake.contains(&wanted) && mistake.contains(words), "{more}: {mistake}");
    }
    let replaced = |from: &str, to: &str| rules(&rule("").replace(from, to)).map(|_| ()).unwrap_err().to_string();
    assert!(replaced("hcert", "hcrt").contains("line 5: unknown scheme \"hcrt\"; did you mean \"hcert\"?"));
    assert!(replaced("hotel", "Hotel!").contains("line 4: "));
    assert!(replaced("{ en = \"x\" }", "\"x\"").contains("line 7: text is to be a text for each language"));
    let twice = rules(&format!("{}{}", rule(""), rule(""))).map(|_| ()).unwrap_err().to_string();
    assert!(twice.contains("a rule before it has the id \"a\" too"), "{twice}");

    // What nothing knows is told, and may be known by a later program.
    for (more, words) in [
        ("issuers = [\"DEU\"]", "no key list of hcert has the issuer \"DEU\"; did you mean \"DE\"?"),
        (
            "kinds = [\"vacination\"]",
            "hcert has no kind of pass \"vacination\" that this version knows; did you mean \"vaccination\"?",
        ),
        (
            "conditions.vacinated = { hours_ago_at_least = 1 }",
            "line 8: hcert passes have no fact \"vacinated\" that this version knows; did you mean \"vaccinated\"?",
        ),
        (
            "conditions.dose = { no_less_than = \"dosis\" }",
            "no fact \"dosis\" that this version knows; did you mean \"doses\"?",
        ),
    ] {
        let unknown = rules(&rule(more)).unwrap().unknown;
        assert!(unknown.len() == 1 && unknown[0].contains(words), "{more}: {unknown:?}");
    }
    let none = rules(&rule("").replace("hcert", "2d-doc")).unwrap().unknown;
    assert!(none[0].contains("there is no key list of 2d-doc"), "{none:?}");
}

#[test]
fn the_rules_of_the_manual_are_what_tills_take() {
    let office = Office::new();
    office.import_all();
    let manual = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/authority.md")).unwrap();
    let block = manual.split("```toml\n").find(|block| block.contains("festival-concession")).unwrap();
    std::fs::write(office.path("a/schemes/rules.toml"), block.split("```").next().unwrap()).unwrap();
    let unknown = changes(&office.open(), &office.path("pub"), now()).unwrap().schemes.unwrap().unknown;
    // Of two schemes there is no list here, and the festival is another one.
    assert!(unknown.len() == 3 && unknown.iter().all(|said| said.contains("no key list")), "{unknown:#?}");
    office.publish(now()).unwrap();
    assert_eq!(till(&office.path("pub")).scheme_bundle().unwrap().rules.len(), 5);
}

#[test]
fn every_fact_and_kind_of_the_vectors_is_one_that_rules_may_ask_about() {
    let office = Office::new();
    office.import_all();
    let authority = office.open();
    let sources = greenlit_issuer::schemes::read(authority.folder()).unwrap().unwrap();
    let zone = greenlit_issuer::Zone::from_offset("+05:00").unwrap();
    let mut seen = std::collections::BTreeSet::new();
    let mut note = |scheme: Scheme, text: &[u8], keys: &[greenlit_core::trust::ListedKey]| {
        let greenlit_schemes::Recognised::Pass(pass) = greenlit_schemes::recognise(text) else { return };
        let key = |key: &greenlit_core::trust::ListedKey| {
            greenlit_core::scheme::SchemeKey::read(key.algorithm, &key.key).unwrap()
        };
        if let Some(Ok(statement)) = keys.iter().find_map(|listed| pass.open(&key(listed))) {
            seen.insert((scheme, String::new(), statement.kind.clone()));
            seen.extend(statement.facts.iter().map(|fact| (scheme, fact.name.to_owned(), statement.kind.clone())));
        }
    };
    tickets().iter().for_each(|text| note(Scheme::Pretix, text.as_bytes(), &sources[0].body.keys));
    let cases = std::fs::read_to_string(vectors("hcert/cases.jsonl")).unwrap();
    for line in cases.lines().step_by(3) {
        let case: Value = serde_json::from_str(line).unwrap();
        note(Scheme::Hcert, case["text"].as_str().unwrap().as_bytes(), &sources[1].body.keys);
    }
    note(
        Scheme::Aadhaar,
        std::fs::read(vectors("aadhaar/uidai-own-sample.txt")).unwrap().trim_ascii(),
        &sources[2].body.keys,
    );
    assert!(seen.len() > 20, "{seen:?}");
    for (scheme, fact, kind) in &seen {
        let condition =
            if fact.is_empty() { String::new() } else { format!("conditions.{fact} = {{ one_of = [\"x\"] }}\n") };
        let text = format!(
            "[[rule]]\nid = \"a\"\nsites = [\"hotel\"]\nscheme = \"{scheme}\"\nkind = \"reminder\"\ntext = {{ en = \"x\" }}\n\
             kinds = [\"{kind}\"]\n{condition}"
        );
        std::fs::write(office.path("a/schemes/rules.toml"), text).unwrap();
        let unknown = read_rules(authority.folder(), &zone, &sources).unwrap().unknown;
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}

#[test]
fn the_command_shows_what_it_would_import_and_asks() {
    let desk = CliHarness::new();
    desk.init("a");
    let vectors_file: Value = serde_json::from_slice(&std::fs::read(vectors("pretix/tickets.json")).unwrap()).unwrap();
    desk.write("keys.json", vectors_file["valid_keys"][0].to_string());
    desk.write("revoked", "one-seed\nanother-seed\n");
    let import = ["schemes", "import", "a", "--scheme", "pretix", "keys.json"];
    let with = |more: &[&str]| desk.issuer(&[&import[..], more].concat());
    let named = ["--issuer", "festival", "--name", "en=Summer festival", "--name", "ru=Летний фестиваль"];
    with(&[]).fails_with("there is no key in it that can be taken");
    let told = with(&[&named[..], &["--revoked", "revoked", "--dry-run"]].concat()).exits_with(0);
    assert!(told.contains("key list 1: pretix, 2 keys of festival, 2 passes called back"), "{told}");
    assert!(!desk.path("a/schemes").exists());
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    assert!(!desk.path("pub/trust-2.cbor").exists());

    let command = "greenlit-issuer schemes import a --scheme pretix keys.json --issuer festival";
    let (code, shown) = crate::terminal::at_terminal(&desk, command, &[("Import? [y/N]", "n")]);
    assert!(code == 1 && shown.contains("nothing was imported") && !desk.path("a/schemes").exists(), "{shown}");
    let (code, shown) = crate::terminal::at_terminal(&desk, command, &[("Import? [y/N]", "y")]);
    assert!(code == 0 && shown.contains("imported 2 keys as list 1; say in schemes/rules.toml"), "{shown}");
    with(&named)
        .fails_with("there is a key list 1 of pretix already; --list 1 replaces it, and --list new adds another");
    let told = with(&[&named[..], &["--list", "1", "--revoked", "revoked"]].concat()).exits_with(0);
    assert!(told.contains("compared with what it is now: passes called back: 2"), "{told}");
    with(&[&named[..], &["--list", "new"]].concat()).exits_with(0);
    let told = desk.issuer(&["schemes", "list", "a"]).exits_with(0);
    assert!(told.contains("1   pretix, 2 keys of festival, 2 passes called back"), "{told}");
    assert!(told.contains("2   pretix, 2 keys of festival\n") && told.contains("rules: none"), "{told}");

    desk.write("a/schemes/rules.toml", RULES);
    let run = desk.issuer(&["publish", "a", "pub", "--dry-run"]);
    assert!(run.err.contains("there is no key list of hcert"), "{run:?}");
    let told = run.exits_with(0);
    for line in [
        "  key list 1 (pretix): new, 2 keys, 2 passes called back\n",
        "  key list 2 (pretix): new, 2 keys\n",
        "  rule of-age for passes of others: new\n",
    ] {
        assert!(told.contains(line), "{told}");
    }
    desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    assert!(desk.path("pub/trust-2.cbor").exists() && desk.path("pub/keys-2.cbor").exists());
    let told = desk.issuer(&["inspect", "pub/trust-2.cbor"]).exits_with(0);
    for line in [
        "version 2 under root 1",
        "key list 1 of pretix: ",
        "rule of-age: free-entry at hotel for aadhaar passes",
        "age is at least 18",
    ] {
        assert!(told.contains(line), "{told}");
    }
    let told = desk.issuer(&["inspect", "pub/keys-1.cbor"]).exits_with(0);
    assert!(told.contains("Summer festival [en]") && told.contains("trust-2.cbor names it as key list 1"), "{told}");
    let mut other = desk.read("pub/keys-1.cbor");
    let last = other.len() - 1;
    other[last] ^= 1;
    desk.write("pub/keys-9.cbor", other);
    desk.issuer(&["inspect", "pub/keys-9.cbor"]).exits_with(1);
    desk.issuer(&["schemes", "remove", "a", "7"]).fails_with("there is no key list 7");
    desk.issuer(&["schemes", "remove", "a", "2"]).exits_with(0);
    let told = desk.issuer(&["publish", "a", "pub"]).exits_with(0);
    assert!(told.contains("  key list 2 (pretix): removed: none of its passes are taken any more\n"), "{told}");
    // A backup has to have them, and a drill publishes from it.
    desk.shell("cp -a a copy").exits_with(0);
    desk.issuer(&["check-backup", "a", "copy"]).exits_with(0);
    desk.shell("rm -r copy/schemes").exits_with(0);
    let told = desk.issuer(&["check-backup", "a", "copy"]).exits_with(1);
    assert!(told.contains("missing: schemes"), "{told}");
}
