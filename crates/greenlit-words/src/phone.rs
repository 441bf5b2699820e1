//! For whoever holds a phone as a till: what the window has no words for.

use crate::Language;

messages! {
    /// Of the camera.
    camera_refused() {
        en: "The camera is not allowed. Allow it for this page in the browser's settings, then try again. A picture or a hand scanner works meanwhile.",
        ru: "Доступ к камере запрещён. Разрешите его этой странице в настройках браузера и попробуйте снова. Снимок и ручной сканер работают и без камеры.",
        ba: "Камераға рөхсәт юҡ. Браузер көйләүҙәрендә был биткә рөхсәт бирегеҙ ҙә яңынан эшләтеп ҡарағыҙ. Һүрәт һәм ҡул сканеры унһыҙ ҙа эшләй.",
    }
    /// Of the camera.
    camera_busy() {
        en: "Another app is using the camera. Close it, then try again.",
        ru: "Камеру занимает другое приложение. Закройте его и попробуйте снова.",
        ba: "Камераны башҡа ҡушымта ҡуллана. Уны ябып, яңынан эшләтеп ҡарағыҙ.",
    }
    /// Of the camera.
    camera_none() {
        en: "No camera was found. A picture or a hand scanner works without one.",
        ru: "Камера не найдена. Снимок и ручной сканер работают и без неё.",
        ba: "Камера табылманы. Һүрәт һәм ҡул сканеры унһыҙ ҙа эшләй.",
    }
    /// Of the camera.
    camera_insecure() {
        en: "This page was not opened over HTTPS, so the browser gives it no camera.",
        ru: "Страница открыта не по HTTPS, поэтому браузер не даёт ей камеру.",
        ba: "Бит HTTPS аша асылмаған, шуға браузер уға камера бирмәй.",
    }
    /// A button.
    try_again() { en: "Try again", ru: "Попробовать снова", ba: "Яңынан эшләтеү" }
    /// A button.
    use_camera() { en: "Use the camera", ru: "Включить камеру", ba: "Камераны ҡабыҙыу" }
    /// Of the page itself.
    new_version() {
        en: "A new version of this page is ready.", ru: "Готова новая версия страницы.", ba: "Биттең яңы версияһы әҙер."
    }
    /// A button.
    restart() { en: "Restart", ru: "Перезапустить", ba: "Яңынан асыу" }
    /// Of the page itself.
    version() { en: "Version", ru: "Версия", ba: "Версияһы" }
    /// Of the page itself.
    works_offline() {
        en: "This page works without a network now.", ru: "Теперь страница работает без сети.",
        ba: "Хәҙер бит селтәрһеҙ эшләй.",
    }
    /// Of the page itself.
    needs_network() {
        en: "Not stored on this phone yet: keep the network on.", ru: "Ещё не сохранено на телефоне: не отключайте сеть.",
        ba: "Телефонда әле һаҡланмаған: селтәрҙе өҙмәгеҙ.",
    }
    /// Of the page itself.
    needs_https() {
        en: "This page was not opened over HTTPS, so the browser does not keep it: it needs the network.",
        ru: "Страница открыта не по HTTPS, поэтому браузер её не сохраняет: нужна сеть.",
        ba: "Бит HTTPS аша асылмаған, шуға браузер уны һаҡламай: селтәр кәрәк.",
    }
    /// A button.
    another_authority() { en: "Change the authority", ru: "Сменить ведомство", ba: "Идаралыҡты алыштырыу" }
    /// Of a root.
    later_root() {
        en: "A newer root of the same authority. Nothing to do: it comes with the next update.",
        ru: "Более новый корневой файл того же ведомства. Ничего делать не нужно: он придёт с обновлением.",
        ba: "Шул уҡ идаралыҡтың яңыраҡ тамыр файлы. Бер нәмә лә эшләргә кәрәкмәй: ул яңыртыу менән киләсәк.",
    }
    /// Of the storage.
    not_kept() {
        en: "This browser keeps nothing for this page (a private window, or no room). It works until it is closed.",
        ru: "Браузер ничего не сохраняет для этой страницы (приватное окно или нет места). Она работает, пока открыта.",
        ba: "Браузер был бит өсөн бер нәмә лә һаҡламай (шәхси тәҙрә йәки урын юҡ). Ул асыҡ саҡта ғына эшләй.",
    }
    /// A field.
    text_of_pass() { en: "Text of a pass", ru: "Текст пропуска", ba: "Рөхсәтнамә тексты" }
    /// A button.
    check() { en: "Check", ru: "Проверить", ba: "Тикшереү" }
    /// A heading.
    checking() { en: "Check without the camera", ru: "Проверка без камеры", ba: "Камераһыҙ тикшереү" }
    /// Of the page itself.
    broken() {
        en: "Greenlit stopped and is starting again.", ru: "Greenlit остановился и запускается снова.",
        ba: "Greenlit туҡтаны һәм яңынан эшләй башлай.",
    }
    /// Of the page itself.
    unsupported() {
        en: "This browser is too old for this page. Update it, or use another one.",
        ru: "Браузер слишком старый для этой страницы. Обновите его или возьмите другой.",
        ba: "Браузер был бит өсөн бигерәк иҫке. Уны яңыртығыҙ йәки башҡаһын ҡулланығыҙ.",
    }
}

/// All of them, by the names that the page has for them.
pub fn all(language: Language) -> impl Iterator<Item = (&'static str, String)> {
    TEMPLATES.iter().map(move |text| {
        let words = match language {
            Language::Ru => text.ru,
            Language::Ba => text.ba,
            Language::En => text.en.unwrap_or_default(),
        };
        (text.name, words.to_owned())
    })
}
