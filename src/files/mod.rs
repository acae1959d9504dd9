//! Bytes: pictures, documents, forms. Kept under their hash, in a folder or in a bucket, never changed and never twice.
//! Only what is still on its way has no hash yet: [`pieces`].

pub mod barcode;
pub mod camera;
mod finders;
pub mod named;
mod pace;
pub mod photo;
pub mod picture;
pub mod pieces;
mod shrink;
mod treated;

use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload, WriteMultipart};

use crate::config::Config;
use crate::db::types::Sha256;
use crate::error::Error;

/// Where bytes are kept.
#[derive(Clone)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
    /// The folder, when it is one: what was written there is forced onto the disk before anybody is told so.
    folder: Option<PathBuf>,
}

/// What came of reading a file from its beginning to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopiedOut {
    /// It is what it was, and has so many bytes.
    Whole(u64),
    /// It is not there.
    Gone,
    /// Something is there that is not it, or it cannot be read to its end.
    Spoilt,
}

impl Files {
    /// Opens the folder in the data folder, or the bucket the operator named.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn open(config: &Config) -> Result<Self, String> {
        match &config.files_url {
            None => {
                let folder = config.data.join("files");
                std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
                let store = LocalFileSystem::new_with_prefix(&folder).map_err(|error| error.to_string())?;
                Ok(Self { store: Arc::new(store), folder: Some(folder) })
            }
            Some(url) => {
                let (bucket, prefix) =
                    url.trim_start_matches("s3://").split_once('/').unwrap_or((url.trim_start_matches("s3://"), ""));
                let store =
                    AmazonS3Builder::from_env().with_bucket_name(bucket).build().map_err(|error| error.to_string())?;
                let store: Arc<dyn ObjectStore> =
                    if prefix.is_empty() { Arc::new(store) } else { Arc::new(PrefixStore::new(store, prefix)) };
                Ok(Self { store, folder: None })
            }
        }
    }

    /// Keeps some bytes. When this returns they survive a power cut. The same bytes twice are one file.
    ///
    /// # Errors
    /// When the disk is full or the bucket is away.
    pub async fn keep(&self, bytes: impl Into<Bytes>) -> Result<Sha256, Error> {
        let bytes = bytes.into();
        let hash = Sha256::of(&bytes);
        let path = place(hash);
        let there =
            self.store.head(&path).await.is_ok_and(|found| usize::try_from(found.size).ok() == Some(bytes.len()));
        if !there {
            self.store.put(&path, PutPayload::from_bytes(bytes)).await.map_err(pieces::not_kept)?;
        }
        if let Some(folder) = &self.folder {
            let file = folder.join(path.as_ref());
            let flushed = tokio::task::spawn_blocking(move || flush(&file)).await.map_err(Error::internal)?;
            flushed.map_err(pieces::not_kept)?;
        }
        Ok(hash)
    }

    /// Keeps a file that is too large to hold in memory, moving it where it can. When this returns it survives a power
    /// cut.
    ///
    /// # Errors
    /// When the disk is full or the bucket is away.
    pub async fn keep_file(&self, file: &std::path::Path) -> Result<(Sha256, i64), Error> {
        let own = file.to_owned();
        let hashed = tokio::task::spawn_blocking(move || hash_of(&own)).await.map_err(Error::internal)?;
        let (hash, size) = hashed.map_err(Error::internal)?;
        let path = place(hash);
        if let Some(folder) = &self.folder {
            let (from, to) = (file.to_owned(), folder.join(path.as_ref()));
            let moved = tokio::task::spawn_blocking(move || {
                std::fs::create_dir_all(to.parent().unwrap_or(&to))?;
                std::fs::rename(&from, &to)?;
                flush(&to)
            });
            moved.await.map_err(Error::internal)?.map_err(Error::internal)?;
            return Ok((hash, size));
        }
        let mut upload = WriteMultipart::new(self.store.put_multipart(&path).await.map_err(Error::internal)?);
        let mut source = std::fs::File::open(file).map_err(Error::internal)?;
        let mut buffer = vec![0; BUFFER];
        loop {
            let read = source.read(&mut buffer).map_err(Error::internal)?;
            if read == 0 {
                break;
            }
            upload.wait_for_capacity(2).await.map_err(Error::internal)?;
            upload.write(buffer.get(..read).unwrap_or_default());
        }
        upload.finish().await.map_err(Error::internal)?;
        Ok((hash, size))
    }

    /// The bytes with this hash as they come, and how many there are.
    ///
    /// # Errors
    /// When they are gone.
    pub async fn stream(
        &self,
        hash: Sha256,
    ) -> Result<(u64, BoxStream<'static, Result<Bytes, object_store::Error>>), Error> {
        let found =
            self.store.get(&place(hash)).await.map_err(|error| Error::internal(format!("file {hash}: {error}")))?;
        Ok((found.meta.size, found.into_stream()))
    }

    /// Writes the bytes with this hash into something as they come: no more than a piece of them is in memory.
    ///
    /// # Errors
    /// When they are gone, or are no longer what they were; `storage_full` when what they are written into is.
    pub async fn pour(&self, hash: Sha256, out: &mut impl Write) -> Result<(), Error> {
        use sha2::Digest;
        let (_, mut bytes) = self.stream(hash).await?;
        let mut hashed = sha2::Sha256::new();
        while let Some(some) = bytes.try_next().await.map_err(Error::internal)? {
            hashed.update(&some);
            out.write_all(&some).map_err(pieces::not_kept)?;
        }
        let whole = Sha256(hashed.finalize().into()) == hash;
        if whole { Ok(()) } else { Err(Error::internal(format!("file {hash} was changed"))) }
    }

    /// Copies the bytes with this hash into a new file and forces them onto the disk.
    ///
    /// # Errors
    /// When the bucket is away, or the file cannot be written.
    pub async fn copy_out(&self, hash: Sha256, file: &std::path::Path) -> Result<CopiedOut, Error> {
        let mut copy = std::fs::File::create(file).map_err(Error::internal)?;
        let read = self.read_through(hash, |bytes| copy.write_all(bytes)).await?;
        if matches!(read, CopiedOut::Whole(_)) {
            copy.sync_all().map_err(Error::internal)?;
        }
        Ok(read)
    }

    /// Whether the bytes with this hash are there and are what they were.
    ///
    /// # Errors
    /// When the bucket is away.
    pub async fn is_whole(&self, hash: Sha256) -> Result<bool, Error> {
        Ok(matches!(self.read_through(hash, |_| Ok(())).await?, CopiedOut::Whole(_)))
    }

    async fn read_through(
        &self,
        hash: Sha256,
        mut take: impl FnMut(&[u8]) -> std::io::Result<()>,
    ) -> Result<CopiedOut, Error> {
        use sha2::Digest;
        let found = match self.store.get(&place(hash)).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(CopiedOut::Gone),
            Err(error) => return Err(Error::internal(format!("file {hash}: {error}"))),
        };
        let (mut bytes, mut hashed, mut size) = (found.into_stream(), sha2::Sha256::new(), 0);
        loop {
            let some = match bytes.try_next().await {
                Ok(Some(some)) => some,
                Ok(None) => break,
                // A disk that has lost a part of it; a bucket may be there again in a minute.
                Err(error) if self.folder.is_some() => {
                    tracing::error!(%error, %hash, "a file cannot be read to its end");
                    return Ok(CopiedOut::Spoilt);
                }
                Err(error) => return Err(Error::internal(format!("file {hash}: {error}"))),
            };
            hashed.update(&some);
            take(&some).map_err(Error::internal)?;
            size += u64::try_from(some.len()).unwrap_or_default();
        }
        Ok(if Sha256(hashed.finalize().into()) == hash { CopiedOut::Whole(size) } else { CopiedOut::Spoilt })
    }

    /// The bytes with this hash.
    ///
    /// # Errors
    /// When they are gone, or are no longer what they were.
    pub async fn read(&self, hash: Sha256) -> Result<Bytes, Error> {
        let found =
            self.store.get(&place(hash)).await.map_err(|error| Error::internal(format!("file {hash}: {error}")))?;
        let bytes = found.bytes().await.map_err(Error::internal)?;
        if Sha256::of(&bytes) == hash { Ok(bytes) } else { Err(Error::internal(format!("file {hash} was changed"))) }
    }
}

/// Bytes of a large file that are in memory at once.
const BUFFER: usize = 256 << 10;

/// The hash and the size of a file, read bit by bit.
///
/// # Errors
/// The system's.
pub fn hash_of(file: &std::path::Path) -> std::io::Result<(Sha256, i64)> {
    use sha2::Digest;
    let mut source = std::fs::File::open(file)?;
    let (mut hash, mut size, mut buffer) = (sha2::Sha256::new(), 0, vec![0; BUFFER]);
    loop {
        let read = source.read(&mut buffer)?;
        if read == 0 {
            return Ok((Sha256(hash.finalize().into()), size));
        }
        hash.update(buffer.get(..read).unwrap_or_default());
        size += i64::try_from(read).unwrap_or_default();
    }
}

/// Where the bytes with this hash lie below the folder of files: `ab/cd/abcd…`.
pub fn path_of(hash: Sha256) -> String {
    place(hash).to_string()
}

/// `ab/cd/abcd…`: no folder grows beyond what tools like.
fn place(hash: Sha256) -> Path {
    let name = hash.to_string();
    Path::from(format!("{}/{}/{name}", name.get(..2).unwrap_or_default(), name.get(2..4).unwrap_or_default()))
}

/// The file and the folders that name it.
fn flush(file: &std::path::Path) -> std::io::Result<()> {
    std::fs::File::open(file)?.sync_all()?;
    for folder in file.ancestors().skip(1).take(3) {
        std::fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::place;
    use crate::db::types::Sha256;

    #[test]
    fn a_file_lies_under_its_hash() {
        assert_eq!(
            place(Sha256::of("")).as_ref(),
            "e3/b0/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }
}
