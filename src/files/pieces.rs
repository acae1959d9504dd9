//! Bytes that are on their way: each piece is an object of its own below `unfinished/`, in the folder or the bucket of all
//! files, so that any instance can take the next one. A piece is written once and never changed.

use std::io::ErrorKind;

use bytes::Bytes;
use futures_util::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectStoreExt, PutPayload};
use uuid::Uuid;

use super::{Files, flush};
use crate::db::types::Timestamp;
use crate::error::{Code, Error};

/// The folder of what is unfinished.
const FOLDER: &str = "unfinished";

/// An unfinished whole of which some piece lies about.
#[derive(Debug, Clone, Copy)]
pub struct Stray {
    /// The whole.
    pub whole: Uuid,
    /// When the piece was written.
    pub written_at: Timestamp,
}

impl Files {
    /// Keeps a piece. When this returns it survives a power cut.
    ///
    /// # Errors
    /// `storage_full`; when the bucket is away.
    pub async fn keep_piece(&self, whole: Uuid, piece: Uuid, bytes: Bytes) -> Result<(), Error> {
        let path = place(whole, piece);
        self.store.put(&path, PutPayload::from_bytes(bytes)).await.map_err(not_kept)?;
        if let Some(folder) = &self.folder {
            let file = folder.join(path.as_ref());
            let flushed = tokio::task::spawn_blocking(move || flush(&file)).await.map_err(Error::internal)?;
            flushed.map_err(not_kept)?;
        }
        Ok(())
    }

    /// A piece; nothing when it is gone.
    ///
    /// # Errors
    /// When the bucket is away.
    pub async fn piece(&self, whole: Uuid, piece: Uuid) -> Result<Option<Bytes>, Error> {
        match self.store.get(&place(whole, piece)).await {
            Ok(found) => found.bytes().await.map(Some).map_err(Error::internal),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(Error::internal(error)),
        }
    }

    /// Throws one piece away.
    ///
    /// # Errors
    /// When the bucket is away.
    pub async fn drop_piece(&self, whole: Uuid, piece: Uuid) -> Result<(), Error> {
        match self.store.delete(&place(whole, piece)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(Error::internal(error)),
        }
    }

    /// Throws all pieces of a whole away.
    ///
    /// # Errors
    /// When the bucket is away.
    pub async fn drop_pieces(&self, whole: Uuid) -> Result<(), Error> {
        let folder = Path::from_iter([FOLDER, whole.to_string().as_str()]);
        let found: Vec<_> = self.store.list(Some(&folder)).try_collect().await.map_err(Error::internal)?;
        for object in found {
            match self.store.delete(&object.location).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(Error::internal(error)),
            }
        }
        if let Some(files) = &self.folder {
            let empty = files.join(folder.as_ref());
            // One that is not empty any more, or not there, is left as it is.
            let _ = tokio::task::spawn_blocking(move || std::fs::remove_dir(empty)).await;
        }
        Ok(())
    }

    /// The wholes of which pieces lie about.
    ///
    /// # Errors
    /// When the bucket is away.
    pub async fn strays(&self) -> Result<Vec<Stray>, Error> {
        let found: Vec<_> = self.store.list(Some(&Path::from(FOLDER))).try_collect().await.map_err(Error::internal)?;
        let stray = |object: object_store::ObjectMeta| {
            let whole = object.location.parts().nth(1)?.as_ref().parse().ok()?;
            Some(Stray { whole, written_at: object.last_modified.into() })
        };
        Ok(found.into_iter().filter_map(stray).collect())
    }
}

fn place(whole: Uuid, piece: Uuid) -> Path {
    Path::from_iter([FOLDER, whole.to_string().as_str(), piece.to_string().as_str()])
}

/// What to tell when bytes could not be kept: that there is no room is the operator's to mend, and nothing was lost by it.
pub fn not_kept(error: impl std::error::Error + 'static) -> Error {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(inner) = cause {
        let full = [ErrorKind::StorageFull, ErrorKind::QuotaExceeded, ErrorKind::FileTooLarge];
        if inner.downcast_ref::<std::io::Error>().is_some_and(|inner| full.contains(&inner.kind())) {
            tracing::error!(cause = %error, "there is no room for files");
            return Code::StorageFull.into();
        }
        cause = inner.source();
    }
    Error::internal(error)
}
