//! Promise: what was answered is there, however the service ended.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use greenlit_testkit::cli::CliHarness;
use rustix::process::Signal;
use serde_json::Value;

use super::client::{self, Answer, Portal, Service};
use super::person;

/// Asks from several threads until the service is gone, beginning with this person, and does something to it once so many
/// were answered; gives what was answered, by person, and the first person who was not asked for.
fn load(portal: &Portal, from: usize, enough: usize, then: impl FnOnce()) -> (BTreeMap<usize, Value>, usize) {
    let (next, answered, gone) = (AtomicUsize::new(from), AtomicUsize::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let work = || {
            let mut all = Vec::new();
            while !gone.load(Ordering::SeqCst) {
                let number = next.fetch_add(1, Ordering::SeqCst);
                match portal.try_issue(&format!("\"{number}\""), &person(number)) {
                    Ok(answer) => {
                        assert_eq!(answer.status, 201, "{answer:?}");
                        all.push((number, answer.json()));
                        answered.fetch_add(1, Ordering::SeqCst);
                    }
                    Err(_) => gone.store(true, Ordering::SeqCst),
                }
            }
            all
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(work)).collect();
        // In the middle of it.
        while answered.load(Ordering::SeqCst) < enough && !gone.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        then();
        let all = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        (all, next.load(Ordering::SeqCst))
    })
}

/// Every request again, answered or not, gets its pass; those that were answered, the same one.
fn ask_again(service: &Service, token: &str, up_to: usize, answered: &BTreeMap<usize, Value>) {
    let portal = service.portal(token);
    let mut references = BTreeSet::new();
    for number in 0..up_to {
        let answer: Answer = portal.issue(&format!("\"{number}\""), &person(number));
        let told = answer.json();
        assert!(matches!(answer.status, 200 | 201), "{told}");
        assert!(references.insert(told["ref"].to_string()), "{told} was given twice");
        if let Some(before) = answered.get(&number) {
            assert_eq!((&told["pass"], &told["ref"]), (&before["pass"], &before["ref"]));
            assert_ne!(told["result"], "issued");
        }
    }
}

#[test]
fn killed_at_any_moment_it_has_lost_nothing_that_it_answered_and_gives_no_place_twice() {
    let desk = CliHarness::with_authority();
    let token = client::add(&desk, "portal", "issue", &[]);
    let mut answered = BTreeMap::new();
    let mut from = 0;
    for round in 0..20 {
        let mut service = Service::start(&desk, &[]);
        let pid = service.running.pid();
        // One may be killed before it has answered anybody, or in the middle of a hundred.
        let (all, next) = load(&service.portal(&token), from, round * 3, || {
            rustix::process::kill_process(pid, Signal::KILL).unwrap()
        });
        service.running.wait();
        answered.extend(all);
        from = next;
    }
    assert!(answered.len() >= 19 * 3, "{}", answered.len());
    let service = Service::start(&desk, &[]);
    ask_again(&service, &token, from, &answered);
}

#[test]
fn asked_to_end_it_ends_what_it_began() {
    let desk = CliHarness::with_authority();
    let token = client::add(&desk, "portal", "issue", &[]);
    let mut service = Service::start(&desk, &[]);
    let pid = service.running.pid();
    // A request whose body is waited for is begun.
    let portal = service.portal(&token);
    let mut slow = portal.connect().unwrap();
    let request = portal.request(
        "POST",
        "/v1/passes",
        &["Content-Type: application/json", "Idempotency-Key: \"slow\"", "Expect: 100-continue"],
        person(999_999).to_string().as_bytes(),
    );
    let body = request.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    let (head, rest) = request.split_at(body);
    slow.write_all(head).unwrap();
    let mut waiting = [0; 25];
    slow.read_exact(&mut waiting).unwrap();
    assert_eq!(&waiting, b"HTTP/1.1 100 Continue\r\n\r\n");
    let (answered, asked) =
        load(&service.portal(&token), 0, 50, || rustix::process::kill_process(pid, Signal::TERM).unwrap());
    service.running.err.until(|line| line.contains("what was begun is ended first"));
    let answer = client::exchange(&mut slow, rest).unwrap();
    assert_eq!(answer.status, 201, "{answer:?}");
    assert!(service.running.wait().success());
    let service = Service::start(&desk, &[]);
    ask_again(&service, &token, asked, &answered);
    let again = service.portal(&token).issue("\"slow\"", &person(999_999)).json();
    assert_eq!((&again["result"], &again["pass"]), (&"repeated".into(), &answer.json()["pass"]));
}
