//! Empty tables to fill in, with columns that are understood. Pure: no database, no HTTP.

use rust_xlsxwriter::{Color, Format, FormatAlign, Workbook, XlsxError};

use super::ImportKind;
use super::columns::{Field, fields};
use crate::error::Error;
use crate::words::Language;

/// The last row that is prepared for what is typed: the most a table may have.
const LAST_ROW: u32 = 20_000;

/// A workbook whose columns hold texts, so that leading zeros stay.
///
/// # Errors
/// When it cannot be written.
pub fn xlsx(kind: ImportKind, language: Language) -> Result<Vec<u8>, Error> {
    write(kind, language).map_err(Error::internal)
}

fn write(kind: ImportKind, language: Language) -> Result<Vec<u8>, XlsxError> {
    let text = Format::new().set_num_format("@");
    let optional = text.clone().set_bold().set_background_color(Color::RGB(0x00E8_EDF2)).set_align(FormatAlign::Center);
    let required = optional.clone().set_background_color(Color::RGB(0x00FF_E699));
    let mut workbook = Workbook::new();
    let table = workbook.add_worksheet().set_name(sheet_name(kind, language))?;
    for (column, field) in (0_u16..).zip(fields(kind)) {
        let title = field.title(language);
        table.set_column_format(column, &text)?;
        table.set_column_width(column, f64::from(u16::try_from(title.chars().count()).unwrap_or(20).max(14) + 4))?;
        table.write_string_with_format(0, column, title, if field.required { &required } else { &optional })?;
    }
    table.set_freeze_panes(1, 0)?;
    let about = workbook.add_worksheet().set_name(language.choose("Пояснения", "Пояснення", "About"))?;
    about.set_column_width(0, 28)?.set_column_width(1, 90)?;
    for (row, field) in (0_u32..).zip(fields(kind)) {
        about.write_string(row, 0, field.title(language))?;
        about.write_string(row, 1, explained(kind, field, language))?;
    }
    let rows = u32::try_from(fields(kind).len()).unwrap_or_default() + 1;
    let most = language.choose(
        "Не больше {rows} строк. Пустая ячейка ничего не меняет.",
        "Не більше {rows} рядків. Порожня клітинка нічого не змінює.",
        "At most {rows} rows. An empty cell changes nothing.",
    );
    about.write_string(rows, 0, most.replace("{rows}", &LAST_ROW.to_string()))?;
    workbook.save_to_buffer()
}

/// CSV that spreadsheets open as it is meant: UTF-8 with a mark, semicolons, CRLF.
pub fn csv(kind: ImportKind, language: Language) -> Vec<u8> {
    let titles: Vec<&str> = fields(kind).iter().map(|field| field.title(language)).collect();
    format!("\u{feff}{}\r\n", titles.join(";")).into_bytes()
}

const fn sheet_name(kind: ImportKind, language: Language) -> &'static str {
    match kind {
        ImportKind::Companies => language.choose("Компании", "Компанії", "Companies"),
        ImportKind::Sites => language.choose("Объекты", "Об'єкти", "Sites"),
        ImportKind::Contacts => language.choose("Контакты", "Контакти", "Contacts"),
        ImportKind::Assets => language.choose("Оборудование", "Обладнання", "Assets"),
    }
}

/// What to write into a column.
fn explained(kind: ImportKind, field: &Field, language: Language) -> &'static str {
    match (kind, field.name) {
        (_, "company" | "company_tax_id") => language.choose(
            "Чья строка: название компании или её ИНН. Можно не заполнять, если компания указана при загрузке.",
            "Чий рядок: назва компанії або її ЄДРПОУ. Можна не заповнювати, якщо компанію вказано під час завантаження.",
            "Whose the row is: the company's name or its tax ID. May be empty when the company is given with the file.",
        ),
        (_, "site") => language.choose(
            "Название объекта этой компании, как в программе.",
            "Назва об'єкта цієї компанії, як у програмі.",
            "The name of one of this company's sites, as the program knows it.",
        ),
        (ImportKind::Assets, "inventory_number" | "external_number" | "serial_number") => language.choose(
            "По нему оборудование находят при повторной загрузке. Нужен хотя бы один из трёх номеров; нули в начале сохраняются.",
            "За ним обладнання знаходять під час повторного завантаження. Потрібен хоча б один із трьох номерів; нулі на початку зберігаються.",
            "What the device is found by when the table comes again. One of the three numbers is needed; leading zeros are kept.",
        ),
        (_, "parent") => language.choose(
            "Инвентарный или внешний номер оборудования, частью которого это является: уже известного или из этой же таблицы, в любой строке.",
            "Інвентарний або зовнішній номер обладнання, частиною якого це є: уже відомого або з цієї ж таблиці, у будь-якому рядку.",
            "The inventory or external number of the device this one is a part of: one that is known, or one of this table, in any row.",
        ),
        (_, "warranty_until") => language.choose("Дата: 31.12.2027", "Дата: 31.12.2027", "A day: 2027-12-31"),
        (_, "language") => language.choose("ru, uk или en", "ru, uk або en", "ru, uk or en"),
        (_, "time_zone") => language.choose(
            "Например, Europe/Moscow. По умолчанию — как у вашей организации.",
            "Наприклад, Europe/Kyiv. Типово — як у вашої організації.",
            "Such as Europe/London. Your organisation's own when empty.",
        ),
        (_, "signing_authority") => language.choose(
            "нет, текущие работы или все документы",
            "немає, поточні роботи або усі документи",
            "none, routine or official",
        ),
        _ if field.required => {
            language.choose("Обязательно для новых записей.", "Обов'язково для нових записів.", "Needed for new records.")
        }
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports::file;

    #[test]
    fn every_column_of_a_template_is_understood() {
        for kind in ImportKind::ALL {
            for language in [Language::Ru, Language::Uk, Language::En] {
                let row = vec!["x"; fields(*kind).len()].join(";");
                let filled = [csv(*kind, language), row.into_bytes()].concat();
                let columns = file::read(&filled, *kind, None).unwrap().columns;
                let known = columns.iter().filter_map(|name| crate::imports::columns::recognise(*kind, name));
                assert!(known.eq(fields(*kind).iter().map(|field| field.name)), "{kind} {language}");
                // An empty workbook is an empty table.
                assert!(file::read(&xlsx(*kind, language).unwrap(), *kind, None).is_err());
            }
        }
    }
}
