//! What a screen reader is told by the window, read where it would be read: over AT-SPI, with no screen anyone sees.
#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Stdio;

use greenlit_testkit::cli::{self, CliHarness};

/// A screen, a bus and a registry of its own; what goes over the bus of screen readers is printed.
const SESSION: &str = r#"
    set -eu
    # Ends a test that hangs, and nothing else.
    (sleep 600; kill 0) &
    mkfifo number
    Xvfb -displayfd 3 -screen 0 1024x768x24 -nolisten tcp 3>number 2>/dev/null &
    read -r display <number
    export DISPLAY=":$display"
    ask() { dbus-send --session --print-reply=literal --dest=org.a11y.Bus /org/a11y/bus "$@"; }
    # As a screen reader says that it is there.
    ask org.freedesktop.DBus.Properties.Set string:org.a11y.Status string:IsEnabled variant:boolean:true
    address=$(ask org.a11y.Bus.GetAddress | tr -d ' ')
    dbus-monitor --address "$address" "interface='org.a11y.atspi.Event.Object',member='Announcement'" &
    greenlit --data till --pictures one.png other.png 2>log || true
    # It goes on for ever, or the window could not be opened: then nobody waits for what is not coming.
    kill 0
"#;

/// Says how the registry of what can be read is started.
const REGISTRY: &str = "/usr/share/dbus-1/services/org.a11y.Bus.service";

/// The program, ended with all that it started.
struct Group(std::process::Child);

impl Drop for Group {
    fn drop(&mut self) {
        let group = rustix::process::Pid::from_child(&self.0);
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        let _ = self.0.wait();
    }
}

#[test]
fn each_guest_s_answer_is_announced_once_also_when_it_is_the_same() {
    let desk = CliHarness::with_till();
    for program in ["Xvfb", "dbus-run-session", "dbus-send", "dbus-monitor"] {
        if desk.shell(&format!("command -v {program}")).code != 0 || !Path::new(REGISTRY).exists() {
            println!("skipped: {program} or at-spi2-core is not here; script/test gets them");
            return;
        }
    }
    // Two guests, whom the same is told of.
    for picture in ["one.png", "other.png"] {
        desk.issue("a", &["--qr", picture]);
    }
    desk.till(&["settings", "language", "en"]).exits_with(0);
    let mut session = cli::command(&desk.path("."), "dbus-run-session");
    session.args(["--", "sh", "-c", SESSION]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    session.env("HOME", desk.path("home")).env("XDG_RUNTIME_DIR", desk.path("home")).process_group(0);
    session.env_remove("SLINT_BACKEND");
    std::fs::create_dir(desk.path("home")).unwrap();
    let mut session = Group(session.spawn().unwrap());
    let mut lines = BufReader::new(session.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut announced = Vec::new();
    // The pictures are held up in turn for ever: however slow the machine, a third answer comes.
    while announced.len() < 3 {
        lines.by_ref().find(|line| line.contains("member=Announcement")).expect("the session goes on");
        let said = lines.by_ref().find(|line| line.trim_start().starts_with("variant")).expect("what is said");
        announced.push(said.split_once("string ").unwrap().1.trim_matches('"').to_owned());
    }
    // From the third on it is a pass that was here before, which is said too; the first may be over before anybody
    // listens.
    let of_the_pass = |said: &str| said.split(". Seen here ").next().unwrap().to_owned();
    let guest = of_the_pass(&announced[0]);
    assert!(guest.starts_with("Valid. "), "{announced:?}");
    assert!(announced.iter().all(|said| of_the_pass(said) == guest), "{announced:?}");
    assert!(announced[2].contains(". Seen here "), "{announced:?}");
    nothing_of_a_guest_is_noted(&String::from_utf8(desk.read("log")).unwrap());
}

/// What the journal would get of this: the till's own affairs, and neither who came nor what the answer was.
#[track_caller]
fn nothing_of_a_guest_is_noted(log: &str) {
    let version = env!("CARGO_PKG_VERSION");
    let started = format!("greenlit: Greenlit {version} starts; trust data: root 1, version 1");
    let noted: Vec<&str> = log.lines().filter(|line| line.starts_with("greenlit: ")).collect();
    assert_eq!(noted, [started.as_str(), "greenlit: camera: opened"], "{log}");
    for of_a_guest in ["GL1:", "З. И.", "Закирова", "5678", "09.05", "alid", "OK", "one.png", "other.png"] {
        assert!(!log.contains(of_a_guest), "{of_a_guest} is in {log}");
    }
}
