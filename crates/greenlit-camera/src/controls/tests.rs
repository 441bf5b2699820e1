//! A panel and cameras that obey, refuse, vanish, hang and panic.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;

use super::*;

const ZOOM: ZoomRange = ZoomRange { min: 100, max: 500, step: 10 };
const BOTH: Controls = Controls { torch: Some(Torch::LedMode), zoom: Some(ZOOM) };

#[derive(Clone, Copy, Debug, PartialEq)]
enum Done {
    Torch(bool),
    Zoom(i64),
}

type Answer = fn() -> Result<(), SourceError>;

/// A camera that says what was done to it.
struct Camera {
    offers: Controls,
    answer: Answer,
    done: mpsc::Sender<Done>,
}

impl Knobs for Camera {
    fn offered(&mut self) -> Controls {
        self.offers
    }

    fn zoom(&mut self) -> Option<i64> {
        Some(130)
    }

    fn set_zoom(&mut self, value: i64) -> Result<(), SourceError> {
        let _ = self.done.send(Done::Zoom(value));
        (self.answer)()
    }

    fn set_torch(&mut self, on: bool) -> Result<(), SourceError> {
        let _ = self.done.send(Done::Torch(on));
        (self.answer)()
    }
}

fn plug_in(panel: &ControlPanel, id: &str, offers: Controls, answer: Answer) -> (Plug, impl Fn() -> Vec<Done>) {
    let (done, seen) = mpsc::channel();
    (panel.plug_in(id, Camera { offers, answer, done }), move || seen.try_iter().collect())
}

fn obeys() -> Result<(), SourceError> {
    Ok(())
}

#[test]
fn a_zoom_is_the_closest_on_offer() {
    for (min, max, step, wanted, nearest) in [
        (100, 500, 10, 234, 230),
        (100, 500, 10, 235, 240),
        (100, 500, 10, 99, 100),
        (100, 500, 10, i64::MIN, 100),
        (100, 500, 10, i64::MAX, 500),
        (0, 9, 4, 9, 8),
        (0, 9, 0, 7, 7),
        (-10, 10, 3, 0, -1),
        (1, 3, u64::MAX, 3, 1),
        (5, 1, 1, 3, 5),
        (i64::MIN, i64::MAX, 1, 7, 7),
        (i64::MIN, i64::MAX, u64::MAX, i64::MAX, i64::MAX),
    ] {
        assert_eq!(ZoomRange { min, max, step }.nearest(wanted), nearest, "{wanted} in {min}..={max} by {step}");
    }
}

#[test]
fn wishes_are_fulfilled_before_the_next_frame_and_once() {
    let panel = ControlPanel::default();
    let (mut plug, done) = plug_in(&panel, "a", BOTH, obeys);
    assert_eq!((panel.offered(), panel.torch(), panel.zoom()), (BOTH, false, Some(130)));
    plug.follow();
    assert_eq!(done(), [Done::Torch(false)], "it may have been left on");
    panel.clone().set_torch(true);
    panel.set_zoom(200);
    panel.set_zoom(307);
    assert_eq!((panel.torch(), panel.zoom(), done()), (true, Some(310), vec![]));
    plug.follow();
    assert_eq!(done(), [Done::Torch(true), Done::Zoom(310)]);
    plug.follow();
    assert_eq!((panel.torch(), panel.zoom(), done()), (true, Some(310), vec![]));
    drop(plug);
    assert_eq!(done(), [Done::Torch(false)]);
    assert_eq!((panel.offered(), panel.torch(), panel.zoom()), (Controls::default(), false, None));
}

#[test]
fn opened_anew_the_zoom_is_put_back_and_the_torch_is_off() {
    let panel = ControlPanel::default();
    let (mut plug, _) = plug_in(&panel, "a", BOTH, obeys);
    panel.set_torch(true);
    panel.set_zoom(300);
    plug.follow();
    drop(plug);
    panel.set_torch(true);
    let (mut plug, done) = plug_in(&panel, "a", BOTH, obeys);
    assert_eq!((panel.torch(), panel.zoom()), (false, Some(300)));
    plug.follow();
    assert_eq!(done(), [Done::Torch(false), Done::Zoom(300)]);
    // Another camera is left as it is, and the first is still remembered.
    let (mut other, done) = plug_in(&panel, "b", BOTH, obeys);
    other.follow();
    assert_eq!((done(), panel.zoom()), (vec![Done::Torch(false)], Some(130)));
    let narrow = Controls { torch: None, zoom: Some(ZoomRange { max: 250, ..ZOOM }) };
    let (mut again, done) = plug_in(&panel, "a", narrow, obeys);
    again.follow();
    assert_eq!(done(), [Done::Zoom(250)], "within what it offers now");
}

#[test]
fn a_zoom_wished_for_while_none_is_open_is_the_next_cameras() {
    let panel = ControlPanel::default();
    panel.set_zoom(9_999);
    panel.set_torch(true);
    assert_eq!((panel.zoom(), panel.torch()), (None, false));
    let (mut plain, done) = plug_in(&panel, "plain", Controls::default(), obeys);
    plain.follow();
    assert_eq!((done(), panel.zoom()), (vec![], None));
    drop(plain);
    assert_eq!(done(), [], "a camera without controls is left alone");
    let (mut plug, done) = plug_in(&panel, "a", Controls { torch: None, ..BOTH }, obeys);
    plug.follow();
    assert_eq!(done(), [Done::Zoom(500)]);
}

#[test]
fn what_a_camera_refuses_is_told_and_nothing_is_shown_as_done() {
    let panel = ControlPanel::default();
    let (mut plug, _) = plug_in(&panel, "a", BOTH, obeys);
    panel.set_zoom(300);
    plug.follow();
    drop(plug);
    let (mut plug, done) = plug_in(&panel, "a", BOTH, || Err(SourceError::Io("too hot".into())));
    panel.set_torch(true);
    panel.set_zoom(400);
    plug.follow();
    assert_eq!(done(), [Done::Torch(true), Done::Zoom(400)]);
    assert_eq!((panel.torch(), panel.zoom()), (false, Some(130)));
    assert_eq!(panel.refused().unwrap(), "the camera is not working: too hot");
    drop(plug);
    assert_eq!(done(), [Done::Torch(false)], "who knows whether it is on");
    let (mut plug, done) = plug_in(&panel, "a", BOTH, obeys);
    plug.follow();
    assert_eq!(done(), [Done::Torch(false), Done::Zoom(300)], "the last that it took");
    assert_eq!(panel.refused(), None);
}

#[test]
fn a_camera_unplugged_in_between_is_no_refusal_and_keeps_its_wish() {
    for gone in [(|| Err(SourceError::Disconnected)) as Answer, || Err(SourceError::NoCamera)] {
        let panel = ControlPanel::default();
        let (mut plug, _) = plug_in(&panel, "a", BOTH, gone);
        panel.set_torch(true);
        panel.set_zoom(400);
        plug.follow();
        assert_eq!((panel.refused(), panel.torch(), panel.zoom()), (None, false, Some(130)));
        drop(plug);
        let (mut plug, done) = plug_in(&panel, "a", BOTH, obeys);
        plug.follow();
        assert_eq!(done(), [Done::Torch(false), Done::Zoom(400)]);
    }
}

#[test]
fn a_reader_given_up_changes_nothing_that_its_successor_shows() {
    let panel = ControlPanel::default();
    let (mut old, old_done) = plug_in(&panel, "a", BOTH, obeys);
    panel.set_torch(true);
    old.follow();
    assert_eq!(old_done(), [Done::Torch(true)]);
    let (mut plug, done) = plug_in(&panel, "a", BOTH, obeys);
    panel.set_zoom(200);
    old.follow();
    assert_eq!(old_done(), []);
    drop(old);
    assert_eq!((old_done(), panel.offered(), panel.zoom()), (vec![], BOTH, Some(200)));
    panel.set_torch(true);
    plug.follow();
    assert_eq!(done(), [Done::Torch(true), Done::Zoom(200)]);
    // Another camera is open: this one's torch goes out.
    let (_other, _) = plug_in(&panel, "b", BOTH, obeys);
    drop(plug);
    assert_eq!((done(), panel.offered()), (vec![Done::Torch(false)], BOTH));
}

#[test]
fn a_camera_that_hangs_in_its_controls_is_used_without_them() {
    let panel = ControlPanel::default();
    let (set, free) = (mpsc::channel::<()>(), mpsc::channel::<()>());
    struct Stuck(mpsc::Sender<()>, mpsc::Receiver<()>);
    impl Knobs for Stuck {
        fn offered(&mut self) -> Controls {
            Controls { torch: None, ..BOTH }
        }
        fn zoom(&mut self) -> Option<i64> {
            None
        }
        fn set_zoom(&mut self, _: i64) -> Result<(), SourceError> {
            self.0.send(()).unwrap();
            self.1.recv().unwrap();
            Ok(())
        }
        fn set_torch(&mut self, _: bool) -> Result<(), SourceError> {
            Ok(())
        }
    }
    let mut plug = panel.plug_in("a", Stuck(set.0, free.1));
    panel.set_zoom(300);
    // What is seen is judged once nothing is stuck: a test that fails ends.
    let (without, other) = std::thread::scope(|scope| {
        let stuck = scope.spawn(move || plug.follow());
        set.1.recv().unwrap();
        let (mut next, done) = plug_in(&panel, "a", BOTH, obeys);
        next.follow();
        let without = (panel.offered(), done());
        let other = plug_in(&panel, "b", BOTH, obeys);
        let seen = (without, other.0.panel.offered());
        free.0.send(()).unwrap();
        stuck.join().unwrap();
        seen
    });
    assert_eq!((without, other), ((Controls::default(), vec![]), BOTH), "another camera has its controls");
    let (mut back, done) = plug_in(&panel, "a", BOTH, obeys);
    back.follow();
    assert_eq!(done(), [Done::Torch(false), Done::Zoom(300)], "it came back, and took it");
}

#[test]
fn a_driver_that_panics_is_not_asked_again() {
    let panel = ControlPanel::default();
    let (mut plug, _) = plug_in(&panel, "a", BOTH, || std::panic::resume_unwind(Box::new(())));
    assert!(catch_unwind(AssertUnwindSafe(|| plug.follow())).is_err());
    assert!(catch_unwind(AssertUnwindSafe(|| drop(plug))).is_err());
    let (mut next, done) = plug_in(&panel, "a", BOTH, obeys);
    next.follow();
    assert_eq!((done(), panel.offered()), (vec![], Controls::default()));
}
