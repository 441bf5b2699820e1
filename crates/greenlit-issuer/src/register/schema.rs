//! The tables of a register in SQLite, and their earlier forms.

/// The newest form.
pub(super) const VERSION: i64 = 4;
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

/// What form 4 has in the table of passes beyond form 3; added where it is missing, before the rest.
pub(super) const COLUMNS_4: [(&str, &str); 5] = [
    ("class", "ALTER TABLE pass ADD COLUMN class INTEGER NOT NULL DEFAULT 1"),
    ("person", "ALTER TABLE pass ADD COLUMN person BLOB"),
    ("holder", "ALTER TABLE pass ADD COLUMN holder BLOB"),
    ("batch", "ALTER TABLE pass ADD COLUMN batch INTEGER"),
    ("line", "ALTER TABLE pass ADD COLUMN line INTEGER"),
];

/// What brings a register of each form to the next one.
pub(super) const MIGRATIONS: [(i64, &str); 3] = [(1, MIGRATION_2), (2, MIGRATION_3), (3, MIGRATION_4)];
