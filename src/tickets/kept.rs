//! A file that was looked at is kept, however it came: what is served of it, its thumbnails, and the bytes as they came.

use bytes::Bytes;
use futures_util::future::{try_join, try_join3};

use super::attachment::{AttachmentRow, AttachmentStatus};
use crate::db::types::Sha256;
use crate::error::Error;
use crate::files::Files;
use crate::files::camera::Camera;
use crate::files::photo::Looked;
use crate::files::picture::Checked;

/// A file that lies among all files.
#[derive(Debug, Clone)]
pub struct Kept {
    served: Sha256,
    served_size: usize,
    media_type: &'static str,
    pixels: Option<(u32, u32)>,
    thumbnails: Option<[Sha256; 2]>,
    original: Sha256,
    original_size: usize,
    camera: Camera,
}

impl Kept {
    /// Keeps the bytes that came and what was made of them.
    ///
    /// # Errors
    /// `storage_full`; when the bucket is away.
    pub async fn keep(files: &Files, original: Bytes, looked: Looked) -> Result<Self, Error> {
        let Looked { checked: Checked { bytes, media_type, size: pixels }, thumbnails, camera } = looked;
        let (original_size, served_size) = (original.len(), bytes.len());
        // Together: each is flushed, and waits for the disk.
        let both = async {
            match thumbnails {
                Some([small, large]) => try_join(files.keep(small), files.keep(large)).await.map(|(s, l)| Some([s, l])),
                None => Ok(None),
            }
        };
        let (thumbnails, served, original) = try_join3(both, files.keep(bytes), files.keep(original)).await?;
        Ok(Self { served, served_size, media_type, pixels, thumbnails, original, original_size, camera })
    }

    /// The hash of what is served.
    pub const fn served_sha256(&self) -> Sha256 {
        self.served
    }

    /// The record of a file whose bytes are these.
    pub fn becoming(&self, row: AttachmentRow) -> AttachmentRow {
        let number = |size: usize| i64::try_from(size).unwrap_or(i64::MAX);
        let side = |side: Option<u32>| side.and_then(|side| i32::try_from(side).ok());
        AttachmentRow {
            status: AttachmentStatus::Ready,
            rejection: None,
            file_sha256: Some(self.served),
            media_type: self.media_type.to_owned(),
            size: number(self.served_size),
            width: side(self.pixels.map(|(width, _)| width)),
            height: side(self.pixels.map(|(_, height)| height)),
            original_sha256: Some(self.original),
            original_size: Some(number(self.original_size)),
            camera_taken_at: self.camera.taken_at.clone(),
            camera_lat: self.camera.place.map(|(lat, _)| lat),
            camera_lon: self.camera.place.map(|(_, lon)| lon),
            small_sha256: self.thumbnails.map(|[small, _]| small),
            large_sha256: self.thumbnails.map(|[_, large]| large),
            ..row
        }
    }
}
