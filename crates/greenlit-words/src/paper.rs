//! What stands on a pass that is printed for its holder.

use crate::Language;

messages! {
    /// The heading.
    pass() { en: "Pass", ru: "Пропуск", ba: "Рөхсәтнамә" }
    /// What a file of several is called.
    passes() { en: "Passes", ru: "Пропуска", ba: "Рөхсәтнамәләр" }
    /// Before the holder's initials.
    initials() { en: "Initials", ru: "Инициалы", ba: "Инициалдар" }
    /// Before the holder's birthday.
    birthday() { en: "Day and month of birth", ru: "День и месяц рождения", ba: "Тыуған көн һәм ай" }
    /// Before the last characters of a document's number; its kind is an argument.
    document(kind) {
        en: "{kind}, last characters of its number",
        ru: "{kind}, последние знаки номера",
        ba: "{kind}, номерының һуңғы билдәләре",
    }
    /// Before the first day.
    valid_from() { en: "Valid from", ru: "Действителен с", ba: "Беренсе көнө" }
    /// Before the last day.
    valid_through() { en: "Valid through", ru: "Действителен по", ba: "Һуңғы көнө" }
    /// Before the reference.
    reference() { en: "Reference", ru: "Номер пропуска", ba: "Рөхсәтнамә номеры" }

    /// Above what the holder is to know.
    for_the_holder() { en: "For the holder", ru: "Владельцу", ba: "Хужаһына" }
    /// How a pass is shown that names a document.
    show_with_this_document() {
        en: "Show the pass together with the document named here.",
        ru: "Показывайте пропуск вместе с документом, который здесь указан.",
        ba: "Рөхсәтнамәне бында күрһәтелгән документ менән бергә күрһәтегеҙ.",
    }
    /// How a pass is shown that names none.
    show_with_a_document() {
        en: "Show the pass together with your ID.",
        ru: "Показывайте пропуск вместе с документом, удостоверяющим личность.",
        ba: "Рөхсәтнамәне шәхесте раҫлаған документ менән бергә күрһәтегеҙ.",
    }
    /// Whose it is.
    do_not_share() {
        en: "Don't give it, or a picture of its code, to anybody: it is for you alone.",
        ru: "Никому не передавайте пропуск и снимки его кода: он только для вас.",
        ba: "Рөхсәтнамәне һәм уның коды төшөрөлгән һүрәтте бер кемгә лә бирмәгеҙ: ул тик һеҙҙең өсөн.",
    }
    /// What to do about one that is lost.
    if_lost() {
        en: "If you lose it, tell the authority.",
        ru: "Если потеряете пропуск, сообщите в ведомство.",
        ba: "Рөхсәтнамәне юғалтһағыҙ, идаралыҡҡа хәбәр итегеҙ.",
    }
    /// And what helps then.
    note_the_reference() {
        en: "Its reference helps: write it down.",
        ru: "Поможет номер пропуска: запишите его.",
        ba: "Рөхсәтнамә номеры ярҙам итер: уны яҙып ҡуйығыҙ.",
    }

    /// On a pass of a practice authority.
    demo() { en: "DEMO · not a real pass", ru: "ДЕМО · пропуск не настоящий", ba: "ДЕМО · рөхсәтнамә ысын түгел" }
    /// On a sample.
    specimen() { en: "SPECIMEN · not valid", ru: "ОБРАЗЕЦ · недействителен", ba: "ӨЛГӨ · ғәмәлдә түгел" }
}

/// What the holder is to know, a sentence or two a line.
pub fn advice(language: Language, names_document: bool, has_reference: bool) -> [String; 3] {
    let show = if names_document { show_with_this_document(language) } else { show_with_a_document(language) };
    let lost = if has_reference {
        format!("{} {}", if_lost(language), note_the_reference(language))
    } else {
        if_lost(language)
    };
    [show, do_not_share(language), lost]
}
