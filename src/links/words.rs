//! What the page of a link says, in three languages.

use serde::Serialize;

use crate::acts::signature::Outcome;
use crate::words::{Language, sentences};

sentences! {
    act { ru: "Акт №", uk: "Акт №", en: "Certificate" }
    version { ru: "версия", uk: "версія", en: "version" }
    dated { ru: "от", uk: "від", en: "of" }
    ask {
        ru: "Прочитайте акт и решите, принимаете ли вы работы. Подписать можно прямо здесь.",
        uk: "Прочитайте акт і вирішіть, чи приймаєте ви роботи. Підписати можна просто тут.",
        en: "Read the certificate and decide whether you accept the work. You can sign it right here.",
    }
    provider { ru: "Исполнитель", uk: "Виконавець", en: "Contractor" }
    customer { ru: "Заказчик", uk: "Замовник", en: "Customer" }
    place { ru: "Место", uk: "Місце", en: "Place" }
    job { ru: "Заявка", uk: "Заявка", en: "Job" }
    agreement { ru: "Договор", uk: "Договір", en: "Agreement" }
    engineer { ru: "Инженер", uk: "Інженер", en: "Engineer" }
    works { ru: "Что сделано", uk: "Що зроблено", en: "What was done" }
    covered { ru: "по договору", uk: "за договором", en: "covered by the agreement" }
    extra { ru: "сверх договора", uk: "понад договір", en: "outside the agreement" }
    total { ru: "К оплате", uk: "До сплати", en: "To be paid" }
    document { ru: "Документ", uk: "Документ", en: "The document" }
    document_more {
        ru: "Так он выглядит. Подпись ставится именно под этими байтами: изменить их после неё нельзя.",
        uk: "Такий він має вигляд. Підпис ставиться саме під цими байтами: змінити їх після нього не можна.",
        en: "This is what it looks like. It is these very bytes that are signed: they cannot be changed afterwards.",
    }
    page { ru: "Страница", uk: "Сторінка", en: "Page" }
    of { ru: "из", uk: "із", en: "of" }
    page_text {
        ru: "её текст есть в файле PDF",
        uk: "її текст є у файлі PDF",
        en: "its text is in the PDF file",
    }
    photos { ru: "Фотографии", uk: "Фотографії", en: "Photos" }
    photos_more {
        ru: "Сняты на этой заявке. В документ, который вы подписываете, они не входят.",
        uk: "Зняті на цій заявці. До документа, який ви підписуєте, вони не входять.",
        en: "Taken on this job. They are not part of the document that you sign.",
    }
    photo { ru: "Фото", uk: "Фото", en: "Photo" }
    more_photos {
        ru: "Показаны первые {shown} из {all}.",
        uk: "Показано перші {shown} із {all}.",
        en: "The first {shown} of {all} are shown.",
    }
    open_pdf { ru: "Открыть PDF", uk: "Відкрити PDF", en: "Open the PDF" }
    fingerprint { ru: "Отпечаток документа, SHA‑256", uk: "Відбиток документа, SHA‑256", en: "Fingerprint of the document, SHA‑256" }
    decide { ru: "Ваше решение", uk: "Ваше рішення", en: "Your decision" }
    accepted { ru: "Работы принимаю", uk: "Роботи приймаю", en: "I accept the work" }
    with_remarks { ru: "Принимаю с замечаниями", uk: "Приймаю із зауваженнями", en: "I accept it with remarks" }
    refused { ru: "Отказываюсь подписать", uk: "Відмовляюся підписати", en: "I refuse to sign" }
    remarks { ru: "Замечания или причина отказа", uk: "Зауваження або причина відмови", en: "Remarks, or the reason for refusing" }
    remarks_hint {
        ru: "Если принимаете без замечаний, оставьте пустым. Написанное останется в документе.",
        uk: "Якщо приймаєте без зауважень, залиште порожнім. Написане залишиться в документі.",
        en: "Leave it empty if you accept without remarks. What you write stays with the document.",
    }
    name { ru: "Фамилия, имя, отчество", uk: "Прізвище, ім’я, по батькові", en: "Your full name" }
    position { ru: "Должность", uk: "Посада", en: "Your position" }
    signer { ru: "Подписывает", uk: "Підписує", en: "To be signed by" }
    way { ru: "Подпись", uk: "Підпис", en: "Signature" }
    draw { ru: "Нарисовать", uk: "Намалювати", en: "Draw it" }
    write { ru: "Подписать именем", uk: "Підписати ім’ям", en: "Sign with my name" }
    pad { ru: "Поле для подписи", uk: "Поле для підпису", en: "Place for the signature" }
    pad_hint {
        ru: "Распишитесь пальцем или мышью. Если рисовать неудобно, выберите «Подписать именем».",
        uk: "Розпишіться пальцем або мишею. Якщо малювати незручно, виберіть «Підписати ім’ям».",
        en: "Sign with a finger or a mouse. If drawing is difficult, choose “Sign with my name”.",
    }
    clear { ru: "Стереть", uk: "Стерти", en: "Clear" }
    consent {
        ru: "Я прочитал(а) документ. Подпись или решение, которые я отправляю, — мои, и я согласен (согласна) дать их в электронном виде.",
        uk: "Я прочитав (прочитала) документ. Підпис або рішення, які я надсилаю, — мої, і я згоден (згодна) дати їх в електронній формі.",
        en: "I have read the document. The signature or decision that I send is mine, and I agree to give it electronically.",
    }
    code { ru: "Код подтверждения", uk: "Код підтвердження", en: "Confirmation code" }
    code_more {
        ru: "По договору подпись подтверждается одноразовым кодом. Он придёт на адрес {address}.",
        uk: "За договором підпис підтверджується одноразовим кодом. Він надійде на адресу {address}.",
        en: "Under the agreement a signature is confirmed by a one-time code. It goes to {address}.",
    }
    code_hint { ru: "Шесть цифр из письма.", uk: "Шість цифр із листа.", en: "Six digits from the letter." }
    code_send { ru: "Прислать код", uk: "Надіслати код", en: "Send me the code" }
    code_again { ru: "Прислать новый код", uk: "Надіслати новий код", en: "Send me a new code" }
    code_sent {
        ru: "Код отправлен на адрес {address}. Он действует 10 минут. Письмо может прийти не сразу или попасть в спам.",
        uk: "Код надіслано на адресу {address}. Він діє 10 хвилин. Лист може надійти не одразу або потрапити до спаму.",
        en: "The code was sent to {address}. It works for 10 minutes. The letter may take a moment, or land among spam.",
    }
    copy_to { ru: "Эл. почта для копии акта", uk: "Ел. пошта для копії акта", en: "E-mail for your copy" }
    copy_hint {
        ru: "Необязательно. Туда придёт подписанный акт (PDF).",
        uk: "Необов’язково. Туди надійде підписаний акт (PDF).",
        en: "Optional. The signed certificate (PDF) will be sent there.",
    }
    copy_known {
        ru: "Подписанный акт (PDF) придёт и на адрес {address}.",
        uk: "Підписаний акт (PDF) надійде і на адресу {address}.",
        en: "The signed certificate (PDF) will be sent to {address}, too.",
    }
    kept {
        ru: "Вместе с решением сохраняются время, адрес в сети и название браузера.",
        uk: "Разом із рішенням зберігаються час, адреса в мережі та назва браузера.",
        en: "The time, your network address and the name of your browser are kept with the decision.",
    }
    send { ru: "Отправить решение", uk: "Надіслати рішення", en: "Send my decision" }
    not_sent { ru: "Решение пока не отправлено", uk: "Рішення поки не надіслано", en: "Your decision has not been sent yet" }
    done { ru: "Готово", uk: "Готово", en: "Done" }
    signed_copy { ru: "Скачать подписанный акт (PDF)", uk: "Завантажити підписаний акт (PDF)", en: "Download the signed certificate (PDF)" }
    check { ru: "Проверить подлинность", uk: "Перевірити справжність", en: "Check that it is genuine" }
    until {
        ru: "Эта страница открывается до {day}. Сохраните файл себе.",
        uk: "Ця сторінка відкривається до {day}. Збережіть файл собі.",
        en: "This page opens until {day}. Keep a copy of the file.",
    }
    nothing { ru: "Ссылка не открывается", uk: "Посилання не відкривається", en: "This link does not open" }
    nothing_more {
        ru: "Возможно, её срок истёк, документ уже подписан или его заменила новая версия. Проверьте также, что адрес скопирован целиком.",
        uk: "Можливо, її строк минув, документ уже підписано або його замінила нова версія. Перевірте також, що адресу скопійовано повністю.",
        en: "It may have expired, or the document was signed already or replaced by a newer version. Check also that the whole address was copied.",
    }
    nothing_to_do {
        ru: "Попросите у исполнителя новую ссылку.",
        uk: "Попросіть у виконавця нове посилання.",
        en: "Ask the contractor for a new link.",
    }
    too_late { ru: "Решение уже принято", uk: "Рішення вже ухвалено", en: "The decision has been made already" }
    too_late_more {
        ru: "Пока вы читали, по этому акту приняли решение. Ваше не записано.",
        uk: "Поки ви читали, щодо цього акта ухвалили рішення. Ваше не записано.",
        en: "Somebody decided on this document while you were reading. Your decision was not recorded.",
    }
    other_document { ru: "Документ изменился", uk: "Документ змінився", en: "The document has changed" }
    other_document_more {
        ru: "Решение не записано: вы читали не тот документ, который действует. Откройте ссылку снова и прочитайте его.",
        uk: "Рішення не записано: ви читали не той документ, що чинний. Відкрийте посилання знову і прочитайте його.",
        en: "Your decision was not recorded: you read another document than the one in force. Open the link again and read it.",
    }
    not_allowed { ru: "Этот акт подписывает другой человек", uk: "Цей акт підписує інша людина", en: "Somebody else has to sign this" }
    not_allowed_more {
        ru: "Решение не записано: для этого акта нужна подпись уполномоченного лица. Сообщите об этом исполнителю.",
        uk: "Рішення не записано: для цього акта потрібен підпис уповноваженої особи. Повідомте про це виконавця.",
        en: "Your decision was not recorded: this document needs the signature of somebody who is authorised. Tell the contractor.",
    }
}

/// What is wrong with what somebody filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Complaint {
    /// Nothing was decided.
    NoOutcome,
    /// Remarks were announced, and none are there.
    NoRemarks,
    /// It was refused without a reason.
    NoReason,
    /// The remarks are too long.
    RemarksTooLong,
    /// Nobody said who they are.
    NoName,
    /// The name is too long.
    NameTooLong,
    /// Nobody said what they are.
    NoPosition,
    /// The position is too long.
    PositionTooLong,
    /// Nothing was drawn.
    NoSignature,
    /// Nobody agreed.
    NoConsent,
    /// The code is missing, or no six digits.
    NoCode,
    /// It is not the code that was sent.
    CodeWrong,
    /// No code is good any more: too old, tried too often, or none was sent.
    CodeOver,
    /// Codes were tried too often by this link, or on this act.
    NoMoreTries,
    /// One was sent less than a minute ago.
    CodeJustSent,
    /// Enough were sent to this address.
    TooManyCodes,
    /// There is no address to send codes to, or no mail.
    CodeNowhere,
    /// What was typed for the copy is no address.
    NotAnAddress,
}

impl Complaint {
    /// Which field it is about.
    pub const fn field(self) -> &'static str {
        match self {
            Self::NoOutcome => "outcome",
            Self::NoRemarks | Self::NoReason | Self::RemarksTooLong => "remarks",
            Self::NoName | Self::NameTooLong => "name",
            Self::NoPosition | Self::PositionTooLong => "position",
            Self::NoSignature => "signature",
            Self::NoConsent => "consent",
            Self::NoCode
            | Self::CodeWrong
            | Self::CodeOver
            | Self::NoMoreTries
            | Self::CodeJustSent
            | Self::TooManyCodes
            | Self::CodeNowhere => "code",
            Self::NotAnAddress => "copy_to",
        }
    }

    /// What to do.
    pub const fn sentence(self, language: Language) -> &'static str {
        match self {
            Self::NoOutcome => language.choose(
                "Выберите, что вы решили.",
                "Виберіть, що ви вирішили.",
                "Choose what you have decided.",
            ),
            Self::NoRemarks => language.choose(
                "Напишите замечания или выберите «Работы принимаю».",
                "Напишіть зауваження або виберіть «Роботи приймаю».",
                "Write your remarks, or choose “I accept the work”.",
            ),
            Self::NoReason => language.choose(
                "Напишите, почему вы отказываетесь.",
                "Напишіть, чому ви відмовляєтеся.",
                "Write why you refuse.",
            ),
            Self::RemarksTooLong => language.choose(
                "Слишком длинно: не больше 4000 знаков.",
                "Задовго: не більше 4000 знаків.",
                "Too long: 4000 characters at the most.",
            ),
            Self::NoName => language.choose("Напишите, как вас зовут.", "Напишіть, як вас звати.", "Write your name."),
            Self::NoPosition => {
                language.choose("Напишите вашу должность.", "Напишіть вашу посаду.", "Write your position.")
            }
            Self::NameTooLong | Self::PositionTooLong => language.choose(
                "Слишком длинно: не больше 200 знаков.",
                "Задовго: не більше 200 знаків.",
                "Too long: 200 characters at the most.",
            ),
            Self::NoSignature => language.choose(
                "Распишитесь в поле или выберите «Подписать именем».",
                "Розпишіться в полі або виберіть «Підписати ім’ям».",
                "Draw your signature, or choose “Sign with my name”.",
            ),
            Self::NoConsent => language.choose(
                "Без этого решение отправить нельзя.",
                "Без цього рішення надіслати не можна.",
                "Your decision cannot be sent without this.",
            ),
            Self::NoCode => language.choose(
                "Введите шесть цифр из письма. Если кода ещё нет, нажмите «Прислать код».",
                "Введіть шість цифр із листа. Якщо коду ще немає, натисніть «Надіслати код».",
                "Type the six digits from the letter. If you have none yet, press “Send me the code”.",
            ),
            Self::CodeWrong => language.choose(
                "Это не тот код. Проверьте последнее письмо.",
                "Це не той код. Перевірте останній лист.",
                "This is not the code. Look at the last letter.",
            ),
            Self::CodeOver => language.choose(
                "Этот код больше не действует. Нажмите «Прислать код» и введите новый.",
                "Цей код більше не діє. Натисніть «Надіслати код» і введіть новий.",
                "This code works no more. Press “Send me the code” and type the new one.",
            ),
            Self::NoMoreTries => language.choose(
                "Слишком много неверных кодов: подписать по этой ссылке уже нельзя. Сообщите об этом исполнителю.",
                "Забагато неправильних кодів: підписати за цим посиланням уже не можна. Повідомте про це виконавця.",
                "Too many wrong codes: this link can no longer be signed by. Tell the contractor.",
            ),
            Self::CodeJustSent => language.choose(
                "Код только что отправлен. Новый можно запросить через минуту.",
                "Код щойно надіслано. Новий можна запросити за хвилину.",
                "A code was sent just now. You can ask for a new one in a minute.",
            ),
            Self::TooManyCodes => language.choose(
                "На этот адрес отправлено слишком много кодов. Попробуйте через час.",
                "На цю адресу надіслано забагато кодів. Спробуйте за годину.",
                "Too many codes were sent to this address. Try again in an hour.",
            ),
            Self::CodeNowhere => language.choose(
                "Код отправить некуда. Попросите исполнителя прислать вам ссылку по электронной почте.",
                "Код надіслати нікуди. Попросіть виконавця надіслати вам посилання електронною поштою.",
                "There is nowhere to send a code. Ask the contractor to send you a link by e-mail.",
            ),
            Self::NotAnAddress => language.choose(
                "Это не адрес электронной почты. Исправьте его или оставьте поле пустым.",
                "Це не адреса електронної пошти. Виправте її або залиште поле порожнім.",
                "This is not an e-mail address. Correct it, or leave it empty.",
            ),
        }
    }
}

/// A decision that was recorded.
pub const fn decided(outcome: Outcome, language: Language) -> &'static str {
    match outcome {
        Outcome::Accepted => language.choose("Работы приняты", "Роботи прийнято", "The work is accepted"),
        Outcome::AcceptedWithRemarks => language.choose(
            "Работы приняты с замечаниями",
            "Роботи прийнято із зауваженнями",
            "The work is accepted with remarks",
        ),
        Outcome::Refused => language.choose("Отказ записан", "Відмову записано", "Your refusal is recorded"),
    }
}
