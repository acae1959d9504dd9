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
