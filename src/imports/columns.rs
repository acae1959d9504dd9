//! What columns are called, in the tables that people have: «Инв. №», "Serial Number", «Модель». Pure: no database, no HTTP.

use super::ImportKind;
use crate::words::Language;

/// Where attributes begin: `attribute:HDD`.
pub const ATTRIBUTE: &str = "attribute:";

/// A field that a column may fill.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name in the API.
    pub name: &'static str,
    /// Whether no new record is without it.
    pub required: bool,
    titles: [&'static str; 3],
    synonyms: &'static str,
}

impl Field {
    /// What its column is called in a template.
    pub const fn title(&self, language: Language) -> &'static str {
        let [ru, uk, en] = self.titles;
        language.choose(ru, uk, en)
    }
}

const fn field(name: &'static str, required: bool, titles: [&'static str; 3], synonyms: &'static str) -> Field {
    Field { name, required, titles, synonyms }
}

const COMPANY: Field = field(
    "company",
    false,
    ["Компания", "Компанія", "Company"],
    "клиент|заказчик|контрагент|организация|владелец|балансодержатель|клієнт|замовник|організація|власник|client|customer|\
     account|owner|company name|название компании|наименование компании|назва компанії",
);
const COMPANY_TAX_ID: Field = field(
    "company_tax_id",
    false,
    ["ИНН компании", "ЄДРПОУ компанії", "Company tax ID"],
    "инн клиента|инн заказчика|инн контрагента|инн организации|инн|єдрпоу|код єдрпоу|єдрпоу клієнта|єдрпоу замовника|\
     tax id|vat number|customer tax id|client tax id",
);
const SITE: Field = field(
    "site",
    false,
    ["Объект", "Об'єкт", "Site"],
    "площадка|место установки|местонахождение|местоположение|расположение|филиал|точка|магазин|объект обслуживания|майданчик|\
     місце встановлення|місцезнаходження|розташування|філія|об'єкт обслуговування|location|branch|site name|place|store",
);
const ADDRESS: &str = "адрес объекта|почтовый адрес|юридический адрес|фактический адрес|місце|адреса об'єкта|поштова адреса|\
                       юридична адреса|фактична адреса|postal address|street address|legal address";
const PHONE: Field = field(
    "phone",
    false,
    ["Телефон", "Телефон", "Phone"],
    "тел|моб|мобильный|мобильный телефон|контактный телефон|номер телефона|мобільний|мобільний телефон|контактний телефон|\
     номер телефону|telephone|phone number|mobile|mobile phone|cell|tel",
);
const EMAIL: Field = field(
    "email",
    false,
    ["E-mail", "E-mail", "E-mail"],
    "почта|эл почта|электронная почта|адрес электронной почты|пошта|ел пошта|електронна пошта|електронна адреса|mail|\
     email address|емейл|имейл",
);

const COMPANIES: &[Field] = &[
    field(
        "name",
        true,
        ["Название", "Назва", "Name"],
        "наименование|компания|клиент|заказчик|контрагент|организация|краткое наименование|название компании|\
         наименование организации|найменування|компанія|клієнт|замовник|організація|коротка назва|назва компанії|company|\
         company name|client|customer|short name|account name",
    ),
    field(
        "legal_name",
        false,
        ["Полное наименование", "Повна назва", "Legal name"],
        "юридическое название|юридическое наименование|юр лицо|юрлицо|официальное название|полное название|\
         юридична назва|повне найменування|юрособа|full name|registered name|official name",
    ),
    field(
        "tax_id",
        false,
        ["ИНН", "ЄДРПОУ", "Tax ID"],
        "код єдрпоу|едрпоу|код едрпоу|инн организации|vat|vat id|vat number|tax number|tax code number|tin|registration number",
    ),
    field(
        "tax_code",
        false,
        ["КПП", "ІПН", "Tax code"],
        "инд налоговый номер|индивидуальный налоговый номер|іпн платника пдв",
    ),
    field("address", false, ["Адрес", "Адреса", "Address"], ADDRESS),
    PHONE,
    EMAIL,
    field(
        "category",
        false,
        ["Категория", "Категорія", "Category"],
        "группа|тип клиента|сегмент|група|тип клієнта|group|segment|client type",
    ),
    field("language", false, ["Язык документов", "Мова документів", "Document language"], "язык|мова|language|lang"),
];

const SITES: &[Field] = &[
    COMPANY,
    COMPANY_TAX_ID,
    field(
        "name",
        true,
        ["Название объекта", "Назва об'єкта", "Site name"],
        "название|наименование|объект|наименование объекта|площадка|филиал|точка|магазин|назва|найменування|об'єкт|\
         майданчик|філія|name|site|location|branch|store",
    ),
    field("address", false, ["Адрес", "Адреса", "Address"], ADDRESS),
    field(
        "time_zone",
        false,
        ["Часовой пояс", "Часовий пояс", "Time zone"],
        "таймзона|временная зона|часова зона|timezone|tz",
    ),
];

const CONTACTS: &[Field] = &[
    COMPANY,
    COMPANY_TAX_ID,
    SITE,
    field(
        "name",
        true,
        ["ФИО", "ПІБ", "Name"],
        "имя|фамилия имя отчество|контакт|контактное лицо|сотрудник|ф и о|ім'я|прізвище ім'я по батькові|контактна особа|\
         співробітник|full name|contact|contact name|contact person|person|employee",
    ),
    field("position", false, ["Должность", "Посада", "Position"], "роль|job title|title|role|post"),
    PHONE,
    EMAIL,
    field(
        "signing_authority",
        false,
        ["Право подписи", "Право підпису", "Signing authority"],
        "подпись|полномочия|подписант|підпис|повноваження|підписант|may sign|authority|signatory",
    ),
];

const ASSETS: &[Field] = &[
    COMPANY,
    COMPANY_TAX_ID,
    SITE,
    field(
        "name",
        true,
        ["Название", "Назва", "Name"],
        "наименование|оборудование|устройство|наименование оборудования|название оборудования|наименование ос|\
         наименование основного средства|основное средство|найменування|обладнання|пристрій|назва обладнання|\
         найменування обладнання|основний засіб|asset|asset name|device|device name|equipment|item|description|описание|опис",
    ),
    field(
        "kind",
        false,
        ["Вид", "Вид", "Kind"],
        "тип|тип оборудования|вид оборудования|категория|группа|тип обладнання|вид обладнання|категорія|група|type|\
         asset type|device type|category|equipment type",
    ),
    field(
        "manufacturer",
        false,
        ["Производитель", "Виробник", "Manufacturer"],
        "изготовитель|марка|бренд|вендор|фирма|виготовлювач|brand|make|maker|vendor",
    ),
    field(
        "model",
        false,
        ["Модель", "Модель", "Model"],
        "модель оборудования|марка модель|модель обладнання|model name|model number|model no",
    ),
    field(
        "serial_number",
        false,
        ["Серийный номер", "Серійний номер", "Serial number"],
        "сер номер|сер|серийный|зав номер|заводской номер|с н|sn|s n|сер no|серійний|заводський номер|serial|serial no|\
         serialnumber|factory number",
    ),
    field(
        "inventory_number",
        false,
        ["Инвентарный номер", "Інвентарний номер", "Inventory number"],
        "инв номер|инв|инвентарный|инвентарник|инв no|номер ос|інв номер|інв|інвентарний|інв no|inventory|inventory no|\
         inv no|inv number|asset tag|asset number|asset no|tag",
    ),
    field(
        "external_number",
        false,
        ["Внешний номер", "Зовнішній номер", "External number"],
        "внешний код|код|код 1с|номер 1с|ид|идентификатор|зовнішній код|ідентифікатор|external id|external no|external|\
         id|uid|code",
    ),
    field(
        "warranty_until",
        false,
        ["Гарантия до", "Гарантія до", "Warranty until"],
        "гарантия|окончание гарантии|конец гарантии|срок гарантии|дата окончания гарантии|гарантія|кінець гарантії|\
         закінчення гарантії|строк гарантії|warranty|warranty end|warranty expires|warranty expiration|warranty date",
    ),
    field(
        "parent",
        false,
        ["Входит в состав", "Входить до складу", "Part of"],
        "входит в|в составе|в составе инв номера|инв номер родителя|номер родителя|родитель|родительское оборудование|\
         главное оборудование|основное оборудование|вышестоящее оборудование|комплекс|входить до|у складі|інв номер батьківського|\
         батьківське обладнання|головне обладнання|основне обладнання|parent|parent asset|parent number|parent inventory number|\
         parent asset tag|parent tag|parent id|main asset|belongs to|component of",
    ),
];

/// The fields of a kind, in the order of its template.
pub const fn fields(kind: ImportKind) -> &'static [Field] {
    match kind {
        ImportKind::Companies => COMPANIES,
        ImportKind::Sites => SITES,
        ImportKind::Contacts => CONTACTS,
        ImportKind::Assets => ASSETS,
    }
}

/// Whether a column may fill this: a field of the kind, or an attribute of a device.
pub fn is_field(kind: ImportKind, name: &str) -> bool {
    let attribute = name.strip_prefix(ATTRIBUTE).map(str::trim);
    match attribute {
        Some(name) => {
            kind == ImportKind::Assets && !name.is_empty() && name.chars().count() <= crate::assets::LONGEST_NAME
        }
        None => fields(kind).iter().any(|field| field.name == name),
    }
}

/// The field that a column with this name most likely fills.
pub fn recognise(kind: ImportKind, column: &str) -> Option<&'static str> {
    let wanted = folded(column);
    if wanted.is_empty() {
        return None;
    }
    let named =
        |field: &&Field| folded(field.name) == wanted || field.titles.iter().any(|title| folded(title) == wanted);
    let called = |field: &&Field| field.synonyms.split('|').any(|synonym| folded(synonym) == wanted);
    let fields = fields(kind);
    fields.iter().find(named).or_else(|| fields.iter().find(called)).map(|field| field.name)
}

/// A column's name without case, dots, blanks and brackets; «№» is «номер», ё is е.
fn folded(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    for letter in name.chars().flat_map(char::to_lowercase) {
        match letter {
            '№' => folded.push_str("номер"),
            'ё' => folded.push('е'),
            letter if letter.is_alphanumeric() => folded.push(letter),
            _ => {}
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_known_by_the_names_people_give_them() {
        for (name, field) in [
            ("Инв. номер", "inventory_number"),
            ("ИНВ.№", "inventory_number"),
            ("Інв. №", "inventory_number"),
            ("inventory_number", "inventory_number"),
            ("Серийный номер", "serial_number"),
            ("S/N", "serial_number"),
            ("Зав. №", "serial_number"),
            (" модель * ", "model"),
            ("Наименование", "name"),
            ("Тип", "kind"),
            ("Место установки", "site"),
            ("Об’єкт", "site"),
            ("Контрагент", "company"),
            ("Гарантия до", "warranty_until"),
            ("Инв. № родителя", "parent"),
        ] {
            assert_eq!(recognise(ImportKind::Assets, name), Some(field), "{name}");
        }
        for name in ["", "№", "...", "Примечание", "Цена"] {
            assert_eq!(recognise(ImportKind::Assets, name), None, "{name}");
        }
        assert_eq!(recognise(ImportKind::Companies, "Контрагент"), Some("name"));
        assert_eq!(recognise(ImportKind::Contacts, "Ф.И.О."), Some("name"));
        assert_eq!(recognise(ImportKind::Sites, "Филиал"), Some("name"));
    }

    #[test]
    fn a_name_means_one_field() {
        for kind in ImportKind::ALL {
            for field in fields(*kind) {
                for language in [Language::Ru, Language::Uk, Language::En] {
                    assert_eq!(recognise(*kind, field.title(language)), Some(field.name), "{kind} {}", field.name);
                }
                for synonym in field.synonyms.split('|').map(folded) {
                    let others = fields(*kind).iter().filter(|other| other.name != field.name);
                    let taken = others.filter(|other| other.synonyms.split('|').any(|other| folded(other) == synonym));
                    assert_eq!(taken.map(|other| other.name).next(), None, "{kind} {} {synonym}", field.name);
                }
            }
        }
    }

    #[test]
    fn an_attribute_is_mapped_by_name_only() {
        assert!(is_field(ImportKind::Assets, "attribute:HDD"));
        assert!(!is_field(ImportKind::Assets, "attribute: "));
        assert!(!is_field(ImportKind::Sites, "attribute:HDD"));
        assert!(!is_field(ImportKind::Sites, "model"));
    }
}
