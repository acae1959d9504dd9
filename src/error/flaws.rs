//! The one table of what may be wrong with a field, in three languages. Like codes, flaws are added, never changed.

use crate::words::Language;

macro_rules! flaws {
    ($($name:ident = $code:literal { en: $en:expr, ru: $ru:expr, uk: $uk:expr $(,)? })+) => {
        /// What is wrong with one field.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Flaw {
            $(#[doc = $code] $name),+
        }

        impl Flaw {
            /// Every flaw, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The word clients switch on.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// The sentence, with `{placeholders}`.
            pub const fn sentence(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Self::$name, Language::En) => $en, (Self::$name, Language::Ru) => $ru, (Self::$name, Language::Uk) => $uk),+
                }
            }
        }
    };
}

impl Flaw {
    /// The flaw whose word this is.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|flaw| flaw.as_str() == text)
    }
}

flaws! {
    Required = "required" {
        en: "is required",
        ru: "нужно заполнить",
        uk: "потрібно заповнити",
    }
    UnknownField = "unknown_field" {
        en: "is not a field of this request",
        ru: "такого поля в запросе нет",
        uk: "такого поля в запиті немає",
    }
    WrongType = "wrong_type" {
        en: "has the wrong type: {expected} is expected",
        ru: "неверный тип: ожидается {expected}",
        uk: "неправильний тип: очікується {expected}",
    }
    NotOneOf = "not_one_of" {
        en: "must be one of: {allowed}",
        ru: "должно быть одним из: {allowed}",
        uk: "має бути одним із: {allowed}",
    }
    TooLong = "too_long" {
        en: "may have at most {max} characters",
        ru: "не длиннее {max} символов",
        uk: "не довше за {max} символів",
    }
    TooShort = "too_short" {
        en: "must have at least {min} characters",
        ru: "не короче {min} символов",
        uk: "не коротше за {min} символів",
    }
    TooMany = "too_many" {
        en: "may have at most {max} entries",
        ru: "не больше {max} записей",
        uk: "не більше {max} записів",
    }
    OutOfRange = "out_of_range" {
        en: "must be from {min} to {max}",
        ru: "должно быть от {min} до {max}",
        uk: "має бути від {min} до {max}",
    }
    ForbiddenCharacter = "forbidden_character" {
        en: "contains a character that cannot be kept, such as U+0000",
        ru: "содержит недопустимый символ, например U+0000",
        uk: "містить неприпустимий символ, наприклад U+0000",
    }
    NotAnId = "not_an_id" {
        en: "must be a UUID such as 0190a5d2-7c1e-7b44-9f60-3a2b1c0d9e8f",
        ru: "должно быть UUID, например 0190a5d2-7c1e-7b44-9f60-3a2b1c0d9e8f",
        uk: "має бути UUID, наприклад 0190a5d2-7c1e-7b44-9f60-3a2b1c0d9e8f",
    }
    NotAMoment = "not_a_moment" {
        en: "must be a moment in RFC 3339 such as 2026-11-21T10:00:00Z",
        ru: "должно быть моментом по RFC 3339, например 2026-11-21T10:00:00Z",
        uk: "має бути моментом за RFC 3339, наприклад 2026-11-21T10:00:00Z",
    }
    NotADay = "not_a_day" {
        en: "must be a day such as 2026-11-21",
        ru: "должно быть датой, например 2026-11-21",
        uk: "має бути датою, наприклад 2026-11-21",
    }
    NotADecimal = "not_a_decimal" {
        en: "must be a decimal number in a string, such as \"12.50\", with at most {places} digits after the point",
        ru: "должно быть десятичным числом в строке, например \"12.50\", не больше {places} знаков после точки",
        uk: "має бути десятковим числом у рядку, наприклад \"12.50\", не більше {places} знаків після крапки",
    }
    NotASha256 = "not_a_sha256" {
        en: "must be a SHA-256 of 64 hexadecimal digits",
        ru: "должно быть SHA-256 из 64 шестнадцатеричных цифр",
        uk: "має бути SHA-256 із 64 шістнадцяткових цифр",
    }
    NotATimeZone = "not_a_time_zone" {
        en: "must be an IANA time zone such as Europe/Moscow",
        ru: "должно быть часовым поясом IANA, например Europe/Moscow",
        uk: "має бути часовим поясом IANA, наприклад Europe/Kyiv",
    }
    NotADuration = "not_a_duration" {
        en: "must be a time of 1 minute to 24 hours such as \"1h30\", \"2:30\" or \"2,5 h\"",
        ru: "должно быть временем от 1 минуты до 24 часов, например «1 ч 20 м», «2:30» или «2,5 часа»",
        uk: "має бути часом від 1 хвилини до 24 годин, наприклад «1 год 20 хв», «2:30» або «2,5 години»",
    }
    NotAnEmail = "not_an_email" {
        en: "must be an e-mail address",
        ru: "должно быть адресом электронной почты",
        uk: "має бути адресою електронної пошти",
    }
    NotAPhone = "not_a_phone" {
        en: "must be a telephone number with at least five digits",
        ru: "должно быть номером телефона, не меньше пяти цифр",
        uk: "має бути номером телефону, щонайменше п'ять цифр",
    }
    NotALogin = "not_a_login" {
        en: "may have letters, digits and . _ - @ +, without spaces",
        ru: "может состоять из букв, цифр и . _ - @ +, без пробелов",
        uk: "може складатися з літер, цифр і . _ - @ +, без пробілів",
    }
    NotACode = "not_a_code" {
        en: "is not a code of a label: ten characters, the last one checks the others",
        ru: "не код этикетки: десять символов, последний проверяет остальные",
        uk: "не код етикетки: десять символів, останній перевіряє решту",
    }
    NotThatKind = "not_that_kind" {
        en: "cannot be read as a code of the kind {kind}",
        ru: "не читается как код вида {kind}",
        uk: "не читається як код виду {kind}",
    }
    NotBase64 = "not_base64" {
        en: "must be base64",
        ru: "должно быть в base64",
        uk: "має бути в base64",
    }
    NotAPicture = "not_a_picture" {
        en: "must be a PNG picture of at most {max} pixels a side",
        ru: "должно быть картинкой PNG не больше {max} точек по стороне",
        uk: "має бути зображенням PNG не більше {max} точок по стороні",
    }
    UnknownReference = "unknown_reference" {
        en: "names a record that does not exist or is not yours to see",
        ru: "указывает на запись, которой нет или которая вам не видна",
        uk: "вказує на запис, якого немає або який вам не видимий",
    }
    AnotherCompany = "another_company" {
        en: "belongs to another company",
        ru: "принадлежит другой компании",
        uk: "належить іншій компанії",
    }
    Archived = "archived" {
        en: "names an archived record",
        ru: "указывает на запись в архиве",
        uk: "вказує на запис в архіві",
    }
    Taken = "taken" {
        en: "is taken by another record",
        ru: "занято другой записью",
        uk: "зайнято іншим записом",
    }
    WrongRole = "wrong_role" {
        en: "names a user whose role does not fit here",
        ru: "указывает на пользователя с неподходящей ролью",
        uk: "вказує на користувача з невідповідною роллю",
    }
    EndsBeforeStart = "ends_before_start" {
        en: "must be later than the start",
        ru: "должно быть позже начала",
        uk: "має бути пізніше за початок",
    }
    InTheFuture = "in_the_future" {
        en: "lies more than ten minutes in the future: check the phone's clock",
        ru: "больше чем на десять минут в будущем: проверьте часы телефона",
        uk: "більш ніж на десять хвилин у майбутньому: перевірте годинник телефона",
    }
    NotTogether = "not_together" {
        en: "cannot be sent together with {other}",
        ru: "нельзя передавать вместе с {other}",
        uk: "не можна передавати разом із {other}",
    }
    AnswerMismatch = "answer_mismatch" {
        en: "does not fit the item: {expected} is expected",
        ru: "не подходит к пункту: ожидается {expected}",
        uk: "не підходить до пункту: очікується {expected}",
    }
    Loop = "loop" {
        en: "would make the asset a part of itself",
        ru: "сделало бы оборудование частью самого себя",
        uk: "зробило б обладнання частиною самого себе",
    }
    AnotherKind = "another_kind" {
        en: "names a record of another kind: {expected} is expected",
        ru: "указывает на запись другого вида: ожидается {expected}",
        uk: "вказує на запис іншого виду: очікується {expected}",
    }
    UnknownSheet = "unknown_sheet" {
        en: "names a sheet of labels that is not known; GET /api/v1/label-media finds those that are, any other can be told by its measures",
        ru: "указывает на неизвестный лист этикеток; известные ищет GET /api/v1/label-media, любой другой можно задать размерами",
        uk: "вказує на невідомий аркуш етикеток; відомі шукає GET /api/v1/label-media, будь-який інший можна задати розмірами",
    }
    TooBigForBook = "too_big_for_book" {
        en: "makes an amount that no invoice can hold",
        ru: "даёт сумму, которую не вместит ни один счёт",
        uk: "дає суму, яку не вмістить жоден рахунок",
    }
    NoPictureHere = "no_picture_here" {
        en: "names no picture attached to this ticket: attach it at POST /tickets/{id}/attachments first",
        ru: "не называет снимка этой заявки: сначала приложите его через POST /tickets/{id}/attachments",
        uk: "не називає знімка цієї заявки: спершу додайте його через POST /tickets/{id}/attachments",
    }
    UnknownFormat = "unknown_format" {
        en: "is neither JPEG, PNG, WebP nor PDF by its bytes; let the phone send HEIC pictures as JPEG",
        ru: "по содержимому не JPEG, PNG, WebP или PDF; снимки HEIC пусть телефон отправляет как JPEG",
        uk: "за вмістом не JPEG, PNG, WebP чи PDF; знімки HEIC хай телефон надсилає як JPEG",
    }
    TooManyPixels = "too_many_pixels" {
        en: "has {width} × {height} pixels; {max} million at the most are taken",
        ru: "содержит {width} × {height} точек; принимается не больше {max} млн",
        uk: "містить {width} × {height} точок; приймається не більше {max} млн",
    }
    BrokenPicture = "broken_picture" {
        en: "cannot be read as the picture it says it is; take it again",
        ru: "не читается как снимок; сделайте его ещё раз",
        uk: "не читається як знімок; зробіть його ще раз",
    }
    NotAsAnnounced = "not_as_announced" {
        en: "is not what was announced: size and SHA-256 must be those of the bytes; send them once more",
        ru: "не совпадает с объявленным: размер и SHA-256 должны быть теми же, что у байтов; передайте их ещё раз",
        uk: "не збігається з оголошеним: розмір і SHA-256 мають бути тими самими, що в байтів; передайте їх ще раз",
    }
    AnotherText = "another_text" {
        en: "is not the SHA-256 of the text that came with it: hash the UTF-8 bytes of the very text that was shown",
        ru: "не SHA-256 переданного вместе с ним текста: считайте хеш от байтов UTF-8 того самого текста, что был показан",
        uk: "не SHA-256 переданого разом із ним тексту: рахуйте хеш від байтів UTF-8 саме того тексту, що був показаний",
    }
    AnotherFormat = "another_format" {
        en: "is paper where a picture was announced, or a picture where paper was",
        ru: "оказался документом вместо снимка или снимком вместо документа",
        uk: "виявився документом замість знімка або знімком замість документа",
    }
    LookFailed = "look_failed" {
        en: "was begun to be looked at {tries} times, and the server stopped each time; take the picture again and send the new one",
        ru: "не удалось разобрать: сервер начинал {tries} раза и каждый раз останавливался; сделайте снимок ещё раз и отправьте новый",
        uk: "не вдалося розібрати: сервер починав {tries} рази й щоразу зупинявся; зробіть знімок ще раз і надішліть новий",
    }
    NotSigned = "not_signed" {
        en: "names an act that the client has not signed",
        ru: "указывает на акт, который клиент не подписал",
        uk: "вказує на акт, який клієнт не підписав",
    }
    WrongPassword = "wrong_password" {
        en: "is not your present password",
        ru: "не совпадает с вашим нынешним паролем",
        uk: "не збігається з вашим теперішнім паролем",
    }
    OutOfForce = "out_of_force" {
        en: "is of a price list that is not in force on that day",
        ru: "из прайс-листа, который в этот день не действует",
        uk: "з прайс-листа, який цього дня не діє",
    }
    InUse = "in_use" {
        en: "is needed by an answer or a line that names it",
        ru: "нужно ответу или строке, где оно указано",
        uk: "потрібне відповіді або рядку, де його вказано",
    }
    AnotherVatMode = "another_vat_mode" {
        en: "names an act whose prices hold tax in another way than the others'",
        ru: "указывает на акт, где НДС учтён иначе, чем в остальных",
        uk: "вказує на акт, де ПДВ враховано інакше, ніж в інших",
    }
    AnotherCurrency = "another_currency" {
        en: "has another currency ({currency}) than the ticket's other lines",
        ru: "в другой валюте ({currency}), чем остальные строки заявки",
        uk: "в іншій валюті ({currency}), ніж решта рядків заявки",
    }
    EmptyTable = "empty_table" {
        en: "has no rows below the names of its columns",
        ru: "не содержит строк под названиями столбцов",
        uk: "не містить рядків під назвами стовпців",
    }
    NotATable = "not_a_table" {
        en: "is neither CSV nor XLSX by its content; save an old .xls or another kind of table as .xlsx",
        ru: "по содержимому не CSV и не XLSX; старый .xls или другую таблицу сохраните как .xlsx",
        uk: "за вмістом не CSV і не XLSX; старий .xls або іншу таблицю збережіть як .xlsx",
    }
    BrokenTable = "broken_table" {
        en: "is damaged or protected by a password; save it anew as .xlsx or CSV",
        ru: "повреждён или защищён паролем; сохраните его заново как .xlsx или CSV",
        uk: "пошкоджений або захищений паролем; збережіть його заново як .xlsx або CSV",
    }
    UnpacksTooLarge = "unpacks_too_large" {
        en: "holds more than {max} when it is unpacked",
        ru: "после распаковки занимает больше {max}",
        uk: "після розпакування займає більше за {max}",
    }
    TooManyRows = "too_many_rows" {
        en: "has more than {max} rows; divide it",
        ru: "содержит больше {max} строк; разделите его",
        uk: "містить більше за {max} рядків; поділіть його",
    }
    TooManyColumns = "too_many_columns" {
        en: "has more than {max} columns; leave out those that are not needed",
        ru: "содержит больше {max} столбцов; уберите ненужные",
        uk: "містить більше за {max} стовпців; приберіть непотрібні",
    }
    NoKnownColumns = "no_known_columns" {
        en: "no column has a name that is known: map them by hand, or begin the table with the names of its columns",
        ru: "ни одно название столбца не известно: сопоставьте их вручную или начните таблицу с названий столбцов",
        uk: "жодна назва стовпця не відома: зіставте їх вручну або почніть таблицю з назв стовпців",
    }
    DuplicateColumn = "duplicate_column" {
        en: "several columns have this name: the first one is used unless they are mapped by hand",
        ru: "столбцов с таким названием несколько: берётся первый, если не сопоставить их вручную",
        uk: "стовпців із такою назвою кілька: береться перший, якщо не зіставити їх вручну",
    }
    OtherSheets = "other_sheets" {
        en: "only the first sheet is read; left out: {other}",
        ru: "читается только первый лист; не прочитаны: {other}",
        uk: "читається лише перший аркуш; не прочитано: {other}",
    }
    UnknownCompany = "unknown_company" {
        en: "names a company that is not known; import or add it first",
        ru: "такой компании нет; сначала загрузите или добавьте её",
        uk: "такої компанії немає; спершу завантажте або додайте її",
    }
    UnknownSite = "unknown_site" {
        en: "names a site that this company does not have; add it first, or look again with create_missing",
        ru: "такого объекта у этой компании нет; сначала добавьте его или проверьте ещё раз с create_missing",
        uk: "такого об'єкта в цієї компанії немає; спершу додайте його або перевірте ще раз із create_missing",
    }
    SiteAdded = "site_added" {
        en: "this site is not there yet: it is added",
        ru: "такого объекта ещё нет: он добавляется",
        uk: "такого об'єкта ще немає: він додається",
    }
    Ambiguous = "ambiguous" {
        en: "fits several records: nobody can tell which is meant",
        ru: "подходит нескольким записям: непонятно, какая имеется в виду",
        uk: "підходить кільком записам: незрозуміло, який мається на увазі",
    }
    Repeated = "repeated" {
        en: "stands in row {row} already",
        ru: "уже есть в строке {row}",
        uk: "вже є в рядку {row}",
    }
    NoNumber = "no_number" {
        en: "an inventory, external or serial number is needed: without one the device would be added once more by the next import",
        ru: "нужен инвентарный, внешний или серийный номер: без него следующий импорт добавит это оборудование ещё раз",
        uk: "потрібен інвентарний, зовнішній або серійний номер: без нього наступний імпорт додасть це обладнання ще раз",
    }
    SpoiltNumber = "spoilt_number" {
        en: "a spreadsheet has made another number or a date of this and lost digits: write it anew, as text",
        ru: "табличный редактор превратил номер в другое число или дату, цифры потеряны: введите его заново как текст",
        uk: "табличний редактор перетворив номер на інше число або дату, цифри втрачено: введіть його заново як текст",
    }
    LeadingZeros = "leading_zeros" {
        en: "differs from {other} only by leading zeros, and is taken for it",
        ru: "отличается от {other} только нулями в начале и считается тем же номером",
        uk: "відрізняється від {other} лише нулями на початку і вважається тим самим номером",
    }
    ZerosLost = "zeros_lost" {
        en: "is shorter than the others: leading zeros may be lost, and {other} be meant",
        ru: "короче остальных: возможно, потеряны нули в начале и имеется в виду {other}",
        uk: "коротше за інші: можливо, втрачено нулі на початку і мається на увазі {other}",
    }
    Lookalike = "lookalike" {
        en: "is also the number of {other}, which is taken for another device: look whether it is",
        ru: "такой же номер у {other}; это считается другим оборудованием, проверьте",
        uk: "такий самий номер має {other}; це вважається іншим обладнанням, перевірте",
    }
    HasSpace = "has_space" {
        en: "has a space at place {position}: leave spaces out",
        ru: "пробел на месте {position}: уберите пробелы",
        uk: "пробіл на місці {position}: приберіть пробіли",
    }
    StrangeCharacter = "strange_character" {
        en: "character {position} is «{found}», where only {allowed} may stand; letters of another alphabet may look alike",
        ru: "знак {position} — «{found}», а здесь может быть только {allowed}; буквы другого алфавита бывают похожи",
        uk: "знак {position} — «{found}», а тут може бути лише {allowed}; літери іншого алфавіту бувають схожі",
    }
    WrongLength = "wrong_length" {
        en: "has {found} characters instead of {expected}: look whether one is missing or too many",
        ru: "знаков {found}, а нужно {expected}: проверьте, не пропущен ли знак и нет ли лишнего",
        uk: "знаків {found}, а потрібно {expected}: перевірте, чи не пропущено знак і чи немає зайвого",
    }
    WrongStart = "wrong_start" {
        en: "has to begin with: {expected}",
        ru: "должно начинаться с: {expected}",
        uk: "має починатися з: {expected}",
    }
    OnlyZeros = "only_zeros" {
        en: "is nothing but zeros: nobody has this number",
        ru: "состоит из одних нулей: такого номера ни у кого нет",
        uk: "складається з самих нулів: такого номера ні в кого немає",
    }
    UnknownCountry = "unknown_country" {
        en: "begins with «{found}», which is no country with such numbers",
        ru: "начинается с «{found}»: страны с такими номерами нет",
        uk: "починається з «{found}»: країни з такими номерами немає",
    }
    WrongCheckDigit = "wrong_check_digit" {
        en: "digit {position} ought to be {expected}, not {found} (check digit: {rule}); compare it with the paper",
        ru: "цифра {position} должна быть {expected}, а не {found} (контрольная цифра: {rule}); сверьте с документом",
        uk: "цифра {position} має бути {expected}, а не {found} (контрольна цифра: {rule}); звірте з документом",
    }
    WrongChecksum = "wrong_checksum" {
        en: "its digits do not fit each other ({rule}): one is mistyped, or two stand in each other’s place",
        ru: "цифры не сходятся между собой ({rule}): одна набрана неверно или две переставлены",
        uk: "цифри не сходяться між собою ({rule}): одну набрано неправильно або дві переставлено",
    }
    WrongAccountKey = "wrong_account_key" {
        en: "digit {position}, the key, ought to be {expected}, not {found}, at the bank {bic}: the account or the bank’s code is mistyped",
        ru: "цифра {position}, ключ, в банке {bic} должна быть {expected}, а не {found}: ошибка в счёте или в БИК",
        uk: "цифра {position}, ключ, у банку {bic} має бути {expected}, а не {found}: помилка в рахунку або в коді банку",
    }
    OtherBank = "other_bank" {
        en: "has to end with {expected}, as the bank’s code does",
        ru: "должен оканчиваться на {expected}, как и БИК",
        uk: "має закінчуватися на {expected}, як і код банку",
    }
    NoPaymentCode = "no_payment_code" {
        en: "no payment code is known for {currency} and such an account: give an account in Russia for RUB, in Ukraine for UAH, of SEPA for EUR",
        ru: "для валюты {currency} и такого счёта платёжного кода нет: нужен счёт в России для RUB, в Украине для UAH, в SEPA для EUR",
        uk: "для валюти {currency} і такого рахунку платіжного коду немає: потрібен рахунок у Росії для RUB, в Україні для UAH, у SEPA для EUR",
    }
    NotInPaymentCode = "not_in_payment_code" {
        en: "has characters that a payment code cannot hold",
        ru: "содержит знаки, которых в платёжном коде быть не может",
        uk: "містить знаки, яких у платіжному коді бути не може",
    }
    CodeTooFull = "code_too_full" {
        en: "together with the rest this is more than a payment code holds: shorten it",
        ru: "вместе с остальным не помещается в платёжный код: сократите",
        uk: "разом з рештою не вміщується в платіжний код: скоротіть",
    }
    UnusualRate = "unusual_rate" {
        en: "is none of the rates of {country} on that day: {allowed}",
        ru: "нет среди ставок {country} на этот день: {allowed}",
        uk: "немає серед ставок {country} на цей день: {allowed}",
    }
    UnknownParent = "unknown_parent" {
        en: "is neither in this table nor known as the inventory or external number of a device of this company: write the number as it is there, or add that device too",
        ru: "такого инвентарного или внешнего номера нет ни в этой таблице, ни у оборудования этой компании: исправьте номер или добавьте и это оборудование",
        uk: "такого інвентарного чи зовнішнього номера немає ні в цій таблиці, ні в обладнання цієї компанії: виправте номер або додайте й це обладнання",
    }
    MistakenRow = "mistaken_row" {
        en: "stands in row {row}, which has mistakes itself: correct that row first",
        ru: "стоит в строке {row}, в которой есть ошибки: сначала исправьте её",
        uk: "стоїть у рядку {row}, у якому є помилки: спершу виправте його",
    }
    TooDeep = "too_deep" {
        en: "would be a part within more than {max} devices, each within the next: name one nearer to the top",
        ru: "оказалось бы внутри более чем {max} вложенных друг в друга устройств: укажите то, что стоит выше",
        uk: "опинилося б усередині понад {max} вкладених один в одного пристроїв: укажіть той, що стоїть вище",
    }
}
