//! Rows that are contacts: found by company and name, and where several have that name, by telephone or e-mail.

use std::collections::{BTreeSet, HashMap};

use super::companies::set;
use super::file::{Row, Table};
use super::plan::{Known, RowPlan, Work, mistaken, settle};
use super::records::Batch;
use super::values::{Cells, Places, name_key};
use crate::companies::contact::{Contact, EditContact, NewContact};
use crate::companies::{CompanyId, ContactId, SigningAuthority, SiteId};
use crate::error::Flaw;
use crate::http::Change;
use crate::words::text::{Email, Line};

/// Contacts by company and name.
struct Directory {
    contacts: Vec<Contact>,
    by_name: HashMap<(CompanyId, String), Vec<usize>>,
}

/// What makes a row another person than the row above: whose, name, telephone, e-mail.
type Person = (CompanyId, String, String, String);

/// What becomes of rows that are contacts.
pub fn plan(known: &mut Known, contacts: Vec<Contact>, table: &Table, places: &Places) -> (Vec<RowPlan>, Work) {
    let mut by_name = HashMap::<_, Vec<usize>>::new();
    for (place, contact) in contacts.iter().enumerate() {
        by_name.entry((contact.company_id, name_key(&contact.name))).or_default().push(place);
    }
    let directory = Directory { contacts, by_name };
    let mut seen = Seen::default();
    let mut batch = Batch::default();
    let mut rows = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        rows.push(one(known, &directory, row, places, &mut seen, &mut batch));
    }
    let used: BTreeSet<SiteId> = batch.after().filter_map(|contact: &Contact| contact.site_id).collect();
    let sites = known.sites.needed(&used);
    (rows, Work { sites, contacts: batch, ..Work::default() })
}

/// What rows above have said.
#[derive(Default)]
struct Seen {
    people: HashMap<Person, i64>,
    by_place: HashMap<usize, i64>,
}

impl Directory {
    /// The person meant, if they are known: the only one of that name, or the one with that telephone or e-mail.
    fn find(&self, company: CompanyId, name: &str, phone: &str, email: &str) -> Result<Option<usize>, Flaw> {
        let places = self.by_name.get(&(company, name.to_owned())).map_or(&[][..], Vec::as_slice);
        let contact = |place: &usize| self.contacts.get(*place);
        let here: Vec<usize> = places
            .iter()
            .filter(|place| contact(place).is_some_and(|contact| contact.archived_at.is_none()))
            .copied()
            .collect();
        match here.as_slice() {
            [] if places.is_empty() => Ok(None),
            [] => Err(Flaw::Archived),
            [one] => Ok(Some(*one)),
            several => {
                let same = |place: &&usize| {
                    contact(place).is_some_and(|contact| {
                        let has = |known: &Option<String>, given: &str| {
                            !given.is_empty()
                                && known.as_deref().is_some_and(|known| name_key(known) == name_key(given))
                        };
                        has(&contact.phone, phone) || has(&contact.email, email)
                    })
                };
                let mut same = several.iter().filter(same);
                match (same.next(), same.next()) {
                    (Some(one), None) => Ok(Some(*one)),
                    _ => Err(Flaw::Ambiguous),
                }
            }
        }
    }
}

fn one(
    known: &mut Known,
    directory: &Directory,
    row: &Row,
    places: &Places,
    seen: &mut Seen,
    batch: &mut Batch<Contact>,
) -> RowPlan {
    let mut cells = Cells::new(row, places);
    let company = known.owner(&mut cells);
    let name: Option<Line<200>> = cells.line("name");
    let position: Option<Line<200>> = cells.line("position");
    let (phone, email): (Option<Line<50>>, Option<Email>) = (cells.line("phone"), cells.email("email"));
    let signing_authority = cells.authority("signing_authority");
    if name.is_none() && cells.text("name").is_empty() {
        cells.mistake("name", Flaw::Required, []);
    }
    let (Some(company_id), Some(name), false) = (company, name, cells.is_mistaken()) else {
        return mistaken(row.number, cells.notes);
    };
    let (key, text) = (name_key(&name), |text: Option<&str>| text.unwrap_or_default().to_owned());
    let (called, mail) = (text(phone.as_deref()), text(email.as_deref()));
    let place = match directory.find(company_id, &key, &called, &mail) {
        Ok(place) => place,
        Err(flaw) => {
            cells.mistake("name", flaw, []);
            return mistaken(row.number, cells.notes);
        }
    };
    let person: Person = (company_id, key, called, mail);
    let above = seen.people.get(&person).or_else(|| seen.by_place.get(&place?));
    if let Some(above) = above {
        cells.mistake("name", Flaw::Repeated, [("row", above.to_string())]);
        return mistaken(row.number, cells.notes);
    }
    let site_id = known.site(&mut cells, company_id);
    if cells.is_mistaken() {
        return mistaken(row.number, cells.notes);
    }
    seen.people.insert(person, row.number);
    seen.by_place.extend(place.map(|place| (place, row.number)));
    let before = place.and_then(|place| directory.contacts.get(place));
    let after = match before {
        Some(before) => before.edited(
            &EditContact {
                // Where a person works is not changed by what the import was told for rows that do not say.
                site_id: if cells.text("site").is_empty() { Change::Keep } else { set(site_id) },
                name: Some(name),
                position: set(position),
                phone: set(phone),
                email: set(email),
                signing_authority,
                ..EditContact::default()
            },
            known.now,
        ),
        None => {
            let signing_authority = signing_authority.unwrap_or(SigningAuthority::None);
            let new = NewContact {
                id: None,
                company_id,
                site_id,
                user_id: None,
                name,
                position,
                phone,
                email,
                signing_authority,
                power_of_attorney: None,
            };
            Contact::new(ContactId::new(), &new, known.now)
        }
    };
    settle(row.number, cells.notes, before, after, batch)
}
