//! A presenter that understands the words of the stories: what happens to it and what it shows.
#![allow(unreachable_pub)]

use std::rc::Rc;

use greenlit_core::answer::Code;
use greenlit_core::pass::NotAPass;
use greenlit_core::presenter::{Announcement, Presented, Presenter, Timing, View};
use greenlit_core::unread::Unread;

/// What is handed in with a pass: how it was written, and a token whose copies are counted.
type Slip = (String, Rc<()>);

/// A presenter, and a count of what it keeps of passes.
pub struct PresenterHarness {
    pub presenter: Presenter<Slip>,
    token: Rc<()>,
}

impl Default for PresenterHarness {
    fn default() -> Self {
        Self::new(Timing::default())
    }
}

impl PresenterHarness {
    pub fn new(timing: Timing) -> Self {
        Self { presenter: Presenter::new(timing), token: Rc::new(()) }
    }

    /// A frame with these codes.
    pub fn frame(&mut self, now: u64, codes: &str) -> Option<Announcement> {
        let seen: Vec<_> = codes.split('+').filter_map(|code| self.seen(code)).collect();
        self.presenter.frame(now, seen)
    }

    fn seen(&self, text: &str) -> Option<Presented<Slip>> {
        Some(match text.split_once(':') {
            Some(("link", host)) => Presented::NotAPass(NotAPass::Link { host: host.into() }),
            Some((code, name)) => {
                let code = *Code::ALL.iter().find(|c| c.as_str().eq_ignore_ascii_case(code)).unwrap();
                Presented::Pass {
                    key: u64::from(name.as_bytes()[0]),
                    code,
                    screen: (text.into(), Rc::clone(&self.token)),
                }
            }
            None if text == "-" => return None,
            None => {
                assert_eq!(text, "wifi");
                Presented::NotAPass(NotAPass::Wifi)
            }
        })
    }

    /// Anything a story can tell.
    pub fn act(&mut self, now: u64, what: &str) -> Option<Announcement> {
        match what {
            "tick" => self.presenter.tick(now),
            "press" => self.presenter.press(now),
            "release" => self.presenter.release(now),
            "dismiss" => self.presenter.dismiss(now),
            "mismatch" => _ = self.presenter.mismatch(now),
            "undo" => _ = self.presenter.undo_mismatch(now),
            "anew" => self.presenter.rejudge(now),
            "focus" => self.presenter.focus(now, true),
            "blur" => self.presenter.focus(now, false),
            "cam+" => self.presenter.camera(now, true),
            "cam-" => self.presenter.camera(now, false),
            "too-long" => self.presenter.unread(now, Unread::TooLong),
            text if text.starts_with("typed ") => {
                let seen: Vec<_> = text[6..].split('+').filter_map(|code| self.seen(code)).collect();
                return self.presenter.typed(now, seen, Unread::Again);
            }
            text if text.starts_with("half ") => {
                let seen: Vec<_> = text[5..].split('+').filter_map(|code| self.seen(code)).collect();
                return self.presenter.typed(now, seen, Unread::Half);
            }
            text if text.starts_with("pasted ") => {
                let seen: Vec<_> = text[7..].split('+').filter_map(|code| self.seen(code)).collect();
                return self.presenter.pasted(now, seen);
            }
            picture if picture.starts_with("opened ") => {
                let seen: Vec<_> = picture[7..].split('+').filter_map(|code| self.seen(code)).collect();
                return self.presenter.opened(now, seen);
            }
            codes => return self.frame(now, codes),
        }
        None
    }

    /// The screen and what else a story may ask of it; nothing is kept of a pass that is not on it.
    pub fn look(&mut self, now: u64) -> (String, bool, Vec<String>) {
        let view = self.presenter.view(now);
        let mut keeps = false;
        let (screen, paused, details) = match view {
            View::Scan { notice, checked } => {
                let screen = match notice {
                    None => "scan".to_owned(),
                    Some(NotAPass::Link { host }) => format!("scan:{host}"),
                    Some(_) => "scan:wifi".into(),
                };
                (screen, false, vec![if checked { "checked" } else { "unchecked" }.into()])
            }
            View::Mismatch { remaining, paused, undoable } => {
                keeps = undoable;
                let left = format!("{:.0}%", remaining * 100.0);
                ("mismatch".into(), paused, vec![left, if undoable { "undoable" } else { "over" }.into()])
            }
            View::NoCamera => ("no-camera".into(), false, vec![]),
            View::Confirming => ("confirming".into(), false, vec![]),
            View::OneAtATime => ("one".into(), false, vec![]),
            View::Unread { why, remaining, paused } => {
                assert!((0.0..=1.0).contains(&remaining), "{remaining}");
                let why = match why {
                    Unread::NotAPass(NotAPass::Link { host }) => format!("unread:{host}"),
                    Unread::NotAPass(_) => "unread:wifi".into(),
                    why => format!("unread:{why:?}"),
                };
                assert_eq!(Rc::strong_count(&self.token), 1, "kept while {why} is shown");
                return (why, paused, vec![]);
            }
            View::Cleared => ("cleared".into(), false, vec![]),
            View::Answer { answer, code, shown_for, remaining, paused } => {
                keeps = true;
                assert!((0.0..=1.0).contains(&remaining), "{remaining}");
                assert!(answer.0[..3].trim_end_matches(':').eq_ignore_ascii_case(code.as_str()), "{answer:?} {code}");
                (answer.0.clone(), paused, vec![format!("{:.0}%", remaining * 100.0), format!("{shown_for}ms")])
            }
        };
        let kept = Rc::strong_count(&self.token) - 1;
        assert_eq!(kept, usize::from(keeps), "kept while {screen} is shown");
        (screen, paused, details)
    }
}
