//! A terminal for the program, by `script` of Debian's bsdutils.

use std::io::{Read, Write};
use std::process::Stdio;

use greenlit_testkit::cli::{self, CliHarness};

/// A command at a terminal, with an answer to each question that it asks.
pub(crate) fn at_terminal(desk: &CliHarness, command: &str, answers: &[(&str, &str)]) -> (i32, String) {
    let mut child = cli::command(&desk.path(""), "script")
        .args(["-qefc", command, "/dev/null"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("script, of Debian's bsdutils");
    let (mut keys, mut screen) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let (mut shown, mut seen, mut bytes) = (Vec::new(), 0, [0; 1024]);
    let mut answers = answers.iter();
    let mut next = answers.next();
    while let Ok(count @ 1..) = screen.read(&mut bytes) {
        shown.extend(&bytes[..count]);
        let text = String::from_utf8_lossy(&shown[seen..]).into_owned();
        if let Some((_, answer)) = next.filter(|(question, _)| text.contains(question)) {
            seen = shown.len();
            keys.write_all(format!("{answer}\r").as_bytes()).unwrap();
            next = answers.next();
        }
    }
    (child.wait().unwrap().code().unwrap(), String::from_utf8_lossy(&shown).into_owned())
}
