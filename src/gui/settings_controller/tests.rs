//! What reaches the controller late, and what it cannot read at first.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;
use tempfile::TempDir;

use greenlit_core::trust::{Documents, VenueKind};
use greenlit_files::demo::PUBLISHED;
use greenlit_sync::store::FILE_NAME;

use super::*;
use crate::cli::demo;
use crate::config::pin::PinHash;
use crate::gui::lens::tests::Fake;
use crate::session::renewal::Renewed;

/// A till in "till" that trusts the demonstration's authority and has nothing else yet.
fn anchored() -> (TempDir, Till) {
    let folder = tempfile::tempdir().unwrap();
    demo::make(&folder.path().join("demo")).unwrap();
    let till = Till::practice(folder.path().join("till"));
    let root = std::fs::read(published(&folder).join("root-1.cbor")).unwrap();
    let trust = TrustState::anchored(Root::verify_anchor(&root).unwrap(), build_date());
    till.store_to_write().unwrap().save(&trust, &Documents::default()).unwrap();
    (folder, till)
}

fn published(folder: &TempDir) -> PathBuf {
    folder.path().join("demo").join(PUBLISHED)
}

fn has_data(controller: &SettingsController) -> bool {
    controller.trust().bundle().is_some()
}

#[test]
fn the_zoom_is_kept_for_the_next_start() {
    let (_folder, till) = anchored();
    let zoom = |controller: &SettingsController| {
        let mut plug = controller.panel().plug_in("camera", Fake);
        plug.follow();
        (controller.panel().zoom(), plug)
    };
    let controller = SettingsController::new(till.clone());
    controller.remember_zoom();
    assert_eq!(till.setting(Setting::Zoom), None, "no camera has one");
    let (found, mut plug) = zoom(&controller);
    assert_eq!(found, Some(100));
    controller.panel().set_zoom(250);
    controller.remember_zoom();
    plug.follow();
    assert_eq!(till.setting(Setting::Zoom).as_deref(), Some("250"));
    assert_eq!(zoom(&SettingsController::new(till)).0, Some(250));
}

#[test]
fn a_late_renewal_puts_nothing_older_back() {
    let (folder, till) = anchored();
    let mut controller = SettingsController::new(till);
    // A renewal begins, from a server that takes its time …
    let began_with = controller.trust();
    let late =
        |new| BackgroundResult::Trust(Renewed { asked_for: false, done: Ok((Box::new(began_with.clone()), new)) });
    assert!(!has_data(&controller));
    // … and staff take newer data from a folder meanwhile.
    controller.listing.folder = published(&folder);
    controller.use_folder();
    assert!(has_data(&controller), "{:?}", controller.message());
    for new in [false, true] {
        controller.fetcher.send(late(new)).unwrap();
        assert!(controller.collect());
        assert!(has_data(&controller), "what it began with came back");
    }
    // Nor does "already up to date", where the store cannot be asked.
    std::fs::remove_file(folder.path().join("till").join(FILE_NAME)).unwrap();
    controller.fetcher.send(late(false)).unwrap();
    assert!(controller.collect() && has_data(&controller));
}

#[test]
fn a_store_that_is_busy_at_the_start_is_read_when_it_is_free() {
    let (folder, till) = anchored();
    crate::config::sync_source::take(&SyncSource::folder(&published(&folder)), &till).unwrap();
    till.remember(Setting::Sites, "hotel").unwrap();
    let writer = Connection::open(folder.path().join("till").join(FILE_NAME)).unwrap();
    writer.execute_batch("BEGIN EXCLUSIVE").unwrap();
    // As a program that is just starting, which has read nothing yet.
    drop(till);
    let mut controller = SettingsController::new(Till::practice(folder.path().join("till")));
    assert!(!has_data(&controller) && controller.presentation().place.sites.is_empty());
    controller.keep_renewing();
    writer.execute_batch("ROLLBACK").unwrap();
    // No source is set, so that no renewal brings it either.
    assert!(SyncSource::remembered(&controller.till).is_none());
    let deadline = std::time::Instant::now() + Duration::from_secs(300);
    while !has_data(&controller) && std::time::Instant::now() < deadline {
        controller.collect();
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(has_data(&controller));
    assert_eq!(controller.presentation().place.sites, [VenueKind("hotel".into())]);
}

#[test]
fn what_another_copy_has_stored_is_taken_in_within_a_minute() {
    let (folder, till) = anchored();
    let mut controller = SettingsController::new(till);
    while !controller.collect() {
        std::thread::sleep(Duration::from_millis(5));
    }
    // As `greenlit sync` by itself, and `greenlit settings`.
    let other = Till::practice(folder.path().join("till"));
    crate::config::sync_source::take(&SyncSource::folder(&published(&folder)), &other).unwrap();
    other.remember(Setting::Sites, "resort,sport").unwrap();
    assert!(!has_data(&controller));
    // What staff choose before that joins what the other has chosen.
    controller.toggle_site("hotel");
    let chosen: Vec<String> = controller.presentation().place.sites.into_iter().map(|site| site.0).collect();
    assert_eq!(chosen, ["resort", "sport", "hotel"]);
    controller.looked_at_clock = None;
    let deadline = Instant::now() + Duration::from_secs(300);
    while !has_data(&controller) && Instant::now() < deadline {
        controller.collect();
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(has_data(&controller));
}

#[test]
fn the_store_is_probed_at_the_start_after_a_failed_write_and_otherwise_seldom() {
    let (folder, till) = anchored();
    let mut controller = SettingsController::new(till);
    assert!(controller.is_probe_due());
    assert!(!controller.is_probe_due(), "once an hour is enough");
    controller.looked_at_clock = Some(Instant::now());
    let writer = Connection::open(folder.path().join("till").join(FILE_NAME)).unwrap();
    writer.execute_batch("BEGIN IMMEDIATE").unwrap();
    controller.choose_language("ba");
    assert!(matches!(controller.message(), ActionStatus::Failed(error) if error.code == "busy"));
    assert!(controller.looked_at_clock.is_none() && controller.is_probe_due());
    // Where it cannot be written, whoever mends that sees it within the minute.
    controller.unwritable = true;
    assert!(controller.is_probe_due() && controller.is_probe_due());
    // A mistake of another kind says nothing of the store.
    controller.unwritable = false;
    controller.told(Err("no such folder".into()), ActionStatus::None);
    assert!(!controller.is_probe_due());
}

#[test]
fn a_store_that_cannot_be_written_is_told_until_it_can() {
    let (_folder, till) = anchored();
    let mut controller = SettingsController::new(till);
    // Its own look at the clock and the store is over first: the next is a minute away.
    while !controller.collect() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let (trust, watcher) = (Box::new(controller.trust()), controller.watcher);
    let mut hear = |result| {
        controller.fetcher.send(result).unwrap();
        controller.collect();
        controller.is_unwritable()
    };
    let renewed = |done| BackgroundResult::Trust(Renewed { asked_for: false, done });
    let failed = |code| renewed(Err(RenewalError { code, detail: String::new() }));
    let noted = BackgroundResult::Noted { stored: None, watcher, changes: 0, latest: None, writable: Some(false) };
    assert!(hear(noted));
    // A renewal with nothing to keep proves nothing; one that was kept does.
    assert!(hear(renewed(Ok((trust.clone(), false)))));
    assert!(!hear(renewed(Ok((trust, true)))));
    assert!(!hear(failed("no-network")));
    assert!(hear(failed("store")));
}

#[test]
fn a_source_that_has_nothing_valid_is_no_success() {
    let (folder, till) = anchored();
    crate::config::sync_source::take(&SyncSource::folder(&published(&folder)), &till).unwrap();
    let mut controller = SettingsController::new(till);
    assert_eq!(controller.renewal_status(false), ActionStatus::NothingNewer);
    assert_eq!(controller.renewal_status(true), ActionStatus::Done);
    // What expired, and what was never there.
    controller.trust = TrustState::empty(build_date());
    for new in [false, true] {
        let status = controller.renewal_status(new);
        assert!(matches!(&status, ActionStatus::Failed(error) if error.code == "no-valid-data"), "{status:?}");
    }
}

/// Whatever changes what this till says of a pass, tried without the PIN.
#[test]
fn nothing_that_changes_judgement_is_done_without_the_pin() {
    let (folder, till) = anchored();
    till.remember(Setting::PinHash, &PinHash::new("2468").unwrap().to_string()).unwrap();
    let mut controller = SettingsController::new(till.clone());
    type Act = fn(&mut SettingsController, &Path);
    let all: [(&str, Act); 12] = [
        ("place", |c, _| c.toggle_site("hotel")),
        ("camera", |c, _| c.choose_camera("/dev/video9")),
        ("root", |c, folder| {
            c.browse(Wanted::Root);
            c.open_entry(&folder.join("root-1.cbor").display().to_string());
            c.trust_candidate();
        }),
        ("folder", |c, folder| {
            c.browse(Wanted::Publication);
            c.open_entry(&folder.display().to_string());
            c.use_folder();
        }),
        ("clock", |c, _| {
            c.open_clock();
            c.turn_dial(2, 1);
            c.set_clock();
        }),
        ("another PIN", |c, _| {
            c.ask_pin(PinPurpose::Choose);
            c.enter("0000");
            c.enter("0000");
        }),
        ("no PIN", |c, _| c.clear_pin()),
        ("kiosk", |c, _| c.toggle_kiosk()),
        ("name and proxy", |c, _| {
            c.write_entries(&[(Setting::Name, "Cafe".into()), (Setting::Proxy, "http://proxy.example:1".into())]);
        }),
        ("certificate", |c, _| {
            c.browse(Wanted::Certificate);
            c.clear_certificate();
            c.open_entry("/no/such.pem");
        }),
        ("own discount", |c, _| c.change_own_percent(5)),
        ("a picture first", |c, folder| {
            c.browse(Wanted::Picture);
            c.browse(Wanted::Root);
            c.open_entry(&folder.join("root-1.cbor").display().to_string());
            c.trust_candidate();
        }),
    ];
    let settings = |till: &Till| Setting::names().map(|name| (name, read(till, name))).collect::<Vec<_>>();
    let before = settings(&till);
    for (what, act) in all {
        act(&mut controller, &published(&folder));
        assert_eq!(settings(&till), before, "{what}");
        assert!(!has_data(&controller) && controller.listing().candidate.is_none(), "{what}");
        assert!(!controller.clock_is_corrected(), "{what}");
    }
    // And with it each of them can be done, or this would show nothing.
    controller.wait(Duration::from_secs(3_600));
    controller.ask_pin(PinPurpose::Unlock);
    controller.enter("2468");
    assert!(!controller.is_locked());
    for (what, act) in all.into_iter().filter(|(what, _)| !["a picture first", "root", "certificate"].contains(what)) {
        let (before, corrected) = (settings(&till), controller.clock_is_corrected());
        act(&mut controller, &published(&folder));
        assert!(settings(&till) != before || controller.clock_is_corrected() != corrected, "{what}");
    }
}

fn read(till: &Till, name: &str) -> Option<String> {
    till.store_to_read().unwrap().and_then(|store| store.setting(name).unwrap())
}

#[test]
fn a_pin_that_somebody_has_edited_keeps_everybody_out() {
    let (folder, till) = anchored();
    till.remember(Setting::PinHash, &PinHash::new("2468").unwrap().to_string()).unwrap();
    let store = Connection::open(folder.path().join("till").join(FILE_NAME)).unwrap();
    for edited in ["2468", "$argon2id$v=19$m=4194304,t=900,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo", "$argon2id$", "x"] {
        store.execute("UPDATE setting SET value = ?1 WHERE name = 'pin-hash'", [edited]).unwrap();
        till.reread_settings();
        let mut controller = SettingsController::new(till.clone());
        controller.ask_pin(PinPurpose::Unlock);
        controller.enter("2468");
        assert!(controller.is_locked() && controller.pin_status() == PinStatus::Unusable, "{edited}");
    }
}

#[test]
fn a_store_that_cannot_be_read_may_hold_a_pin() {
    let (folder, till) = anchored();
    std::fs::write(folder.path().join("till").join(FILE_NAME), "not a store").unwrap();
    let controller = SettingsController::new(till);
    assert_eq!(controller.store_trouble(), Some(StoreTrouble::Unreadable));
    assert!(controller.is_locked() && controller.pin_status() == PinStatus::Unusable);
}

#[test]
fn what_is_written_is_kept_or_said_to_be_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let till = Till::practice(folder.path().join("till"));
    let mut controller = SettingsController::new(till.clone());
    let entries = |name: &str, source: &str, proxy: &str| {
        [(Setting::Name, name.into()), (Setting::Source, source.into()), (Setting::Proxy, proxy.into())]
    };
    controller.choose_language("ru");
    controller.open_entries();
    // One with a mistake does not hold up the others.
    controller.write_entries(&entries(
        "  Кафе «Ай» ",
        "http://plain.example",
        "http://staff:secret@proxy.example:3128",
    ));
    assert!(!controller.entries_are_taken());
    assert_eq!(controller.till().name(), "Кафе «Ай»");
    let wrong = controller.entry(Setting::Source);
    assert!(wrong.value.is_empty() && wrong.wrong.contains("https://"), "{wrong:?}");
    assert_eq!(read(&till, "proxy").as_deref(), Some("http://staff:secret@proxy.example:3128"));
    // The password is not shown, and is kept when its field is left alone.
    let shown = controller.entry(Setting::Proxy);
    assert!(!shown.value.contains("secret") && shown.wrong.is_empty(), "{shown:?}");
    let source = folder.path().join("published").display().to_string();
    controller.write_entries(&entries("Кафе «Ай»", &source, &shown.value));
    assert!(controller.entries_are_taken(), "{:?}", controller.message());
    assert_eq!(read(&till, "proxy").as_deref(), Some("http://staff:secret@proxy.example:3128"));
    assert_eq!(read(&till, "source"), Some(source));
    controller.write_entries(&entries(" ", "", ""));
    assert!(controller.entries_are_taken());
    assert_eq!(["name", "source", "proxy"].map(|name| read(&till, name)), [None, None, None]);

    // A file that is no certificate, and one that is.
    let (bad, good) = (folder.path().join("bad.pem"), folder.path().join("good.pem"));
    std::fs::write(&bad, "nothing").unwrap();
    let key = rcgen::generate_simple_self_signed(vec!["trust.example".into()]).unwrap();
    std::fs::write(&good, key.cert.pem()).unwrap();
    controller.browse(Wanted::Certificate);
    assert_eq!(controller.open_entry(&bad.display().to_string()), Opened::Certificate);
    assert!(!controller.entry(Setting::Ca).wrong.is_empty() && read(&till, "ca").is_none());
    assert_eq!(controller.open_entry(&good.display().to_string()), Opened::Certificate);
    assert_eq!(read(&till, "ca"), Some(good.display().to_string()));
    assert!(controller.entries_are_taken());
    controller.clear_certificate();
    assert_eq!(read(&till, "ca"), None);
}
