//! A scanner that types is heard whole and clicks nothing; a person's keys all arrive, in order and soon.

use greenlit_core::typed::burst::{Ending, FAST, MAX_TEXT, SILENCE, START, Scan};
use greenlit_testkit::fixture::*;

use crate::typed_harness::{Key, Window};

fn pass_text() -> String {
    sign(&pass(), ISSUER)
}

fn scan(text: &str, ending: Ending) -> Scan {
    Scan { text: text.to_owned(), ending, ignored: 0, leaked: 0 }
}

#[cfg_attr(debug_assertions, ignore = "long where nothing is optimised; script/test runs it")]
#[test]
fn a_pass_is_heard_whole_at_any_speed_and_ending_and_nothing_of_it_is_delivered() {
    let good = pass_text();
    for gap in 0..START {
        for ending in [Ending::Enter, Ending::Tab, Ending::Silence] {
            let mut window = Window::new();
            window.types(&good, gap);
            match ending {
                Ending::Enter => window.enter(gap),
                Ending::Tab => window.key(Key::Tab),
                _ => window.wait(SILENCE),
            }
            assert_eq!(
                (&window.scans, &window.delivered),
                (&vec![scan(&good, ending)], &vec![]),
                "{gap} ms, {ending:?}"
            );
            window.rest();
        }
    }
}

#[cfg_attr(debug_assertions, ignore = "long where nothing is optimised; script/test runs it")]
#[test]
fn a_radio_that_stutters_loses_nothing() {
    let good = pass_text();
    for stuttering in 0..good.len() {
        let mut window = Window::after(10_000);
        window.types_unevenly(&good, |at| if at == stuttering { SILENCE - 1 } else { 12 });
        window.enter(SILENCE - 1);
        // Up to the fourth key nobody can know; these are delivered, and part of the scan all the same.
        let leaked = if stuttering < 4 { stuttering } else { 0 };
        assert_eq!(window.scans, [Scan { leaked, ..scan(&good, Ending::Enter) }], "a gap before {stuttering}");
        assert_eq!(window.delivered_text(), good[..leaked]);
    }
}

#[test]
fn a_busy_window_loses_nothing() {
    let good = pass_text();
    // The window draws for so long after the key, and then the clock comes first and all keys at once.
    for (drawing, after) in [(40, 1), (100, 1), (100, 2), (300, 3), (900, 1), (900, 30)] {
        let mut window = Window::new();
        window.types(&good[..after], 8);
        window.now += drawing;
        window.tick();
        window.types(&good[after..], 0);
        window.enter(8);
        assert_eq!((&window.scans, &window.delivered), (&vec![scan(&good, Ending::Enter)], &vec![]), "{drawing} ms");
        // The same if the window asks for no tick at all.
        let mut window = Window::new();
        window.types(&good[..after], 8);
        window.now += drawing;
        window.key(Key::Text(good[after..=after].to_owned()));
        window.types(&good[after + 1..], 1);
        window.enter(8);
        assert_eq!((&window.scans, &window.delivered), (&vec![scan(&good, Ending::Enter)], &vec![]), "{drawing} ms");
    }
}

#[cfg_attr(debug_assertions, ignore = "long where nothing is optimised; script/test runs it")]
#[test]
fn a_person_is_not_kept_waiting() {
    let longest = |texts: &[&str]| {
        let mut longest = 0;
        for gap in [60, 61, 75, 79, 80, 81, 100, 140, 250, 600, 2_000] {
            for text in texts {
                let mut window = Window::new();
                window.types(text, gap);
                window.enter(gap);
                window.rest();
                assert_eq!((window.delivered_text(), &window.scans), (format!("{text}\n"), &vec![]), "{gap} ms");
                longest = longest.max(window.longest_delay());
            }
        }
        longest
    };
    assert_eq!(longest(&["1234", "0000", "12345678901234567890", "31.12.2026 23:59"]), FAST);
    // Letters with which a pass begins under some layout.
    assert_eq!(longest(&["Иванова Зульфия Ильдаровна", "Mustermann", "https://example.org/", "п"]), START);
    assert_eq!(longest(&["Gleb", "GLEB", "глава", "ПДД"]), 2 * (START - 1));
    assert_eq!(longest(&["GL10", "пд1"]), 3 * (START - 1));
}

#[cfg_attr(debug_assertions, ignore = "long where nothing is optimised; script/test runs it")]
#[test]
fn a_fast_typist_with_rolling_fingers_is_no_scanner() {
    let mut window = Window::new();
    let mut random = 1_u32;
    let mut next = |below: u32| {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        u64::from((random >> 8) % below)
    };
    let text = "съешь же ещё этих мягких французских булок, да выпей чаю 0123456789 ".repeat(300);
    window.types_unevenly(&text, |_| match next(10) {
        0 => 15 + next(25),
        1 | 2 => 40 + next(40),
        _ => 80 + next(100),
    });
    window.rest();
    assert_eq!((window.delivered_text() == text, &window.scans), (true, &vec![]));
    assert!(window.longest_delay() <= 2 * START, "{}", window.longest_delay());
}

#[test]
fn codes_that_are_no_pass_are_heard_too() {
    for text in ["12345670", "4006381333931", "https://example.org/a?b=c", "ABC-12"] {
        let mut window = Window::new();
        window.types(text, 5);
        window.enter(5);
        assert_eq!((&window.scans, &window.delivered), (&vec![scan(text, Ending::Enter)], &vec![]));
    }
    // From a slow scanner too late to withhold all of it, and in time for its Enter.
    for text in ["12345670", "4006381333931"] {
        let mut window = Window::new();
        window.types(text, 45);
        window.enter(45);
        assert_eq!(window.scans, [Scan { leaked: 7, ..scan(text, Ending::Enter) }]);
        assert_eq!(window.delivered_text(), text[..7]);
    }
}

#[test]
fn a_hand_that_falls_on_the_keyboard_is_no_scanner() {
    for (text, ended) in [("asdfg", true), ("asdfghj", false)] {
        let mut window = Window::new();
        window.types(text, 3);
        if ended {
            window.enter(3);
        }
        window.rest();
        assert!(window.scans.is_empty());
        assert_eq!(window.delivered_text(), if ended { format!("{text}\n") } else { text.to_owned() });
    }
}

#[test]
fn an_enter_that_belongs_to_a_scan_clicks_nothing() {
    let good = pass_text();
    let mut window = Window::new();
    // Set to send Enter twice, or Tab and Enter.
    window.types(&good, 8);
    window.enter(8);
    window.enter(8);
    window.key(Key::Tab);
    assert_eq!((window.scans.len(), window.delivered.len()), (1, 0));
    window.enter(400);
    assert_eq!(window.delivered_text(), "\n", "a person's");
    // Its Enter delayed by the radio until the scan was given up.
    window.types(&good, 8);
    window.enter(SILENCE + 700);
    assert_eq!(window.scans[1..], [scan(&good, Ending::Silence)]);
    assert_eq!(window.delivered.len(), 1);
    window.enter(1_200);
    assert_eq!(window.delivered.len(), 2);
}

#[test]
fn what_a_person_typed_just_before_is_no_part_of_a_scan() {
    for code in [pass_text(), "4006381333931".to_owned()] {
        let mut window = Window::new();
        window.types("1234", 150);
        window.wait(150);
        window.types(&code, 5);
        window.enter(5);
        assert_eq!((&window.scans, window.delivered_text()), (&vec![scan(&code, Ending::Enter)], "1234".to_owned()));
    }
}

#[test]
fn what_is_typed_slowly_is_a_persons_whatever_it_says() {
    let mut window = Window::new();
    window.types("GL1:AB", SILENCE);
    window.rest();
    assert_eq!((window.delivered_text(), &window.scans), ("GL1:AB".to_owned(), &vec![]));
    // Also where the window has forgotten to ask for ticks.
    let mut window = Window::new();
    for c in "GL1:".chars() {
        window.now += START + 1_001;
        window.key(Key::Text(c.to_string()));
    }
    assert_eq!((window.delivered_text(), &window.scans), ("GL1".to_owned(), &vec![]));
}

#[test]
fn modifiers_without_end_are_not_held_back() {
    let mut window = Window::new();
    window.types("a", 0);
    for _ in 0..1_000 {
        window.key(Key::Modifier);
        assert!(window.withheld() <= 65);
    }
    assert_eq!((window.delivered.len(), window.withheld()), (1_001, 0));
}

#[test]
fn half_a_code_is_given_as_what_it_is() {
    let good = pass_text();
    let mut window = Window::new();
    window.types(&good[..40], 8);
    window.rest();
    assert_eq!(window.scans, [scan(&good[..40], Ending::Silence)]);
    assert!(window.delivered.is_empty());
}

#[test]
fn two_scans_follow_each_other_at_once() {
    let good = pass_text();
    let mut window = Window::new();
    for _ in 0..2 {
        window.types(&good, 2);
        window.enter(2);
    }
    // Without an Enter between them they are one text, which the repair takes apart.
    window.types(&format!("{good}{good}"), 2);
    window.enter(2);
    let once = scan(&good, Ending::Enter);
    assert_eq!(window.scans, [once.clone(), once, scan(&format!("{good}{good}"), Ending::Enter)]);
    assert!(window.delivered.is_empty());
}

#[test]
fn a_text_without_end_is_cut_off_and_swallowed() {
    let mut window = Window::new();
    let long = format!("GL1:{}", "Ж".repeat(MAX_TEXT * 2));
    window.types(&long, 1);
    let cut: String = long.chars().take(MAX_TEXT).collect();
    assert_eq!(window.scans, [scan(&cut, Ending::TooLong)], "at once, not at its end");
    window.enter(1);
    window.enter(50);
    window.wait(1_000);
    assert!(window.delivered.is_empty());
    window.types(&pass_text(), 1);
    window.enter(1);
    assert_eq!(window.scans[1..], [scan(&pass_text(), Ending::Enter)]);
    window.types("1", 1_000);
    window.rest();
    assert_eq!(window.delivered_text(), "1");
}

#[test]
fn control_keys_do_not_end_a_scan() {
    let good = pass_text();
    let mut window = Window::new();
    window.key(Key::Modifier);
    window.types(&good[..50], 5);
    for key in
        [Key::Other, Key::Modifier, Key::Text("\u{1D}".into()), Key::Text("\u{F700}".into()), Key::Text(String::new())]
    {
        window.key(key);
    }
    window.types(&good[50..], 5);
    window.enter(5);
    assert_eq!(window.scans, [Scan { ignored: 3, ..scan(&good, Ending::Enter) }]);
    assert_eq!(window.delivered.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [0], "a modifier before it");
}

#[test]
fn keys_without_text_are_delivered_at_once_and_in_their_place() {
    let mut window = Window::new();
    window.types("ab", 10);
    window.key(Key::Modifier);
    window.key(Key::Other);
    assert_eq!(window.delivered, [(0, 20), (1, 20), (2, 20), (3, 20)]);
    for key in [Key::Other, Key::Enter, Key::Tab, Key::Modifier, Key::Text("вставленный текст".into())]
    {
        window.key(key);
    }
    assert_eq!(window.delivered.len(), 9);
}

#[test]
fn a_key_held_down_is_a_persons() {
    let mut window = Window::new();
    window.types("0", 0);
    window.wait(400);
    for _ in 0..50 {
        window.wait(30);
        window.press(Key::Text("0".into()), true);
    }
    window.rest();
    assert_eq!((window.delivered_text(), &window.scans), ("0".repeat(51), &vec![]));
    assert_eq!(window.longest_delay(), FAST);
    // A release that the radio has lost: the repeats are no part of the code.
    let good = pass_text();
    let mut window = Window::new();
    for (at, c) in good.chars().enumerate() {
        window.types(&c.to_string(), 5);
        if at == 20 {
            (0..9).for_each(|_| window.press(Key::Text(c.to_string()), true));
        }
    }
    window.enter(5);
    assert_eq!((&window.scans, &window.delivered), (&vec![scan(&good, Ending::Enter)], &vec![]));
}
