//! `/messages`

use actix_web::{get, post, web};

use super::{MessageFilter, MessageId, MessageView, queries, retry};
use crate::db::page::Page;
use crate::http::call::Answer;
use crate::http::described::Problems;
use crate::http::routes::Routes;
use crate::http::{Call, Query};

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.service(list_messages).service(get_message).service(retry_message);
}

/// Messages that went out, or are to, newest first. Neither what opens a link nor a code is told.
#[utoipa::path(tag = "messages", params(MessageFilter), responses((status = 200, description = "A page", body = Page<MessageView>), Problems))]
#[get("/messages")]
async fn list_messages(call: Call, filter: Query<MessageFilter>) -> Answer {
    call.read(move |conn, _| Ok(queries::list(conn, &filter.0)?.map(MessageView::from))).await
}

/// One message.
#[utoipa::path(tag = "messages", params(("id" = MessageId, Path, description = "The message")), responses((status = 200, description = "The message", body = MessageView), Problems))]
#[get("/messages/{id}")]
async fn get_message(call: Call, id: web::Path<MessageId>) -> Answer {
    call.show(move |conn, _| queries::find(conn, *id).map(MessageView::from)).await
}

/// Try a message at once that was given up, or waits for another try. One that was sent is not sent again.
#[utoipa::path(tag = "messages", params(("id" = MessageId, Path, description = "The message")), responses((status = 200, description = "The message as it is now", body = MessageView), Problems))]
#[post("/messages/{id}/retry")]
async fn retry_message(call: Call, id: web::Path<MessageId>) -> Answer {
    let app = call.app.clone();
    let configured = app.config.mail.is_some();
    let answer = call.write(move |conn, actor| retry::retry(conn, actor, *id, configured)).await;
    app.outbox.notify_one();
    answer
}
