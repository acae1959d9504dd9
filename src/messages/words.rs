//! What letters say, in three languages.

use serde::Serialize;

use crate::words::{Language, sentences};

sentences! {
    link_subject { ru: "Акт № {number} на подпись", uk: "Акт № {number} на підпис", en: "Certificate {number} for your signature" }
    link_ask {
        ru: "{provider} просит вас прочитать акт выполненных работ № {number} от {day} и решить, принимаете ли вы работы.",
        uk: "{provider} просить вас прочитати акт виконаних робіт № {number} від {day} і вирішити, чи приймаєте ви роботи.",
        en: "{provider} asks you to read certificate of completion {number} of {day} and to decide whether you accept the work.",
    }
    link_job { ru: "Заявка № {ticket}: {subject}", uk: "Заявка № {ticket}: {subject}", en: "Job {ticket}: {subject}" }
    link_button { ru: "Прочитать и подписать", uk: "Прочитати і підписати", en: "Read and sign" }
    link_until {
        ru: "Ссылка действует до {until}. Она только для вас: не пересылайте это письмо.",
        uk: "Посилання діє до {until}. Воно лише для вас: не пересилайте цей лист.",
        en: "The link works until {until}. It is for you alone: do not pass this letter on.",
    }
    link_stranger {
        ru: "Если вы не ждали этого письма, не отвечайте на него и ничего не подписывайте.",
        uk: "Якщо ви не чекали на цей лист, не відповідайте на нього і нічого не підписуйте.",
        en: "If you did not expect this letter, do not answer it and sign nothing.",
    }
    code_subject { ru: "Код для подписания акта № {number}", uk: "Код для підписання акта № {number}", en: "Code to sign certificate {number}" }
    code_ask {
        ru: "Введите этот код на странице, где вы подписываете акт № {number}{amount}:",
        uk: "Введіть цей код на сторінці, де ви підписуєте акт № {number}{amount}:",
        en: "Type this code on the page where you sign certificate {number}{amount}:",
    }
    code_amount { ru: " на сумму {amount}", uk: " на суму {amount}", en: " for {amount}" }
    code_until {
        ru: "Код действует 10 минут и только один раз. Никому его не сообщайте: сотрудники исполнителя его не спрашивают.",
        uk: "Код діє 10 хвилин і лише один раз. Нікому його не повідомляйте: працівники виконавця його не питають.",
        en: "The code works for 10 minutes and only once. Tell it to nobody: the contractor's people do not ask for it.",
    }
    code_stranger {
        ru: "Если вы ничего не подписываете, просто удалите это письмо.",
        uk: "Якщо ви нічого не підписуєте, просто видаліть цей лист.",
        en: "If you are not signing anything, just delete this letter.",
    }
    copy_subject { ru: "Подписанный акт № {number}", uk: "Підписаний акт № {number}", en: "Signed certificate {number}" }
    copy_ask {
        ru: "Во вложении — подписанный акт выполненных работ № {number} от {day}. Исполнитель: {provider}. Заказчик: {customer}.",
        uk: "У вкладенні — підписаний акт виконаних робіт № {number} від {day}. Виконавець: {provider}. Замовник: {customer}.",
        en: "Attached is the signed certificate of completion {number} of {day}. Contractor: {provider}. Customer: {customer}.",
    }
    copy_seal {
        ru: "Файл скреплён электронной печатью: любое изменение в нём заметно. Обе стороны получают один и тот же файл.",
        uk: "Файл скріплено електронною печаткою: будь-яка зміна в ньому помітна. Обидві сторони отримують один і той самий файл.",
        en: "The file bears an electronic seal: any change in it shows. Both parties get the same file.",
    }
    copy_check { ru: "Проверить подлинность", uk: "Перевірити справжність", en: "Check that it is genuine" }
}
