//! Vectors of what is no pass: named, never accused, never opened.

use greenlit_core::trust::root_code;
use greenlit_testkit::fixture::*;

use super::Cases;

pub(crate) fn add(cases: &mut Cases) {
    let portal = "a link to the Gosuslugi portal, which is not a pass: ask the guest for the pass itself";
    let other = "a certificate of another scheme, not a Greenlit pass";
    let link = |host: &str| format!("a web link to {host}, not a pass");
    let root = "an authority's root, not a pass: add it when setting up the till";
    let (root_code, good) = (root_code::to_code(&Authority::new().signed_root(0)).unwrap(), sign(&pass(), ISSUER));
    let long = format!("https://gosuslugi.ru.{}.evil.example/", "x".repeat(60));
    let texts: &[(&str, &str, &str)] = &[
        ("gosuslugi", "https://www.gosuslugi.ru/covid-cert/verify/9000000000000000?lang=ru&ck=0", portal),
        ("gosuslugi-upper-case", "HTTPS://GOSUSLUGI.RU/COVID-CERT", portal),
        ("gosuslugi-dot", "https://gosuslugi.ru./x", portal),
        ("gosuslugi-lookalike-suffix", "https://gosuslugi.ru.evil.example/", &link("gosuslugi.ru.evil.example")),
        ("gosuslugi-lookalike-prefix", "https://xgosuslugi.ru/", &link("xgosuslugi.ru")),
        ("gosuslugi-lookalike-user", "https://gosuslugi.ru@evil.example/", &link("evil.example")),
        ("gosuslugi-lookalike-backslash", "https://evil.example\\.gosuslugi.ru", &link("evil.example")),
        ("gosuslugi-lookalike-long", &long, &link(&format!("…{}.evil.example", "x".repeat(26)))),
        ("link", "http://cafe.example:8080/menu", &link("cafe.example")),
        ("link-bidi", "http://a\u{202E}b\u{0007}c.example", &link("abc.example")),
        ("link-empty", "https://", "a web link, not a pass"),
        ("link-with-a-pass-in-it", "https://pass.example/GL1:ABC", &link("pass.example")),
        ("payment", "ST00012|Name=OOO|PersonalAcc=1", "a payment code, not a pass"),
        ("payment-sepa", "BCD\n002\n1\nSCT", "a payment code, not a pass"),
        ("wifi", "WIFI:S:cafe;T:WPA;P:secret;;", "a Wi-Fi code, not a pass"),
        ("contact", "BEGIN:VCARD\nVERSION:3.0\nN:B;Z\nEND:VCARD", "a contact card, not a pass"),
        ("phone", "tel:+73470000000", "a phone number, not a pass"),
        ("email", "mailto:desk@cafe.example", "an e-mail, not a pass"),
        ("place", "geo:54.73,55.97", "a place on a map, not a pass"),
        ("event", "BEGIN:VEVENT\nSUMMARY:X\nEND:VEVENT", "a calendar entry, not a pass"),
        ("eu-certificate", "HC1:NCFOXN%TS3DH", other),
        ("smart-health-card", "shc:/5676290952432060346029243740446031222959532654603460292540772804", other),
        ("text", "4606038069239", "a text, not a pass"),
        ("text-russian", "Добро пожаловать", "a text, not a pass"),
        ("empty", "", "an empty code, not a pass"),
        ("blank", " \r\n\t", "an empty code, not a pass"),
        ("lower-case-prefix", "gl1:6BF", "a text, not a pass"),
        ("prefix-without-colon", "GL1", "a text, not a pass"),
        ("prefix-without-number", "GL:6BF", "a text, not a pass"),
        ("prefix-version-0", "GL0:6BF", "a text, not a pass"),
        ("prefix-leading-zero", "GL01:6BF", "a text, not a pass"),
        ("prefix-after-space", " GL1:6BF", "a text, not a pass"),
        ("root-code", &root_code, root),
        ("root-code-with-nothing-in-it", "GLR1:", root),
        ("root-code-before-a-pass", &format!("{}{good}", root_code::PREFIX), root),
        ("root-code-with-the-bytes-of-a-pass", &good.replacen("GL1:", root_code::PREFIX, 1), root),
        ("root-code-damaged", &root_code.replacen('6', "?", 1), root),
        ("root-code-lower-case-prefix", &root_code.replacen("GLR1:", "glr1:", 1), "a text, not a pass"),
        ("root-code-other-version", &root_code.replacen("GLR1:", "GLR2:", 1), "a text, not a pass"),
        ("root-code-after-space", &format!(" {root_code}"), "a text, not a pass"),
        ("prefix-after-mark", "\u{FEFF}GL1:6BF", "a text, not a pass"),
    ];
    for (name, text, says) in texts {
        let case = cases.add(&format!("not-a-pass-{name}"), "it is no pass, and nobody is accused", *text);
        (case.answer, case.code, case.benefits) = ("not-a-pass".into(), None, None);
        case.says = Some((*says).into());
    }
    for (name, hex) in [("binary", "fffe00"), ("binary-pass-bytes", "d28450a2013204"), ("windows-1251", "cff0e8e2e5f2")]
    {
        let case = cases.add(&format!("not-a-pass-{name}"), "bytes that are no text", "");
        (case.text, case.hex) = (None, Some(hex.into()));
        (case.answer, case.code, case.benefits) = ("not-a-pass".into(), None, None);
        case.says = Some("data, not a pass".into());
    }
}
