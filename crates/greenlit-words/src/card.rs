//! What stands on the printed card alone; the rest of it says what the window says.

messages! {
    /// The card's heading.
    title() { en: "What the answers mean", ru: "Что означают ответы", ba: "Яуаптар нимәне аңлата" }
    /// Below the heading.
    subtitle() {
        en: "Scan the guest's code. The screen gives one of four answers.",
        ru: "Отсканируйте код гостя. На экране появится один из четырёх ответов.",
        ba: "Ҡунаҡтың кодын сканлағыҙ. Экранда дүрт яуаптың береһе күренер.",
    }
    /// What a valid answer asks for.
    valid_steps() {
        en: "Compare the initials, the day and month of birth and the last digits of the document on the screen with the ID. If they match, give what the screen says.",
        ru: "Сверьте инициалы, день и месяц рождения и последние цифры документа на экране с документом гостя. Если всё совпадает, предоставьте то, что указано на экране.",
        ba: "Экрандағы инициалдарҙы, тыуған көн менән айҙы һәм документтың һуңғы һандарын ҡунаҡтың документы менән сағыштырығыҙ. Бөтәһе лә тап килһә, экранда күрһәтелгәнде бирегеҙ.",
    }
    /// What to do with somebody else's pass; the button's name is an argument.
    mismatch_steps(button) {
        en: "If anything differs, tap \"{button}\" and ask for the guest's own pass.",
        ru: "Если что-то не совпадает, нажмите «{button}» и попросите гостя показать свой пропуск.",
        ba: "Берәй нәмә тап килмәһә, «{button}» төймәһенә баҫығыҙ һәм ҡунаҡтың үҙ рөхсәтнамәһен һорағыҙ.",
    }
    /// What a refusal is.
    refused_steps() {
        en: "A genuine pass that isn't valid now. Give no benefits. Tell the guest why: the screen says how.",
        ru: "Пропуск подлинный, но сейчас не действует. Льгот по нему нет. Объясните гостю причину: она на экране.",
        ba: "Рөхсәтнамә ысын, әммә хәҙер ғәмәлдә түгел. Уның буйынса ташламалар юҡ. Сәбәбен ҡунаҡҡа аңлатығыҙ: ул экранда.",
    }
    /// What a forgery asks for.
    not_genuine_steps() {
        en: "Altered, forged or issued without authority. Its details are hidden. Stay polite and ask for another pass.",
        ru: "Изменён, подделан или выдан без права. Его данные скрыты. Вежливо попросите другой пропуск.",
        ba: "Үҙгәртелгән, яһалма йәки хоҡуҡһыҙ бирелгән. Мәғлүмәте йәшерелгән. Әҙәпле генә башҡа рөхсәтнамә һорағыҙ.",
    }
    /// What an amber answer asks for.
    cannot_tell_steps() {
        en: "The device is at fault. Say so to the guest, do what the screen suggests and scan again, or call for help.",
        ru: "Дело в устройстве. Скажите об этом гостю, сделайте то, что советует экран, и отсканируйте снова или позовите на помощь.",
        ba: "Ҡоролма ғәйепле. Быны ҡунаҡҡа әйтегеҙ, экрандағы кәңәште үтәп, яңынан сканлағыҙ йәки ярҙамға саҡырығыҙ.",
    }
    /// Above the table of codes.
    codes() { en: "Codes", ru: "Коды", ba: "Кодтар" }
    /// Above a column.
    meaning() { en: "What it means", ru: "Что означает", ba: "Нимәне аңлата" }
    /// Above a column.
    what_to_do() { en: "What to say or do", ru: "Что сказать или сделать", ba: "Нимә әйтергә йәки эшләргә" }
    /// What is no answer.
    not_a_pass() {
        en: "A menu, a web link or another code is not a pass: the screen says what it is and keeps scanning.",
        ru: "Меню, ссылка на сайт или другой код — не пропуск: экран назовёт, что это, и продолжит сканирование.",
        ba: "Меню, сайтҡа һылтанма йәки башҡа код — рөхсәтнамә түгел: экран уның нимә икәнен әйтә һәм сканлауҙы дауам итә.",
    }
    /// What nobody may forget of a practice authority.
    demo() {
        en: "If the screen says DEMO, it is practice: let nobody in on it.",
        ru: "Если на экране написано «ДЕМО», это обучение: никого по нему не пропускайте.",
        ba: "Экранда «ДЕМО» тип яҙылһа, был — өйрәнеү: уның буйынса бер кемде лә үткәрмәгеҙ.",
    }
    /// Before a name or a line to write one on.
    call() { en: "Call for help:", ru: "Кого позвать:", ba: "Кемде саҡырырға:" }
}
