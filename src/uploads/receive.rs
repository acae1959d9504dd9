//! Bytes come in, for as long as they trickle. Whatever came before a connection broke is kept: it is written away in pieces,
//! and at the latest some seconds after it came.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};

use super::headers::Checksum;
use super::{Piece, Upload, append, queries};
use crate::app::App;
use crate::error::{Code, Error};
use crate::http::body;

/// Bytes that are held in memory at the most.
const PIECE: usize = 1 << 20;
/// And for how long: what came over a slow network is soon safe.
const HELD: Duration = Duration::from_secs(10);
/// A connection that is silent for so long is dead. Slow ones are not: a byte now and then is enough.
const SILENCE: Duration = Duration::from_secs(60);
/// Nor does a slow one hold its place for ever: what came in so long is kept, and the next request goes on from there.
const LONGEST: Duration = Duration::from_secs(3_600);

/// The bytes of one request.
pub struct Intake {
    app: Arc<App>,
    upload: Upload,
    checksum: Option<Checksum>,
    /// Where the next piece begins.
    offset: i64,
    buffer: BytesMut,
    /// Since when something is held in memory.
    since: Option<Instant>,
    /// Pieces that count only when the checksum fits.
    pending: Vec<Piece>,
}

impl Intake {
    /// For an upload, from its offset on.
    pub fn new(app: Arc<App>, upload: Upload, checksum: Option<Checksum>) -> Self {
        let offset = upload.received;
        Self { app, upload, checksum, offset, buffer: BytesMut::new(), since: None, pending: Vec::new() }
    }

    /// Takes all bytes and answers where the upload stands then.
    ///
    /// # Errors
    /// `offset_mismatch` when another request was quicker; `too_large` when more come than were announced;
    /// `checksum_mismatch`; `request_timeout` when the connection broke, fell silent or took too long; `storage_full`. Without
    /// a checksum, what came before is kept all the same.
    pub async fn receive<E>(mut self, stream: impl Stream<Item = Result<Bytes, E>>) -> Result<i64, Error> {
        let taken = self.take(stream).await;
        if self.checksum.is_some() {
            return self.end_checked(taken).await;
        }
        let kept = self.write_away().await;
        taken.and(kept)?;
        Ok(self.offset)
    }

    async fn take<E>(&mut self, stream: impl Stream<Item = Result<Bytes, E>>) -> Result<(), Error> {
        let mut stream = std::pin::pin!(stream);
        let began = Instant::now();
        let mut heard = began;
        loop {
            let left = LONGEST.saturating_sub(began.elapsed());
            if left.is_zero() {
                return Err(Code::RequestTimeout.into());
            }
            let patience = match self.since {
                Some(since) => HELD.saturating_sub(since.elapsed()),
                None => SILENCE,
            };
            match tokio::time::timeout(patience.min(left), stream.next()).await {
                Ok(Some(Ok(bytes))) => {
                    heard = Instant::now();
                    self.hold(&bytes)?;
                }
                Ok(Some(Err(_))) => return Err(Code::RequestTimeout.into()),
                Ok(None) => return Ok(()),
                Err(_) if heard.elapsed() >= SILENCE => return Err(Code::RequestTimeout.into()),
                Err(_) => {}
            }
            if self.buffer.len() >= PIECE || self.since.is_some_and(|since| since.elapsed() >= HELD) {
                self.write_away().await?;
            }
        }
    }

    fn hold(&mut self, bytes: &Bytes) -> Result<(), Error> {
        let held = i64::try_from(self.buffer.len() + bytes.len()).unwrap_or(i64::MAX);
        if held > self.upload.size - self.offset {
            return Err(body::too_large(usize::try_from(self.upload.size).unwrap_or(usize::MAX)));
        }
        if let Some(checksum) = &mut self.checksum {
            checksum.update(bytes);
        }
        self.buffer.extend_from_slice(bytes);
        self.since.get_or_insert_with(Instant::now);
        Ok(())
    }

    /// Puts what is held on the disk, then moves the offset.
    async fn write_away(&mut self) -> Result<(), Error> {
        self.since = None;
        let bytes = self.buffer.split().freeze();
        if bytes.is_empty() {
            return Ok(());
        }
        let piece = queries::piece(&self.upload, self.offset, bytes.len());
        let kept = self.app.files.keep_piece(self.upload.generation.uuid(), piece.piece_id.uuid(), bytes).await;
        if let Err(error) = kept {
            // Whoever ends an upload clears its place away, also under a piece that is just being put there.
            let upload = self.upload.clone();
            self.app.db.read(move |conn| append::must_go_on(conn, &upload)).await?;
            return Err(error);
        }
        self.pending.push(piece);
        if self.checksum.is_none() {
            self.name_pieces().await?;
        }
        self.offset += piece.size;
        Ok(())
    }

    async fn name_pieces(&mut self) -> Result<(), Error> {
        let (upload, pieces, now) = (self.upload.clone(), std::mem::take(&mut self.pending), self.app.clock.now());
        let named = pieces.clone();
        let appended = self.app.db.write(move |conn| append::append(conn, &upload, &named, now)).await;
        // After a broken connection nobody knows whether they were named: what was not is swept away later.
        if matches!(appended, Err(Error::Refused(_))) {
            self.throw_away(&pieces).await;
        }
        appended
    }

    /// The end of a request with a checksum: all of it counts, or nothing.
    async fn end_checked(mut self, taken: Result<(), Error>) -> Result<i64, Error> {
        let whole = match taken {
            Ok(()) => self.write_away().await,
            Err(error) => Err(error),
        };
        let fits = self.checksum.take().is_some_and(Checksum::fits);
        if whole.is_err() || !fits {
            let pieces = std::mem::take(&mut self.pending);
            self.throw_away(&pieces).await;
            whole?;
            return Err(Code::ChecksumMismatch.into());
        }
        self.name_pieces().await?;
        Ok(self.offset)
    }

    async fn throw_away(&self, pieces: &[Piece]) {
        for piece in pieces {
            let dropped = self.app.files.drop_piece(self.upload.generation.uuid(), piece.piece_id.uuid()).await;
            if let Err(error) = dropped {
                tracing::warn!(%error, "a piece that nobody wants was not thrown away yet");
            }
        }
    }
}
