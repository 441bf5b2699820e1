//! A session over the demonstration's film, from the first frame to the last answer.

use greenlit_camera::film::Beat;
use greenlit_core::benefits::Place;

use super::*;
use crate::cli::demo;
use crate::config::till::Till;

/// The film of these scenes, run until each was answered; what was shown, in its order.
fn play(wanted: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("demo");
    demo::make(&folder).unwrap();
    let till = Till::for_practice(folder.join("till"));
    let trust = demo::believe(&folder, &till).unwrap();
    let all = demo::read_scenes(&folder).unwrap();
    let scenes: Vec<_> = wanted
        .iter()
        .map(|name| all.iter().find(|scene| scene.file == format!("{name}.png")).unwrap().clone())
        .collect();
    let beat = Beat { gap: 40, enter: 6, hold: 45, leave: 6 };
    let source = demo::source(&folder, &scenes, beat, till.clock().clone()).unwrap();
    // Answers that go with their pass, so that each scene begins at the scan page.
    let timing = Timing { valid: 300, other: 300, away: 250, away_dismissed: 250, notice: 300, ..Timing::default() };
    let manners = Manners { place: Place::default(), language: "ru".into(), sounds: Sounds::Off };
    let voice = Voice::new(folder.join("sounds"));
    let mut session = Session::new((*trust).clone(), manners, voice, timing, source.conditions, || ()).unwrap();
    session.watch(source.open);
    let mut shown: Vec<String> = Vec::new();
    let mut previews = 0;
    let deadline = Instant::now() + Duration::from_secs(60);
    // One more than there are scenes: the film has come round, and what came last is over.
    while shown.len() <= wanted.len() && Instant::now() < deadline {
        previews += usize::from(session.take_preview().is_some());
        let snapshot = session.snapshot();
        let now = match (&snapshot.answer, &snapshot.notice) {
            (Some(answer), _) => Some(format!("{:?} {}", answer.page, answer.code)),
            (None, Some((kind, _))) => Some(format!("notice {kind}")),
            (None, None) => None,
        };
        if let Some(now) = now
            && shown.last() != Some(&now)
        {
            shown.push(now);
        }
        if let Some(answer) = &snapshot.answer {
            let guest = [&answer.initials, &answer.document_digits, &answer.good_through];
            assert_eq!(guest.iter().any(|text| !text.is_empty()), answer.page == Page::Valid, "{answer:?}");
        }
        std::thread::sleep(Duration::from_millis(15));
    }
    assert!(previews > wanted.len(), "{previews}");
    shown
}

#[test]
fn every_scene_of_the_film_is_answered_under_its_own_conditions() {
    let shown = play(&["good", "revoked", "altered", "no-trust", "clock", "menu", "expired"]);
    let wanted = [
        "Valid OK",
        "Refused REV",
        "NotGenuine SIG",
        "CannotTell TRU",
        "CannotTell CLK",
        "notice link",
        "Refused EXP",
        "Valid OK",
    ];
    assert_eq!(shown, wanted);
}
