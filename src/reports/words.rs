//! What the public pages say, in three languages.

use serde::Serialize;

use crate::tickets::StatusKind;
use crate::words::{Language, sentences};

sentences! {
    service { ru: "Сервисная служба", uk: "Сервісна служба", en: "Service" }
    languages { ru: "Язык", uk: "Мова", en: "Language" }
    report { ru: "Сообщить о неисправности", uk: "Повідомити про несправність", en: "Report a fault" }
    call { ru: "Позвонить", uk: "Зателефонувати", en: "Call" }
    inventory_number { ru: "Инвентарный номер", uk: "Інвентарний номер", en: "Inventory number" }
    site { ru: "Место", uk: "Місце", en: "Place" }
    replaced {
        ru: "Это старая этикетка: на устройстве должна быть новая. Сообщить можно и отсюда.",
        uk: "Це стара етикетка: на пристрої має бути нова. Повідомити можна й звідси.",
        en: "This is an old label: the device should carry a new one. You can report from here as well.",
    }
    in_work {
        ru: "О неисправности знаем, работа уже идёт.",
        uk: "Про несправність знаємо, робота вже триває.",
        en: "We know of a fault here and are at work on it.",
    }
    known { ru: "Уже сообщили", uk: "Вже повідомили", en: "Reported already" }
    known_since {
        ru: "О неисправности сообщили {at}. Заметили то же самое? Нажмите кнопку, писать заново не нужно.",
        uk: "Про несправність повідомили {at}. Помітили те саме? Натисніть кнопку, писати заново не потрібно.",
        en: "A fault was reported on {at}. Have you noticed the same? Press the button; no need to write again.",
    }
    me_too { ru: "У меня то же самое", uk: "У мене те саме", en: "I have noticed it too" }
    other { ru: "Сообщить о другой неисправности", uk: "Повідомити про іншу несправність", en: "Report another fault" }
    text { ru: "Что случилось?", uk: "Що сталося?", en: "What is wrong?" }
    text_hint {
        ru: "Например: не включается, мнёт бумагу, ошибка на экране.",
        uk: "Наприклад: не вмикається, мне папір, помилка на екрані.",
        en: "For example: does not start, jams paper, shows an error.",
    }
    name { ru: "Как к вам обращаться", uk: "Як до вас звертатися", en: "Your name" }
    phone { ru: "Телефон", uk: "Телефон", en: "Telephone" }
    phone_hint {
        ru: "Чтобы мастер мог уточнить. Посторонние номер не увидят.",
        uk: "Щоб майстер міг уточнити. Сторонні номера не побачать.",
        en: "So that the technician can ask. Strangers will not see it.",
    }
    photos { ru: "Фотографии", uk: "Фотографії", en: "Photos" }
    photos_hint {
        ru: "До трёх снимков, каждый не больше 10 МБ.",
        uk: "До трьох знімків, кожен не більше 10 МБ.",
        en: "Up to three, 10 MB each at the most.",
    }
    optional { ru: "необязательно", uk: "необов’язково", en: "optional" }
    send { ru: "Отправить", uk: "Надіслати", en: "Send" }
    trap { ru: "Оставьте это поле пустым", uk: "Залиште це поле порожнім", en: "Leave this field empty" }
    not_sent { ru: "Пока не отправлено", uk: "Поки не надіслано", en: "Not sent yet" }
    mend {
        ru: "Исправьте отмеченное и нажмите «Отправить» ещё раз.",
        uk: "Виправте позначене і натисніть «Надіслати» ще раз.",
        en: "Mend what is marked and press “Send” once more.",
    }
    check_and_send {
        ru: "Проверьте, всё ли верно, и нажмите «Отправить» ещё раз.",
        uk: "Перевірте, чи все правильно, і натисніть «Надіслати» ще раз.",
        en: "Look through it and press “Send” once more.",
    }
    sent_before {
        ru: "Эта форма уже отправлена с другим текстом. Если хотите добавить новое, нажмите «Отправить» ещё раз.",
        uk: "Цю форму вже надіслано з іншим текстом. Якщо хочете додати нове, натисніть «Надіслати» ще раз.",
        en: "This form was sent before with other words. To report this as well, press “Send” once more.",
    }
    reported_meanwhile {
        ru: "Пока вы писали, об этом устройстве сообщил кто-то ещё. Если у вас то же самое, нажмите кнопку выше; \
             если другое — отправьте форму.",
        uk: "Поки ви писали, про цей пристрій повідомив хтось інший. Якщо у вас те саме, натисніть кнопку вище; \
             якщо інше — надішліть форму.",
        en: "While you were writing, somebody else reported this device. If it is the same, press the button above; if it \
             is something else, send the form.",
    }
    photos_again {
        ru: "Фотографии нужно выбрать снова.",
        uk: "Фотографії потрібно вибрати знову.",
        en: "Please choose the photos again.",
    }
    wait {
        ru: "Отсюда пришло слишком много сообщений. Попробуйте через {minutes} мин.",
        uk: "Звідси надійшло забагато повідомлень. Спробуйте через {minutes} хв.",
        en: "Too many reports have come from here. Try again in {minutes} min.",
    }
    busy {
        ru: "Сейчас приходит слишком много сообщений. Нажмите «Отправить» ещё раз через минуту.",
        uk: "Зараз надходить забагато повідомлень. Натисніть «Надіслати» ще раз за хвилину.",
        en: "Too many reports are coming in at the moment. Press “Send” once more in a minute.",
    }
    or_call {
        ru: "Если дело срочное, позвоните.",
        uk: "Якщо справа термінова, зателефонуйте.",
        en: "If it is urgent, please call.",
    }
    nothing { ru: "Здесь ничего нет", uk: "Тут нічого немає", en: "Nothing here" }
    nothing_more {
        ru: "Этикетка ещё не наклеена на оборудование или больше не действует.",
        uk: "Етикетку ще не наклеєно на обладнання або вона більше не діє.",
        en: "This label is not on any equipment yet, or is no longer in use.",
    }
    nothing_to_do {
        ru: "Если что-то сломалось, обратитесь к тем, кто обслуживает ваше оборудование.",
        uk: "Якщо щось зламалося, зверніться до тих, хто обслуговує ваше обладнання.",
        en: "If something is broken, turn to those who look after your equipment.",
    }
    no_report { ru: "Сообщение не найдено", uk: "Повідомлення не знайдено", en: "No such report" }
    no_report_more {
        ru: "Проверьте адрес страницы: он должен быть скопирован целиком.",
        uk: "Перевірте адресу сторінки: її має бути скопійовано повністю.",
        en: "Check the address of this page: it must be copied as a whole.",
    }
    too_many { ru: "Слишком много запросов", uk: "Забагато запитів", en: "Too many requests" }
    too_many_more {
        ru: "Подождите {minutes} мин и откройте страницу снова.",
        uk: "Зачекайте {minutes} хв і відкрийте сторінку знову.",
        en: "Wait {minutes} min and open the page again.",
    }
    broken { ru: "Не получилось", uk: "Не вийшло", en: "That did not work" }
    broken_more {
        ru: "Сбой на нашей стороне. Вернитесь назад и попробуйте ещё раз через минуту.",
        uk: "Збій на нашому боці. Поверніться назад і спробуйте ще раз за хвилину.",
        en: "Something is broken on our side. Go back and try again in a minute.",
    }
    called { ru: "Сообщение", uk: "Повідомлення", en: "Report" }
    thanks {
        ru: "Спасибо, мы получили сообщение. Сохраните эту страницу: здесь видно, что происходит.",
        uk: "Дякуємо, ми отримали повідомлення. Збережіть цю сторінку: тут видно, що відбувається.",
        en: "Thank you, we have got the report. Keep this page: it shows what is happening.",
    }
    received { ru: "Сообщение получено", uk: "Повідомлення отримано", en: "Report received" }
    considered { ru: "Диспетчер рассматривает", uk: "Диспетчер розглядає", en: "A dispatcher is looking at it" }
    accepted { ru: "Принято в работу", uk: "Прийнято в роботу", en: "Accepted" }
    dismissed { ru: "Закрыто без выезда мастера", uk: "Закрито без виїзду майстра", en: "Closed without a visit" }
    dismissed_more {
        ru: "Если неисправность осталась, сообщите ещё раз.",
        uk: "Якщо несправність залишилася, повідомте ще раз.",
        en: "If the fault is still there, please report it again.",
    }
    repair { ru: "Ремонт", uk: "Ремонт", en: "Repair" }
    step_now { ru: "сейчас", uk: "зараз", en: "now" }
    step_next { ru: "дальше", uk: "далі", en: "next" }
}

/// Where a ticket stands, for whoever reported the fault.
pub const fn of_ticket(kind: StatusKind, language: Language) -> &'static str {
    match kind {
        StatusKind::New => language.choose("Ждёт мастера", "Чекає на майстра", "Waiting for a technician"),
        StatusKind::Assigned => language.choose("Мастер назначен", "Майстра призначено", "A technician will come"),
        StatusKind::EnRoute => language.choose("Мастер в пути", "Майстер у дорозі", "The technician is on the way"),
        StatusKind::InProgress => language.choose("Мастер работает", "Майстер працює", "The technician is at work"),
        StatusKind::Waiting => language.choose("Работа приостановлена", "Роботу призупинено", "The work is paused"),
        StatusKind::Done | StatusKind::Closed => {
            language.choose("Работа выполнена", "Роботу виконано", "The work is done")
        }
        StatusKind::Cancelled => language.choose("Заявка отменена", "Заявку скасовано", "The job was cancelled"),
    }
}

/// What is wrong with what somebody typed or attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Complaint {
    /// Nothing is said.
    TextMissing,
    /// Too much is.
    TextTooLong,
    /// The name is a story.
    NameTooLong,
    /// The telephone is none.
    PhoneOdd,
    /// More pictures than may be.
    PhotosTooMany,
    /// A picture is too heavy.
    PhotoTooLarge,
    /// A picture has more pixels than can be looked at.
    PhotoTooFine,
    /// A picture is none.
    PhotoUnreadable,
}

impl Complaint {
    /// Which field it is about.
    pub const fn field(self) -> &'static str {
        match self {
            Self::TextMissing | Self::TextTooLong => "text",
            Self::NameTooLong => "name",
            Self::PhoneOdd => "phone",
            Self::PhotosTooMany | Self::PhotoTooLarge | Self::PhotoTooFine | Self::PhotoUnreadable => "photo",
        }
    }

    /// The sentence.
    pub const fn sentence(self, language: Language) -> &'static str {
        match self {
            Self::TextMissing => {
                language.choose("Напишите, что случилось.", "Напишіть, що сталося.", "Please write what is wrong.")
            }
            Self::TextTooLong => language.choose(
                "Сократите, пожалуйста: помещается 2000 символов.",
                "Скоротіть, будь ласка: вміщується 2000 символів.",
                "Please shorten it: 2000 characters fit.",
            ),
            Self::NameTooLong => language.choose(
                "Сократите имя до 100 символов.",
                "Скоротіть ім’я до 100 символів.",
                "Please shorten the name to 100 characters.",
            ),
            Self::PhoneOdd => language.choose(
                "Проверьте номер телефона: нужно не меньше пяти цифр.",
                "Перевірте номер телефону: потрібно щонайменше п’ять цифр.",
                "Check the telephone number: it needs five digits at least.",
            ),
            Self::PhotosTooMany => language.choose(
                "Выберите не больше трёх снимков.",
                "Виберіть не більше трьох знімків.",
                "Choose three photos at the most.",
            ),
            Self::PhotoTooLarge => language.choose(
                "Снимок больше 10 МБ. Выберите другой или отправьте без него.",
                "Знімок більший за 10 МБ. Виберіть інший або надішліть без нього.",
                "A photo has more than 10 MB. Choose another one, or send without it.",
            ),
            Self::PhotoTooFine => language.choose(
                "На снимке больше 25 мегапикселей. Выберите другой или отправьте без него.",
                "На знімку понад 25 мегапікселів. Виберіть інший або надішліть без нього.",
                "A photo has more than 25 megapixels. Choose another one, or send without it.",
            ),
            Self::PhotoUnreadable => language.choose(
                "Один из файлов не открывается как снимок. Выберите другой или отправьте без него.",
                "Один із файлів не відкривається як знімок. Виберіть інший або надішліть без нього.",
                "One of the files cannot be opened as a photo. Choose another one, or send without it.",
            ),
        }
    }
}
