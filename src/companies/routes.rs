//! `/companies`, `/sites`, `/contacts`

use actix_web::{get, patch, post, web};

use super::company::{self, Company, CompanyFilter, CompanyView, EditCompany, NewCompany};
use super::contact::{self, Contact, ContactFilter, EditContact, NewContact};
use super::site::{self, EditSite, NewSite, Site, SiteFilter};
use super::{CompanyId, ContactId, SiteId};
use crate::db::page::Page;
use crate::http::call::Answer;
use crate::http::described::Problems;
use crate::http::routes::Routes;
use crate::http::{Body, Call, Query};

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.service(list_companies).service(add_company).service(get_company).service(edit_company);
    routes.service(list_sites).service(add_site).service(get_site).service(edit_site);
    routes.service(list_contacts).service(add_contact).service(get_contact).service(edit_contact);
}

/// Companies, newest first.
#[utoipa::path(tag = "clients", params(CompanyFilter), responses((status = 200, description = "A page", body = Page<Company>), Problems))]
#[get("/companies")]
async fn list_companies(call: Call, filter: Query<CompanyFilter>) -> Answer {
    call.read(move |conn, actor| company::list(conn, actor, &filter.0)).await
}

/// Add a company.
#[utoipa::path(tag = "clients", request_body = NewCompany, responses((status = 201, description = "Added", body = CompanyView), (status = 200, description = "Was made before with this id", body = CompanyView), Problems))]
#[post("/companies")]
async fn add_company(call: Call, body: Body<NewCompany>) -> Answer {
    call.create(move |conn, actor| company::create(conn, actor, &body.0)).await
}

/// One company.
#[utoipa::path(tag = "clients", params(("id" = CompanyId, Path, description = "The company")), responses((status = 200, description = "The company", body = CompanyView), Problems))]
#[get("/companies/{id}")]
async fn get_company(call: Call, id: web::Path<CompanyId>) -> Answer {
    call.show(move |conn, actor| company::view(conn, actor, *id)).await
}

/// Change a company.
#[utoipa::path(tag = "clients", params(("id" = CompanyId, Path, description = "The company")), request_body = EditCompany, responses((status = 200, description = "Changed", body = CompanyView), Problems))]
#[patch("/companies/{id}")]
async fn edit_company(call: Call, id: web::Path<CompanyId>, body: Body<EditCompany>) -> Answer {
    let expected = call.if_match();
    call.edit(move |conn, actor| company::edit(conn, actor, *id, &body.0, expected.as_ref())).await
}

/// Sites, newest first.
#[utoipa::path(tag = "clients", params(SiteFilter), responses((status = 200, description = "A page", body = Page<Site>), Problems))]
#[get("/sites")]
async fn list_sites(call: Call, filter: Query<SiteFilter>) -> Answer {
    call.read(move |conn, actor| site::list(conn, actor, &filter.0)).await
}

/// Add a site.
#[utoipa::path(tag = "clients", request_body = NewSite, responses((status = 201, description = "Added", body = Site), (status = 200, description = "Was made before with this id", body = Site), Problems))]
#[post("/sites")]
async fn add_site(call: Call, body: Body<NewSite>) -> Answer {
    call.create(move |conn, actor| site::create(conn, actor, &body.0)).await
}

/// One site.
#[utoipa::path(tag = "clients", params(("id" = SiteId, Path, description = "The site")), responses((status = 200, description = "The site", body = Site), Problems))]
#[get("/sites/{id}")]
async fn get_site(call: Call, id: web::Path<SiteId>) -> Answer {
    call.show(move |conn, actor| site::find(conn, actor, *id)).await
}

/// Change a site.
#[utoipa::path(tag = "clients", params(("id" = SiteId, Path, description = "The site")), request_body = EditSite, responses((status = 200, description = "Changed", body = Site), Problems))]
#[patch("/sites/{id}")]
async fn edit_site(call: Call, id: web::Path<SiteId>, body: Body<EditSite>) -> Answer {
    let expected = call.if_match();
    call.edit(move |conn, actor| site::edit(conn, actor, *id, &body.0, expected.as_ref())).await
}

/// Contacts, newest first.
#[utoipa::path(tag = "clients", params(ContactFilter), responses((status = 200, description = "A page", body = Page<Contact>), Problems))]
#[get("/contacts")]
async fn list_contacts(call: Call, filter: Query<ContactFilter>) -> Answer {
    call.read(move |conn, actor| contact::list(conn, actor, &filter.0)).await
}

/// Add a contact.
#[utoipa::path(tag = "clients", request_body = NewContact, responses((status = 201, description = "Added", body = Contact), (status = 200, description = "Was made before with this id", body = Contact), Problems))]
#[post("/contacts")]
async fn add_contact(call: Call, body: Body<NewContact>) -> Answer {
    call.create(move |conn, actor| contact::create(conn, actor, &body.0)).await
}

/// One contact.
#[utoipa::path(tag = "clients", params(("id" = ContactId, Path, description = "The contact")), responses((status = 200, description = "The contact", body = Contact), Problems))]
#[get("/contacts/{id}")]
async fn get_contact(call: Call, id: web::Path<ContactId>) -> Answer {
    call.show(move |conn, actor| contact::find(conn, actor, *id)).await
}

/// Change a contact.
#[utoipa::path(tag = "clients", params(("id" = ContactId, Path, description = "The contact")), request_body = EditContact, responses((status = 200, description = "Changed", body = Contact), Problems))]
#[patch("/contacts/{id}")]
async fn edit_contact(call: Call, id: web::Path<ContactId>, body: Body<EditContact>) -> Answer {
    let expected = call.if_match();
    call.edit(move |conn, actor| contact::edit(conn, actor, *id, &body.0, expected.as_ref())).await
}
