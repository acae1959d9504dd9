//! A file that was made for one answer: sent piece by piece, and gone with the answer.

use std::fs::File;
use std::io::Read;

use actix_web::body::SizedStream;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, ContentEncoding};
use actix_web::{HttpResponse, web};
use bytes::Bytes;
use futures_util::stream;

use crate::error::Error;

/// Bytes that are in memory at once.
const PIECE: usize = 256 << 10;

/// A file that was made for one answer.
#[derive(Debug)]
pub struct Download {
    /// Its bytes, from where the file stands.
    pub file: File,
    /// How many they are.
    pub size: u64,
    /// What it is.
    pub media_type: &'static str,
    /// What it is called: ASCII without quotes.
    pub name: String,
}

/// Sends a file; `held` is given up when the last byte is on its way, or nobody wants more.
pub fn send<G: 'static>(download: Download, held: G) -> HttpResponse {
    let Download { file, size, media_type, name } = download;
    let pieces = stream::unfold(Some((file, held)), |state| async move {
        let (mut file, held) = state?;
        let read = web::block(move || {
            let mut piece = vec![0; PIECE];
            let read = file.read(&mut piece)?;
            piece.truncate(read);
            Ok::<_, std::io::Error>((file, piece))
        });
        match read.await {
            Ok(Ok((_, piece))) if piece.is_empty() => None,
            Ok(Ok((file, piece))) => Some((Ok(Bytes::from(piece)), Some((file, held)))),
            Ok(Err(error)) => Some((Err(Error::internal(error)), None)),
            Err(error) => Some((Err(Error::internal(error)), None)),
        }
    });
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, media_type))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        // What is packed already is not packed again on the way.
        .insert_header(ContentEncoding::Identity)
        .body(SizedStream::new(size, Box::pin(pieces)))
}
