#!/usr/bin/env bash
# rusqlite's cache of prepared statements makes SQLite compile some of them anew at every run: it clears their bindings.
#
# Expected: `prepare_cached` gives a statement that was compiled before; SQLite plans again when the schema changes or, after
#   ANALYZE, for another value.
# Happens: `WHERE person = ?1 AND class = ?2 AND until >= ?3 ORDER BY until` is compiled 1,001 times in 1,000 runs, without
#   ANALYZE and without a row in the table; without ORDER BY, or kept by `prepare`, once or twice. A statement that goes back
#   to the cache has its bindings cleared, and SQLite takes that for new values of a variable that had a say in the plan
#   (here ?2 in `class = ?2`). SQLITE_DBCONFIG_ENABLE_QPSG ends it.
# Versions: rusqlite 0.42.0, feature `bundled` (libsqlite3-sys 0.40.0).
# Matters: a batch spent a third of its time on it; the register asks for steady plans (QPSG).
# Source: sqlite.org/c3ref/prepare.html, "sqlite3_prepare_v2", item 3; c3ref/c_dbconfig_defensive.html, ENABLE_QPSG;
#   docs.rs/rusqlite, Connection::prepare_cached.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cargo init --quiet --bin --name demo . 2>/dev/null
cat >>Cargo.toml <<'TOML'
rusqlite = { version = "=0.42.0", features = ["bundled", "hooks"] }
TOML
cat >src/main.rs <<'RUST'
use std::sync::atomic::{AtomicU32, Ordering};

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::{Connection, StatementStatus, config::DbConfig};

static COMPILED: AtomicU32 = AtomicU32::new(0);

fn main() -> rusqlite::Result<()> {
    for (order, steady) in [("", false), ("ORDER BY until", false), ("ORDER BY until", true)] {
        let mut db = Connection::open_in_memory()?;
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, steady)?;
        db.execute_batch("CREATE TABLE pass (person BLOB, class INTEGER, until INTEGER); CREATE INDEX i ON pass (person)")?;
        COMPILED.store(0, Ordering::Relaxed);
        db.authorizer(Some(|context: AuthContext<'_>| {
            if matches!(context.action, AuthAction::Select) {
                COMPILED.fetch_add(1, Ordering::Relaxed);
            }
            Authorization::Allow
        }))?;
        let sql = format!("SELECT until FROM pass WHERE person = ?1 AND class = ?2 AND until >= ?3 {order}");
        let mut most = 0;
        for person in 0..1_000i64 {
            let mut find = db.prepare_cached(&sql)?;
            let mut rows = find.query((person.to_be_bytes(), 1, 7))?;
            while rows.next()?.is_some() {}
            drop(rows);
            most = most.max(find.get_status(StatementStatus::RePrepare));
        }
        let compiled = COMPILED.load(Ordering::Relaxed);
        println!("{order:14} QPSG {steady:5}: compiled {compiled} times, counter at most {most}");
    }
    Ok(())
}
RUST
cargo run --quiet | tee got
diff got - <<'WANT'
               QPSG false: compiled 1 times, counter at most 0
ORDER BY until QPSG false: compiled 1001 times, counter at most 1000
ORDER BY until QPSG true : compiled 1 times, counter at most 0
WANT
