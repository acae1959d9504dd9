//! Uploads: photos from phones with a bad network, by tus 1.0.0 (<https://tus.io/protocols/resumable-upload>).
//!
//! A file is told of first ([`expect`]), which is small and can wait in a phone's queue; then its bytes come, as often broken
//! off as it pleases the network, to an address that follows from the file's id ([`begin`], [`receive`]). The invariant:
//! what an offset promises is on the disk. Bytes lie in pieces, each an object that is written once, flushed, and only then
//! named in the database, by the one statement that moves the offset ([`append`]). So nothing is locked: of two requests
//! that bring the same bytes one moves the offset, the other is told to look. When all is there somebody looks at it beside
//! the requests ([`work`]), and the file is ready or rejected.
//!
//! Begun anew, an upload is of another generation: its pieces lie in a folder of their own, and every statement that ends
//! one names the upload as it was seen. So nobody who comes late takes bytes away that were promised since.

pub mod append;
pub mod begin;
pub mod door;
pub mod expect;
pub mod headers;
pub mod pace;
pub mod queries;
pub mod receive;
pub mod routes;
pub mod settle;
pub mod tidy;
pub mod tus;
pub mod work;

use diesel::prelude::*;

use crate::db::MultiBackend;
use crate::db::schema::{upload_pieces, uploads};
use crate::db::types::{Timestamp, id, text_enum};
use crate::tickets::attachments::AttachmentId;
use crate::users::UserId;

id! {
    /// A piece of a file that is on its way.
    PieceId,
    /// An upload from its first byte to its end; begun anew, it has another. Its pieces lie together under this name.
    GenerationId,
}

text_enum! {
    /// How far an upload is.
    UploadState {
        /// Bytes are still to come.
        Open = "open",
        /// All came; nobody has looked at them yet.
        Complete = "complete",
        /// Too old: what had come is gone. It may be begun anew.
        Expired = "expired",
    }
}

/// Bytes a file may have.
pub const MOST_BYTES: i64 = 50 << 20;
/// Files of one person that may be on their way at the same time.
pub const MOST_UNFINISHED: i64 = 200;
/// How long what has come is kept after the last of it, in seconds: phones sleep over weekends.
pub const KEPT_SECONDS: i64 = 7 * 24 * 3_600;

/// An upload.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = uploads, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Upload {
    /// The file whose bytes come.
    pub attachment_id: AttachmentId,
    /// Who sends them. Nobody else sees the upload.
    pub author_id: UserId,
    /// How far it is.
    pub state: UploadState,
    /// How many bytes there will be.
    pub size: i64,
    /// How many are on the disk.
    pub received: i64,
    /// What the client said of it, as it will be told again.
    pub metadata: String,
    /// When what has come is thrown away.
    pub expires_at: Timestamp,
    /// Until then somebody looks at the bytes.
    pub leased_until: Option<Timestamp>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When the last of it came.
    pub updated_at: Timestamp,
    /// Which of the uploads of this file it is.
    pub generation: GenerationId,
    /// How often somebody began to look at the bytes and did not come back.
    pub tries: i64,
}

/// Bytes of an upload that came together.
#[derive(Debug, Clone, Copy, Queryable, Selectable, Insertable)]
#[diesel(table_name = upload_pieces, check_for_backend(MultiBackend))]
pub struct Piece {
    /// Of which upload.
    pub attachment_id: AttachmentId,
    /// Where in the file they begin.
    pub begins: i64,
    /// How many they are.
    pub size: i64,
    /// The object that holds them.
    pub piece_id: PieceId,
}
