//! Assets: the devices that are maintained, one by one, each with a label.

pub mod brief;
pub mod card;
pub mod create;
pub mod edit;
pub mod lookup;
pub mod queries;
pub mod routes;
pub mod surroundings;
pub mod timeline;

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::SchemaType;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};

use crate::codes::LabelCode;
use crate::codes::foreign::ForeignCode;
use crate::companies::company::archived;
use crate::companies::{CompanyId, SiteId};
use crate::db::MultiBackend;
use crate::db::schema::assets;
use crate::db::types::{Day, Timestamp, id};
use crate::error::Error;
use crate::http::query::list_query;
use crate::http::{Change, Resource};
use crate::words::search::fold;
use crate::words::text::{Line, optional};

id! {
    /// A device.
    AssetId,
}

/// What else is known about a device: "HDD" = "500 GB, 2019".
pub type Attributes = BTreeMap<String, Attribute>;

/// How many attributes a device may have.
pub const MOST_ATTRIBUTES: usize = 100;
/// Letters in an attribute's name.
pub const LONGEST_NAME: usize = 100;

/// [`Attributes`] in the API's description: an object of few short names.
fn attributes_schema() -> utoipa::openapi::Object {
    use utoipa::openapi::{ObjectBuilder, Ref, Type};
    let name = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(LONGEST_NAME));
    ObjectBuilder::new()
        .property_names(Some(name.build()))
        .additional_properties(Some(Ref::from_schema_name("Attribute")))
        .max_properties(Some(MOST_ATTRIBUTES))
        .description(Some("What else is known about it: \"HDD\" = \"500 GB, 2019\"."))
        .build()
}

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a string, a number, true or false")]
pub enum Attribute {
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Whole(i64),
    /// A number.
    Number(f64),
    /// Words.
    Text(String),
}

impl utoipa::PartialSchema for Attribute {
    fn schema() -> RefOr<Schema> {
        let kinds = SchemaType::from_iter([Type::Boolean, Type::Number, Type::String]);
        ObjectBuilder::new()
            .schema_type(kinds)
            .max_length(Some(2_000))
            .description(Some("The value of an attribute"))
            .into()
    }
}

impl utoipa::ToSchema for Attribute {
    fn name() -> std::borrow::Cow<'static, str> {
        "Attribute".into()
    }
}

/// A device as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = assets, check_for_backend(MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Asset {
    /// Its id.
    pub id: AssetId,
    /// Whose it is.
    pub company_id: CompanyId,
    /// Where it stands.
    pub site_id: Option<SiteId>,
    /// What it is a part of.
    pub parent_id: Option<AssetId>,
    /// What it is called.
    pub name: String,
    /// What it is: printer, till, camera.
    pub kind: Option<String>,
    /// Who made it.
    pub manufacturer: Option<String>,
    /// Its model.
    pub model: Option<String>,
    /// Its serial number.
    pub serial_number: Option<String>,
    /// Its inventory number.
    pub inventory_number: Option<String>,
    /// Its number in another program.
    pub external_number: Option<String>,
    /// The last day of its warranty.
    pub warranty_until: Option<Day>,
    attributes: String,
    #[serde(skip)]
    search_text: String,
    /// When it was taken out of service.
    pub archived_at: Option<Timestamp>,
    /// Grows with every change.
    pub version: i64,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Asset {
    /// A device as it is kept from now on.
    ///
    /// # Errors
    /// `validation_failed` for attributes out of bounds.
    pub fn new(id: AssetId, new: &NewAsset, now: Timestamp) -> Result<Self, Error> {
        let mut asset = Self {
            id,
            company_id: new.company_id,
            site_id: new.site_id,
            parent_id: new.parent_id,
            name: new.name.to_string(),
            kind: optional(new.kind.as_ref()),
            manufacturer: optional(new.manufacturer.as_ref()),
            model: optional(new.model.as_ref()),
            serial_number: optional(new.serial_number.as_ref()),
            inventory_number: optional(new.inventory_number.as_ref()),
            external_number: optional(new.external_number.as_ref()),
            warranty_until: new.warranty_until,
            attributes: create::kept(&new.attributes)?,
            search_text: String::new(),
            archived_at: None,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        asset.search_text = asset.searchable();
        Ok(asset)
    }

    /// The device after an edit.
    ///
    /// # Errors
    /// `validation_failed` for attributes out of bounds.
    pub fn edited(&self, change: &EditAsset, now: Timestamp) -> Result<Self, Error> {
        let mut after = Self {
            site_id: change.site_id.clone().or(self.site_id),
            parent_id: change.parent_id.clone().or(self.parent_id),
            name: change.name.as_ref().map_or(self.name.clone(), ToString::to_string),
            kind: change.kind.clone().or(self.kind.clone()),
            manufacturer: change.manufacturer.clone().or(self.manufacturer.clone()),
            model: change.model.clone().or(self.model.clone()),
            serial_number: change.serial_number.clone().or(self.serial_number.clone()),
            inventory_number: change.inventory_number.clone().or(self.inventory_number.clone()),
            external_number: change.external_number.clone().or(self.external_number.clone()),
            warranty_until: change.warranty_until.clone().or(self.warranty_until),
            attributes: change.attributes.as_ref().map_or(Ok(self.attributes.clone()), create::kept)?,
            archived_at: archived(change.archived, self.archived_at, now),
            version: self.version + 1,
            updated_at: now,
            ..self.clone()
        };
        after.search_text = after.searchable();
        Ok(after)
    }

    fn searchable(&self) -> String {
        let parts = [
            Some(self.name.as_str()),
            self.kind.as_deref(),
            self.manufacturer.as_deref(),
            self.model.as_deref(),
            self.serial_number.as_deref(),
            self.inventory_number.as_deref(),
            self.external_number.as_deref(),
        ];
        fold(parts.into_iter().flatten())
    }

    /// What else is known about it.
    pub fn attributes(&self) -> Attributes {
        serde_json::from_str(&self.attributes).unwrap_or_default()
    }
}

/// A device as people see it.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct AssetView {
    /// Its id.
    pub id: AssetId,
    /// Whose it is.
    pub company_id: CompanyId,
    /// Where it stands.
    pub site_id: Option<SiteId>,
    /// What it is a part of.
    pub parent_id: Option<AssetId>,
    /// What it is called.
    pub name: String,
    /// What it is.
    pub kind: Option<String>,
    /// Who made it.
    pub manufacturer: Option<String>,
    /// Its model.
    pub model: Option<String>,
    /// Its serial number.
    pub serial_number: Option<String>,
    /// Its inventory number.
    pub inventory_number: Option<String>,
    /// Its number in another program.
    pub external_number: Option<String>,
    /// The last day of its warranty.
    pub warranty_until: Option<Day>,
    /// What else is known about it.
    #[schema(schema_with = attributes_schema)]
    pub attributes: Attributes,
    /// The ten characters on its label.
    pub code: Option<String>,
    /// What the label's QR holds.
    pub label_url: Option<String>,
    /// Codes that others printed on it. Left out on cards.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub foreign_codes: Option<Vec<ForeignCode>>,
    /// When it was taken out of service.
    pub archived_at: Option<Timestamp>,
    /// Grows with every change.
    pub version: i64,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl AssetView {
    /// A device with its label.
    pub fn new(asset: Asset, code: Option<LabelCode>, public_url: &str) -> Self {
        Self {
            attributes: asset.attributes(),
            id: asset.id,
            company_id: asset.company_id,
            site_id: asset.site_id,
            parent_id: asset.parent_id,
            name: asset.name,
            kind: asset.kind,
            manufacturer: asset.manufacturer,
            model: asset.model,
            serial_number: asset.serial_number,
            inventory_number: asset.inventory_number,
            external_number: asset.external_number,
            warranty_until: asset.warranty_until,
            label_url: code.map(|code| code.label_url(public_url)),
            code: code.map(|code| code.to_string()),
            foreign_codes: None,
            archived_at: asset.archived_at,
            version: asset.version,
            created_at: asset.created_at,
            updated_at: asset.updated_at,
        }
    }
}

impl Resource for AssetView {
    fn path(&self) -> String {
        format!("/api/v1/assets/{}", self.id)
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// A device to add. Its label comes with it.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAsset {
    /// The client's own id for the record.
    #[serde(default)]
    pub id: Option<AssetId>,
    /// Whose it is.
    pub company_id: CompanyId,
    /// Where it stands.
    #[serde(default)]
    pub site_id: Option<SiteId>,
    /// What it is called.
    pub name: Line<300>,
    /// What it is: printer, till, camera.
    #[serde(default)]
    pub kind: Option<Line<100>>,
    /// Who made it.
    #[serde(default)]
    pub manufacturer: Option<Line<100>>,
    /// Its model.
    #[serde(default)]
    pub model: Option<Line<200>>,
    /// Its serial number.
    #[serde(default)]
    pub serial_number: Option<Line<100>>,
    /// Its inventory number.
    #[serde(default)]
    pub inventory_number: Option<Line<100>>,
    /// Its number in another program: what an import finds it again by.
    #[serde(default)]
    pub external_number: Option<Line<100>>,
    /// The last day of its warranty.
    #[serde(default)]
    pub warranty_until: Option<Day>,
    /// What it is a part of.
    #[serde(default)]
    pub parent_id: Option<AssetId>,
    /// What else is known about it: up to a hundred names of up to a hundred characters, 20,000 characters in all.
    #[serde(default)]
    #[schema(schema_with = attributes_schema)]
    pub attributes: Attributes,
}

/// What may be changed about a device. Absent stays, null empties.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditAsset {
    /// Where it stands.
    #[serde(default)]
    #[schema(value_type = Option<SiteId>)]
    pub site_id: Change<SiteId>,
    /// What it is called.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = Line<300>, required = false)]
    pub name: Option<Line<300>>,
    /// What it is.
    #[serde(default)]
    #[schema(value_type = Option<Line<100>>)]
    pub kind: Change<Line<100>>,
    /// Who made it.
    #[serde(default)]
    #[schema(value_type = Option<Line<100>>)]
    pub manufacturer: Change<Line<100>>,
    /// Its model.
    #[serde(default)]
    #[schema(value_type = Option<Line<200>>)]
    pub model: Change<Line<200>>,
    /// Its serial number.
    #[serde(default)]
    #[schema(value_type = Option<Line<100>>)]
    pub serial_number: Change<Line<100>>,
    /// Its inventory number.
    #[serde(default)]
    #[schema(value_type = Option<Line<100>>)]
    pub inventory_number: Change<Line<100>>,
    /// Its number in another program.
    #[serde(default)]
    #[schema(value_type = Option<Line<100>>)]
    pub external_number: Change<Line<100>>,
    /// The last day of its warranty.
    #[serde(default)]
    #[schema(value_type = Option<Day>)]
    pub warranty_until: Change<Day>,
    /// What it is a part of.
    #[serde(default)]
    #[schema(value_type = Option<AssetId>)]
    pub parent_id: Change<AssetId>,
    /// All that is known besides, from now on.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(schema_with = attributes_schema)]
    pub attributes: Option<Attributes>,
    /// Whether it is out of service.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = bool, required = false)]
    pub archived: Option<bool>,
}

list_query! {
    /// Which devices.
    pub struct AssetFilter {
        /// Of this company.
        company_id: CompanyId,
        /// At this site.
        site_id: SiteId,
        /// Of this kind.
        kind: Line<100>,
        /// With this inventory number.
        inventory_number: Line<100>,
        /// With this number in another program.
        external_number: Line<100>,
        /// Added by this import.
        import_id: crate::imports::ImportId,
        /// Words in its name, kind, maker, model or numbers.
        q: Line<200>,
        /// Neither scanned nor claimed on this day, by the provider's calendar, or later.
        not_scanned_since: Day,
        /// Those out of service, too.
        archived: crate::http::query::Flag,
    }
}
