//! The archive of a pack: a ZIP on the disk, written file by file, with the hash of each of them in a list at its end.

use std::fs::File;
use std::io::{Seek, Write};
use std::path::Path;

use chrono::{Datelike, Timelike};
use uuid::Uuid;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::app::make_private;
use crate::db::types::{Sha256, Timestamp};
use crate::error::Error;
use crate::files::Files;
use crate::files::pieces::not_kept;

/// The list of hashes, as `sha256sum --check` reads it.
pub const MANIFEST: &str = "manifest.sha256";

/// An archive that is being written.
pub struct Archive {
    zip: ZipWriter<File>,
    options: SimpleFileOptions,
    sums: Vec<(String, Sha256)>,
}

/// An archive that was written.
#[derive(Debug)]
pub struct Made {
    /// The file, at its beginning. It has no name, and is gone when it is closed.
    pub file: File,
    /// Its bytes.
    pub size: u64,
}

impl Archive {
    /// Begins an archive in a folder; its files say that they are of the moment it is made.
    ///
    /// # Errors
    /// `storage_full`; when the folder cannot be written.
    pub fn begin(folder: &Path, at: Timestamp) -> Result<Self, Error> {
        make_private(folder).map_err(not_kept)?;
        let path = folder.join(format!("{}.zip", Uuid::now_v7()));
        let file = File::options().read(true).write(true).create_new(true).open(&path).map_err(not_kept)?;
        // Without a name it is gone with whoever reads it, also when the program is killed.
        std::fs::remove_file(&path).map_err(Error::internal)?;
        let options = SimpleFileOptions::default().last_modified_time(moment(at)).unix_permissions(0o644);
        Ok(Self { zip: ZipWriter::new(file), options, sums: Vec::new() })
    }

    /// Adds a file of text, packed.
    ///
    /// # Errors
    /// `storage_full`; when it cannot be written.
    pub fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        self.write(name, bytes, CompressionMethod::Deflated)
    }

    /// Adds a file that is packed already.
    ///
    /// # Errors
    /// As [`Archive::put`].
    pub fn store(&mut self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        self.write(name, bytes, CompressionMethod::Stored)
    }

    fn write(&mut self, name: &str, bytes: &[u8], method: CompressionMethod) -> Result<(), Error> {
        self.zip.start_file(name, self.options.compression_method(method)).map_err(not_kept)?;
        self.zip.write_all(bytes).map_err(not_kept)?;
        self.sums.push((name.to_owned(), Sha256::of(bytes)));
        Ok(())
    }

    /// Adds the bytes with this hash as they are kept, piece by piece.
    ///
    /// # Errors
    /// As [`Archive::put`]; when they are gone, or are no longer what they were.
    pub async fn copy(&mut self, files: &Files, hash: Sha256, name: &str) -> Result<(), Error> {
        self.zip.start_file(name, self.options.compression_method(CompressionMethod::Stored)).map_err(not_kept)?;
        files.pour(hash, &mut self.zip).await?;
        self.sums.push((name.to_owned(), hash));
        Ok(())
    }

    /// Ends the archive with the list of hashes.
    ///
    /// # Errors
    /// As [`Archive::put`].
    pub fn finish(mut self) -> Result<Made, Error> {
        let line = |(name, hash): &(String, Sha256)| format!("{hash}  {name}\n");
        let list: String = self.sums.iter().map(line).collect();
        self.put(MANIFEST, list.as_bytes())?;
        let mut file = self.zip.finish().map_err(not_kept)?;
        file.flush().map_err(not_kept)?;
        let size = file.metadata().map_err(Error::internal)?.len();
        file.rewind().map_err(Error::internal)?;
        Ok(Made { file, size })
    }
}

/// A moment as a ZIP keeps it: in no time zone, so in UTC.
fn moment(at: Timestamp) -> DateTime {
    let at = at.utc();
    let part = |number: u32| u8::try_from(number).unwrap_or_default();
    let year = u16::try_from(at.year()).unwrap_or_default();
    let (month, day) = (part(at.month()), part(at.day()));
    DateTime::from_date_and_time(year, month, day, part(at.hour()), part(at.minute()), part(at.second()))
        .unwrap_or_default()
}
