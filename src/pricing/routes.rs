//! `/price-lists`, `/price-items`

use actix_web::{get, patch, post, web};

use super::{
    EditPriceItem, EditPriceList, NewPriceItem, NewPriceList, PriceItem, PriceItemFilter, PriceItemId, PriceList,
    PriceListFilter, PriceListId,
};
use crate::db::page::Page;
use crate::http::call::Answer;
use crate::http::described::Problems;
use crate::http::routes::Routes;
use crate::http::{Body, Call, Query};

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.service(list_price_lists).service(add_price_list).service(get_price_list).service(edit_price_list);
    routes.service(list_price_items).service(add_price_item).service(get_price_item).service(edit_price_item);
}

/// Price lists, newest first.
#[utoipa::path(tag = "prices", params(PriceListFilter), responses((status = 200, description = "A page", body = Page<PriceList>), Problems))]
#[get("/price-lists")]
async fn list_price_lists(call: Call, filter: Query<PriceListFilter>) -> Answer {
    call.read(move |conn, actor| super::list(conn, actor, &filter.0)).await
}

/// Make a price list.
#[utoipa::path(tag = "prices", request_body = NewPriceList, responses((status = 201, description = "Made", body = PriceList), (status = 200, description = "Was made before with this id", body = PriceList), Problems))]
#[post("/price-lists")]
async fn add_price_list(call: Call, body: Body<NewPriceList>) -> Answer {
    call.create(move |conn, actor| super::create(conn, actor, &body.0)).await
}

/// One price list.
#[utoipa::path(tag = "prices", params(("id" = PriceListId, Path, description = "The price list")), responses((status = 200, description = "The price list", body = PriceList), Problems))]
#[get("/price-lists/{id}")]
async fn get_price_list(call: Call, id: web::Path<PriceListId>) -> Answer {
    call.show(move |conn, actor| super::find(conn, actor, *id)).await
}

/// Change a price list.
#[utoipa::path(tag = "prices", params(("id" = PriceListId, Path, description = "The price list")), request_body = EditPriceList, responses((status = 200, description = "Changed", body = PriceList), Problems))]
#[patch("/price-lists/{id}")]
async fn edit_price_list(call: Call, id: web::Path<PriceListId>, body: Body<EditPriceList>) -> Answer {
    let expected = call.if_match();
    call.edit(move |conn, actor| super::edit(conn, actor, *id, &body.0, expected.as_ref())).await
}

/// The lines of a price list, newest first.
#[utoipa::path(tag = "prices", params(("id" = PriceListId, Path, description = "The price list"), PriceItemFilter), responses((status = 200, description = "A page", body = Page<PriceItem>), Problems))]
#[get("/price-lists/{id}/items")]
async fn list_price_items(call: Call, id: web::Path<PriceListId>, filter: Query<PriceItemFilter>) -> Answer {
    call.read(move |conn, actor| super::list_items(conn, actor, *id, &filter.0)).await
}

/// Add a line to a price list.
#[utoipa::path(tag = "prices", params(("id" = PriceListId, Path, description = "The price list")), request_body = NewPriceItem, responses((status = 201, description = "Added", body = PriceItem), (status = 200, description = "Was made before with this id", body = PriceItem), Problems))]
#[post("/price-lists/{id}/items")]
async fn add_price_item(call: Call, id: web::Path<PriceListId>, body: Body<NewPriceItem>) -> Answer {
    call.create(move |conn, actor| super::add_item(conn, actor, *id, &body.0)).await
}

/// One price item.
#[utoipa::path(tag = "prices", params(("id" = PriceItemId, Path, description = "The price item")), responses((status = 200, description = "The price item", body = PriceItem), Problems))]
#[get("/price-items/{id}")]
async fn get_price_item(call: Call, id: web::Path<PriceItemId>) -> Answer {
    call.show(move |conn, actor| super::find_item(conn, actor, *id)).await
}

/// Change a price item.
#[utoipa::path(tag = "prices", params(("id" = PriceItemId, Path, description = "The price item")), request_body = EditPriceItem, responses((status = 200, description = "Changed", body = PriceItem), Problems))]
#[patch("/price-items/{id}")]
async fn edit_price_item(call: Call, id: web::Path<PriceItemId>, body: Body<EditPriceItem>) -> Answer {
    let expected = call.if_match();
    call.edit(move |conn, actor| super::edit_item(conn, actor, *id, &body.0, expected.as_ref())).await
}
