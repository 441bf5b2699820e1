//! Integration tests of greenlit-web, where the core runs; script/test-web runs the same in browsers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod answers;
mod kept;
mod set_up;

use greenlit_core::time::UnixTime;
use greenlit_testkit::fixture::schemes::Schemes;
use greenlit_testkit::fixture::*;
use greenlit_web::{Moment, Place, Screen, SyncStep, Till};
use greenlit_words::Language;

/// So many milliseconds after the start, when everything holds.
pub fn at(steady: u64) -> Moment {
    Moment { steady, now: time(NOW) }
}

pub fn new_till() -> Till {
    let mut till = Till::new([7; 32], build_date());
    till.set_place(Place { language: Language::En, ..Place::default() });
    till
}

pub fn screen(till: &mut Till, steady: u64) -> Screen {
    let local = |at: UnixTime, _: bool| at.to_string()[..10].to_owned();
    till.screen(at(steady), &local)
}

/// What a server has by this name, if it has it.
pub fn published(authority: &Authority, schemes: Option<&Schemes>, name: &str) -> Option<Vec<u8>> {
    let number = |prefix: &str, suffix: &str| name.strip_prefix(prefix)?.strip_suffix(suffix)?.parse::<u64>().ok();
    if name == "trust.cbor" {
        return Some(authority.signed_bundle());
    }
    if name == "trust-2.cbor" {
        return schemes.map(Schemes::signed_bundle);
    }
    if let Some(number) = number("root-", ".cbor") {
        let index = usize::try_from(number).unwrap() - 1;
        return (index < authority.roots.len()).then(|| authority.signed_root(index));
    }
    if let Some(id) = number("status-", ".cwt") {
        return Some(authority.lists.get(&id)?.sign());
    }
    Some(schemes?.key_list(number("keys-", ".cbor")?))
}

/// What a server gives: a file, none, or nothing for a reason.
pub type Given = Result<Option<Vec<u8>>, String>;

/// Syncs as a page does; how it ended, and every file that was asked for.
pub fn sync(till: &mut Till, server: impl Fn(&str) -> Given) -> (SyncStep, Vec<String>) {
    till.begin_sync();
    let mut asked = Vec::new();
    loop {
        match till.sync() {
            SyncStep::Fetch(files) => {
                assert!(!files.is_empty());
                for (name, _) in files {
                    till.take_file(&name, server(&name));
                    asked.push(name);
                }
            }
            ended @ SyncStep::Ended { .. } => return (ended, asked),
        }
    }
}

pub fn ready(authority: &Authority, schemes: Option<&Schemes>) -> Till {
    let mut till = new_till();
    till.offer(&authority.signed_root(0)).unwrap();
    till.trust_offered(at(0)).unwrap();
    let (ended, _) = sync(&mut till, |name| Ok(published(authority, schemes, name)));
    assert!(matches!(ended, SyncStep::Ended { changed: true, failed: false, .. }), "{ended:?}");
    till
}
