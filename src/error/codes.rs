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

            const fn registered_status(self) -> StatusCode {
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
    /// The HTTP status it travels with.
    pub fn status(self) -> StatusCode {
        // 460 is of tus 1.0.0 and in no registry of statuses.
        let own = if self == Self::ChecksumMismatch { StatusCode::from_u16(460).ok() } else { None };
        own.unwrap_or(self.registered_status())
    }

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
    SyncMalformed = BAD_REQUEST "sync_malformed" {
        en: ("This is not the protocol of sync", "A mistake of the app's: keep what was not sent, update the app, and compare the request with GET /api/v1/sync/schema."),
        ru: ("Это не протокол синхронизации", "Ошибка приложения: неотправленное сохраните, обновите приложение и сверьте запрос с GET /api/v1/sync/schema."),
        uk: ("Це не протокол синхронізації", "Помилка застосунку: ненадіслане збережіть, оновіть застосунок і звірте запит із GET /api/v1/sync/schema."),
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
    ReadOnlyAccess = FORBIDDEN "read_only_access" {
        en: ("This is not changed from a phone", "What the server keeps is on the phone again after the next pull. See GET /api/v1/sync/schema for what phones write."),
        ru: ("С телефона это не меняется", "После следующего получения на телефоне снова будет то, что хранит сервер. Что пишут телефоны, названо в GET /api/v1/sync/schema."),
        uk: ("З телефона це не змінюється", "Після наступного отримання на телефоні знову буде те, що зберігає сервер. Що пишуть телефони, названо в GET /api/v1/sync/schema."),
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
    CodeBlank = NOT_FOUND "code_blank" {
        en: ("The label {code} is on nothing yet", "Claim it for a device as the remedy says: a known one by asset_id, a new one by asset."),
        ru: ("Этикетка {code} ещё ни на чём", "Закрепите её за оборудованием, как указано в remedy: за известным — asset_id, за новым — asset."),
        uk: ("Етикетка {code} ще ні на чому", "Закріпіть її за обладнанням, як указано в remedy: за відомим — asset_id, за новим — asset."),
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
    CodeAmbiguous = CONFLICT "code_ambiguous" {
        en: ("Several devices have this code or number", "Let the person choose one of assets, and send its id with the code."),
        ru: ("Этот код или номер есть у нескольких единиц оборудования", "Предложите выбрать одну из assets и передайте её id вместе с кодом."),
        uk: ("Цей код або номер мають кілька одиниць обладнання", "Запропонуйте вибрати одну з assets і передайте її id разом із кодом."),
    }
    CodeClaimed = CONFLICT "code_claimed" {
        en: ("This label is already on “{holder}”", "Take the label off. Nothing was lost: the device of this claim stands in asset, with a label of its own to print."),
        ru: ("Эта этикетка уже на «{holder}»", "Снимите этикетку. Ничего не потеряно: оборудование из этого запроса — в asset, у него своя этикетка, её можно напечатать."),
        uk: ("Ця етикетка вже на «{holder}»", "Зніміть етикетку. Нічого не втрачено: обладнання з цього запиту — в asset, у нього власна етикетка, її можна надрукувати."),
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
        en: ("The act has been decided on already", "A new decision needs a new version of the act: POST /api/v1/tickets/{ticket}/acts."),
        ru: ("Решение по этому акту уже принято", "Для нового решения нужна новая версия акта: POST /api/v1/tickets/{ticket}/acts."),
        uk: ("Рішення щодо цього акта вже ухвалено", "Для нового рішення потрібна нова версія акта: POST /api/v1/tickets/{ticket}/acts."),
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
    LabelsNotReady = CONFLICT "labels_not_ready" {
        en: ("The labels are not printed: the job is {status}", "Ask GET /api/v1/label-jobs/{job} until its status is done; one that has failed says why."),
        ru: ("Этикетки не напечатаны: задание в состоянии {status}", "Спрашивайте GET /api/v1/label-jobs/{job}, пока состояние не станет done; неудавшееся задание назовёт причину."),
        uk: ("Етикетки не надруковано: завдання у стані {status}", "Запитуйте GET /api/v1/label-jobs/{job}, доки стан не стане done; завдання, що не вдалося, назве причину."),
    }
    OffsetMismatch = CONFLICT "offset_mismatch" {
        en: ("The bytes do not begin where the others end", "Ask HEAD for the offset and go on from there: {offset} bytes are kept."),
        ru: ("Байты начинаются не там, где кончаются принятые", "Узнайте смещение запросом HEAD и продолжайте с него: принято байт — {offset}."),
        uk: ("Байти починаються не там, де закінчуються прийняті", "Дізнайтеся зміщення запитом HEAD і продовжуйте з нього: прийнято байтів — {offset}."),
    }
    UploadFinished = CONFLICT "upload_finished" {
        en: ("All bytes of this file are here", "There is nothing to give up. Take the file off with DELETE /api/v1/attachments/{id}, if nobody needs it."),
        ru: ("Все байты этого файла уже приняты", "Прерывать нечего. Ненужный файл снимите через DELETE /api/v1/attachments/{id}."),
        uk: ("Усі байти цього файлу вже прийнято", "Переривати нічого. Непотрібний файл зніміть через DELETE /api/v1/attachments/{id}."),
    }
    AttachmentNotReady = CONFLICT "attachment_not_ready" {
        en: ("The bytes of this file are not here: it is {status}", "Send them to its upload_url, or wait until the phone that took the photo has."),
        ru: ("Байтов этого файла здесь нет: состояние {status}", "Передайте их по upload_url или дождитесь телефона, на котором сделан снимок."),
        uk: ("Байтів цього файлу тут немає: стан {status}", "Передайте їх за upload_url або дочекайтеся телефона, на якому зроблено знімок."),
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
        en: ("A document or another record rests on this: it cannot be changed", "What was invoiced is corrected on the next act; what is named elsewhere is first taken off there."),
        ru: ("На это опирается документ или другая запись: изменить нельзя", "Выставленное в счёте исправляйте в следующем акте; на что ссылаются, сначала снимите там."),
        uk: ("На це спирається документ або інший запис: змінити не можна", "Те, що вже в рахунку, виправляйте в наступному акті; на що посилаються, спершу зніміть там."),
    }
    StatusInUse = CONFLICT "status_in_use" {
        en: ("Tickets still stand in status {status}", "Move them first, or archive the status instead of leaving it out."),
        ru: ("В статусе {status} ещё есть заявки", "Сначала переведите их или отправьте статус в архив, а не удаляйте."),
        uk: ("У статусі {status} ще є заявки", "Спершу переведіть їх або відправте статус до архіву, а не видаляйте."),
    }
    ImportDone = CONFLICT "import_done" {
        en: ("The import has been done", "Send the file once more to import it with another mapping: rows that are so already change nothing."),
        ru: ("Импорт уже выполнен", "Чтобы сопоставить столбцы иначе, пришлите файл ещё раз: строки, по которым всё уже так, ничего не изменят."),
        uk: ("Імпорт уже виконано", "Щоб зіставити стовпці інакше, надішліть файл ще раз: рядки, за якими все вже так, нічого не змінять."),
    }
    ImportDisturbed = CONFLICT "import_disturbed" {
        en: ("Records changed while the import was worked out", "Nothing was changed. Repeat the request when fewer people work on these companies: the import is kept as it was checked."),
        ru: ("Пока импорт готовился, записи менялись", "Ничего не изменено. Повторите запрос, когда с этими компаниями работает меньше людей: проверенный импорт сохранён."),
        uk: ("Поки імпорт готувався, записи змінювалися", "Нічого не змінено. Повторіть запит, коли з цими компаніями працює менше людей: перевірений імпорт збережено."),
    }
    LastAdmin = CONFLICT "last_admin" {
        en: ("This is the last administrator", "Make another user an administrator first."),
        ru: ("Это последний администратор", "Сначала назначьте администратором другого пользователя."),
        uk: ("Це останній адміністратор", "Спершу призначте адміністратором іншого користувача."),
    }
    AlreadyReported = CONFLICT "already_reported" {
        en: ("A fault of this device has been reported already", "Report {number} tells of it. About the same fault send only \"same\": true; about another one, a report with \"another\": true."),
        ru: ("О неисправности этого устройства уже сообщили", "О ней говорит сообщение {number}. О той же неисправности отправьте только \"same\": true, о другой — сообщение с \"another\": true."),
        uk: ("Про несправність цього пристрою вже повідомили", "Про неї говорить повідомлення {number}. Про ту саму несправність надішліть лише \"same\": true, про іншу — повідомлення з \"another\": true."),
    }
    ReportSettled = CONFLICT "report_settled" {
        en: ("Somebody has decided on this report already", "Report {number} is {state}. Load it again to see what became of it."),
        ru: ("По этому сообщению уже принято решение", "Сообщение {number} в состоянии {state}. Загрузите его заново, чтобы увидеть, что с ним стало."),
        uk: ("Щодо цього повідомлення вже ухвалено рішення", "Повідомлення {number} у стані {state}. Завантажте його знову, щоб побачити, що з ним сталося."),
    }
    UploadExpired = GONE "upload_expired" {
        en: ("The upload was not finished in time", "What had come is gone. Begin it anew with the same id: POST /api/v1/uploads."),
        ru: ("Загрузка не завершена вовремя", "Принятое удалено. Начните заново с тем же id: POST /api/v1/uploads."),
        uk: ("Завантаження не завершено вчасно", "Прийняте видалено. Почніть заново з тим самим id: POST /api/v1/uploads."),
    }
    TusVersionUnsupported = PRECONDITION_FAILED "tus_version_unsupported" {
        en: ("This version of tus is not spoken here", "Send Tus-Resumable: 1.0.0."),
        ru: ("Эта версия протокола tus не поддерживается", "Передайте Tus-Resumable: 1.0.0."),
        uk: ("Ця версія протоколу tus не підтримується", "Передайте Tus-Resumable: 1.0.0."),
    }
    MessageOver = CONFLICT "message_over" {
        en: ("This message is not sent again", "It is {state}, or what it told of is over. Make a new link: POST /api/v1/acts/…/links."),
        ru: ("Это сообщение не отправляется снова", "Его состояние — {state}, или то, о чём оно, уже в прошлом. Создайте новую ссылку: POST /api/v1/acts/…/links."),
        uk: ("Це повідомлення не надсилається знову", "Його стан — {state}, або те, про що воно, вже минуло. Створіть нове посилання: POST /api/v1/acts/…/links."),
    }
    SyncConflict = CONFLICT "sync_conflict" {
        en: ("Somebody changed these records meanwhile", "Pull, let the changes be joined, and push again. Nothing of this push was kept."),
        ru: ("Эти записи тем временем изменили", "Получите изменения, объедините их и отправьте снова. Из этой отправки ничего не сохранено."),
        uk: ("Ці записи тим часом змінили", "Отримайте зміни, об'єднайте їх і надішліть знову. З цього надсилання нічого не збережено."),
    }
    IdUnavailable = CONFLICT "id_unavailable" {
        en: ("This id cannot be used", "Give the record a new id (UUID v7) and send it again."),
        ru: ("Этот идентификатор использовать нельзя", "Дайте записи новый идентификатор (UUID v7) и отправьте её снова."),
        uk: ("Цей ідентифікатор використати не можна", "Дайте запису новий ідентифікатор (UUID v7) і надішліть його знову."),
    }
    WorkRefused = CONFLICT "work_refused" {
        en: ("The ticket was not finished: some of the work that came with it was refused", "Look at the other issues of this ticket, correct what they name, and send the act, the signature and the move again."),
        ru: ("Заявка не завершена: часть работы, пришедшей вместе с ней, не принята", "Посмотрите остальные замечания по этой заявке, исправьте названное и отправьте акт, подпись и перевод снова."),
        uk: ("Заявку не завершено: частину роботи, що прийшла разом із нею, не прийнято", "Перегляньте інші зауваження щодо цієї заявки, виправте назване і надішліть акт, підпис і переведення знову."),
    }
    LateWork = CONFLICT "late_work" {
        en: ("The ticket had gone to somebody else", "What was done before is kept, and a manager looks at it. Nothing has to be sent again."),
        ru: ("Заявку тем временем передали другому", "Сделанное до этого сохранено, менеджер посмотрит. Отправлять снова ничего не нужно."),
        uk: ("Заявку тим часом передали іншому", "Зроблене до цього збережено, менеджер перегляне. Надсилати знову нічого не потрібно."),
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
        en: ("This person may not sign this act", "{signer} {why} {remedy}"),
        ru: ("Этот человек не может подписать акт", "{signer} {why} {remedy}"),
        uk: ("Ця людина не може підписати акт", "{signer} {why} {remedy}"),
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
    NoPaymentQr = CONFLICT "no_payment_qr" {
        en: ("This invoice has no payment code", "The details it was made out with did not allow one; errors names them. Complete them with PUT /api/v1/provider: the next invoice has it."),
        ru: ("У этого счёта нет платёжного кода", "Реквизиты, с которыми он выставлен, его не позволили; они названы в errors. Дополните их через PUT /api/v1/provider: код будет на следующем счёте."),
        uk: ("Цей рахунок не має платіжного коду", "Реквізити, з якими його виставлено, цього не дозволили; їх названо в errors. Доповніть їх через PUT /api/v1/provider: код буде на наступному рахунку."),
    }
    FileRejected = UNPROCESSABLE_ENTITY "file_rejected" {
        en: ("The file cannot be taken", "Send a JPEG, PNG or WebP picture of at most 50 million pixels, or a PDF; at most 20 MiB. What is wrong stands in errors."),
        ru: ("Файл принять нельзя", "Пришлите снимок JPEG, PNG или WebP до 50 млн точек либо PDF; не больше 20 МиБ. Что не так, сказано в errors."),
        uk: ("Файл прийняти не можна", "Надішліть знімок JPEG, PNG або WebP до 50 млн точок чи PDF; не більше 20 МіБ. Що не так, сказано в errors."),
    }
    TooMuchAtOnce = UNPROCESSABLE_ENTITY "too_much_at_once" {
        en: ("There is more than one paper or archive holds", "At most {max} of a kind fit. Choose a shorter period, or ask for the tickets one by one."),
        ru: ("Это больше, чем вмещает один документ или архив", "Помещается не больше {max} записей одного вида. Выберите период короче или запросите заявки по одной."),
        uk: ("Це більше, ніж вміщує один документ або архів", "Поміщається не більше {max} записів одного виду. Виберіть коротший період або запитайте заявки по одній."),
    }
    LabelTooSmall = UNPROCESSABLE_ENTITY "label_too_small" {
        en: ("The label is too small for its code", "The smallest that can be read is {width} × {height} mm."),
        ru: ("Этикетка мала для своего кода", "Наименьший читаемый размер — {width} × {height} мм."),
        uk: ("Етикетка замала для свого коду", "Найменший читний розмір — {width} × {height} мм."),
    }
    NothingToPrint = UNPROCESSABLE_ENTITY "nothing_to_print" {
        en: ("There is no label to print", "The labels were revoked, claimed or given up. Give the devices labels at POST /api/v1/assets/…/codes, or choose others."),
        ru: ("Печатать нечего", "Этикетки отозваны, закреплены или списаны. Выдайте оборудованию этикетки через POST /api/v1/assets/…/codes или выберите другое."),
        uk: ("Друкувати нічого", "Етикетки відкликано, закріплено або списано. Видайте обладнанню етикетки через POST /api/v1/assets/…/codes або виберіть інше."),
    }
    LabelsGivenUp = INTERNAL_SERVER_ERROR "labels_given_up" {
        en: ("The labels were begun {tries} times and never finished", "Ask for them anew in smaller parts. If that fails as well, the administrator finds the reason in the server's log by the job's id."),
        ru: ("Печать этикеток начиналась {tries} раз и ни разу не закончилась", "Закажите их заново меньшими частями. Если не поможет, администратор найдёт причину в журнале сервера по номеру задания."),
        uk: ("Друк етикеток починався {tries} разів і жодного разу не завершився", "Замовте їх знову меншими частинами. Якщо не допоможе, адміністратор знайде причину в журналі сервера за номером завдання."),
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
    MailNotConfigured = UNPROCESSABLE_ENTITY "mail_not_configured" {
        en: ("No mail can be sent", "The administrator sets NARYAD_SMTP_URL and NARYAD_MAIL_FROM (flags --smtp-url and --mail-from) and starts the server anew. Until then show the link on the screen."),
        ru: ("Почта не настроена", "Администратор задаёт NARYAD_SMTP_URL и NARYAD_MAIL_FROM (флаги --smtp-url и --mail-from) и перезапускает сервер. До тех пор показывайте ссылку на экране."),
        uk: ("Пошту не налаштовано", "Адміністратор задає NARYAD_SMTP_URL і NARYAD_MAIL_FROM (прапорці --smtp-url і --mail-from) та перезапускає сервер. До того показуйте посилання на екрані."),
    }
    SigningCodeRequired = UNPROCESSABLE_ENTITY "signing_code_required" {
        en: ("The signature must be confirmed by a one-time code", "Ask for a code on the page, and type the six digits that come by e-mail."),
        ru: ("Подпись нужно подтвердить одноразовым кодом", "Запросите код на странице и введите шесть цифр из письма."),
        uk: ("Підпис потрібно підтвердити одноразовим кодом", "Запросіть код на сторінці та введіть шість цифр із листа."),
    }
    WorkflowInvalid = UNPROCESSABLE_ENTITY "workflow_invalid" {
        en: ("This graph of statuses cannot work", "{reason}."),
        ru: ("Такой граф статусов работать не может", "{reason}."),
        uk: ("Такий граф статусів працювати не може", "{reason}."),
    }
    ClientTooOld = UPGRADE_REQUIRED "client_too_old" {
        en: ("This version of the app is too old", "Update the app to {min_version} or newer. What was not sent can still be pushed."),
        ru: ("Эта версия приложения устарела", "Обновите приложение до {min_version} или новее. Неотправленное ещё можно отправить."),
        uk: ("Ця версія застосунку застаріла", "Оновіть застосунок до {min_version} або новішого. Ненадіслане ще можна надіслати."),
    }
    RateLimited = TOO_MANY_REQUESTS "rate_limited" {
        en: ("Too many attempts", "Wait {seconds} s and try again."),
        ru: ("Слишком много попыток", "Подождите {seconds} с и попробуйте снова."),
        uk: ("Забагато спроб", "Зачекайте {seconds} с і спробуйте знову."),
    }
    TooManyUploads = TOO_MANY_REQUESTS "too_many_uploads" {
        en: ("Too many files are on their way", "Finish some of them, or give them up: {max} may be unfinished at the same time."),
        ru: ("Слишком много незавершённых загрузок", "Завершите или прервите часть: одновременно незавершённых не больше {max}."),
        uk: ("Забагато незавершених завантажень", "Завершіть або перервіть частину: одночасно незавершених не більше {max}."),
    }
    TooManyLinks = TOO_MANY_REQUESTS "too_many_links" {
        en: ("This act has enough links to be signed by", "At most {max} may be alive at the same time. Revoke one that nobody needs: POST /api/v1/acts/…/links/…/revocation."),
        ru: ("У этого акта достаточно ссылок для подписания", "Одновременно действующих может быть не больше {max}. Отзовите ненужную: POST /api/v1/acts/…/links/…/revocation."),
        uk: ("Цей акт має достатньо посилань для підписання", "Одночасно чинних може бути не більше {max}. Відкличте непотрібне: POST /api/v1/acts/…/links/…/revocation."),
    }
    ChecksumMismatch = BAD_REQUEST "checksum_mismatch" {
        en: ("The bytes were damaged on their way", "They were not kept: send the same chunk again."),
        ru: ("Байты повреждены в пути", "Они не приняты: передайте тот же фрагмент ещё раз."),
        uk: ("Байти пошкоджено дорогою", "Їх не прийнято: передайте той самий фрагмент ще раз."),
    }
    TableRejected = UNPROCESSABLE_ENTITY "table_rejected" {
        en: ("The table cannot be taken", "Send CSV or XLSX with the names of the columns in its first rows: at most 20,000 rows, 100 columns and 20 MiB. What is wrong stands in errors."),
        ru: ("Таблицу принять нельзя", "Пришлите CSV или XLSX с названиями столбцов в первых строках: не больше 20 000 строк, 100 столбцов и 20 МиБ. Что не так, сказано в errors."),
        uk: ("Таблицю прийняти не можна", "Надішліть CSV або XLSX із назвами стовпців у перших рядках: не більше 20 000 рядків, 100 стовпців і 20 МіБ. Що не так, сказано в errors."),
    }
    ImportHasMistakes = UNPROCESSABLE_ENTITY "import_has_mistakes" {
        en: ("Rows of the import have mistakes: {count}", "See them at GET /api/v1/imports/{import}/rows?outcome=mistake. Correct the file and send it anew, or repeat with skip_mistakes to leave these rows out."),
        ru: ("В импорте есть строки с ошибками: {count}", "Посмотрите их: GET /api/v1/imports/{import}/rows?outcome=mistake. Исправьте файл и пришлите заново или повторите со skip_mistakes, чтобы пропустить эти строки."),
        uk: ("В імпорті є рядки з помилками: {count}", "Перегляньте їх: GET /api/v1/imports/{import}/rows?outcome=mistake. Виправте файл і надішліть знову або повторіть зі skip_mistakes, щоб пропустити ці рядки."),
    }
    Internal = INTERNAL_SERVER_ERROR "internal" {
        en: ("Something is broken on our side", "Nothing was changed. Repeat the request; if it fails again, tell the administrator the trace_id."),
        ru: ("Сбой на нашей стороне", "Ничего не изменено. Повторите запрос; если не поможет, сообщите администратору trace_id."),
        uk: ("Збій на нашому боці", "Нічого не змінено. Повторіть запит; якщо не допоможе, повідомте адміністратору trace_id."),
    }
    StorageFull = INSUFFICIENT_STORAGE "storage_full" {
        en: ("There is no room for files", "Keep the file and tell the administrator; then the same again: what was kept before is still there."),
        ru: ("Нет места для файлов", "Сохраните файл и сообщите администратору, затем повторите: принятое ранее не пропало."),
        uk: ("Немає місця для файлів", "Збережіть файл і повідомте адміністратора, потім повторіть: прийняте раніше не пропало."),
    }
    Busy = SERVICE_UNAVAILABLE "busy" {
        en: ("Too much to do at the moment", "Nothing was changed. Repeat the request after the seconds in Retry-After."),
        ru: ("Сейчас слишком много запросов", "Ничего не изменено. Повторите запрос через число секунд из Retry-After."),
        uk: ("Зараз забагато запитів", "Нічого не змінено. Повторіть запит через кількість секунд із Retry-After."),
    }
}
