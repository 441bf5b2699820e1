//! A service whose register is in PostgreSQL.

use greenlit_testkit::cli::CliHarness;
use greenlit_testkit::database::{Database, Durable};
use serde_json::json;

use super::client::{self, Service};
use super::person;

#[test]
fn a_service_goes_on_after_its_database_went_away_and_nobody_gets_two_passes() {
    let server = Database::start(Durable::Yes, &[]);
    let url = server.database();
    let desk: CliHarness = crate::postgres::authority(&url);
    let token = client::add(&desk, "portal", "issue,read,revoke", &[]);
    let service = Service::start(&desk, &[]);
    let portal = service.portal(&token);
    let first = portal.issue("\"one\"", &person(1)).json();
    assert_eq!(first["result"], "issued");
    assert_eq!(portal.issue("\"one\"", &person(1)).json()["result"], "repeated");
    // Away while nobody asks, it is not missed.
    server.stop();
    server.go();
    assert_eq!(portal.issue("\"two\"", &person(2)).json()["result"], "issued");
    server.stop();
    assert!(portal.issue("\"three\"", &person(3)).is_problem(503, "register"));
    server.go();
    assert_eq!(portal.issue("\"three\"", &person(3)).json()["result"], "issued");
    let again = portal.issue("\"one\"", &person(1)).json();
    assert_eq!((&again["result"], &again["pass"]), (&json!("repeated"), &first["pass"]));
    assert_eq!(crate::postgres::count(&url, "SELECT count(*) FROM greenlit.pass"), 3);
}
