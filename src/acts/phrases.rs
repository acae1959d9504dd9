//! What signers read beside the facts of an act: the words of its text, what they agree to, what they may decide, and what the
//! print form of the act has them say.
//!
//! Phones hold all of it, so that one without a network shows the very words. What is ours changes with the program; what the
//! print forms say, whenever somebody edits them: so it is looked up and kept, with a version, and phones are told.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use diesel::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::auth::Origin;
use crate::db::schema::phrases;
use crate::db::types::Timestamp;
use crate::db::{Db, DbConnection};
use crate::error::Error;
use crate::history::{self, Event};
use crate::links;
use crate::print::form::Kind;
use crate::print::{Printer, phrase};
use crate::words::{Language, sentences};

/// The phrase of the act's form by which the customer has no claims.
const NO_CLAIMS: &str = "no_claims";

sentences! {
    title { ru: "Акт выполненных работ", uk: "Акт виконаних робіт", en: "Certificate of completion" }
    provider { ru: "Исполнитель", uk: "Виконавець", en: "Contractor" }
    customer { ru: "Заказчик", uk: "Замовник", en: "Customer" }
    site { ru: "Объект", uk: "Об’єкт", en: "Site" }
    job { ru: "Заявка", uk: "Заявка", en: "Job" }
    engineer { ru: "Работы выполнил", uk: "Роботи виконав", en: "Done by" }
    devices { ru: "Оборудование", uk: "Обладнання", en: "Devices" }
    works { ru: "Работы и материалы", uk: "Роботи та матеріали", en: "Works and materials" }
    checked { ru: "Проверено", uk: "Перевірено", en: "Checked" }
    time { ru: "Время", uk: "Час", en: "Time" }
    all { ru: "Всего времени", uk: "Усього часу", en: "Time in all" }
    pay { ru: "К оплате", uk: "До сплати", en: "To pay" }
    minutes { ru: "мин", uk: "хв", en: "min" }
    yes { ru: "да", uk: "так", en: "yes" }
    photo { ru: "фото", uk: "фото", en: "photo" }
    on_site { ru: "на объекте", uk: "на об’єкті", en: "on site" }
    travel { ru: "в пути", uk: "у дорозі", en: "travel" }
    remote { ru: "удалённо", uk: "віддалено", en: "remote" }
}

/// A phrase that signers read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// Its language.
    pub language: Language,
    /// What programs call it.
    pub name: String,
    /// What it says.
    pub text: String,
}

/// The phrases as this instance last found them: it writes down what changed here, and not what others see otherwise.
#[derive(Debug, Default)]
pub struct Seen(Mutex<Vec<Phrase>>);

impl Seen {
    /// Whether they are others than before.
    fn are_new(&self, found: &[Phrase]) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen == found {
            return false;
        }
        found.clone_into(&mut seen);
        true
    }

    /// Keeps the phrases when the program starts.
    ///
    /// # Errors
    /// The database's.
    pub fn write_now(&self, db: &Db, now: Timestamp, printer: &Printer) -> Result<(), Error> {
        let found = found(printer);
        self.are_new(&found);
        db.write_now(move |conn| keep(conn, now, &found))
    }

    /// They could not be kept: they are to be looked at again.
    fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// All phrases as they are at this moment. What a form does not set is empty.
pub fn found(printer: &Printer) -> Vec<Phrase> {
    let mut all = Vec::new();
    for language in Language::ALL.iter().copied() {
        let mut add = |name: &str, text: &str| {
            all.push(Phrase { language, name: name.to_owned(), text: text.to_owned() });
        };
        if let Ok(Value::Object(words)) = serde_json::to_value(Words::of(language)) {
            for (name, text) in &words {
                add(name, text.as_str().unwrap_or_default());
            }
        }
        let asked = links::words::Words::of(language);
        add("consent", asked.consent);
        add("accepted", asked.accepted);
        add("accepted_with_remarks", asked.with_remarks);
        add("refused", asked.refused);
        let form = printer.form(Kind::Act, language).ok();
        add(NO_CLAIMS, &form.and_then(|form| phrase::of(&form, NO_CLAIMS)).unwrap_or_default());
    }
    all
}

/// Looks the phrases up, and keeps what has changed since this instance last looked.
///
/// # Errors
/// The database's.
pub async fn look(app: &App) -> Result<(), Error> {
    let printer = app.printer.clone();
    let found = tokio::task::spawn_blocking(move || found(&printer)).await.map_err(Error::internal)?;
    if !app.phrases.are_new(&found) {
        return Ok(());
    }
    let now = app.clock.now();
    let kept = app.db.write(move |conn| keep(conn, now, &found)).await;
    if kept.is_err() {
        app.phrases.forget();
    }
    app.wrote();
    kept
}

/// Keeps phrases; those that say otherwise than before have the next version, and phones are told.
///
/// # Errors
/// The database's.
pub fn keep(conn: &mut DbConnection, now: Timestamp, found: &[Phrase]) -> Result<(), Error> {
    let kept: Vec<(Language, String, String)> =
        phrases::table.select((phrases::language, phrases::name, phrases::text)).load(conn)?;
    let known: BTreeMap<(Language, &str), &str> =
        kept.iter().map(|(language, name, text)| ((*language, name.as_str()), text.as_str())).collect();
    let mut changed = Vec::new();
    for phrase in found {
        let one = phrases::table.find((phrase.language, phrase.name.as_str()));
        match known.get(&(phrase.language, phrase.name.as_str())) {
            Some(text) if *text == phrase.text => continue,
            Some(_) => {
                let next = (
                    phrases::text.eq(&phrase.text),
                    phrases::version.eq(phrases::version + 1),
                    phrases::changed_at.eq(now),
                );
                diesel::update(one).set(next).execute(conn)?;
            }
            None => {
                let first = (
                    phrases::language.eq(phrase.language),
                    phrases::name.eq(&phrase.name),
                    phrases::text.eq(&phrase.text),
                    phrases::version.eq(1_i64),
                    phrases::changed_at.eq(now),
                );
                diesel::insert_into(phrases::table).values(first).execute(conn)?;
            }
        }
        changed.push(json!({"language": phrase.language, "name": phrase.name, "text": phrase.text}));
    }
    // A company that begins has told nobody anything yet.
    if changed.is_empty() || kept.is_empty() {
        return Ok(());
    }
    let event = Event::of("phrases.changed", "phrases", uuid::Uuid::nil()).after(json!({"phrases": changed}));
    history::record_by(conn, None, now, &Origin::default(), event)
}
