//! Promise: a till syncs over HTTPS from a real server, and no server, good or bad, can take it
//! further than the signatures go, keep it busy, or make it lose what it has.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::print_stderr)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

use greenlit_core::trust::TrustState;
use greenlit_sync::{FetchError, Outcome, SourceUrl, SyncError, Web, WebError, WebOptions, sync};
use greenlit_testkit::cli::CliHarness;
use greenlit_testkit::fixture::Authority;
use greenlit_testkit::server::{self, Server};

/// Where only how it ends is asked: it ends a test that hangs, and nothing else.
const PATIENCE: Duration = Duration::from_secs(3_600);
/// Where giving up is what is tested.
const IMPATIENCE: Duration = Duration::from_millis(1_500);

fn options(server: &Server) -> WebOptions {
    let extra_ca = Some(std::fs::read(server.ca()).unwrap());
    WebOptions { extra_ca, patience: Some(PATIENCE), ..WebOptions::default() }
}

fn sync_from(url: &str, options: &WebOptions, held: &TrustState) -> Result<Outcome, SyncError> {
    let mut web = Web::new(SourceUrl::parse(url).unwrap(), options, BTreeMap::new()).unwrap();
    sync(&mut web, held)
}

fn web_error(server: &Server, folder: &str) -> WebError {
    web_error_within(server, folder, PATIENCE)
}

fn web_error_within(server: &Server, folder: &str, patience: Duration) -> WebError {
    let held = Authority::new().state();
    let options = WebOptions { patience: Some(patience), ..options(server) };
    match sync_from(&server.url(folder), &options, &held) {
        Err(SyncError::Fetch(FetchError::Web(error))) => error,
        other => panic!("{folder}: {other:?}"),
    }
}

/// Puts these documents where the server finds them.
fn publish(authority: &Authority, folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    let documents = authority.documents();
    for (n, root) in documents.roots.iter().enumerate() {
        std::fs::write(folder.join(format!("root-{}.cbor", n + 1)), root).unwrap();
    }
    std::fs::write(folder.join("trust.cbor"), documents.bundle.unwrap()).unwrap();
    for (id, list) in documents.lists {
        std::fs::write(folder.join(format!("status-{id}.cwt")), list).unwrap();
    }
}

#[test]
fn revoke_publish_sync_and_the_same_pass_is_red() {
    let Some(server) = Server::start() else { return };
    let desk = CliHarness::with_authority();
    let (text, reference) = desk.issue("a", &[]);
    let www = server.www().join("pub");
    let serve = || desk.issuer(&["publish", "a", www.to_str().unwrap()]).exits_with(0);
    serve();
    desk.till(&["trust", "add", "--yes", "pub/root-1.cbor"]).exits_with(0);
    let url = server.url("pub");

    // The system does not know this server's authority: nothing is fetched until staff name it.
    desk.till(&["sync", &url]).fails_with("certificate isn't valid");
    desk.till(&["sync", &url, "--ca", "nowhere.pem"]).fails_with("no such file");
    desk.write("wrong.pem", "not a certificate");
    desk.till(&["sync", &url, "--ca", "wrong.pem"]).fails_with("no PEM certificate");
    assert_eq!(desk.code(&text, None), "TRU");
    desk.till(&["settings", "source", &url]).exits_with(0);
    desk.till(&["settings", "ca", server.ca().to_str().unwrap()]).exits_with(0);
    desk.till(&["sync"]).exits_with(0);
    assert_eq!(desk.code(&text, None), "OK");

    // Nothing newer: the server is asked, and sends no file again.
    let before = server.requests().len();
    assert_eq!(desk.till(&["sync"]).exits_with(0), "already up to date\n");
    let asked = &server.requests()[before..];
    let wanted = ["root-2.cbor 404", "trust.cbor 304", "status-1.cwt 304", "trust-2.cbor 404"];
    assert_eq!(asked, wanted.map(|file| format!("GET /pub/{file}")));

    desk.issuer(&["revoke", "a", &reference]).exits_with(0);
    serve();
    assert_eq!(desk.code(&text, None), "OK");
    desk.till(&["sync"]).exits_with(0);
    assert_eq!(desk.code(&text, None), "REV");

    // The server's copy is damaged or old: the till goes on with what it has.
    let bundle = std::fs::read(www.join("trust.cbor")).unwrap();
    std::fs::write(www.join("trust.cbor"), &bundle[..bundle.len() - 1]).unwrap();
    assert_eq!(desk.till(&["sync"]).code, 2);
    std::fs::write(www.join("trust.cbor"), desk.read("pub/trust.cbor")).unwrap();
    // nginx tells versions apart by second and size.
    let file = std::fs::File::options().append(true).open(www.join("trust.cbor")).unwrap();
    file.set_modified(std::time::SystemTime::now() - Duration::from_secs(3_600)).unwrap();
    desk.till(&["sync"]).fails_with("nothing was changed");
    assert_eq!(desk.code(&text, None), "REV");
}

#[test]
fn only_https_with_a_certificate_that_holds() {
    let Some(server) = Server::start() else { return };
    publish(&Authority::new(), &server.www().join("pub"));
    let held = Authority::new().anchored();
    assert!(sync_from(&server.url("pub"), &options(&server), &held).unwrap().new_bundle);
    // Its name is localhost; by its number it is somebody else.
    let by_number = format!("https://127.0.0.1:{}/pub", server.port);
    let error = sync_from(&by_number, &options(&server), &held).unwrap_err();
    assert!(matches!(error, SyncError::Fetch(FetchError::Web(WebError::Certificate { .. }))), "{error:?}");
    let unknown = WebOptions { patience: Some(PATIENCE), ..WebOptions::default() };
    let error = sync_from(&server.url("pub"), &unknown, &held).unwrap_err();
    assert!(matches!(error, SyncError::Fetch(FetchError::Web(WebError::Certificate { .. }))), "{error:?}");
    // Sent on over HTTPS is well; sent on to anything less is not followed.
    assert!(sync_from(&server.url("moved"), &options(&server), &held).unwrap().new_bundle);
    assert!(matches!(web_error(&server, "plain"), WebError::Downgraded(_)));
    // Taken for a path on the same server, which leads round and round.
    assert!(matches!(web_error(&server, "disk"), WebError::Downgraded(_) | WebError::TooManyRedirects(_)));
    assert!(matches!(web_error(&server, "round"), WebError::TooManyRedirects(_)));
    for address in ["http://localhost/pub", "HTTP://localhost"] {
        assert!(matches!(SourceUrl::parse(address), Err(WebError::NotHttps(_))));
    }
}

#[test]
fn a_slow_endless_or_broken_server_is_left_in_time() {
    let Some(server) = Server::start() else { return };
    let at = |folder: &str| web_error(&server, folder);
    assert!(matches!(at("up/endless"), WebError::TooLarge { cap: 16_384, .. }));
    // Neither ever ends by itself.
    for folder in ["up/late", "up/drip"] {
        let error = web_error_within(&server, folder, IMPATIENCE);
        assert!(matches!(error, WebError::TimedOut(_)), "{folder}: {error:?}");
    }
    assert!(matches!(at("up/half"), WebError::CutOff(_) | WebError::Protocol { .. }));
    // nginx tells of the rubbish behind it.
    assert!(matches!(at("up/rubbish"), WebError::Status { status: 502, .. } | WebError::Protocol { .. }));
    assert!(matches!(at("down"), WebError::Status { status: 503, .. }));
}

#[test]
fn a_login_page_or_a_compressed_file_is_no_document() {
    let Some(server) = Server::start() else { return };
    let held = Authority::new().state();
    let error = sync_from(&server.url("portal"), &options(&server), &held).unwrap_err();
    assert!(matches!(error, SyncError::Fetch(FetchError::Web(WebError::WebPage(_)))), "{error:?}");
    // Nothing is inflated for being called gzip: a bomb stays as small as it came.
    publish(&Authority::new().bundle(|bundle| bundle.version += 1), &server.www().join("squeezed"));
    let outcome = sync_from(&server.url("squeezed"), &options(&server), &held).unwrap();
    assert!(outcome.new_bundle);
}

#[test]
fn no_network_is_told_in_words() {
    let held = Authority::new().state();
    let error = |url: &str, options: &WebOptions| match sync_from(url, options, &held) {
        Err(SyncError::Fetch(FetchError::Web(error))) => error,
        other => panic!("{url}: {other:?}"),
    };
    // Nobody listens where a connection goes out, and nobody else can begin to.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let going_out = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let deaf = going_out.local_addr().unwrap().port();
    let options = WebOptions { patience: Some(PATIENCE), ..WebOptions::default() };
    assert!(matches!(error(&format!("https://127.0.0.1:{deaf}/"), &options), WebError::Unreachable { .. }));
    let options = WebOptions { patience: Some(IMPATIENCE), ..WebOptions::default() };
    let nowhere = error("https://no-such-host.invalid/", &options);
    assert!(
        matches!(nowhere, WebError::NoHost(_) | WebError::Unreachable { .. } | WebError::TimedOut(_)),
        "{nowhere:?}"
    );
    let bad = WebOptions { proxy: Some("invalid proxy".into()), ..WebOptions::default() };
    assert!(matches!(
        Web::new(SourceUrl::parse("https://localhost/").unwrap(), &bad, BTreeMap::new()),
        Err(WebError::BadProxy(_))
    ));
}

#[test]
fn a_proxy_is_gone_through() {
    let Some(server) = Server::start() else { return };
    publish(&Authority::new(), &server.www().join("pub"));
    let (port, tunnels) = server::proxy();
    let through = WebOptions { proxy: Some(format!("http://127.0.0.1:{port}")), ..options(&server) };
    assert!(sync_from(&server.url("pub"), &through, &Authority::new().anchored()).unwrap().new_bundle);
    assert!(tunnels.load(Ordering::SeqCst) > 0);
}

#[test]
fn the_proxy_of_the_environment_is_the_one_for_https_and_errors_name_it() {
    let Some(server) = Server::start() else { return };
    let desk = CliHarness::with_authority();
    desk.issuer(&["publish", "a", server.www().join("pub").to_str().unwrap()]).exits_with(0);
    desk.till(&["trust", "add", "--yes", "pub/root-1.cbor"]).exits_with(0);
    let sync = format!("greenlit --data till sync {} --ca {}", server.url("pub"), server.ca().display());
    let (port, tunnels) = server::proxy();
    // Nobody listens where a connection goes out, and nobody else can begin to.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let going_out = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let deaf = going_out.local_addr().unwrap();
    for variable in ["HTTPS_PROXY", "https_proxy"] {
        let refused = desk.shell(&format!("{variable}=http://till:secret@{deaf} {sync}"));
        assert!(!refused.err.contains("secret"), "{refused:#?}");
        refused.fails_with(&format!("through the proxy http://…@{deaf}"));
        desk.shell(&format!("{variable}=http://pro:xy {sync}")).fails_with(variable);
    }
    // Those of other protocols are not for this, and nor is one that the server is spared.
    for others in [
        format!("ALL_PROXY=http://{deaf} HTTP_PROXY=http://{deaf} http_proxy=http://{deaf}"),
        format!("HTTPS_PROXY=http://{deaf} NO_PROXY=example.org,localhost,127.0.0.1"),
        "HTTPS_PROXY=".into(),
    ] {
        desk.shell(&format!("{others} {sync}")).exits_with(0);
    }
    assert_eq!(tunnels.load(Ordering::SeqCst), 0);
    // Without a scheme, as many write it.
    desk.shell(&format!("HTTPS_PROXY=127.0.0.1:{port} {sync}")).exits_with(0);
    assert!(tunnels.load(Ordering::SeqCst) > 0);
}

#[test]
fn a_tag_of_another_file_or_server_is_not_believed() {
    let Some(server) = Server::start() else { return };
    let authority = Authority::new();
    publish(&authority, &server.www().join("pub"));
    let from = |folder: &str, held: &TrustState, known| {
        let mut web = Web::new(SourceUrl::parse(&server.url(folder)).unwrap(), &options(&server), known).unwrap();
        let outcome = sync(&mut web, held).unwrap();
        (outcome, web.known().clone())
    };
    let fetch = |held: &TrustState, known| from("pub", held, known);
    let (first, known) = fetch(&authority.anchored(), BTreeMap::new());
    assert_eq!(known.keys().collect::<Vec<_>>(), ["status-1.cwt", "status-2.cwt", "trust.cbor"]);
    // A till that lost its bundle, with the tag still in its store: everything is fetched again.
    let (again, _) = fetch(&authority.anchored(), known.clone());
    assert!(again.new_bundle && again.trust.list(1).is_some());
    // With all of it there nothing is.
    let before = server.requests().len();
    let not_modified = |before: usize| server.requests()[before..].iter().filter(|l| l.ends_with("304")).count();
    let (same, _) = fetch(&first.trust, known.clone());
    assert!(!same.changed());
    assert_eq!(not_modified(before), 3);
    // The very same files elsewhere, for which these tags would fit: they are of another address.
    std::os::unix::fs::symlink(server.www().join("pub"), server.www().join("mirror")).unwrap();
    let before = server.requests().len();
    let (elsewhere, _) = from("mirror", &first.trust, known);
    assert!(!elsewhere.changed());
    assert_eq!(not_modified(before), 0);
    // A till that has an older bundle, with the tag of the newest in its store, is not told "already up to date".
    publish(&Authority::new().bundle(|bundle| bundle.version += 1), &server.www().join("pub"));
    let (_, newest) = fetch(&first.trust, BTreeMap::new());
    assert!(fetch(&first.trust, newest).0.new_bundle);
    // A tag too long to be kept costs a download at every sync, and no more.
    let (wordy, kept) = from("wordy", &first.trust, BTreeMap::new());
    assert!(wordy.new_bundle && kept.is_empty(), "{kept:?}");
}

#[test]
fn what_servers_call_a_root_is_not_kept() {
    let Some(server) = Server::start() else { return };
    let desk = CliHarness::with_authority();
    desk.shell("for i in 1 2 3; do greenlit-issuer root new a --renew >/dev/null || exit 1; done").exits_with(0);
    desk.issuer(&["publish", "a", server.www().join("pub").to_str().unwrap()]).exits_with(0);
    desk.till(&["trust", "add", "--yes", "pub/root-1.cbor"]).exits_with(0);
    let told = desk.till(&["sync", &server.url("pub"), "--ca", server.ca().to_str().unwrap()]).exits_with(0);
    assert!(told.contains("now using root 4"), "{told}");
    let store = rusqlite::Connection::open(desk.path("till/greenlit.db")).unwrap();
    let mut statement = store.prepare("SELECT name FROM setting WHERE name LIKE 'etag %' ORDER BY name").unwrap();
    let kept: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    // Each is asked for once; a thousand of them would be a thousand writes for nothing.
    assert_eq!(kept, ["etag status-1.cwt", "etag trust.cbor"]);
}

#[test]
fn a_publication_half_copied_or_of_two_times_changes_nothing() {
    let Some(server) = Server::start() else { return };
    let www = server.www().join("pub");
    let held = Authority::new().state();
    let newer = Authority::new().bundle(|bundle| {
        bundle.version += 1;
        bundle.lists[0].least_issued = bundle.issued;
    });
    publish(&newer, &www);
    std::fs::remove_file(www.join("status-1.cwt")).unwrap();
    match sync_from(&server.url("pub"), &options(&server), &held) {
        Err(SyncError::Incomplete { id: 1, .. }) => {}
        // The list held may still serve the newer bundle; then it goes on serving.
        Ok(outcome) => assert!(outcome.trust.list(1).is_some()),
        other => panic!("{other:?}"),
    }
}
