//! What went wrong, where a library or the till says it in English of its own: the same in Russian and Bashkir. What
//! the system or another library says inside ({why}) stays as it is.

messages! {
    // Files.
    /// A file was not read or written.
    not_found(path) { en: english, ru: "{path}: нет такого файла", ba: "{path}: ундай файл юҡ" }
    /// A file was not read or written.
    not_regular(path) { en: english, ru: "{path}: это не обычный файл", ba: "{path}: был ғәҙәти файл түгел" }
    /// A file was not read or written.
    larger_than(path, cap) { en: english, ru: "{path}: больше предела в {cap} байт", ba: "{path}: {cap} байт сигенән ҙурыраҡ" }
    /// A file was not read or written.
    exists(path) {
        en: english, ru: "{path}: файл уже существует и не перезаписан", ba: "{path}: файл бар инде, өҫтөнә яҙылманы"
    }
    /// A file was not read or written.
    disk_full(path) { en: english, ru: "{path}: на диске нет места", ba: "{path}: дискта урын юҡ" }

    // Pictures.
    /// A picture was not read.
    not_a_picture(path) {
        en: english, ru: "{path}: это не изображение PNG, JPEG или PGM", ba: "{path}: был PNG, JPEG йәки PGM һүрәте түгел"
    }
    /// A picture was not read.
    foreign_picture(path) {
        en: english, ru: "{path}: такой формат не поддерживается: сохраните как PNG или JPEG либо сделайте снимок экрана",
        ba: "{path}: бындай формат ярашлы түгел: PNG йәки JPEG итеп һаҡлағыҙ йә экран төшөрөмөн яһағыҙ",
    }
    /// A picture was not read.
    damaged_picture(path, why) {
        en: english, ru: "{path}: изображение повреждено ({why})", ba: "{path}: һүрәт боҙолған ({why})"
    }
    /// A picture was not read.
    picture_too_large(path) {
        en: english,
        ru: "{path}: слишком большое: предел 40 мегапикселей, для JPEG 120, для прогрессивного JPEG 16",
        ba: "{path}: артыҡ ҙур: сиге 40 мегапиксель, JPEG өсөн 120, прогрессив JPEG өсөн 16",
    }

    // The camera.
    /// There is no frame.
    no_camera() { en: english, ru: "камера не подключена", ba: "камера тоташтырылмаған" }
    /// There is no frame.
    camera_busy() { en: english, ru: "камера занята другой программой", ba: "камераны башҡа программа ҡуллана" }
    /// There is no frame.
    camera_gone() { en: english, ru: "камера отключена", ba: "камера өҙөлгән" }
    /// There is no frame.
    camera_denied(camera) {
        en: english, ru: "нет прав на камеру {camera}: в Linux добавьте этого пользователя в группу «video»",
        ba: "{camera} камераһына рөхсәт юҡ: Linux-та был ҡулланыусыны «video» төркөмөнә өҫтәгеҙ",
    }
    /// There is no frame.
    camera_unsupported(why) {
        en: english, ru: "формат изображения камеры не поддерживается ({why})", ba: "камераның һүрәт форматы ярашлы түгел ({why})"
    }
    /// There is no frame.
    camera_failed(why) { en: english, ru: "камера не работает: {why}", ba: "камера эшләмәй: {why}" }
    /// There is no frame.
    camera_stalled() { en: "the camera is not responding", ru: "камера не отвечает", ba: "камера яуап бирмәй" }

    // The store.
    /// The store did not serve.
    store_busy(path) {
        en: english, ru: "{path}: занято другой копией Greenlit; повторите, когда она закончит",
        ba: "{path}: Greenlit-тың башҡа күсермәһе ҡуллана; ул бөткәс ҡабатлағыҙ",
    }
    /// The store did not serve.
    store_damaged(path) {
        en: english,
        ru: "{path}: хранилище повреждено, ему нельзя доверять; его отложит следующий запуск Greenlit с правом записи сюда",
        ba: "{path}: һаҡлағыс боҙолған, уға ышанып булмай; Greenlit бында яҙа алған ҡулланыусы менән эшләткәндә, ул ситкә ҡуйыласаҡ",
    }
    /// The store did not serve.
    store_damaged_repeatedly(path) {
        en: english,
        ru: "{path}: повреждается снова и снова в течение часа и больше не откладывается; проверьте диск, затем удалите файл",
        ba: "{path}: бер сәғәт эсендә ҡат-ҡат боҙола, башҡаса ситкә ҡуйылмай; дискты тикшереп, файлды юйығыҙ",
    }
    /// The store did not serve.
    store_foreign(path) {
        en: english, ru: "{path}: это база данных другой программы, она не тронута; выберите другую папку: --data",
        ba: "{path}: был башҡа программаның мәғлүмәт базаһы, уға ҡағылманыҡ; --data менән башҡа папка һайлағыҙ",
    }
    /// The store did not serve.
    store_not_a_file(path) {
        en: english, ru: "{path}: это не обычный файл; уберите его, затем выполните `greenlit trust add` и `greenlit sync`",
        ba: "{path}: был ғәҙәти файл түгел; уны алып ҡуйып, `greenlit trust add` һәм `greenlit sync` командаларын башҡарығыҙ",
    }
    /// The store did not serve.
    store_too_new(path, format) {
        en: english, ru: "{path}: хранилище записано более новой версией Greenlit (формат {format}); обновите эту",
        ba: "{path}: һаҡлағысты Greenlit-тың яңыраҡ версияһы яҙған (форматы {format}); быныһын яңыртығыҙ",
    }
    /// The store did not serve.
    store_not_writable(path) {
        en: english, ru: "{path}: нельзя записать; проверьте владельца и права или выберите другую папку: --data",
        ba: "{path}: яҙып булмай; хужаһын һәм хоҡуҡтарын тикшерегеҙ йәки --data менән башҡа папка һайлағыҙ",
    }
    /// The store did not serve.
    store_disk_full(path) {
        en: english, ru: "{path}: на диске нет места; ничего не изменено", ba: "{path}: дискта урын юҡ; бер нәмә лә үҙгәрмәне"
    }
    /// The store did not serve.
    store_not_readable(path) {
        en: english, ru: "{path}: нельзя прочитать; проверьте владельца и права или выберите другую папку: --data",
        ba: "{path}: уҡып булмай; хужаһын һәм хоҡуҡтарын тикшерегеҙ йәки --data менән башҡа папка һайлағыҙ",
    }
    /// The store did not serve.
    store_open_to_others(path) {
        en: english, ru: "{path}: другие пользователи могут его читать или заблокировать; закройте папку: chmod 0700",
        ba: "{path}: башҡа ҡулланыусылар уны уҡый йәки бикләй ала; папканы ябығыҙ: chmod 0700",
    }
    /// The store did not serve.
    store_changed(path) {
        en: english, ru: "{path}: тем временем изменено другой копией Greenlit; ничего не записано, повторите команду",
        ba: "{path}: был арала Greenlit-тың башҡа күсермәһе үҙгәрткән; бер нәмә лә яҙылманы, команданы ҡабатлағыҙ",
    }
    /// The store did not serve.
    setting_too_long() {
        en: english, ru: "значение длиннее 1000 байт", ba: "ҡиммәт 1000 байттан оҙонораҡ"
    }

    // Updates.
    /// Nothing was taken.
    no_folder(path) {
        en: english, ru: "{path}: нет такой папки; нужна папка с данными, изданными ведомством",
        ba: "{path}: ундай папка юҡ; идаралыҡ баҫҡан мәғлүмәт папкаһы кәрәк",
    }
    /// Nothing was taken.
    no_bundle() {
        en: english, ru: "там нет trust.cbor; там ли ведомство публикует данные?",
        ba: "унда trust.cbor юҡ; идаралыҡ мәғлүмәтте унда баҫамы?",
    }
    /// Nothing was taken.
    nothing_taken(why) { en: english, ru: "{why}; ничего не изменено", ba: "{why}; бер нәмә лә үҙгәрмәне" }
    /// Nothing was taken.
    incomplete(why, id) {
        en: english, ru: "{why}; после обновления не стало бы списка состояний {id}, поэтому ничего не изменено",
        ba: "{why}; яңыртыу торош исемлеген ({id}) юҡҡа сығарыр ине, шуға бер нәмә лә үҙгәрмәне",
    }
    /// Nothing was taken.
    too_many_roots(limit) {
        en: english, ru: "более {limit} новых корней сразу; ничего не изменено",
        ba: "бер юлы {limit} артыҡ яңы тамыр; бер нәмә лә үҙгәрмәне",
    }
    /// A list was not taken.
    not_there(file) { en: english, ru: "там нет {file}", ba: "унда {file} юҡ" }
    /// A document was not taken.
    no_anchor() { en: english, ru: "ведомство ещё не добавлено", ba: "идаралыҡ әле өҫтәлмәгән" }
    /// A document was not taken.
    document(file, why) { en: english, ru: "{file} не прошёл проверку ({why})", ba: "{file} тикшереүҙе үтмәне ({why})" }
    /// A document was not taken.
    old_root(number, held) {
        en: english,
        ru: "самый новый из предложенных корней — {number}, но устройство уже видело корень {held}: старые ключи могли быть отозваны",
        ba: "тәҡдим ителгән иң яңы тамыр — {number}, ә ҡоролма {held} тамырын күргән инде: элекке асҡыстар кире алынған булыуы мөмкин",
    }
    /// A document was not taken.
    older_bundle(file, found, held) {
        en: english,
        ru: "{file} версии {found}, а устройство уже видело версию {held}: возможно, кто-то подсовывает старые файлы",
        ba: "{file} версияһы {found}, ә ҡоролма {held} версияһын күргән инде: кемдер иҫке файлдар бирергә тырышыуы мөмкин",
    }
    /// A document was not taken.
    second_bundle(file, version) {
        en: english, ru: "{file} отличается от уже виденной версии {version}: ведомство должно издать данные заново",
        ba: "{file} күрелгән {version} версияһынан айырыла: идаралыҡ мәғлүмәтте яңынан баҫырға тейеш",
    }
    /// Nobody said where from.
    no_source() {
        en: english,
        ru: "источник не задан; укажите папку или адрес https://, как в `greenlit sync ПАПКА`, или задайте его: `greenlit settings source …`",
        ba: "сығанаҡ билдәләнмәгән; папка йәки https:// адресын күрһәтегеҙ, мәҫәлән `greenlit sync ПАПКА`, йәки уны билдәләгеҙ: `greenlit settings source …`",
    }

    // The web.
    /// A file was not fetched.
    bad_address(address) {
        en: english, ru: "«{address}» не годится как адрес источника; нужен https://СЕРВЕР/ПАПКА",
        ba: "«{address}» сығанаҡ адресы булараҡ ярамай; https://СЕРВЕР/ПАПКА кәрәк",
    }
    /// A file was not fetched.
    not_https(address) {
        en: english, ru: "незащищённый адрес «{address}»; нужен https://", ba: "һаҡланмаған адрес «{address}»; https:// кәрәк"
    }
    /// A file was not fetched.
    downgraded(url) {
        en: english,
        ru: "{url}: сервер перенаправил на незащищённый адрес; не требует ли эта сеть входа? Если нет, обратитесь в ведомство",
        ba: "{url}: сервер һаҡланмаған адресҡа йүнәлтте; был селтәр инеүҙе талап итмәйме? Әгәр юҡ икән, идаралыҡҡа мөрәжәғәт итегеҙ",
    }
    /// A file was not fetched.
    too_many_redirects(url) {
        en: english, ru: "{url}: слишком много перенаправлений; обратитесь в ведомство",
        ba: "{url}: йүнәлтеүҙәр артыҡ күп; идаралыҡҡа мөрәжәғәт итегеҙ",
    }
    /// A file was not fetched.
    no_host(url) { en: english, ru: "{url}: сервер не найден или нет сети", ba: "{url}: сервер табылманы йәки селтәр юҡ" }
    /// A file was not fetched.
    unreachable(url, why) {
        en: english, ru: "{url}: нет связи ({why}); проверьте сеть", ba: "{url}: бәйләнеш юҡ ({why}); селтәрҙе тикшерегеҙ"
    }
    /// A file was not fetched.
    timed_out(url) { en: english, ru: "{url}: нет ответа вовремя", ba: "{url}: ваҡытында яуап булманы" }
    /// A file was not fetched.
    certificate(url, why) {
        en: english, ru: "{url}: сертификат сервера недействителен ({why}); проверьте дату и время на устройстве",
        ba: "{url}: сервер сертификаты ғәмәлдә түгел ({why}); ҡоролмала дата менән ваҡытты тикшерегеҙ",
    }
    /// A file was not fetched.
    status(url, status) { en: english, ru: "{url}: сервер ответил {status}", ba: "{url}: сервер яуабы {status}" }
    /// A file was not fetched.
    web_page(url) {
        en: english, ru: "{url}: вместо данных пришла веб-страница; не требует ли эта сеть входа?",
        ba: "{url}: мәғлүмәт урынына веб-бит килде; был селтәр инеүҙе талап итмәйме?",
    }
    /// A file was not fetched.
    cut_off(url) {
        en: english, ru: "{url}: связь оборвалась раньше, чем файл был получен", ba: "{url}: файл алынып бөткәнсе бәйләнеш өҙөлдө"
    }
    /// A file was not fetched.
    protocol(url, why) { en: english, ru: "{url}: неверный ответ сервера ({why})", ba: "{url}: сервер яуабы дөрөҫ түгел ({why})" }
    /// A file was not fetched.
    bad_proxy(proxy) {
        en: english, ru: "прокси «{proxy}» не годится; укажите адрес и порт, как в http://proxy.example:3128",
        ba: "«{proxy}» проксиһы ярамай; адресын һәм портын күрһәтегеҙ, мәҫәлән http://proxy.example:3128",
    }
    /// A file was not fetched.
    bad_proxy_variable(name, proxy) {
        en: english,
        ru: "в переменной окружения {name} негодный прокси «{proxy}»; укажите адрес и порт, как в http://proxy.example:3128",
        ba: "{name} мөхит үҙгәреүсәнендә яраҡһыҙ прокси «{proxy}»; адресын һәм портын күрһәтегеҙ, мәҫәлән http://proxy.example:3128",
    }
    /// A file was not fetched.
    refused_by_proxy(url, why) {
        en: english, ru: "{url}: прокси отказал ({why}); проверьте его адрес и пароль",
        ba: "{url}: прокси кире ҡаҡты ({why}); адресын һәм серһүҙен тикшерегеҙ",
    }
    /// A file was not fetched.
    bad_ca(why) {
        en: english, ru: "в файле удостоверяющего центра нет сертификата PEM ({why})",
        ba: "таныҡлау үҙәге файлында PEM сертификаты юҡ ({why})",
    }

    // Settings.
    /// A value was not taken.
    bad_site(word, known) {
        en: english, ru: "неизвестный тип заведения «{word}»; известные типы: {known}",
        ba: "билдәһеҙ урын төрө «{word}»; билдәле төрҙәр: {known}",
    }
    /// A value was not taken.
    misspelt_site(word, meant) {
        en: english, ru: "неизвестный тип заведения «{word}»; может быть, «{meant}»?",
        ba: "билдәһеҙ урын төрө «{word}»; бәлки, «{meant}»?",
    }
    /// A value was not taken.
    bad_value(setting, word, known) {
        en: english, ru: "{setting}: неизвестное значение «{word}»; выберите из {known}",
        ba: "{setting}: билдәһеҙ ҡиммәт «{word}»; ошоларҙан һайлағыҙ: {known}",
    }
    /// A value was not taken.
    bad_ca_file(why) {
        en: english, ru: "{why}; нужен файл PEM удостоверяющего центра", ba: "{why}; таныҡлау үҙәгенең PEM файлы кәрәк"
    }
    /// A value was not taken.
    latest_time() {
        en: english, ru: "latest-time записывает само устройство; его можно только очистить пустым значением",
        ba: "latest-time ҡиммәтен ҡоролма үҙе яҙа; уны буш ҡиммәт менән таҙартып ҡына була",
    }
    /// A value was not taken.
    bad_percent(word) {
        en: english, ru: "«{word}» — не проценты: нужно число от 0 до 100", ba: "«{word}» процент түгел: 0-дан 100-гә тиклем һан кәрәк"
    }
    /// A value was not taken.
    pin_not_digits() { en: english, ru: "ПИН-код — это от 4 до 12 цифр", ba: "ПИН-код 4–12 һандан тора" }
    /// A value was not taken.
    pin_not_a_hash() {
        en: english, ru: "это не хеш Argon2id ПИН-кода; получите его командой `greenlit pin hash`",
        ba: "был ПИН-кодтың Argon2id хешы түгел; уны `greenlit pin hash` бирә",
    }
    /// A value was not taken.
    pin_too_costly() {
        en: english,
        ru: "этот хеш ПИН-кода слишком затратный: самое большее 64 МиБ, 10 проходов и 4 дорожки; получите его командой `greenlit pin hash`",
        ba: "был ПИН-код хешы артыҡ ҡиммәт: иң күбе 64 МиБ, 10 үтеү һәм 4 юл; уны `greenlit pin hash` бирә",
    }
    /// A value was not taken.
    no_randomness() { en: english, ru: "эта система не даёт случайных чисел", ba: "был система осраҡлы һандар бирмәй" }
    /// A value was not taken.
    pins_differ() {
        en: english, ru: "ПИН-коды не совпали; ничего не изменено", ba: "ПИН-кодтар тап килмәй; бер нәмә лә үҙгәртелмәне"
    }
    /// A value was not taken.
    pin_not_read(why) { en: english, ru: "не удалось прочитать ПИН-код: {why}", ba: "ПИН-кодты уҡып булманы: {why}" }
    /// A value was not taken.
    bad_on_off(word) { en: english, ru: "«{word}» — не on и не off", ba: "«{word}» on да, off та түгел" }
    /// A value was not taken.
    bad_capacity(word, most) {
        en: english, ru: "«{word}» — не число гостей: нужно от 1 до {most}", ba: "«{word}» ҡунаҡтар һаны түгел: 1-ҙән {most} тиклем кәрәк"
    }
    /// A value was not taken.
    bad_name(most) {
        en: english, ru: "название — от 1 до {most} печатных знаков", ba: "исеме 1-ҙән {most} тиклем баҫма билдәнән тора"
    }
    /// A value was not taken.
    bad_window_size(word) {
        en: english, ru: "«{word}» — не размер окна; пишите так: 1024x600", ba: "«{word}» тәҙрә ҙурлығы түгел; ошолай яҙығыҙ: 1024x600"
    }
    /// A value was not taken.
    bad_zoom(word) {
        en: english, ru: "«{word}» — не масштаб: нужно целое число", ba: "«{word}» масштаб түгел: бөтөн һан кәрәк"
    }
    /// A value was not taken.
    managed(setting, file) {
        en: english, ru: "настройка «{setting}» задана в {file} и меняется только там",
        ba: "«{setting}» көйләүе {file} файлында билдәләнгән һәм шунда ғына үҙгәртелә",
    }
    /// There is nowhere to keep data.
    no_data_folder() {
        en: english, ru: "нет домашней папки для хранения данных; выберите папку: --data",
        ba: "мәғлүмәт һаҡларға өй папкаһы юҡ; --data менән папка һайлағыҙ",
    }

    // Trusting an authority.
    /// A root was not trusted.
    not_a_root(path, why) {
        en: english, ru: "{path}: это не корневой файл Greenlit: {why}", ba: "{path}: был Greenlit-тың тамыр файлы түгел: {why}"
    }
    /// A root was not trusted.
    other_fingerprint(path, found) {
        en: english, ru: "{path}: отпечаток {found}, а не тот, что указан; ничего не изменено",
        ba: "{path}: эҙе {found}, күрһәтелгәне түгел; бер нәмә лә үҙгәрмәне",
    }
    /// A root was not trusted.
    another_authority(held) {
        en: english, ru: "уже добавлено другое ведомство ({held})", ba: "башҡа идаралыҡ өҫтәлгән инде ({held})"
    }
    /// A root was not trusted.
    use_replace(why) {
        en: english, ru: "{why}; чтобы доверять этому, добавьте --replace", ba: "{why}; быныһына ышаныу өсөн --replace өҫтәгеҙ"
    }
    /// A root was not trusted.
    later_root() {
        en: english,
        ru: "это похоже на более новый корень того же ведомства; выполните `greenlit sync ПАПКА` с папкой, где он опубликован",
        ba: "был шул уҡ идаралыҡтың яңыраҡ тамырына оҡшай; ул баҫылған папка менән `greenlit sync ПАПКА` командаһын башҡарығыҙ",
    }
    /// A root was not trusted.
    older_root(number) {
        en: english, ru: "это похоже на старый корень того же ведомства; действует корень {number}, ничего делать не нужно",
        ba: "был шул уҡ идаралыҡтың иҫке тамырына оҡшай; {number} тамыры ғәмәлдә, бер нәмә лә эшләргә кәрәкмәй",
    }
    /// Nobody was there to confirm a fingerprint.
    nobody_to_ask(fingerprint) {
        en: english,
        ru: "не добавлено: никто не подтвердил отпечаток {fingerprint}; если ведомство называет тот же, укажите его: --fingerprint (или --yes, чтобы доверять без сверки); ничего не изменено",
        ba: "өҫтәлмәне: {fingerprint} эҙен бер кем дә раҫламаны; идаралыҡ та шуны әйтһә, --fingerprint менән күрһәтегеҙ (йәки сағыштырмайса ышаныу өсөн --yes); бер нәмә лә үҙгәрмәне",
    }
    /// Somebody said no.
    declined() { en: english, ru: "не добавлено; ничего не изменено", ba: "өҫтәлмәне; бер нәмә лә үҙгәрмәне" }
    /// Whom a till trusts.
    authority_and_fingerprint(authority, fingerprint) {
        en: english, ru: "{authority}, отпечаток {fingerprint}", ba: "{authority}, эҙе {fingerprint}"
    }

    // Around the data.
    /// A warning: something in the store does not hold.
    ignored_in_store(what) {
        en: "ignored in the trust store: {what}; run `greenlit sync`",
        ru: "в хранилище не учтено: {what}; выполните `greenlit sync`",
        ba: "һаҡлағыста иҫәпкә алынманы: {what}; `greenlit sync` командаһын башҡарығыҙ",
    }
    /// A warning: the site file's root is trusted now.
    now_trusting(number, authority, file) {
        en: "now trusting root {number} of {authority}, whose fingerprint matches {file}",
        ru: "добавлен корень {number}, {authority}: отпечаток совпадает с {file}",
        ba: "{number} тамыры өҫтәлде, {authority}: эҙе {file} менән тап килә",
    }
    /// A warning: a damaged store was set aside.
    set_aside(folder, name, kept) {
        en: "{folder}: the trust store was damaged and is not trusted; renamed to {name} (the last {kept} are kept)",
        ru: "{folder}: хранилище повреждено, ему нельзя доверять; переименовано в {name} (хранятся последние {kept})",
        ba: "{folder}: һаҡлағыс боҙолған, уға ышанып булмай; {name} тип үҙгәртелде (һуңғы {kept} һаҡлана)",
    }
    /// A warning: another copy has set the store aside.
    kept_loaded() {
        en: "the trust store is empty; keeping the data already loaded; run `greenlit sync`",
        ru: "хранилище пусто; работаем с уже загруженными данными; выполните `greenlit sync`",
        ba: "һаҡлағыс буш; йөкләнгән мәғлүмәт менән эшләйбеҙ; `greenlit sync` командаһын башҡарығыҙ",
    }
    /// The window is open.
    open_already() {
        en: english, ru: "окно для этой папки данных уже открыто", ba: "был мәғлүмәт папкаһының тәҙрәһе асыҡ инде"
    }
    /// A warning: what to do after that.
    set_up_again() {
        en: "now run `greenlit trust add ROOT` and `greenlit sync SOURCE`, then set up the settings again",
        ru: "теперь выполните `greenlit trust add ФАЙЛ` и `greenlit sync ИСТОЧНИК` и задайте настройки заново",
        ba: "хәҙер `greenlit trust add ФАЙЛ` һәм `greenlit sync СЫҒАНАҠ` командаларын башҡарып, көйләүҙәрҙе яңынан билдәләгеҙ",
    }
}
