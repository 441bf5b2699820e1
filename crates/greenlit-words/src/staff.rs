//! For whoever stands at the till: the window's words for each answer, why, and what to do or to tell the guest.

use greenlit_core::answer::{Answer, Code};
use greenlit_core::pass::NotAPass;

use crate::Language;
use crate::schemes::{not_taken, online_only, scheme};

messages! {
    /// An answer.
    valid() { en: "Valid", ru: "Действителен", ba: "Ғәмәлдә" }
    /// An answer.
    refused() { en: "Refused", ru: "Отказ", ba: "Кире ҡағыу" }
    /// An answer.
    not_genuine() { en: "Not genuine", ru: "Не подлинный", ba: "Ысын түгел" }
    /// An answer.
    cannot_tell() { en: "Cannot tell", ru: "Нельзя проверить", ba: "Тикшереп булмай" }
    /// What follows a valid answer.
    compare_with_id() { en: "Compare with the ID", ru: "Сверьте с документом", ba: "Документ менән сағыштырығыҙ" }
    /// A valid pass of somebody else.
    no_match() { en: "Doesn't match", ru: "Не совпадает", ba: "Тура килмәй" }
    /// A valid pass of somebody else, as an answer.
    no_match_with_id() {
        en: "Doesn't match the ID", ru: "Не совпадает с документом", ba: "Документҡа тура килмәй"
    }
    /// What to do with a valid pass of somebody else.
    own_pass() {
        en: "Ask for the guest's own pass",
        ru: "Попросите гостя показать свой пропуск",
        ba: "Ҡунаҡтың үҙ рөхсәтнамәһен һорағыҙ",
    }
    /// Above what is to be told.
    tell_the_guest() { en: "Tell the guest", ru: "Скажите гостю", ba: "Ҡунаҡҡа әйтегеҙ" }
    /// Of every amber answer.
    not_the_guest() { en: "It's not the guest's fault.", ru: "Гость не виноват.", ba: "Ҡунаҡтың ғәйебе юҡ." }

    /// A reason: none, it is valid.
    ok() {
        en: "Genuine, in date, not revoked", ru: "Подлинный, действует, не отозван",
        ba: "Ысын, ваҡыты үтмәгән, кире алынмаған",
    }
    /// The same of a pass of another scheme: whether one was called back is not to be known everywhere.
    ok_of_others() { en: "Genuine, in date", ru: "Подлинный, действует", ba: "Ысын, ваҡыты үтмәгән" }
    /// A reason.
    specimen() { en: "A specimen, not a pass", ru: "Образец, а не пропуск", ba: "Өлгө, рөхсәтнамә түгел" }
    /// A reason.
    expired() { en: "Expired", ru: "Срок истёк", ba: "Ваҡыты үткән" }
    /// A reason.
    not_yet_valid() { en: "Not valid yet", ru: "Ещё не действует", ba: "Әле ғәмәлдә түгел" }
    /// A reason.
    revoked() { en: "Revoked", ru: "Отозван", ba: "Кире алынған" }
    /// A reason.
    suspended() { en: "Suspended", ru: "Приостановлен", ba: "Туҡтатып торолған" }
    /// A reason.
    not_accepted() { en: "Not accepted here", ru: "Здесь не действует", ba: "Бында ғәмәлдә түгел" }
    /// A reason.
    another_event() { en: "Not for this event", ru: "Не на это мероприятие", ba: "Был сараға түгел" }
    /// A reason.
    malformed() {
        en: "The code is damaged or was altered", ru: "Код повреждён или изменён", ba: "Код боҙолған йәки үҙгәртелгән"
    }
    /// A reason.
    unknown_issuer() { en: "Unknown issuer", ru: "Неизвестное ведомство", ba: "Билдәһеҙ идаралыҡ" }
    /// A reason.
    signature() { en: "The signature is invalid", ru: "Подпись недействительна", ba: "Имза дөрөҫ түгел" }
    /// A reason.
    key_revoked() {
        en: "The issuer's key was revoked", ru: "Ключ ведомства отозван", ba: "Идаралыҡ асҡысы кире алынған"
    }
    /// A reason.
    outside_limits() {
        en: "Issuer not authorised for this pass",
        ru: "Ведомство не вправе выдавать такой пропуск",
        ba: "Идаралыҡ бындай рөхсәтнамә бирә алмай",
    }
    /// A reason.
    no_trust() {
        en: "No trust data on this till yet", ru: "Ещё нет данных для проверки", ba: "Тикшереү мәғлүмәте юҡ әле"
    }
    /// A reason.
    trust_expired() {
        en: "This till's trust data has expired", ru: "Данные для проверки просрочены", ba: "Тикшереү мәғлүмәте иҫкергән"
    }
    /// A reason.
    clock_behind() {
        en: "This till's clock is wrong", ru: "На устройстве неверное время", ba: "Ҡоролмала ваҡыт дөрөҫ түгел"
    }
    /// A reason.
    list_unusable() {
        en: "The revocation list is missing or too old",
        ru: "Список отозванных пропусков отсутствует или устарел",
        ba: "Кире алыу исемлеге юҡ йәки иҫкергән",
    }
    /// A reason.
    index_out_of_range() {
        en: "The pass is newer than our revocation list",
        ru: "Пропуск новее нашего списка отозванных",
        ba: "Рөхсәтнамә беҙҙең кире алыу исемлегенән яңыраҡ",
    }
    /// A reason.
    issuer_unknown_trust_stale() {
        en: "Unknown issuer, and our data is out of date",
        ru: "Ведомство неизвестно, а наши данные устарели",
        ba: "Идаралыҡ билдәһеҙ, ә беҙҙең мәғлүмәт иҫке",
    }
    /// A reason.
    unknown_version() { en: "A newer type of pass", ru: "Пропуск нового образца", ba: "Яңы төрлө рөхсәтнамә" }
    /// A reason.
    camera() { en: "The camera is not working", ru: "Камера не работает", ba: "Камера эшләмәй" }

    /// What to do, or to tell the guest.
    specimen_advice() {
        en: "This is a sample for training. Ask the guest for their own pass.",
        ru: "Это образец для обучения. Попросите гостя показать свой пропуск.",
        ba: "Был — өйрәнеү өсөн өлгө. Ҡунаҡтан үҙ рөхсәтнамәһен һорағыҙ.",
    }
    /// What to tell the guest.
    expired_advice() {
        en: "The pass is genuine but has expired. The guest can ask the issuer for a new one.",
        ru: "Пропуск подлинный, но его срок истёк. Гость может получить новый в ведомстве.",
        ba: "Рөхсәтнамә ысын, әммә ваҡыты үткән. Яңыһын идаралыҡтан алырға мөмкин.",
    }
    /// What to tell the guest.
    not_yet_valid_advice() {
        en: "The pass is genuine but not valid yet. The guest can come back on that date.",
        ru: "Пропуск подлинный, но ещё не действует. Гость может прийти в указанный день.",
        ba: "Рөхсәтнамә ысын, әммә әле ғәмәлдә түгел. Ҡунаҡ күрһәтелгән көндө килә ала.",
    }
    /// What to tell the guest.
    revoked_advice() {
        en: "The issuer revoked this pass. The guest can ask the issuer why.",
        ru: "Ведомство отозвало этот пропуск. Причину гость может узнать в ведомстве.",
        ba: "Идаралыҡ был рөхсәтнамәне кире алған. Сәбәбен ҡунаҡ унан белә ала.",
    }
    /// What to tell the guest.
    suspended_advice() {
        en: "The issuer has suspended this pass for now. The guest can ask the issuer why.",
        ru: "Ведомство временно приостановило этот пропуск. Причину гость может узнать в ведомстве.",
        ba: "Идаралыҡ был рөхсәтнамәне ваҡытлыса туҡтатҡан. Сәбәбен ҡунаҡ унан белә ала.",
    }
    /// What to tell the guest.
    not_accepted_advice() {
        en: "The pass is genuine, but this type of pass isn't accepted here.",
        ru: "Пропуск подлинный, но пропуска этого вида здесь не принимают.",
        ba: "Рөхсәтнамә ысын, әммә был төр рөхсәтнамә бында ғәмәлдә түгел.",
    }
    /// What to tell the guest.
    another_event_advice() {
        en: "This ticket is for another event, or it isn't genuine. The guest can look for the right one.",
        ru: "Этот билет на другое мероприятие или не подлинный. Гость может поискать нужный.",
        ba: "Был билет башҡа сараға йәки ысын түгел. Ҡунаҡ кәрәклеһен эҙләй ала.",
    }
    /// What to do.
    not_genuine_advice() {
        en: "Not a real pass. Its details are hidden. Ask for another pass.",
        ru: "Это не настоящий пропуск. Его данные скрыты. Попросите другой.",
        ba: "Был ысын рөхсәтнамә түгел. Мәғлүмәте йәшерелгән. Икенсеһен һорағыҙ.",
    }
    /// What to do.
    no_trust_advice() {
        en: "In Settings, add the authority if there is none yet, then update the data.",
        ru: "Добавьте в настройках ведомство, если его ещё нет, и обновите данные.",
        ba: "Көйләүҙәрҙә, әле булмаһа, идаралыҡты өҫтәгеҙ һәм мәғлүмәтте яңыртығыҙ.",
    }
    /// What to do.
    clock_advice() {
        en: "Set this device's date and time, then scan again.",
        ru: "Установите на устройстве дату и время и отсканируйте снова.",
        ba: "Ҡоролманың датаһын һәм ваҡытын ҡуйып, яңынан сканлағыҙ.",
    }
    /// What to do.
    version_advice() {
        en: "Update Greenlit, then scan again.",
        ru: "Обновите Greenlit и отсканируйте снова.",
        ba: "Greenlit-ты яңыртып, яңынан сканлағыҙ.",
    }
    /// What to do.
    update_advice() {
        en: "Update the data in Settings, then scan again.",
        ru: "Обновите данные в настройках и отсканируйте снова.",
        ba: "Көйләүҙәрҙе асып, мәғлүмәтте яңыртығыҙ һәм яңынан сканлағыҙ.",
    }
    /// What to do.
    camera_advice() {
        en: "Plug the camera in again; it starts automatically. A hand scanner works meanwhile.",
        ru: "Подключите камеру заново: она включится сама. Ручной сканер работает и без неё.",
        ba: "Камераны яңынан тоташтырығыҙ: ул үҙе эшләй башлай. Ҡул сканеры унһыҙ ҙа эшләй.",
    }

    /// What a code is that is no pass.
    gosuslugi() {
        en: "This is a Gosuslugi link, not a pass. Ask for the pass itself.",
        ru: "Это ссылка на Госуслуги, а не пропуск. Попросите сам пропуск.",
        ba: "Госуслуги һылтанмаһы — рөхсәтнамә түгел. Рөхсәтнамәнең үҙен күрһәтеүен һорағыҙ.",
    }
    /// What a code is that is no pass.
    link() {
        en: "A web link, not a pass", ru: "Ссылка на сайт, а не пропуск", ba: "Сайтҡа һылтанма, рөхсәтнамә түгел"
    }
    /// What a code is that is no pass.
    link_to(host) {
        en: "A web link ({host}), not a pass",
        ru: "Ссылка на сайт ({host}), а не пропуск",
        ba: "Сайтҡа һылтанма ({host}), рөхсәтнамә түгел",
    }
    /// What a code is that is no pass.
    payment() {
        en: "A payment code, not a pass", ru: "Платёжный код, а не пропуск", ba: "Түләү коды, рөхсәтнамә түгел"
    }
    /// What a code is that is no pass.
    wifi() { en: "A Wi-Fi code, not a pass", ru: "Код Wi-Fi, а не пропуск", ba: "Wi-Fi коды, рөхсәтнамә түгел" }
    /// What a code is that is no pass.
    contact() {
        en: "A contact card, not a pass", ru: "Визитка, а не пропуск", ba: "Визит карточкаһы, рөхсәтнамә түгел"
    }
    /// What a code is that is no pass.
    other_certificate() {
        en: "A different kind of certificate, not a pass",
        ru: "Другой сертификат, а не пропуск",
        ba: "Башҡа төрлө сертификат, рөхсәтнамә түгел",
    }
    /// What a code is that is no pass.
    root_code() {
        en: "An authority's root, not a pass", ru: "Это корень ведомства, а не пропуск", ba: "Был идаралыҡ тамыры, рөхсәтнамә түгел"
    }
    /// What a code is that is no pass.
    one_of_several() {
        en: "One of several codes: show the others too",
        ru: "Один из нескольких кодов: покажите и остальные",
        ba: "Бер нисә кодтың береһе: ҡалғандарын да күрһәтегеҙ",
    }
    /// What a code is that is no pass.
    in_several_codes() {
        en: "Spread over several codes: ask for a pass in a single code",
        ru: "Разбито на несколько кодов: попросите пропуск в одном коде",
        ba: "Бер нисә кодҡа бүленгән: бер генә кодлы рөхсәтнамә һорағыҙ",
    }
    /// What a code is that is no pass.
    other_code() { en: "This code is not a pass", ru: "Этот код — не пропуск", ba: "Был код — рөхсәтнамә түгел" }
}

/// An answer in a word.
pub fn answer(answer: Answer, language: Language) -> String {
    match answer {
        Answer::Valid => valid(language),
        Answer::CannotTell => cannot_tell(language),
        Answer::Refused => refused(language),
        Answer::NotGenuine => not_genuine(language),
    }
}

/// What a code means, whatever the pass.
pub fn reason(code: Code, language: Language) -> String {
    match code {
        Code::Ok => ok(language),
        Code::Expired => expired(language),
        Code::NotYetValid => not_yet_valid(language),
        Code::Revoked => revoked(language),
        Code::Suspended => suspended(language),
        Code::ClassNotHonoured => not_accepted(language),
        Code::AnotherEvent => another_event(language),
        Code::Malformed => malformed(language),
        Code::UnknownIssuer => unknown_issuer(language),
        Code::Signature => signature(language),
        Code::KeyRevoked => key_revoked(language),
        Code::OutsideIssuerLimits => outside_limits(language),
        Code::NoTrust => no_trust(language),
        Code::TrustExpired => trust_expired(language),
        Code::ClockBehind => clock_behind(language),
        Code::ListUnusable => list_unusable(language),
        Code::IndexOutOfRange => index_out_of_range(language),
        Code::IssuerUnknownTrustStale => issuer_unknown_trust_stale(language),
        Code::UnknownVersion => unknown_version(language),
        Code::Camera => camera(language),
    }
}

/// What to do about a code: what to tell the guest where it is red, how to mend it where it is amber.
pub fn advice(code: Code, language: Language) -> String {
    match code {
        Code::Ok => compare_with_id(language),
        Code::Expired => expired_advice(language),
        Code::NotYetValid => not_yet_valid_advice(language),
        Code::Revoked => revoked_advice(language),
        Code::Suspended => suspended_advice(language),
        Code::ClassNotHonoured => not_accepted_advice(language),
        Code::AnotherEvent => another_event_advice(language),
        Code::Malformed | Code::UnknownIssuer | Code::Signature | Code::KeyRevoked | Code::OutsideIssuerLimits => {
            not_genuine_advice(language)
        }
        Code::NoTrust => no_trust_advice(language),
        Code::ClockBehind => clock_advice(language),
        Code::UnknownVersion => version_advice(language),
        Code::TrustExpired | Code::ListUnusable | Code::IndexOutOfRange | Code::IssuerUnknownTrustStale => {
            update_advice(language)
        }
        Code::Camera => camera_advice(language),
    }
}

/// What a code is that is no pass.
pub fn not_a_pass(other: &NotAPass, language: Language) -> String {
    match other {
        NotAPass::Gosuslugi => gosuslugi(language),
        NotAPass::Link { host } if host.is_empty() => link(language),
        NotAPass::Link { host } => link_to(language, host),
        NotAPass::Payment => payment(language),
        NotAPass::Wifi => wifi(language),
        NotAPass::Contact => contact(language),
        NotAPass::OtherCertificate => other_certificate(language),
        NotAPass::OfScheme(of) => not_taken(language, scheme(*of, language)),
        NotAPass::OnlineOnly(of) => online_only(language, scheme(*of, language)),
        NotAPass::RootCode => root_code(language),
        NotAPass::OneOfSeveral => one_of_several(language),
        NotAPass::InSeveralCodes => in_several_codes(language),
        NotAPass::Phone
        | NotAPass::Email
        | NotAPass::Place
        | NotAPass::Event
        | NotAPass::Text
        | NotAPass::Binary
        | NotAPass::TradeCode
        | NotAPass::OtherCharacterSet { .. }
        | NotAPass::ReadDifferently
        | NotAPass::Empty => other_code(language),
    }
}
