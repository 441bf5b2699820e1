//! Site files as somebody might write them.

use super::*;

const PRINT: &str = "6b1e7c1f2d3e4f5061728394a5b6c7d8e9fa0b1c2d3e4f5061728394a5b6c7d8";

/// A mistake's line, code and message.
type Told = (Option<usize>, &'static str, String);

fn told(text: &str) -> (ManagedSettings, Vec<Told>) {
    let (managed, mistakes) = parse(text, Path::new("/etc/greenlit"));
    (managed, mistakes.into_iter().map(|m| (m.line, m.wrong.code(), m.wrong.to_string())).collect())
}

#[test]
fn every_key_is_taken() {
    let text = format!(
        "# A chain's hotels\nsites = [\"hotel\", \"resort\",\n  \"museum\"]\nroot = \"root-1.cbor\"\nfingerprint = \"{PRINT}\"\n\
         source = \"https://trust.example/pub\"\nca = \"/etc/ssl/ours.pem\"\nproxy = \"http://proxy:3128\"\n\
         language = \"ba\"\nsound = \"tones\"\ntext-size = \"largest\"\nmotion = \"off\"\n"
    );
    let (managed, mistakes) = told(&text);
    assert!(mistakes.is_empty(), "{mistakes:?}");
    let site = |word: &str| VenueKind(word.into());
    assert_eq!(managed.sites, Some(vec![site("hotel"), site("resort"), site("museum")]));
    let root = managed.root.unwrap();
    assert_eq!((root.file.as_path(), root.line), (Path::new("/etc/greenlit/root-1.cbor"), 4));
    assert_eq!(Some(root.fingerprint), Fingerprint::parse(PRINT));
    assert_eq!(managed.source.as_deref(), Some("https://trust.example/pub"));
    assert_eq!(managed.ca.as_deref(), Some(Path::new("/etc/ssl/ours.pem")));
    assert_eq!((managed.proxy.as_deref(), managed.language.as_deref()), (Some("http://proxy:3128"), Some("ba")));
    assert_eq!(managed.sound, Some(SoundMode::Tones));
    assert_eq!((managed.text_size, managed.motion), (Some(TextSize::Largest), Some(Motion::Off)));
    for nothing in ["", "\u{FEFF}", "# nothing\r\n\r\n"] {
        assert_eq!(parse(nothing, Path::new("/")).0, ManagedSettings::default());
        assert!(told(nothing).1.is_empty());
    }
    let (managed, mistakes) = told("\u{FEFF}language = \"ru\"\r\nsource = 'share'\r\n");
    assert!(mistakes.is_empty(), "{mistakes:?}");
    assert_eq!(managed.source.as_deref(), Some("/etc/greenlit/share"));
}

#[test]
fn each_mistake_is_told_with_its_line_and_what_to_write() {
    for (text, code, words) in [
        ("sorce = \"x\"", "unknown-key", "did you mean \"source\"?"),
        ("printer = \"x\"", "unknown-key", "known values are name, sites, root, fingerprint, source"),
        ("[root]\nfile = \"x\"", "wrong-kind", "must not be a table; write root = \"root-1.cbor\""),
        ("sites = \"hotel\"", "wrong-kind", "must not be a text; write sites = [\"hotel\"]"),
        ("sites = [1]", "wrong-kind", "must not be a number"),
        ("sites = []", "empty", "or remove the line"),
        ("sites = [\"hotle\"]", "unknown-site", "did you mean \"hotel\"?"),
        ("sites = [\"Big Hotel California\"]", "unknown-site", "known values are retail, hotel"),
        ("language = \"tatar\"", "unknown-language", "known values are ru, ba, en"),
        ("language = 7", "wrong-kind", "write language = \"ru\""),
        ("language = \" \"", "empty", "language is empty"),
        ("sound = \"tone\"", "unknown-sound", "did you mean \"tones\"?"),
        ("sound = true", "wrong-kind", "must not be true or false"),
        ("text-size = \"larg\"", "unknown-text-size", "did you mean \"large\"?"),
        ("text-size = \"huge\"", "unknown-text-size", "known values are normal, large, largest"),
        ("text-size = 2", "wrong-kind", "write text-size = \"large\""),
        ("motion = \"fast\"", "unknown-motion", "write motion = \"on\" or motion = \"off\""),
        ("motion = false", "wrong-kind", "write motion = \"off\""),
        ("name = \"\"", "empty", "write name = "),
        ("name = \"12345678901234567890123456789012345678901\"", "bad-name", "longer than 40"),
        ("name = \"a\\u0007b\"", "not-plain", "name"),
        ("capacity = 0", "bad-capacity", "write 1 to 99999"),
        ("capacity = \"250\"", "wrong-kind", "write capacity = 250"),
        ("source = \"http://plain.example\"", "bad-source", "write an https:// address"),
        ("source = \"ftp://u:secret@h/p\"", "bad-source", "ftp://…@h/p"),
        ("source = \"https://user@host.example/pub\"", "bad-source", "without user"),
        ("source = \"https://host.example/pub?x=1#y\"", "bad-source", "without user"),
        ("source = \"https://\"", "bad-source", "write an https:// address"),
        ("source = 2026-01-01", "wrong-kind", "must not be a time"),
        ("ca = [\"a\"]", "wrong-kind", "must not be a list"),
        ("proxy = \"proxy:3128\"", "bad-proxy", "http://proxy.example:3128"),
        ("proxy = \"socks://u:secret@proxy\"", "bad-proxy", "socks://…@proxy"),
        ("fingerprint = \"abcd\"\nroot = \"r\"", "bad-fingerprint", "has 4 hexadecimal digits instead of 64"),
        ("fingerprint = \"wxyz\"\nroot = \"r\"", "bad-fingerprint", "other than hexadecimal digits"),
        ("root = \"root-1.cbor\"", "root-without-fingerprint", "add fingerprint"),
        (&format!("fingerprint = \"{PRINT}\""), "fingerprint-without-root", "add root"),
        ("source = \"a\\u0000b\"", "not-plain", "is not plain text"),
        (&format!("source = \"/{}\"", "x".repeat(1_001)), "not-plain", "longer than 1,000 bytes"),
        ("language = ru", "syntax", "write each line as key = \"value\""),
        ("language = \"ru", "syntax", "language = \"ru\""),
        ("language = \"ru\"\nlanguage = \"en\"", "syntax", "duplicate"),
        ("nonsense", "syntax", "write each line as key = \"value\""),
    ] {
        let (managed, mistakes) = told(text);
        assert_eq!(mistakes.len(), 1, "{text}: {mistakes:?}");
        let (line, found, message) = &mistakes[0];
        assert_eq!(*found, code, "{text}: {mistakes:?}");
        assert!(message.contains(words), "{text}: {message}");
        assert!(!message.contains("secret") && message.lines().count() == 1, "{message}");
        assert!(line.is_some_and(|line| line <= 2), "{text}: {line:?}");
        assert!(managed.root.is_none());
    }
}

#[test]
fn all_mistakes_of_a_file_are_told_and_the_rest_holds() {
    let text = "sites = [\"hotle\", \"resort\", \"sprot\"]\nlangage = \"ru\"\nsound = \"tones\"\nproxy = 7\nx y\nlanguage = \"ba\"\n";
    let (managed, mistakes) = told(text);
    let found: Vec<_> = mistakes.iter().map(|(line, code, _)| (line.unwrap(), *code)).collect();
    let wanted = [(1, "unknown-site"), (1, "unknown-site"), (2, "unknown-key"), (4, "wrong-kind"), (5, "syntax")];
    assert_eq!(found, wanted, "{mistakes:?}");
    let wanted =
        ManagedSettings { language: Some("ba".into()), sound: Some(SoundMode::Tones), ..ManagedSettings::default() };
    assert_eq!(managed, wanted);
    // Whatever a broken line does to those after it.
    for broken in ["x y", "[", "a = [1,", "c = {", "=", "\"", "language"] {
        let (managed, mistakes) = told(&format!("{broken}\nlanguage = \"ru\"\nsound = \"off\"\n"));
        assert!(mistakes.iter().any(|(line, ..)| *line == Some(1)), "{broken}: {mistakes:?}");
        assert!(managed.sound == Some(SoundMode::Off) || mistakes.len() > 1, "{broken}: {mistakes:?}");
    }
    // A text that never ends takes the rest of the file with it.
    let (managed, mistakes) = told("source = \"\"\"\nlanguage = \"ru\"\n");
    assert_eq!((managed, mistakes.len()), (ManagedSettings::default(), 1), "{mistakes:?}");
}

#[test]
fn any_text_is_read_to_its_end() {
    let many = (0..5_000).map(|n| format!("k{n} = 1\n")).collect::<String>();
    let (_, mistakes) = told(&many);
    assert_eq!(mistakes.len(), MAX_MISTAKES + 1);
    assert!(mistakes.iter().any(|(line, _, message)| line.is_none() && message.contains("4980 more")), "{mistakes:?}");
    for text in ["[".repeat(60_000), "a.".repeat(30_000), "{a=".repeat(20_000), "\"\"\"".into(), "\u{1b}[32m".into()] {
        let (managed, mistakes) = told(&text);
        assert!(!mistakes.is_empty(), "{}", short(&text));
        assert_eq!(managed, ManagedSettings::default());
    }
}

#[test]
fn the_sample_names_every_key_and_has_no_mistake() {
    let sample = include_str!("../../../../assets/site.toml");
    assert!(told(sample).1.is_empty());
    let used: String = sample
        .lines()
        .map(|line| line.strip_prefix('#').filter(|l| !l.starts_with(' ')).unwrap_or(""))
        .fold(String::new(), |all, line| all + line + "\n");
    let (managed, mistakes) = told(&used);
    assert!(mistakes.is_empty(), "{mistakes:?}");
    assert!(KEYS.iter().all(|key| used.contains(&format!("{key} = "))), "{used}");
    assert!(managed.root.is_some() && managed.proxy.is_some() && managed.sites.is_some());
}

#[test]
fn a_value_is_taken_by_the_file_as_it_is_by_the_command() {
    for (setting, values) in [
        (
            Setting::Source,
            &[
                "https://a.example/pub",
                "HTTPS://a.example",
                "https://u@a.example",
                "https://a.example/?x",
                "https://a.example/#x",
                "http://a.example",
                "ftp://a.example",
                "https://",
                "https://a b",
                "pub",
                "/srv/pub",
            ][..],
        ),
        (Setting::Proxy, &["http://a:1", "https://a:1", "socks5://a:1", "a:1", "http://", "http://u:p@a:1"]),
        (Setting::Language, &["ru", "ba", "en", "RU", "de"]),
        (Setting::Sound, &["off", "beep", "tones", "on"]),
        (
            Setting::Name,
            &["Кафе «Ай»", "1234567890123456789012345678901234567890", "12345678901234567890123456789012345678901"],
        ),
        (Setting::Capacity, &["1", "250", "99999", "0", "100000", "-1", "2.5", "99999999999999999999"]),
    ] {
        for value in values {
            let quote = if setting == Setting::Capacity { "" } else { "\"" };
            let (managed, mistakes) = told(&format!("{} = {quote}{value}{quote}\n", setting.name()));
            let site = crate::config::site_file::SiteFile { managed, ..Default::default() };
            assert_eq!(setting.check(value).is_ok(), mistakes.is_empty(), "{value}: {mistakes:?}");
            assert_eq!(site.setting(setting).is_some(), mistakes.is_empty(), "{value}");
        }
    }
}

#[test]
fn a_file_of_nothing_but_mistakes_is_told_of_once() {
    for text in ["=".repeat(64 << 10), "=\n".repeat(32 << 10), "a=\n".repeat(21 << 10)] {
        let (managed, mistakes) = told(&text);
        assert_eq!(managed, ManagedSettings::default());
        assert!((1..=MAX_MISTAKES + 1).contains(&mistakes.len()), "{}", mistakes.len());
        assert_eq!((mistakes[0].0, mistakes[0].1), (Some(1), "syntax"));
        // Each line once, and how many more there are.
        let mut lines: Vec<_> = mistakes.iter().map(|(line, ..)| *line).collect();
        lines.dedup();
        assert_eq!(lines.len(), mistakes.len());
        assert_eq!(mistakes.len() > 1, text.contains('\n'));
    }
}
