//! For any sequence of keys at any times, with ticks punctual, late or never.

use greenlit_core::typed::burst::{FAST, MAX_TEXT, START};
use proptest::prelude::*;

use crate::typed_harness::{Key, Window, text_of};

#[derive(Clone, Debug)]
enum Act {
    Press(Key, bool),
    Tick,
}

fn key() -> impl Strategy<Value = Key> {
    let text = |text: &str| Key::Text(text.to_owned());
    prop_oneof![
        8 => "[GLПДглGl1:Ж0-9A-Z]".prop_map(Key::Text),
        1 => "\\PC{0,6}".prop_map(Key::Text),
        1 => Just(Key::Enter),
        1 => Just(Key::Tab),
        1 => Just(Key::Modifier),
        1 => Just(Key::Other),
        1 => Just(text("\u{8}")),
        1 => Just(text("")),
    ]
}

fn gap() -> impl Strategy<Value = u64> {
    prop_oneof![6 => 0..10_u64, 3 => 30..90_u64, 1 => 90..1_200_u64, 1 => Just(100_000)]
}

/// Bursts of machine speed among everything else, some with the beginning of a pass.
fn acts() -> impl Strategy<Value = Vec<(u64, Act)>> {
    let press =
        (gap(), key(), prop::bool::weighted(0.1)).prop_map(|(gap, key, repeat)| vec![(gap, Act::Press(key, repeat))]);
    let tick = gap().prop_map(|gap| vec![(gap, Act::Tick)]);
    let burst = (gap(), 0..12_u64, "(GL1:|ПД1Ж|gl1:|)[0-9A-Z $%*+./:-]{0,30}").prop_map(|(first, gap, text)| {
        let keys = text.chars().map(|c| (gap, Act::Press(Key::Text(c.to_string()), false)));
        std::iter::once((first, Act::Tick)).chain(keys).collect()
    });
    prop::collection::vec(prop_oneof![6 => press, 2 => tick, 1 => burst], 0..80).prop_map(|all| all.concat())
}

proptest! {
    #![proptest_config(crate::random_cases(256))]

    #[test]
    fn each_key_is_delivered_or_scanned_and_none_is_both(acts in acts(), punctual: bool) {
        let mut window = Window::new();
        for (gap, act) in acts {
            if punctual { window.wait(gap) } else { window.now += gap }
            match act {
                Act::Press(key, repeat) => window.press(key, repeat),
                Act::Tick => window.tick(),
            }
            prop_assert!(window.withheld() <= 65);
        }
        window.rest();
        let ids: Vec<_> = window.delivered.iter().map(|(id, _)| *id).collect();
        prop_assert!(ids.is_sorted_by(|one, next| one < next), "in order, and none twice: {ids:?}");
        // What was not delivered is what the scans hold, but for keys that say nothing.
        let kept = window.keys.iter().enumerate().filter(|(id, _)| ids.binary_search(id).is_err());
        let says = |key: &Key| match key {
            Key::Text(text) if text.chars().count() <= 4 && !text.chars().any(|c| c.is_control() || ('\u{E000}'..='\u{F8FF}').contains(&c)) => text.clone(),
            _ => String::new(),
        };
        let kept: String = kept.filter(|(_, (_, repeat, _))| !repeat).map(|(_, (key, ..))| says(key)).collect();
        let scanned: String = window.scans.iter().flat_map(|scan| scan.text.chars().skip(scan.leaked)).collect();
        prop_assert_eq!(kept, scanned);
        if punctual {
            prop_assert!(window.longest_delay() <= 3 * START + FAST, "{}", window.longest_delay());
        }
    }

    #[test]
    fn a_person_is_always_let_through(keys in prop::collection::vec((60..400_u64, key()), 0..60)) {
        let mut window = Window::new();
        for (gap, key) in &keys {
            window.wait(*gap);
            window.key(key.clone());
        }
        window.rest();
        let typed: String = keys.iter().map(|(_, key)| text_of(key)).collect();
        // Whoever types the beginning of a pass has made a scan of it; that is rare enough to say nothing about.
        prop_assume!(window.scans.is_empty());
        prop_assert_eq!(window.delivered_text(), typed);
        prop_assert!(window.longest_delay() <= 3 * START);
    }
}

proptest! {
    #![proptest_config(crate::random_cases(32))]
    #[test]
    fn memory_is_bounded(text in "\\PC{1,4}", repeat: bool, gap in 0..600_u64, modifiers in 0..3) {
        let mut window = Window::new();
        for at in 0..12_000 {
            window.wait(gap);
            let key = if at % 4 < modifiers { Key::Modifier } else { Key::Text(text.clone()) };
            window.press(key, repeat);
            prop_assert!(window.withheld() <= 65);
            if at % 1_000 == 999 {
                let size = format!("{:?}", window.burst).len();
                prop_assert!(size < 10_000 + 16 * MAX_TEXT, "{size}");
                prop_assert!(window.scans.iter().all(|scan| scan.text.chars().count() <= MAX_TEXT));
            }
        }
    }
}
