//! The tables of a register in SQLite, and their earlier forms.

/// The newest form.
pub(super) const VERSION: i64 = 8;
pub(super) const APPLICATION_ID: i64 = 0x474c_4941; // "GLIA"
/// Of a register that was moved to another place.
pub(super) const MOVED_ID: i64 = 0x474c_494d; // "GLIM"

/// The first form.
pub(super) const FIRST: &str = "
    CREATE TABLE key (
        kid TEXT PRIMARY KEY, role TEXT NOT NULL CHECK (role IN ('root', 'bundle', 'issuer', 'list')),
        file TEXT NOT NULL, public BLOB NOT NULL,
        not_before INTEGER NOT NULL, not_after INTEGER NOT NULL,
        published_at INTEGER, retired_at INTEGER, revoked_at INTEGER) STRICT;
    CREATE TABLE list (
        id INTEGER PRIMARY KEY, uri TEXT NOT NULL, bits INTEGER NOT NULL, size INTEGER NOT NULL,
        next_row INTEGER NOT NULL, permutation BLOB NOT NULL) STRICT;
    CREATE TABLE pass (
        list INTEGER NOT NULL REFERENCES list, idx INTEGER NOT NULL, kid TEXT NOT NULL REFERENCES key,
        nbf INTEGER NOT NULL, exp INTEGER NOT NULL,
        status INTEGER NOT NULL DEFAULT 0, changed INTEGER, reason TEXT,
        PRIMARY KEY (list, idx)) STRICT, WITHOUT ROWID;
    CREATE TABLE publication (version INTEGER PRIMARY KEY, issued INTEGER NOT NULL) STRICT;";

/// From form 1 to 2: what was said of a pass is kept when its status changes again, and a
/// publication knows its root (until then there was only the first).
const MIGRATION_2: &str = "
    CREATE TABLE status_change (
        number INTEGER PRIMARY KEY, list INTEGER NOT NULL, idx INTEGER NOT NULL,
        status INTEGER NOT NULL, at INTEGER NOT NULL, reason TEXT,
        FOREIGN KEY (list, idx) REFERENCES pass) STRICT;
    CREATE INDEX status_change_of_pass ON status_change (list, idx);
    INSERT INTO status_change (list, idx, status, at, reason)
        SELECT list, idx, status, changed, reason FROM pass WHERE changed IS NOT NULL;
    ALTER TABLE publication ADD COLUMN root INTEGER NOT NULL DEFAULT 1;
    PRAGMA user_version = 2;";

/// From form 2 to 3: where the witness ends, as far as the register knows.
const MIGRATION_3: &str = "
    CREATE TABLE IF NOT EXISTS witness (
        one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL, hash TEXT NOT NULL) STRICT;
    PRAGMA user_version = 3;";

/// From form 3 to 4: a pass knows its class, the batch and line that it comes of, and, by a reference that says nothing
/// without the authority's key, whose it is; and the register knows that key again.
const MIGRATION_4: &str = "
    CREATE INDEX IF NOT EXISTS pass_of_person ON pass (person) WHERE person IS NOT NULL;
    CREATE TABLE IF NOT EXISTS batch (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, begun INTEGER NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS person_key (one INTEGER PRIMARY KEY CHECK (one = 1), fingerprint BLOB NOT NULL) STRICT;
    PRAGMA user_version = 4;";

/// What form 4 has in the table of passes beyond form 3.
const COLUMNS_4: &[Column] = &[
    Column { table: "pass", name: "class", kind: "INTEGER NOT NULL DEFAULT 1" },
    Column { table: "pass", name: "person", kind: "BLOB" },
    Column { table: "pass", name: "holder", kind: "BLOB" },
    Column { table: "pass", name: "batch", kind: "INTEGER" },
    Column { table: "pass", name: "line", kind: "INTEGER" },
];

/// From form 4 to 5: when and by which rules a pass was entered and which one it replaces; who acted; and the requests that
/// may come again.
const MIGRATION_5: &str = "
    CREATE TABLE IF NOT EXISTS request (
        name BLOB PRIMARY KEY, content BLOB NOT NULL, list INTEGER NOT NULL, idx INTEGER NOT NULL, at INTEGER NOT NULL,
        FOREIGN KEY (list, idx) REFERENCES pass) STRICT, WITHOUT ROWID;
    PRAGMA user_version = 5;";

const COLUMNS_5: &[Column] = &[
    Column { table: "pass", name: "entered", kind: "INTEGER" },
    Column { table: "pass", name: "policy", kind: "INTEGER" },
    Column { table: "pass", name: "replaces_list", kind: "INTEGER" },
    Column { table: "pass", name: "replaces_idx", kind: "INTEGER" },
    Column { table: "status_change", name: "operator", kind: "TEXT" },
    Column { table: "batch", name: "operator", kind: "TEXT" },
];

/// From form 5 to 6: revocations that wait for a second operator's word, and how many were refused and why.
const MIGRATION_6: &str = "
    CREATE TABLE IF NOT EXISTS proposal (
        id INTEGER PRIMARY KEY, kid TEXT, passes INTEGER NOT NULL, digest BLOB NOT NULL, reason TEXT,
        operator TEXT NOT NULL, at INTEGER NOT NULL, until INTEGER NOT NULL,
        ended INTEGER, ended_by TEXT, outcome TEXT) STRICT;
    CREATE TABLE IF NOT EXISTS proposal_pass (
        proposal INTEGER NOT NULL REFERENCES proposal, list INTEGER NOT NULL, idx INTEGER NOT NULL,
        PRIMARY KEY (proposal, list, idx), FOREIGN KEY (list, idx) REFERENCES pass) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS refusal (
        batch INTEGER NOT NULL, at INTEGER NOT NULL, reason TEXT NOT NULL, count INTEGER NOT NULL,
        PRIMARY KEY (batch, at, reason)) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS pass_that_replaces ON pass (replaces_list, replaces_idx) WHERE replaces_list IS NOT NULL;
    CREATE INDEX IF NOT EXISTS request_of_pass ON request (list, idx);
    CREATE INDEX IF NOT EXISTS revocation_by_time ON status_change (at) WHERE status = 1;
    PRAGMA user_version = 6;";

/// From form 6 to 7: new passes stand after those that are there, and only the small index of their places, which are at
/// random, is written to everywhere; and those that are not valid are found at once.
const MIGRATION_7: &str = "
    CREATE TABLE pass_7 (
        list INTEGER NOT NULL REFERENCES list, idx INTEGER NOT NULL, kid TEXT NOT NULL REFERENCES key,
        nbf INTEGER NOT NULL, exp INTEGER NOT NULL,
        status INTEGER NOT NULL DEFAULT 0, changed INTEGER, reason TEXT,
        class INTEGER NOT NULL, person BLOB, holder BLOB, batch INTEGER, line INTEGER,
        entered INTEGER, policy INTEGER, replaces_list INTEGER, replaces_idx INTEGER,
        PRIMARY KEY (list, idx)) STRICT;
    INSERT INTO pass_7 SELECT list, idx, kid, nbf, exp, status, changed, reason, class, person, holder, batch, line,
        entered, policy, replaces_list, replaces_idx FROM pass;
    DROP TABLE pass;
    ALTER TABLE pass_7 RENAME TO pass;
    CREATE INDEX pass_of_person ON pass (person) WHERE person IS NOT NULL;
    CREATE INDEX pass_that_replaces ON pass (replaces_list, replaces_idx) WHERE replaces_list IS NOT NULL;
    CREATE INDEX pass_not_valid ON pass (list, idx, status) WHERE status <> 0;
    PRAGMA user_version = 7;";

/// From form 7 to 8: people are at random, so a change touches the index of them everywhere. Their first bytes make it half as
/// large, and leave hardly two people to be told apart by the rest. And the classes that passes were ever given in are known
/// without a look at all passes, as long as every pass is counted here.
const MIGRATION_8: &str = "
    DROP INDEX IF EXISTS pass_of_person;
    CREATE INDEX pass_of_person ON pass (substr(person, 1, 6)) WHERE person IS NOT NULL;
    DROP TABLE IF EXISTS class;
    CREATE TABLE class (class INTEGER PRIMARY KEY, passes INTEGER NOT NULL) STRICT;
    INSERT INTO class SELECT class, count(*) FROM pass GROUP BY class;
    PRAGMA user_version = 8;";

const COLUMNS_6: &[Column] = &[Column { table: "status_change", name: "proposed_by", kind: "TEXT" }];

/// A column that a form has beyond the one before it.
pub(super) struct Column {
    pub(super) table: &'static str,
    pub(super) name: &'static str,
    pub(super) kind: &'static str,
}

/// What brings a register of a form to the next one: columns, where they are missing, and then the rest.
pub(super) struct Migration {
    pub(super) from: i64,
    pub(super) columns: &'static [Column],
    pub(super) sql: &'static str,
}

/// Each form's, in order.
pub(super) const MIGRATIONS: [Migration; 7] = [
    Migration { from: 1, columns: &[], sql: MIGRATION_2 },
    Migration { from: 2, columns: &[], sql: MIGRATION_3 },
    Migration { from: 3, columns: COLUMNS_4, sql: MIGRATION_4 },
    Migration { from: 4, columns: COLUMNS_5, sql: MIGRATION_5 },
    Migration { from: 5, columns: COLUMNS_6, sql: MIGRATION_6 },
    Migration { from: 6, columns: &[], sql: MIGRATION_7 },
    Migration { from: 7, columns: &[], sql: MIGRATION_8 },
];
