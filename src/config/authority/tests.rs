//! One rule, walked through its three doors: the command line, the window, the site file.

use std::path::PathBuf;

use greenlit_core::trust::Documents;
use greenlit_testkit::fixture::{Authority, key_set, root_body, time};

use super::*;
use crate::cli::trust::{Action, run};
use crate::config::bootstrap::trust_site_root;
use crate::config::site_file::SiteFile;
use crate::gui::settings_controller::{ActionStatus, SettingsController, Wanted};

/// Three roots of one authority.
fn authority() -> Authority {
    let mut all = Authority::new().second_root();
    let mut third = all.roots[1].0.clone();
    (third.number, third.issued, third.root_keys) = (3, time("2021-02-25T00:00:00Z"), key_set(&[3, 4, 5], 2));
    all.roots.push((third, vec![3, 4]));
    all.bundle.root = 3;
    all
}

fn stranger() -> Root {
    let mut all = Authority::new();
    all.roots = vec![(root_body(1), vec![91, 92])];
    all.roots[0].0.root_keys = key_set(&[91, 92, 93], 2);
    Root::verify_anchor(&all.signed_root(0)).unwrap()
}

fn root(number: usize) -> Root {
    Root::verify_anchor(&authority().signed_root(number - 1)).unwrap()
}

/// Climbs from one root of the authority to another; at the last, it holds everything else as well.
fn held(from: usize, to: usize) -> TrustState {
    let authority = authority();
    let mut state = TrustState::anchored(root(from), build_date());
    (from..to).for_each(|next| state.advance_root(&authority.signed_root(next)).unwrap());
    if to == authority.roots.len() {
        assert!(state.import_bundle(&authority.signed_bundle()).unwrap());
    }
    state
}

/// A till with this in its store, and a folder in which a root lies alone.
struct Bench {
    folder: tempfile::TempDir,
    print: Fingerprint,
}

impl Bench {
    fn new(held: Option<&TrustState>, offered: &Root) -> Self {
        let bench = Self { folder: tempfile::tempdir().unwrap(), print: offered.fingerprint() };
        std::fs::write(bench.file(), offered.as_bytes()).unwrap();
        if let Some(held) = held {
            bench.till().store_to_write().unwrap().save(held, &Documents::default()).unwrap();
        }
        bench
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("root-9.cbor")
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("till")
    }

    fn till(&self) -> Till {
        Till::practice(self.data())
    }

    /// What the store holds now.
    fn kept(&self) -> Option<(Documents, greenlit_core::trust::RollbackFloor)> {
        let trust = self.till().stored()?;
        Some((trust.documents(), trust.rollback_floor().clone()))
    }

    fn by_command(&self, replace: bool) -> Result<(), String> {
        let add = Action::Add { yes: true, root: self.file(), replace, fingerprint: None };
        run(&add, &self.till()).map(drop).map_err(|error| error.to_string())
    }

    /// Presses the button of the page that the root's file opens, unless it warns.
    fn by_window(&self, even_if_warned: bool) -> Result<(), String> {
        let mut controller = SettingsController::new(self.till());
        controller.choose_language("en");
        controller.browse(Wanted::Root);
        for path in [self.folder.path(), &self.file()] {
            controller.open_entry(&path.display().to_string());
        }
        let warned = controller.listing().candidate.as_ref().unwrap().instead_of.clone();
        if let Some(held) = warned.filter(|_| !even_if_warned) {
            controller.drop_candidate();
            return Err(format!("another authority is already trusted ({held})"));
        }
        controller.trust_candidate();
        match controller.message() {
            ActionStatus::Done => Ok(()),
            ActionStatus::Failed(trouble) => Err(trouble.detail.clone()),
            other => panic!("{other:?}"),
        }
    }

    fn by_site_file(&self) -> Result<(), String> {
        let path = self.folder.path().join("site.toml");
        std::fs::write(&path, format!("root = \"root-9.cbor\"\nfingerprint = \"{}\"\n", self.print)).unwrap();
        let site = SiteFile::read(Some(path));
        assert!(site.mistakes.is_empty(), "{:?}", site.mistakes);
        let till = Till::with(self.data(), site, crate::clock::Clock::practice());
        trust_site_root(&till).map(drop).map_err(|mistake| mistake.wrong.to_string())
    }
}

const ANOTHER: &str = "another authority is already trusted";

type SessionState = (&'static str, fn(&Bench) -> Result<(), String>);

const DOORS: [SessionState; 3] = [
    ("command line", |bench| bench.by_command(false)),
    ("window", |bench| bench.by_window(false)),
    ("site file", Bench::by_site_file),
];

#[test]
fn one_rule_holds_at_every_door() {
    type Case = (&'static str, Option<TrustState>, Root, Result<(), &'static str>);
    let cases: [Case; 9] = [
        ("nobody is trusted yet", None, root(1), Ok(())),
        ("the very same", Some(held(1, 1)), root(1), Ok(())),
        ("the anchor, two roots later", Some(held(1, 3)), root(1), Ok(())),
        ("the one in force", Some(held(1, 3)), root(3), Ok(())),
        ("one on the way", Some(held(1, 3)), root(2), Err("an older root of the authority")),
        ("one before the anchor", Some(held(2, 3)), root(1), Err("an older root of the authority")),
        ("the next", Some(held(1, 1)), root(2), Err("a newer root of the authority")),
        ("the next but one, by a key in both", Some(held(1, 1)), root(3), Err("a newer root of the authority")),
        ("a stranger's", Some(held(1, 3)), stranger(), Err(ANOTHER)),
    ];
    for (case, held, offered, wanted) in &cases {
        for (door, walk) in DOORS {
            let bench = Bench::new(held.as_ref(), offered);
            let before = bench.kept();
            let done = walk(&bench);
            match (wanted, &done) {
                (Ok(()), Ok(())) => {}
                (Err(words), Err(told)) if told.contains(words) => {}
                // In the words of a file that others look after.
                (Err(ANOTHER), Err(told)) if told.contains("this till already trusts another authority") => {}
                _ => panic!("{case}, {door}: {done:?}"),
            }
            let kept = bench.kept();
            match before {
                Some(before) => assert_eq!(kept, Some(before), "{case}, {door}: something was forgotten"),
                None => assert_eq!(kept.unwrap().0.roots, [offered.as_bytes()], "{case}, {door}"),
            }
        }
    }
}

#[test]
fn another_authority_takes_over_where_somebody_says_so_and_the_same_forgets_nothing() {
    let doors: [SessionState; 2] =
        [("command line", |bench| bench.by_command(true)), ("window", |bench| bench.by_window(true))];
    for (door, walk) in doors {
        let bench = Bench::new(Some(&held(1, 3)), &stranger());
        walk(&bench).unwrap();
        let (documents, held_now) = bench.kept().unwrap();
        assert_eq!((documents.roots, documents.bundle), (vec![stranger().as_bytes().to_vec()], None), "{door}");
        assert_eq!((held_now.root, held_now.bundle), (1, None), "{door}");
        for same in [1, 3] {
            let bench = Bench::new(Some(&held(1, 3)), &root(same));
            let before = bench.kept();
            walk(&bench).unwrap();
            assert!(before.is_some() && bench.kept() == before, "{door}, root {same}");
        }
    }
}

#[test]
fn a_later_root_chosen_in_the_window_is_reached_by_what_is_published_beside_it() {
    let authority = authority();
    let bench = Bench::new(Some(&held(1, 1)), &root(3));
    let publish = |name: &str, bytes: &[u8]| std::fs::write(bench.folder.path().join(name), bytes).unwrap();
    for number in [2, 3] {
        publish(&format!("root-{number}.cbor"), root(number).as_bytes());
    }
    publish(greenlit_sync::BUNDLE_FILE, &authority.signed_bundle());
    for (id, list) in &authority.lists {
        publish(&greenlit_sync::list_file(*id), &list.sign());
    }
    bench.by_window(false).unwrap();
    let trust = bench.till().stored().unwrap();
    assert_eq!((trust.anchor().unwrap().number, trust.newest_root().unwrap().number), (1, 3));
    assert!(trust.bundle().is_some());
}

#[test]
fn a_wrong_root_file_is_no_reason_to_forget_whom_the_till_trusts() {
    let bench = Bench::new(Some(&held(1, 1)), &stranger());
    std::fs::remove_file(bench.file()).unwrap();
    let told = bench.by_site_file().unwrap_err();
    assert!(told.contains("this till already trusts another authority") && told.contains("--replace"), "{told}");
}
