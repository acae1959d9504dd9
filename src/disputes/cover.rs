//! The cover of a pack on paper, with small pictures of the photos.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use image::imageops::FilterType;
use serde_json::Value;

use super::sections::Filed;
use super::ticket::Read;
use crate::app::App;
use crate::db::types::Timestamp;
use crate::error::{Code, Error};
use crate::files::picture;
use crate::print::form::Kind;
use crate::print::page::Picture;
use crate::tickets::content;

/// Pictures that a cover shows; files beyond them are named only. All of them are in memory while it is printed.
const MOST_PICTURES: usize = 400;
/// Pixels of a picture's longer side: 26 mm at more than 150 dots an inch.
const SIDE: u32 = 168;

/// Prints the cover.
///
/// # Errors
/// `form_invalid`
pub async fn print(app: &App, read: &Read, made_at: Timestamp) -> Result<Vec<u8>, Error> {
    let form = app.printer.form(Kind::DisputePack, read.language)?;
    let mut data = read.cover.clone();
    let pictured = read.files.iter().enumerate().filter(|(_, file)| file.is_picture()).take(MOST_PICTURES);
    let mut pictures = BTreeMap::new();
    for (index, file) in pictured {
        let Some(small) = small(app, file).await? else { continue };
        let name = format!("file-{}", index + 1);
        let drawn = name.clone();
        let unpacked = tokio::task::spawn_blocking(move || unpack(&small, drawn)).await.map_err(Error::internal)?;
        // A picture that cannot be shown in small is in the pack all the same.
        let Ok(unpacked) = unpacked else { continue };
        if let Some(member) = data.pointer_mut(&format!("/files/{index}/picture")) {
            *member = Value::from(name.as_str());
        }
        pictures.insert(name, Arc::new(unpacked));
    }
    let printer = app.printer.clone();
    let printed = tokio::task::spawn_blocking(move || printer.print_showing(pictures, &form, &data, made_at));
    printed.await.map_err(Error::internal)?
}

/// The small thumbnail of a picture; nothing where none can be made.
async fn small(app: &App, file: &Filed) -> Result<Option<Bytes>, Error> {
    match content::thumbnails(app, &file.row).await {
        Ok([small, _]) => app.files.read(small).await.map(Some),
        Err(error) if error.code() == Code::FileRejected => Ok(None),
        Err(error) => Err(error),
    }
}

fn unpack(bytes: &[u8], name: String) -> Result<Picture, Error> {
    let pixels = picture::unpack(bytes, image::ImageFormat::Jpeg)?;
    let pixels = if pixels.width().max(pixels.height()) > SIDE {
        pixels.resize(SIDE, SIDE, FilterType::Triangle)
    } else {
        pixels
    };
    Ok(Picture { name, pixels: pixels.to_rgba8() })
}
