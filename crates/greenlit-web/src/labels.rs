//! The texts that stand on the page whatever is scanned, by the names that the page has for them.

use std::collections::BTreeMap;

use greenlit_core::trust::VenueKind;
use greenlit_words::{Language, kinds, phone};

use crate::screen::say;

/// The window's own words.
const OF_THE_WINDOW: &[(&str, &str)] = &[
    ("settings", "Settings"),
    ("back", "Back"),
    ("next", "Next"),
    ("close", "Close"),
    ("mismatch", "Doesn't match"),
    ("undo", "Undo"),
    ("compare", "Compare with the ID"),
    ("hold", "Press and hold to keep this on the screen"),
    ("demo", "DEMO · not real passes"),
    ("language", "Language"),
    ("place", "Type of place"),
    ("trust-data", "Trust data"),
    ("update", "Update now"),
    ("updating", "One moment…"),
    ("updates-from", "Updates from {}"),
    ("whose", "Whose passes are checked?"),
    ("no-authority", "No authority added yet."),
    (
        "set-up",
        "Hold the authority's own code up to the camera, or choose its root file, from a USB stick for example.",
    ),
    ("choose-root", "Choose the root file"),
    ("trust-question", "Trust this authority?"),
    ("compare-fingerprint", "Compare this fingerprint with the one the authority gave you:"),
    ("instead", "This till currently trusts another authority: {}. If you continue, its data will be deleted."),
    ("trust", "They match: trust it"),
    ("switch", "They match: switch to this one"),
    ("no", "No"),
    ("older-root", "An older root of the same authority. Nothing to do."),
    ("already", "Already up to date"),
    ("not-root", "A code was read, but it is not an authority's root."),
    ("unreadable", "That couldn't be read."),
    ("picture", "Check a picture"),
    ("sound", "Result sound"),
    ("off", "Silent"),
    ("beep", "One beep"),
    ("tones", "A tune for each answer"),
    ("camera", "Camera"),
    ("starting", "Starting camera…"),
    ("no-camera", "No camera"),
    ("busy", "Camera busy"),
    ("stalled", "Camera not responding"),
    ("dark", "No image. Is the lens covered?"),
    ("light-on", "Switch the light on"),
    ("light-off", "Switch the light off"),
    ("wider", "Wider"),
    ("closer", "Closer"),
    ("photo", "The holder's photo"),
    ("nothing-stored", "Nothing about guests is stored."),
    ("add", "Add an authority"),
    ("colours", "Colours of the answers"),
    ("green-red", "Green and red"),
    ("blue-orange", "Blue and orange"),
];

/// All of them, with the types of place: `site-retail`.
pub fn labels(language: Language) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> =
        OF_THE_WINDOW.iter().map(|(name, english)| ((*name).to_owned(), unfilled(language, english))).collect();
    for (name, text) in phone::all(language) {
        all.insert(name.replace('_', "-"), text);
    }
    for word in VenueKind::KNOWN {
        all.insert(format!("site-{word}"), kinds::venue(&VenueKind(word.into()), language));
    }
    all
}

/// With its hole left for the page to fill.
fn unfilled(language: Language, english: &'static str) -> String {
    say(language, english, &["{}"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenlit_front::window_says;

    /// Every text that is asked of the window's catalogues, here and in the screens.
    #[test]
    fn the_window_says_it_in_every_language() {
        let sources = [include_str!("screen.rs"), include_str!("till.rs")].map(|source| {
            let all = source.split('"').skip(1).step_by(2).filter(|text| text.starts_with(char::is_uppercase));
            all.filter(|text| text.contains(' ')).collect::<Vec<_>>()
        });
        let own = OF_THE_WINDOW.iter().map(|(_, english)| *english);
        for english in own.chain(sources.into_iter().flatten()) {
            for language in Language::ALL {
                assert!(window_says(language, english), "{language:?}: {english:?}");
            }
        }
    }

    /// Every text that the page asks for by name.
    #[test]
    fn the_page_asks_for_no_other_names() {
        let (html, script) = (include_str!("../../../web/index.html"), include_str!("../../../web/main.js"));
        let named = |source: &'static str, before: &'static str, after: char| {
            source.split(before).skip(1).filter_map(move |rest| rest.split(after).next())
        };
        // say("element", what ? "one" : "other")
        let either = |call: &'static str| {
            let names = call.split(['?', ':']).skip(1).filter_map(|part| part.split('"').nth(1));
            names.filter(|name| !name.is_empty())
        };
        let asked = named(html, "data-say=\"", '"')
            .chain(named(html, "data-label=\"", '"'))
            .chain(named(script, "labels[\"", '"'))
            .chain(named(script, "Error: \"", '"'))
            .chain(named(script, "say(\"", ')').flat_map(either));
        let known = labels(Language::Ba);
        let mut count = 0;
        for name in asked {
            assert!(known.get(name).is_some_and(|text| !text.is_empty()), "{name:?}");
            count += 1;
        }
        assert!(count > 40, "{count}");
    }

    /// A browser in which nothing of ours runs gets these from the page itself.
    #[test]
    fn the_page_says_by_itself_that_a_browser_is_too_old() {
        let html = include_str!("../../../web/index.html");
        for language in Language::ALL {
            let said = format!("<p lang=\"{}\">{}</p>", language.tag(), phone::unsupported(language));
            assert!(html.contains(&said), "{said}");
        }
    }

    /// The colours of the answers and of the page are the window's.
    #[test]
    fn the_page_has_the_windows_colours() {
        let style = include_str!("../../../web/style.css");
        let theme = include_str!("../../../ui/theme.slint");
        let light = style.split("prefers-color-scheme: light").nth(1).unwrap();
        let blue = style.split("blue-orange").nth(1).unwrap();
        let value = |from: &str, name: &str| {
            let rest = from.split(&format!("--{name}: ")).nth(1)?;
            rest.split(';').next().map(str::to_owned)
        };
        let mut count = 0;
        for line in theme.lines().filter_map(|line| line.trim().strip_prefix("out property <brush> ")) {
            let (name, said) = line.trim_end_matches(';').split_once(": ").unwrap();
            let Some(ours) = value(style, name) else { continue };
            // "blue ? #1 : #2", "dark ? #1 : sunlight ? #3 : #2", or one for all.
            let parts: Vec<&str> = said.split([' ', '?', ':']).filter(|part| part.starts_with('#')).collect();
            match (said.split(' ').next().unwrap(), parts.as_slice()) {
                ("blue", [other, usual]) => {
                    assert_eq!((ours.as_str(), value(blue, name).as_deref()), (*usual, Some(*other)), "{name}");
                }
                ("dark", [dark, .., usual]) => {
                    assert_eq!((ours.as_str(), value(light, name).as_deref()), (*dark, Some(*usual)), "{name}");
                }
                (_, [.., usual]) => assert_eq!(ours, *usual, "{name}"),
                _ => panic!("{line}"),
            }
            count += 1;
        }
        assert!(count >= 24, "{count}");
    }
}
