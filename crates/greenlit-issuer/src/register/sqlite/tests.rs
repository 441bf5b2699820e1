use super::super::schema::{Column, FIRST, MIGRATIONS, Migration};
use super::*;

/// A register as an earlier version left it, with a key, a list and two passes, the second revoked.
fn of_form(folder: &Path, form: i64) {
    let connection = Connection::open(folder.join(FILE_NAME)).unwrap();
    let mut earlier = String::new();
    for Migration { columns, sql, .. } in MIGRATIONS.iter().filter(|migration| migration.from < form) {
        for Column { table, name, kind } in *columns {
            earlier += &format!("ALTER TABLE {table} ADD COLUMN {name} {kind}; ");
        }
        earlier += sql;
    }
    let key = "INSERT INTO key (kid, role, file, public, not_before, not_after)
               VALUES ('0000000000000000', 'list', 'list-1.pem', zeroblob(32), 0, 9)";
    let rows = "INSERT INTO list VALUES (1, 'urn:a:status:1', 2, 100, 2, zeroblob(32));
                INSERT INTO pass (list, idx, kid, nbf, exp) VALUES (1, 5, '0000000000000000', 1, 100), (1, 6, '0000000000000000', 1, 100);
                UPDATE pass SET status = 1, changed = 7, reason = 'why' WHERE idx = 6";
    let schema = format!(
        "PRAGMA foreign_keys = OFF; {FIRST} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 1;"
    );
    connection.execute_batch(&format!("{schema} {key}; {rows}; {earlier}")).unwrap();
}

#[test]
fn a_register_of_every_earlier_form_is_brought_to_the_newest_one() {
    let folder = tempfile::tempdir().unwrap();
    let new = SqliteRegister::create(folder.path()).unwrap();
    for form in 1..VERSION {
        let folder = tempfile::tempdir().unwrap();
        of_form(folder.path(), form);
        let sound = || SqliteRegister::check(folder.path()).unwrap();
        assert_eq!(sound(), [""; 0], "form {form}");
        let register = SqliteRegister::open(folder.path()).unwrap();
        let revoked = register.pass(StatusRef { list: 1, index: 6 }).unwrap().unwrap();
        assert_eq!((revoked.status, revoked.reason.as_deref()), (Status::Revoked, Some("why")), "form {form}");
        assert_eq!(register.passes_in_date(UnixTime::new(50).unwrap(), &[]).unwrap(), [(Class::RESIDENT, 1)]);
        assert!(!register.has_person_key().unwrap() && register.witness_end().unwrap().is_none());
        // Nothing is said of a pass that is not there.
        let change = "INSERT INTO status_change (list, idx, status, at) VALUES (1, ?1, 1, 1)";
        assert_eq!(register.connection.execute(change, [5]).unwrap(), 1);
        register.connection.execute(change, [7]).unwrap_err();
        assert_eq!(tables(&register), tables(&new), "form {form}");
        assert_eq!(sound(), [""; 0], "form {form}");
        // A program that had the register open counts no classes; its passes are known all the same.
        let pass = "INSERT INTO pass (list, idx, kid, nbf, exp, class) VALUES (1, 9, '0000000000000000', 1, 100, 3)";
        register.connection.execute(pass, []).unwrap();
        register.connection.execute("UPDATE list SET next_row = next_row + 1", []).unwrap();
        let in_date = register.passes_in_date(UnixTime::new(50).unwrap(), &[Class::RESIDENT]).unwrap();
        assert_eq!(in_date, [(Class(3), 1)], "form {form}");
        drop(register);
        SqliteRegister::open(folder.path()).unwrap();
    }
}

#[test]
fn a_register_that_a_newer_program_has_taken_over_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut register = SqliteRegister::create(folder.path()).unwrap();
    let newer = format!("PRAGMA user_version = {}", VERSION + 1);
    Connection::open(folder.path().join(FILE_NAME)).unwrap().execute_batch(&newer).unwrap();
    let kid = KeyId([0; 8]);
    let operator = Operator::new("a").unwrap();
    let by = Actor { operator: &operator, at: UnixTime::new(1).unwrap(), witness: None };
    assert!(matches!(register.retire_key(kid, &by), Err(RegisterError::TooNew { found, .. }) if found == VERSION + 1));
}

/// The columns of the table of passes, and all indexes.
fn tables(register: &SqliteRegister) -> Vec<String> {
    let sql = "SELECT name || type || \"notnull\" || pk FROM pragma_table_info('pass')
               UNION SELECT sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY 1";
    register.rows(sql, [], |row| row.get(0)).unwrap()
}
