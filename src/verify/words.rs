//! What the page of verification says, in three languages.

use serde::Serialize;

use super::{Paper, Verdict};
use crate::acts::signature::Outcome;
use crate::words::{Language, sentences};

sentences! {
    title { ru: "Проверка документа", uk: "Перевірка документа", en: "Check a document" }
    act { ru: "Акт №", uk: "Акт №", en: "Certificate" }
    version { ru: "версия", uk: "версія", en: "version" }
    issued { ru: "Выпущен", uk: "Випущено", en: "Issued" }
    provider { ru: "Исполнитель", uk: "Виконавець", en: "Contractor" }
    customer { ru: "Заказчик", uk: "Замовник", en: "Customer" }
    decided { ru: "Решение заказчика", uk: "Рішення замовника", en: "Customer’s decision" }
    undecided { ru: "пока нет", uk: "поки немає", en: "none yet" }
    seal { ru: "Печать", uk: "Печатка", en: "Seal" }
    sealed { ru: "поставлена", uk: "поставлено", en: "put on" }
    certificate { ru: "Сертификат печати, SHA‑256", uk: "Сертифікат печатки, SHA‑256", en: "Certificate of the seal, SHA‑256" }
    document_sha256 {
        ru: "Отпечаток документа, SHA‑256", uk: "Відбиток документа, SHA‑256", en: "Fingerprint of the document, SHA‑256",
    }
    signed_sha256 {
        ru: "Отпечаток подписанной копии, SHA‑256",
        uk: "Відбиток підписаної копії, SHA‑256",
        en: "Fingerprint of the signed copy, SHA‑256",
    }
    file_sha256 { ru: "Отпечаток вашего файла, SHA‑256", uk: "Відбиток вашого файлу, SHA‑256", en: "Fingerprint of your file, SHA‑256" }
    compare {
        ru: "Сравните это с бумагой: если на ней другой номер, дата или стороны, она поддельная.",
        uk: "Порівняйте це з папером: якщо на ньому інший номер, дата або сторони, він підроблений.",
        en: "Compare this with the paper: if it shows another number, date or party, it is forged.",
    }
    what_is_genuine { ru: "Настоящий документ", uk: "Справжній документ", en: "The genuine document" }
    have_file { ru: "Проверить файл PDF", uk: "Перевірити файл PDF", en: "Check a PDF file" }
    file { ru: "Файл акта", uk: "Файл акта", en: "File of the certificate" }
    file_hint {
        ru: "Перетащите файл сюда или выберите его. До 16 МБ; мы его не сохраняем.",
        uk: "Перетягніть файл сюди або виберіть його. До 16 МБ; ми його не зберігаємо.",
        en: "Drop the file here, or choose it. Up to 16 MB; it is not kept.",
    }
    check { ru: "Проверить", uk: "Перевірити", en: "Check" }
    have_code { ru: "Код с бумаги", uk: "Код з паперу", en: "Code on the paper" }
    code { ru: "Код", uk: "Код", en: "Code" }
    code_hint {
        ru: "Шестнадцать знаков рядом с QR-кодом, начиная с V.",
        uk: "Шістнадцять знаків поруч із QR-кодом, починаючи з V.",
        en: "The sixteen characters beside the QR code, beginning with V.",
    }
    not_a_code {
        ru: "В коде ошибка: сверьте его с бумагой.",
        uk: "У коді помилка: звірте його з папером.",
        en: "There is a mistake in the code: compare it with the paper.",
    }
    no_file { ru: "Выберите файл.", uk: "Виберіть файл.", en: "Choose a file." }
    by_yourself {
        ru: "Печать можно проверить и без нас: сертификаты",
        uk: "Печатку можна перевірити і без нас: сертифікати",
        en: "The seal can be checked without us: certificates",
    }
}

/// What a verdict is called, and what it means. `{version}` is the newest version.
pub const fn verdict(verdict: Verdict, of_a_file: bool, language: Language) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Authentic => (
            language.choose("Документ подлинный", "Документ справжній", "The document is genuine"),
            if of_a_file {
                language.choose(
                    "Файл выпущен этой организацией, и с тех пор в нём не изменился ни один байт.",
                    "Файл випущено цією організацією, і відтоді в ньому не змінився жоден байт.",
                    "The file comes from this organisation, and not a byte of it has changed since.",
                )
            } else {
                language.choose(
                    "Такой документ выпущен этой организацией, и новее версии нет.",
                    "Такий документ випущено цією організацією, і новішої версії немає.",
                    "This organisation issued such a document, and there is no newer version.",
                )
            },
        ),
        Verdict::Superseded => (
            language.choose("Документ заменён", "Документ замінено", "The document was superseded"),
            language.choose(
                "Он подлинный, но больше не действует: его заменила версия {version}.",
                "Він справжній, але більше не чинний: його замінила версія {version}.",
                "It is genuine but no longer in force: version {version} has taken its place.",
            ),
        ),
        Verdict::Annulled => (
            language.choose("Документ отозван", "Документ відкликано", "The document was annulled"),
            language.choose(
                "Он подлинный, но организация отозвала его, и он не действует.",
                "Він справжній, але організація відкликала його, і він не чинний.",
                "It is genuine, but the organisation took it back, and it is not in force.",
            ),
        ),
        Verdict::Altered => (
            language.choose("Файл изменён", "Файл змінено", "The file was altered"),
            language.choose(
                "Он сделан из документа этой организации, но содержит не то, что она выпустила. Не доверяйте ему: попросите \
                 исходный файл.",
                "Його зроблено з документа цієї організації, але він містить не те, що вона випустила. Не довіряйте йому: попросіть \
                 вихідний файл.",
                "It was made of a document of this organisation, but holds something else than was issued. Do not trust it: ask \
                 for the original file.",
            ),
        ),
        Verdict::Unrecorded => (
            language.choose("Такого документа у нас нет", "Такого документа у нас немає", "We hold no such document"),
            language.choose(
                "На файле наша печать, и после неё он не изменился, но среди наших документов его нет: запись утрачена или \
                 ключ печати попал в чужие руки. Не полагайтесь на него, пока организация его не подтвердит.",
                "На файлі наша печатка, і після неї він не змінився, але серед наших документів його немає: запис втрачено або \
                 ключ печатки потрапив до чужих рук. Не покладайтеся на нього, доки організація його не підтвердить.",
                "The file bears our seal and has not changed since, but it is not among our documents: either our record is \
                 lost, or the key of the seal fell into other hands. Do not rely on it until the organisation confirms it.",
            ),
        ),
        Verdict::Unknown => (
            language.choose("Документ не найден", "Документ не знайдено", "No such document"),
            if of_a_file {
                language.choose(
                    "Этот файл нам неизвестен. Снимок, скан или пересохранённый файл проверить нельзя: нужен исходный PDF или код с \
                     бумаги.",
                    "Цей файл нам невідомий. Знімок, скан або перезбережений файл перевірити не можна: потрібен вихідний PDF або код \
                     з паперу.",
                    "We do not know this file. A photo, a scan or a file that was saved anew cannot be checked: it takes the original \
                     PDF, or the code on the paper.",
                )
            } else {
                language.choose(
                    "Документа с таким кодом у нас нет. Сверьте код с бумагой.",
                    "Документа з таким кодом у нас немає. Звірте код з папером.",
                    "We have no document with this code. Compare it with the paper.",
                )
            },
        ),
    }
}

/// What a client decided.
pub const fn outcome(outcome: Outcome, language: Language) -> &'static str {
    match outcome {
        Outcome::Accepted => language.choose("принято", "прийнято", "accepted"),
        Outcome::AcceptedWithRemarks => {
            language.choose("принято с замечаниями", "прийнято із зауваженнями", "accepted with remarks")
        }
        Outcome::Refused => language.choose("отказ", "відмова", "refused"),
    }
}

/// That nobody has signed, and an agreement takes silence for acceptance.
pub const fn deemed(language: Language) -> &'static str {
    language.choose(
        "не подписан; считается принятым по договору",
        "не підписано; вважається прийнятим за договором",
        "not signed; deemed accepted by the agreement",
    )
}

/// Which paper a file is.
pub const fn paper(paper: Paper, language: Language) -> &'static str {
    match paper {
        Paper::Issued => {
            language.choose("акт, как он был выпущен", "акт, як його було випущено", "the certificate as it was issued")
        }
        Paper::Signed => language.choose("подписанная копия", "підписана копія", "the signed copy"),
    }
}
