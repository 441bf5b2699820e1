//! What passes of other schemes are called.

use greenlit_core::scheme::Scheme;

use crate::Language;

messages! {
    /// A scheme.
    pretix() { en: "Event ticket", ru: "Билет на мероприятие", ba: "Сара билеты" }
    /// A scheme.
    hcert() { en: "Health certificate", ru: "Сертификат о здоровье", ba: "Һаулыҡ сертификаты" }
    /// A scheme.
    claim169() { en: "National ID code", ru: "Код удостоверения личности", ba: "Шәхес таныҡлығы коды" }
    /// A scheme.
    aadhaar() { en: "Aadhaar code (India)", ru: "Код Aadhaar (Индия)", ba: "Aadhaar коды (Һиндостан)" }
    /// A scheme.
    two_d_doc() { en: "2D-Doc (France)", ru: "2D-Doc (Франция)", ba: "2D-Doc (Франция илендә)" }
    /// A code of a scheme that the till's authority does not take.
    not_taken(scheme) {
        en: "{scheme}: not accepted here", ru: "{scheme}: здесь не принимают", ba: "{scheme}: бында ҡабул ителмәй"
    }
    /// A code that is not signed.
    online_only(scheme) {
        en: "{scheme}: can only be checked online", ru: "{scheme}: проверить можно только по сети",
        ba: "{scheme}: селтәр аша ғына тикшереп була"
    }
}

/// What passes of a scheme are called.
pub fn scheme(scheme: Scheme, language: Language) -> String {
    match scheme {
        Scheme::Pretix => pretix(language),
        Scheme::Hcert => hcert(language),
        Scheme::Claim169 => claim169(language),
        Scheme::Aadhaar => aadhaar(language),
        Scheme::TwoDDoc => two_d_doc(language),
    }
}
