//! How often the store is waited for, and what is known without it.

use rusqlite::Connection;
use tempfile::TempDir;

use greenlit_sync::store::FILE_NAME;

use super::*;

fn at(folder: &TempDir) -> Till {
    Till::practice(folder.path().to_path_buf())
}

/// A folder with a hotel's store in it, and somebody who keeps that locked.
fn kept_locked() -> (TempDir, Connection) {
    let folder = tempfile::tempdir().unwrap();
    at(&folder).remember(Setting::Sites, "hotel").unwrap();
    let other = Connection::open(folder.path().join(FILE_NAME)).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    (folder, other)
}

fn is_busy<T>(done: &Result<T, StoreError>) -> bool {
    matches!(done, Err(StoreError::Busy(_)))
}

#[test]
fn a_command_waits_for_a_busy_store_once() {
    let (folder, other) = kept_locked();
    let till = at(&folder);
    assert!(is_busy(&till.quarantine_if_damaged()));
    // Free by now: whoever tried again would find it so.
    other.execute_batch("ROLLBACK").unwrap();
    assert!(is_busy(&till.cached()) && is_busy(&till.examined()) && is_busy(&till.check_store_use()));
    assert!(is_busy(&till.store_to_read()) && is_busy(&till.store_to_write()));
    assert!(till.place().sites.is_empty() && till.setting(Setting::Source).is_none());
    assert!(till.clone().cached().is_err(), "a copy of the till knows it as well");
    assert!(matches!(till.remember(Setting::Sites, "retail"), Err(SettingError::Store(StoreError::Busy(_)))));
    // The next command begins anew.
    assert_eq!(at(&folder).place().sites, [VenueKind("hotel".into())]);
}

#[test]
fn settings_alone_wait_once_too() {
    let (folder, other) = kept_locked();
    let till = at(&folder);
    assert!(till.place().sites.is_empty());
    other.execute_batch("ROLLBACK").unwrap();
    assert!(till.place().sites.is_empty() && is_busy(&till.cached()));
}

#[test]
fn what_stays_open_tries_again_and_goes_on_by_what_it_has() {
    let (folder, other) = kept_locked();
    let till = at(&folder);
    assert!(is_busy(&till.cached()));
    till.keep_trying();
    let copy = till.clone();
    other.execute_batch("ROLLBACK").unwrap();
    assert!(till.place().sites.is_empty(), "a setting alone opens nothing");
    copy.reread_settings();
    assert_eq!(till.place().sites, [VenueKind("hotel".into())]);
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    copy.reread_settings();
    assert_eq!(till.place().sites, [VenueKind("hotel".into())]);
    other.execute_batch("ROLLBACK").unwrap();
    // What is set is known at once, to every copy.
    copy.remember(Setting::Sites, "retail").unwrap();
    assert_eq!(till.place().sites, [VenueKind("retail".into())]);
}
