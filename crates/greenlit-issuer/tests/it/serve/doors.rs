//! Promise: only who is to reach the service reaches it.

use std::io::Write;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::sync::Arc;

use greenlit_testkit::cli::CliHarness;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::client::{self, Answer, Portal, Service, exchange};
use super::{person, started};

/// Makes a certificate for "localhost" and writes it with its key.
fn certificate(desk: &CliHarness) -> CertificateDer<'static> {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    desk.write("tls.pem", cert.pem());
    desk.write("tls.key", signing_key.serialize_pem());
    desk.shell("chmod 600 tls.key").exits_with(0);
    cert.der().clone()
}

/// Asks over TLS, by a client that trusts this certificate alone.
fn over_tls(portal: &Portal, trusted: &CertificateDer<'static>, key: &str) -> std::io::Result<Answer> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_root_certificates(roots).with_no_client_auth();
    let connection = ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
    let mut stream = StreamOwned::new(connection, portal.connect()?);
    let headers = ["Content-Type: application/json", &format!("Idempotency-Key: {key}")];
    exchange(&mut stream, &portal.request("POST", "/v1/passes", &headers, person(1).to_string().as_bytes()))
}

#[test]
fn an_address_that_others_reach_needs_tls_and_figures_are_never_given_there() {
    let desk = CliHarness::with_authority();
    let serve = |args: &[&str]| desk.issuer(&[&["serve", "a"], args].concat());
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        serve(&["--listen", address]).fails_with("give --tls-cert and --tls-key");
        serve(&["--listen", "127.0.0.1:0", "--metrics", address]).fails_with("figures are given on 127.0.0.1");
    }
    serve(&["--listen", "localhost"]).fails_with("is not an address such as");
    let half = serve(&["--listen", "127.0.0.1:0", "--tls-cert", "tls.pem"]);
    assert!(half.code == 2 && half.err.contains("--tls-key"), "{half:#?}");
    let tls = ["--listen", "127.0.0.1:0", "--tls-cert", "tls.pem", "--tls-key", "tls.key"];
    serve(&tls).fails_with("tls.pem: no such file");
    certificate(&desk);
    desk.shell("cp tls.pem good.pem; cp tls.key good.key; echo nothing >tls.pem").exits_with(0);
    serve(&tls).fails_with("tls.pem: contains no certificate in PEM");
    desk.shell("cp good.pem tls.pem; echo nothing >tls.key").exits_with(0);
    serve(&tls).fails_with("tls.key: contains no private key in PEM");
    desk.shell("cp good.key tls.key; chmod 644 tls.key").exits_with(0);
    serve(&tls).fails_with("run: chmod 640 tls.key");
    certificate(&desk);
    desk.write("tls.pem", desk.read("good.pem"));
    serve(&tls).fails_with("do not serve for TLS");

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    serve(&["--listen", &taken.local_addr().unwrap().to_string()]).fails_with("cannot listen on 127.0.0.1");
    desk.issuer(&["serve", "nowhere", "--listen", "127.0.0.1:0"]).fails_with("no authority here");
    client::add(&desk, "portal", "issue", &[]);
    desk.shell("chmod 644 a/clients.toml").exits_with(0);
    serve(&["--listen", "127.0.0.1:0"]).fails_with("chmod 600 a/clients.toml");
}

#[test]
fn over_tls_it_answers_and_takes_a_new_certificate_without_a_new_start() {
    let desk = CliHarness::with_authority();
    let token = client::add(&desk, "portal", "issue", &[]);
    let first = certificate(&desk);
    // With TLS it may be reached from anywhere.
    let running =
        desk.issuer_running(&["serve", "a", "--listen", "0.0.0.0:0", "--tls-cert", "tls.pem", "--tls-key", "tls.key"]);
    let mut service = Service::of(running, false);
    service.address = service.address.replace("0.0.0.0", "127.0.0.1");
    let portal = service.portal(&token);
    assert_eq!(over_tls(&portal, &first, "\"one\"").unwrap().status, 201);
    // Without TLS nobody is answered.
    assert!(portal.try_issue("\"plain\"", &person(2)).is_err());
    let second = certificate(&desk);
    assert_eq!(over_tls(&portal, &second, "\"one\"").unwrap().status, 200);
    assert!(over_tls(&portal, &first, "\"one\"").is_err());
    // A mistake in the file is told, and stops nobody.
    desk.write("tls.pem", "nothing");
    assert_eq!(over_tls(&portal, &second, "\"one\"").unwrap().status, 200);
    assert!(service.end().success());
    let log = service.log().join("\n");
    assert!(log.contains("certificate was read again") && log.contains("the earlier certificate is used"), "{log}");
}

#[test]
fn figures_have_an_address_of_their_own_where_nothing_else_is_answered() {
    let desk = CliHarness::with_authority();
    let token = client::add(&desk, "portal", "issue", &[]);
    let running = desk.issuer_running(&["serve", "a", "--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0"]);
    let service = Service::of(running, true);
    let watcher = Portal { address: service.metrics.clone().unwrap(), token: String::new() };
    assert_eq!(service.portal(&token).issue("\"one\"", &person(1)).status, 201);
    assert!(watcher.get("/metrics").text().contains("passes_total{result=\"issued\"} 1\n"));
    assert_eq!(watcher.get("/healthz").json()["status"], "ready");
    let with_token = Portal { token, ..watcher };
    assert!(with_token.send_undescribed("POST", "/v1/passes", &[], b"{}").is_problem(404, "not-found"));
    assert!(service.portal("").get("/metrics").is_problem(401, "unauthorized"));
    assert_eq!(service.portal("").get("/healthz").status, 200);
}

#[test]
fn it_listens_on_a_socket_of_this_machine_and_tells_the_service_manager() {
    let desk = CliHarness::with_authority();
    let token = client::add(&desk, "gateway", "issue", &[]);
    let manager = UnixDatagram::bind(desk.path("manager")).unwrap();
    // One that was killed left its socket behind.
    drop(std::os::unix::net::UnixListener::bind(desk.path("issuer.sock")).unwrap());
    let command =
        "NOTIFY_SOCKET=$PWD/manager WATCHDOG_USEC=300000 exec greenlit-issuer serve a --listen unix:$PWD/issuer.sock";
    let mut running = desk.shell_running(command);
    let told = || {
        let mut bytes = [0; 200];
        let length = manager.recv(&mut bytes).unwrap();
        String::from_utf8(bytes[..length].to_vec()).unwrap()
    };
    assert_eq!((told().trim(), told().trim(), told().trim()), ("READY=1", "WATCHDOG=1", "WATCHDOG=1"));
    let portal = Portal { address: String::new(), token };
    let mut stream = UnixStream::connect(desk.path("issuer.sock")).unwrap();
    let headers = ["Content-Type: application/json", "Idempotency-Key: \"a\""];
    let request = portal.request("POST", "/v1/passes", &headers, person(1).to_string().as_bytes());
    assert_eq!(exchange(&mut stream, &request).unwrap().status, 201);
    // Others of this machine do not reach it.
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(desk.path("issuer.sock")).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o660);
    desk.issuer(&["serve", "a", "--listen", &format!("unix:{}", desk.path("issuer.sock").display())])
        .fails_with("cannot listen on unix:");
    assert!(running.end(rustix::process::Signal::TERM).success());
    assert!(!desk.path("issuer.sock").exists());
    while told().trim() != "STOPPING=1" {}
}

#[test]
fn who_sends_half_a_request_and_hangs_up_leaves_nothing_behind() {
    let (_desk, _service, portal) = started();
    let request = portal.request("POST", "/v1/passes", &["Content-Type: application/json"], b"{}");
    for length in (1..request.len()).step_by(7) {
        portal.connect().unwrap().write_all(&request[..length]).unwrap();
    }
    let figures = portal.get("/metrics").text();
    assert!(figures.contains("greenlit_issuer_waiting 0\n"), "{figures}");
}
