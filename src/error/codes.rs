//! The one table of error codes: HTTP status, and in three languages what happened and what to do about it.
//!
//! Codes are a promise to the developers of apps: they are added, never changed. `{words}` are filled in per answer.

use std::fmt;

use actix_web::http::StatusCode;

use crate::words::Language;

/// What a code says in one language: what happened, and what to do.
type Said = (&'static str, &'static str);

macro_rules! codes {
    ($($name:ident = $status:ident $code:literal { en: $en:expr, ru: $ru:expr, uk: $uk:expr $(,)? })+) => {
        /// Why a request was refused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code {
            $(#[doc = $code] $name),+
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The word clients switch on.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// The HTTP status it travels with.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status),+ }
            }

            const fn said(self, language: Language) -> Said {
                match (self, language) {
                    $((Self::$name, Language::En) => $en, (Self::$name, Language::Ru) => $ru, (Self::$name, Language::Uk) => $uk),+
                }
            }
        }
    };
}

impl Code {
    /// What happened.
    pub const fn title(self, language: Language) -> &'static str {
        self.said(language).0
    }

    /// What to do about it, with `{placeholders}`.
    pub const fn advice(self, language: Language) -> &'static str {
        self.said(language).1
    }

    /// The code whose word this is.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Puts the values in the places of `{name}`.
pub fn fill(sentence: &str, params: &[(&'static str, String)]) -> String {
    params.iter().fold(sentence.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

codes! {
    BadJson = BAD_REQUEST "bad_json" {
        en: ("The body is not valid JSON", "Send a JSON document in UTF-8: {reason}."),
        ru: ("Тело запроса — не JSON", "Пришлите документ JSON в UTF-8: {reason}."),
        uk: ("Тіло запиту — не JSON", "Надішліть документ JSON у UTF-8: {reason}."),
    }
    BadForm = BAD_REQUEST "bad_form" {
        en: ("The form cannot be read", "Send multipart/form-data as RFC 7578 describes it, with a boundary and an end: {reason}."),
        ru: ("Форму не удалось прочитать", "Пришлите multipart/form-data по RFC 7578, с границей и завершением: {reason}."),
        uk: ("Форму не вдалося прочитати", "Надішліть multipart/form-data за RFC 7578, з межею та завершенням: {reason}."),
    }
    InvalidParameter = BAD_REQUEST "invalid_parameter" {
        en: ("A parameter of the request is not valid", "Correct the parameters listed in errors and repeat the request."),
        ru: ("Неверный параметр запроса", "Исправьте параметры, перечисленные в errors, и повторите запрос."),
        uk: ("Неправильний параметр запиту", "Виправте параметри, перелічені в errors, і повторіть запит."),
    }
    InvalidCursor = BAD_REQUEST "invalid_cursor" {
        en: ("The cursor is not one of ours", "Pass next_cursor of the previous page unchanged, with the same filters, or leave it out to begin anew."),
        ru: ("Неизвестный курсор", "Передайте next_cursor прошлой страницы без изменений и с теми же фильтрами или начните без него."),
        uk: ("Невідомий курсор", "Передайте next_cursor попередньої сторінки без змін і з тими самими фільтрами або почніть без нього."),
    }
    IdempotencyKeyInvalid = BAD_REQUEST "idempotency_key_invalid" {
        en: ("The Idempotency-Key is not valid", "Send 1 to 255 visible ASCII characters, in quotes or without."),
        ru: ("Неверный Idempotency-Key", "Пришлите от 1 до 255 видимых символов ASCII, в кавычках или без них."),
        uk: ("Неправильний Idempotency-Key", "Надішліть від 1 до 255 видимих символів ASCII, у лапках або без них."),
    }
    Unauthenticated = UNAUTHORIZED "unauthenticated" {
        en: ("You are not signed in", "Sign in at POST /api/v1/auth/login and send the access token as Authorization: Bearer."),
        ru: ("Вы не вошли в систему", "Войдите через POST /api/v1/auth/login и передавайте токен в Authorization: Bearer."),
        uk: ("Ви не увійшли в систему", "Увійдіть через POST /api/v1/auth/login і передавайте токен в Authorization: Bearer."),
    }
    TokenExpired = UNAUTHORIZED "token_expired" {
        en: ("The access token has expired", "Get a new one at POST /api/v1/auth/refresh. Unsent work stays on the device."),
        ru: ("Срок токена истёк", "Получите новый через POST /api/v1/auth/refresh. Неотправленная работа остаётся на устройстве."),
        uk: ("Строк дії токена минув", "Отримайте новий через POST /api/v1/auth/refresh. Ненадіслана робота лишається на пристрої."),
    }
    SessionRevoked = UNAUTHORIZED "session_revoked" {
        en: ("This session has ended", "Sign in again as the same user. Keep what has not been sent yet: it can be sent afterwards."),
        ru: ("Сеанс завершён", "Войдите снова под тем же именем. Неотправленное сохраните: его можно отправить после входа."),
        uk: ("Сеанс завершено", "Увійдіть знову під тим самим іменем. Ненадіслане збережіть: його можна надіслати після входу."),
    }
    RefreshReused = UNAUTHORIZED "refresh_reused" {
        en: ("This refresh token was used before", "The session is closed for safety: sign in again. Unsent work stays on the device."),
        ru: ("Этот refresh-токен уже использован", "Сеанс закрыт для безопасности: войдите снова. Неотправленная работа остаётся на устройстве."),
        uk: ("Цей refresh-токен уже використано", "Сеанс закрито для безпеки: увійдіть знову. Ненадіслана робота лишається на пристрої."),
    }
    LoginFailed = UNAUTHORIZED "login_failed" {
        en: ("Login or password is wrong", "Check both and try again; an administrator can set a new password."),
        ru: ("Неверный логин или пароль", "Проверьте их и попробуйте ещё раз; новый пароль может задать администратор."),
        uk: ("Неправильний логін або пароль", "Перевірте їх і спробуйте ще раз; новий пароль може задати адміністратор."),
    }
    Forbidden = FORBIDDEN "forbidden" {
        en: ("Your role does not allow this", "Ask a colleague whose role allows it, or an administrator to change yours."),
        ru: ("Ваша роль этого не позволяет", "Обратитесь к коллеге с нужной ролью или попросите администратора изменить вашу."),
        uk: ("Ваша роль цього не дозволяє", "Зверніться до колеги з потрібною роллю або попросіть адміністратора змінити вашу."),
    }
    NotFound = NOT_FOUND "not_found" {
        en: ("There is nothing here for you", "Check the address: the record does not exist or is not yours to see."),
        ru: ("Здесь для вас ничего нет", "Проверьте адрес: записи нет или она вам не видна."),
        uk: ("Тут для вас нічого немає", "Перевірте адресу: запису немає або він вам не видимий."),
    }
    CodeNotFound = NOT_FOUND "code_not_found" {
        en: ("No asset of yours has this code", "Scan the label again or type the ten characters under it; the letters I, L and O are read as 1, 1 and 0."),
        ru: ("Среди вашего оборудования такого кода нет", "Отсканируйте этикетку ещё раз или введите десять символов под кодом; I, L и O читаются как 1, 1 и 0."),
        uk: ("Серед вашого обладнання такого коду немає", "Відскануйте етикетку ще раз або введіть десять символів під кодом; I, L і O читаються як 1, 1 та 0."),
    }
    MethodNotAllowed = METHOD_NOT_ALLOWED "method_not_allowed" {
        en: ("This address does not take that method", "Use one of the methods named in the Allow header."),
        ru: ("Этот адрес не принимает такой метод", "Используйте один из методов, названных в заголовке Allow."),
        uk: ("Ця адреса не приймає такий метод", "Використовуйте один із методів, названих у заголовку Allow."),
    }
    RequestTimeout = REQUEST_TIMEOUT "request_timeout" {
        en: ("The request did not arrive in time", "Send it again, if possible in smaller parts."),
        ru: ("Запрос не пришёл вовремя", "Отправьте его ещё раз, если можно — меньшими частями."),
        uk: ("Запит не надійшов вчасно", "Надішліть його ще раз, якщо можна — меншими частинами."),
    }
    TransitionRefused = CONFLICT "transition_refused" {
        en: ("The ticket cannot go from {from} to {to}", "Allowed for you now: {allowed}. See GET /api/v1/workflow for the whole graph."),
        ru: ("Заявка не может перейти из {from} в {to}", "Сейчас вам доступно: {allowed}. Весь граф — GET /api/v1/workflow."),
        uk: ("Заявка не може перейти з {from} до {to}", "Зараз вам доступно: {allowed}. Увесь граф — GET /api/v1/workflow."),
    }
    TimeOverlap = CONFLICT "time_overlap" {
        en: ("This time overlaps another entry of the same person", "The other entry is {from} – {to} on ticket {ticket}. Correct one of the two."),
        ru: ("Время пересекается с другой записью того же человека", "Другая запись: {from} – {to}, заявка {ticket}. Исправьте одну из двух."),
        uk: ("Час перетинається з іншим записом тієї самої людини", "Інший запис: {from} – {to}, заявка {ticket}. Виправте один із двох."),
    }
    DocumentChanged = CONFLICT "document_changed" {
        en: ("This is not the document that is in force", "Load the act again, show the signer its document.pdf and send the hash of what was shown."),
        ru: ("Это не тот документ, который действует", "Загрузите акт снова, покажите подписывающему document.pdf и передайте хеш показанного."),
        uk: ("Це не той документ, що чинний", "Завантажте акт знову, покажіть підписанту document.pdf і передайте хеш показаного."),
    }
    AlreadySigned = CONFLICT "already_signed" {
        en: ("This party has already decided on this act", "A new decision needs a new version of the act: POST /api/v1/tickets/{ticket}/acts."),
        ru: ("Эта сторона уже приняла решение по акту", "Для нового решения нужна новая версия акта: POST /api/v1/tickets/{ticket}/acts."),
        uk: ("Ця сторона вже ухвалила рішення щодо акта", "Для нового рішення потрібна нова версія акта: POST /api/v1/tickets/{ticket}/acts."),
    }
    ActNotIssued = CONFLICT "act_not_issued" {
        en: ("The act is {status} and cannot be signed", "Sign the version in force; GET /api/v1/tickets/{ticket}/acts names it."),
        ru: ("Акт в состоянии {status}, подписать его нельзя", "Подпишите действующую версию; её назовёт GET /api/v1/tickets/{ticket}/acts."),
        uk: ("Акт у стані {status}, підписати його не можна", "Підпишіть чинну версію; її назве GET /api/v1/tickets/{ticket}/acts."),
    }
    ActNotSigned = CONFLICT "act_not_signed" {
        en: ("The act has not been signed", "Have the client sign it first: POST /api/v1/acts/{act}/signatures."),
        ru: ("Акт не подписан", "Сначала его должен подписать клиент: POST /api/v1/acts/{act}/signatures."),
        uk: ("Акт не підписано", "Спершу його має підписати клієнт: POST /api/v1/acts/{act}/signatures."),
    }
    AlreadyBilled = CONFLICT "already_billed" {
        en: ("Act {act} has been billed", "Its extra works are on invoice {invoice}. Leave it out of the new invoice."),
        ru: ("Акт {act} уже включён в счёт", "Его дополнительные работы — в счёте {invoice}. Уберите акт из нового счёта."),
        uk: ("Акт {act} уже включено до рахунку", "Його додаткові роботи — у рахунку {invoice}. Приберіть акт із нового рахунку."),
    }
    Duplicate = CONFLICT "duplicate" {
        en: ("There is already such a record", "Use the existing one, or choose another value for the fields listed in errors."),
        ru: ("Такая запись уже есть", "Используйте существующую или выберите другое значение для полей, перечисленных в errors."),
        uk: ("Такий запис уже є", "Використайте наявний або виберіть інше значення для полів, перелічених в errors."),
    }
    AssetOfAnotherCompany = CONFLICT "asset_of_another_company" {
        en: ("The asset belongs to another company than the ticket", "Open a ticket for the asset's own company."),
        ru: ("Оборудование принадлежит другой компании", "Оформите заявку на компанию, которой принадлежит оборудование."),
        uk: ("Обладнання належить іншій компанії", "Оформіть заявку на компанію, якій належить обладнання."),
    }
    TicketClosed = CONFLICT "ticket_closed" {
        en: ("The ticket is {status}: this can no longer be changed", "Ask a dispatcher or manager to reopen it; where the company's graph has no way back, open a new ticket."),
        ru: ("Заявка в состоянии {status}: изменить это уже нельзя", "Попросите диспетчера или менеджера открыть её снова; если граф статусов этого не предусматривает, откройте новую."),
        uk: ("Заявка у стані {status}: змінити це вже не можна", "Попросіть диспетчера або менеджера відкрити її знову; якщо граф статусів цього не передбачає, відкрийте нову."),
    }
    Locked = CONFLICT "locked" {
        en: ("This has been invoiced and cannot be changed", "Put the correction on the next act."),
        ru: ("Это уже включено в счёт и не меняется", "Внесите исправление в следующий акт."),
        uk: ("Це вже включено до рахунку і не змінюється", "Внесіть виправлення до наступного акта."),
    }
    StatusInUse = CONFLICT "status_in_use" {
        en: ("Tickets still stand in status {status}", "Move them first, or archive the status instead of leaving it out."),
        ru: ("В статусе {status} ещё есть заявки", "Сначала переведите их или отправьте статус в архив, а не удаляйте."),
        uk: ("У статусі {status} ще є заявки", "Спершу переведіть їх або відправте статус до архіву, а не видаляйте."),
    }
    LastAdmin = CONFLICT "last_admin" {
        en: ("This is the last administrator", "Make another user an administrator first."),
        ru: ("Это последний администратор", "Сначала назначьте администратором другого пользователя."),
        uk: ("Це останній адміністратор", "Спершу призначте адміністратором іншого користувача."),
    }
    EtagMismatch = PRECONDITION_FAILED "etag_mismatch" {
        en: ("Somebody changed this record meanwhile", "Load it again (its ETag is {etag} now), repeat your change on it and send it with the new If-Match."),
        ru: ("Запись тем временем изменили", "Загрузите её снова (теперь ETag {etag}), повторите правку и отправьте с новым If-Match."),
        uk: ("Запис тим часом змінили", "Завантажте його знову (тепер ETag {etag}), повторіть зміну і надішліть із новим If-Match."),
    }
    TooLarge = PAYLOAD_TOO_LARGE "too_large" {
        en: ("The body is too large", "Send at most {limit}."),
        ru: ("Тело запроса слишком велико", "Пришлите не больше {limit}."),
        uk: ("Тіло запиту завелике", "Надішліть не більше {limit}."),
    }
    UnsupportedMediaType = UNSUPPORTED_MEDIA_TYPE "unsupported_media_type" {
        en: ("The body is of a kind this address does not take", "Send it as {expected}."),
        ru: ("Этот адрес не принимает тело такого вида", "Пришлите его как {expected}."),
        uk: ("Ця адреса не приймає тіло такого виду", "Надішліть його як {expected}."),
    }
    ValidationFailed = UNPROCESSABLE_ENTITY "validation_failed" {
        en: ("Some fields are not valid", "Correct the fields listed in errors and repeat the request."),
        ru: ("Некоторые поля заполнены неверно", "Исправьте поля, перечисленные в errors, и повторите запрос."),
        uk: ("Деякі поля заповнено неправильно", "Виправте поля, перелічені в errors, і повторіть запит."),
    }
    IdempotencyKeyReused = UNPROCESSABLE_ENTITY "idempotency_key_reused" {
        en: ("This Idempotency-Key belongs to another request", "Make a new key for each new request; repeat an old one byte for byte."),
        ru: ("Этот Idempotency-Key принадлежит другому запросу", "Для нового запроса — новый ключ; старый повторяйте байт в байт."),
        uk: ("Цей Idempotency-Key належить іншому запиту", "Для нового запиту — новий ключ; старий повторюйте байт у байт."),
    }
    GatesClosed = UNPROCESSABLE_ENTITY "gates_closed" {
        en: ("The ticket is not ready for this", "Do what each entry of unmet names, then repeat the request."),
        ru: ("Заявка к этому не готова", "Сделайте то, что названо в каждой записи unmet, и повторите запрос."),
        uk: ("Заявка до цього не готова", "Зробіть те, що названо в кожному записі unmet, і повторіть запит."),
    }
    AuthorityInsufficient = UNPROCESSABLE_ENTITY "authority_insufficient" {
        en: ("This person may not sign this act", "It needs the signature of somebody with the authority {required}; {signer} has {authority}."),
        ru: ("Этот человек не может подписать акт", "Нужна подпись с полномочиями {required}; у подписывающего ({signer}) — {authority}."),
        uk: ("Ця людина не може підписати акт", "Потрібен підпис із повноваженнями {required}; у підписанта ({signer}) — {authority}."),
    }
    SignatureEmpty = UNPROCESSABLE_ENTITY "signature_empty" {
        en: ("There is no signature", "Ask the signer to draw it, and send ink or image_png."),
        ru: ("Подписи нет", "Попросите подписывающего расписаться и передайте ink или image_png."),
        uk: ("Підпису немає", "Попросіть підписанта розписатися і передайте ink або image_png."),
    }
    NothingToBill = UNPROCESSABLE_ENTITY "nothing_to_bill" {
        en: ("There is nothing to bill on these acts", "Choose acts from GET /api/v1/billing-queue: only signed works outside the contract are billed."),
        ru: ("В этих актах нечего выставлять", "Выберите акты из GET /api/v1/billing-queue: в счёт идут только подписанные работы сверх договора."),
        uk: ("У цих актах нічого виставляти", "Виберіть акти з GET /api/v1/billing-queue: до рахунку йдуть лише підписані роботи понад договір."),
    }
    FileRejected = UNPROCESSABLE_ENTITY "file_rejected" {
        en: ("The file cannot be taken", "Send a JPEG, PNG or WebP picture of at most 50 million pixels, or a PDF; at most 20 MiB. What is wrong stands in errors."),
        ru: ("Файл принять нельзя", "Пришлите снимок JPEG, PNG или WebP до 50 млн точек либо PDF; не больше 20 МиБ. Что не так, сказано в errors."),
        uk: ("Файл прийняти не можна", "Надішліть знімок JPEG, PNG або WebP до 50 млн точок чи PDF; не більше 20 МіБ. Що не так, сказано в errors."),
    }
    LabelTooSmall = UNPROCESSABLE_ENTITY "label_too_small" {
        en: ("The label is too small for its code", "The smallest that can be read is {width} × {height} mm."),
        ru: ("Этикетка мала для своего кода", "Наименьший читаемый размер — {width} × {height} мм."),
        uk: ("Етикетка замала для свого коду", "Найменший читний розмір — {width} × {height} мм."),
    }
    FormInvalid = UNPROCESSABLE_ENTITY "form_invalid" {
        en: ("The print form has a mistake", "{file}, line {line}: {reason}."),
        ru: ("В печатной форме ошибка", "{file}, строка {line}: {reason}."),
        uk: ("У друкованій формі помилка", "{file}, рядок {line}: {reason}."),
    }
    ProviderMissing = UNPROCESSABLE_ENTITY "provider_missing" {
        en: ("The organisation's own details are not set", "Set them once: PUT /api/v1/provider."),
        ru: ("Реквизиты своей организации не заданы", "Задайте их один раз: PUT /api/v1/provider."),
        uk: ("Реквізити своєї організації не задано", "Задайте їх один раз: PUT /api/v1/provider."),
    }
    WorkflowInvalid = UNPROCESSABLE_ENTITY "workflow_invalid" {
        en: ("This graph of statuses cannot work", "{reason}."),
        ru: ("Такой граф статусов работать не может", "{reason}."),
        uk: ("Такий граф статусів працювати не може", "{reason}."),
    }
    RateLimited = TOO_MANY_REQUESTS "rate_limited" {
        en: ("Too many attempts", "Wait {seconds} s and try again."),
        ru: ("Слишком много попыток", "Подождите {seconds} с и попробуйте снова."),
        uk: ("Забагато спроб", "Зачекайте {seconds} с і спробуйте знову."),
    }
    Internal = INTERNAL_SERVER_ERROR "internal" {
        en: ("Something is broken on our side", "Nothing was changed. Repeat the request; if it fails again, tell the administrator the trace_id."),
        ru: ("Сбой на нашей стороне", "Ничего не изменено. Повторите запрос; если не поможет, сообщите администратору trace_id."),
        uk: ("Збій на нашому боці", "Нічого не змінено. Повторіть запит; якщо не допоможе, повідомте адміністратору trace_id."),
    }
    Busy = SERVICE_UNAVAILABLE "busy" {
        en: ("Too much to do at the moment", "Nothing was changed. Repeat the request after the seconds in Retry-After."),
        ru: ("Сейчас слишком много запросов", "Ничего не изменено. Повторите запрос через число секунд из Retry-After."),
        uk: ("Зараз забагато запитів", "Нічого не змінено. Повторіть запит через кількість секунд із Retry-After."),
    }
}

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
    UnknownSheet = "unknown_sheet" {
        en: "names a sheet of labels that is not known; GET /api/v1/label-media lists those that are",
        ru: "указывает на неизвестный лист этикеток; известные перечислены в GET /api/v1/label-media",
        uk: "вказує на невідомий аркуш етикеток; відомі перелічені в GET /api/v1/label-media",
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
}
