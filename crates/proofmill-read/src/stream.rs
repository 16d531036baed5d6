//! One input as a stream of decompressed bytes: recognises compression, bounds bombs, keeps
//! positions, and tells damaged data from a failing disk.
//!
//! Everything before a damage can be read; then the damage is reported once.

use std::error::Error;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::Limits;
use crate::disk::{Disk, DiskFault, Progress, Raw};
use crate::members::Members;
use crate::rules::{self, Rule};

/// How bytes are compressed, told by their first ones.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Compression {
    None,
    Gzip,
    Zstd,
    Bzip2,
    Xz,
}

impl Compression {
    /// Recognises the compression of data that begins with `head`.
    pub(crate) fn of(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, ..] => Self::Gzip,
            // The second is a skippable frame: pzstd and some indexers begin with one.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            [b'B', b'Z', b'h', b'1'..=b'9', ..] => Self::Bzip2,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            _ => Self::None,
        }
    }

    fn damage_rule(self) -> &'static Rule {
        match self {
            Self::Zstd => rules::ZSTD_DAMAGED,
            Self::Bzip2 => rules::BZIP2_DAMAGED,
            Self::Xz => rules::XZ_DAMAGED,
            Self::Gzip | Self::None => rules::GZIP_DAMAGED,
        }
    }
}

/// Why the next bytes cannot be had.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The disk failed: the run stops.
    Disk(io::Error),
    /// The data is damaged or a bomb: a counted drop.
    Damage(Damage),
}

/// What is wrong with some data.
#[derive(Clone, Debug)]
pub(crate) struct Damage {
    pub rule: &'static Rule,
    pub detail: String,
    /// Byte of the stored data at which decoding failed.
    pub stored: u64,
}

enum Source {
    Plain(Disk),
    Gzip(Box<Members>),
    Other(Box<dyn Read + Send>),
}

/// A buffered, decompressed input.
pub(crate) struct Stream {
    source: Source,
    compression: Compression,
    buffer: Vec<u8>,
    low: usize,
    high: usize,
    position: u64, // of `buffer[low]`
    end: u64,
    n_decoded: u64,
    pending: Option<io::Error>,
    is_finished: bool,
    progress: Progress,
    limits: Limits,
    buffer_bytes: usize,
}

const BUFFER_BYTES: usize = 128 << 10;

impl Stream {
    /// Opens bytes `start..end` of `raw`. Only a stream from byte 0 is looked at for compression,
    /// and for a compressed one `end` means nothing.
    pub(crate) fn open(
        raw: Box<dyn Raw>,
        start: u64,
        end: u64,
        limits: &Limits,
        progress: Progress,
    ) -> io::Result<Self> {
        let mut disk = Disk::new(raw, start, Arc::clone(&progress))?;
        let compression = if start == 0 {
            Compression::of(&head(&mut disk)?)
        } else {
            Compression::None
        };
        Self::of_disk(disk, compression, end, limits, progress)
    }

    /// Opens a file as gzip, whatever its first bytes say: they may be what is damaged.
    pub(crate) fn open_gzip(
        raw: Box<dyn Raw>,
        limits: &Limits,
        progress: Progress,
    ) -> io::Result<Self> {
        let disk = Disk::new(raw, 0, Arc::clone(&progress))?;
        Self::of_disk(disk, Compression::Gzip, u64::MAX, limits, progress)
    }

    fn of_disk(
        disk: Disk,
        compression: Compression,
        end: u64,
        limits: &Limits,
        progress: Progress,
    ) -> io::Result<Self> {
        let start = disk.position();
        let source = match compression {
            Compression::None => Source::Plain(disk),
            Compression::Gzip => Source::Gzip(Box::new(Members::new(disk, limits))),
            Compression::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::with_buffer(disk)?;
                decoder.window_log_max(limits.max_window_bytes.max(1024).ilog2())?;
                Source::Other(Box::new(decoder))
            }
            Compression::Bzip2 => {
                Source::Other(Box::new(bzip2::bufread::MultiBzDecoder::new(disk)))
            }
            Compression::Xz => {
                // The decoder itself needs a little beside the dictionary.
                let memory_bytes = limits.max_window_bytes.saturating_add(1 << 20);
                let flags = liblzma::stream::CONCATENATED;
                let stream = liblzma::stream::Stream::new_stream_decoder(memory_bytes, flags)?;
                Source::Other(Box::new(liblzma::bufread::XzDecoder::new_stream(
                    disk, stream,
                )))
            }
        };
        let end = if compression == Compression::None {
            end
        } else {
            u64::MAX
        };
        Ok(Self {
            source,
            compression,
            buffer: Vec::new(),
            low: 0,
            high: 0,
            position: start,
            end,
            n_decoded: 0,
            pending: None,
            is_finished: false,
            progress,
            limits: limits.clone(),
            buffer_bytes: BUFFER_BYTES,
        })
    }

    /// Opens bytes in memory.
    pub(crate) fn of_bytes(bytes: Vec<u8>, limits: &Limits) -> io::Result<Self> {
        let size = bytes.len();
        let compression = Compression::of(&bytes);
        let progress = Progress::default();
        let disk = Disk::new(Box::new(io::Cursor::new(bytes)), 0, Arc::clone(&progress))?;
        let mut stream = Self::of_disk(
            disk.for_size(size),
            compression,
            size as u64,
            limits,
            progress,
        )?;
        // Papers are many and small: no larger buffer than most of them fill.
        stream.buffer_bytes = size.saturating_mul(4).clamp(4096, BUFFER_BYTES);
        Ok(stream)
    }

    /// How the stored bytes are compressed.
    pub(crate) fn compression(&self) -> Compression {
        self.compression
    }

    /// Whether the stored bytes are compressed at all.
    pub(crate) fn is_compressed(&self) -> bool {
        self.compression != Compression::None
    }

    /// Position of the next byte: of the file when stored plainly, of the decompressed stream
    /// otherwise.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// One past the last byte of a plain stream.
    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    /// The gzip members behind this stream, if it is gzip.
    pub(crate) fn members(&self) -> Option<&Members> {
        match &self.source {
            Source::Gzip(members) => Some(members),
            _ => None,
        }
    }

    /// Next byte as stored.
    pub(crate) fn stored_position(&self) -> u64 {
        match &self.source {
            Source::Plain(_) => self.position,
            Source::Gzip(members) => members.stored_position(),
            Source::Other(_) => self.progress.load(Ordering::Relaxed),
        }
    }

    /// The next `n_bytes` without taking them; fewer at the end and before a damage.
    ///
    /// # Errors
    /// A [`Fault`] if there is not a single byte because of it.
    pub(crate) fn peek(&mut self, n_bytes: usize) -> Result<&[u8], Fault> {
        while self.high - self.low < n_bytes && self.pending.is_none() && !self.is_finished {
            self.fill(n_bytes)?;
        }
        if self.low == self.high
            && let Some(error) = self.pending.take()
        {
            // The same damage is not told twice.
            self.is_finished = true;
            return Err(self.fault(error));
        }
        Ok(&self.buffer[self.low..self.high.min(self.low + n_bytes)])
    }

    /// What is in the buffer, at least one byte unless the stream is at its end.
    pub(crate) fn ahead(&mut self) -> Result<&[u8], Fault> {
        if self.low == self.high {
            self.peek(1)?;
        }
        Ok(&self.buffer[self.low..self.high])
    }

    /// Takes `n_bytes` of what was last peeked.
    pub(crate) fn consume(&mut self, n_bytes: usize) {
        let n_bytes = n_bytes.min(self.high - self.low);
        self.low += n_bytes;
        self.position += n_bytes as u64;
    }

    /// Whether the next byte is the first of a gzip member.
    pub(crate) fn is_member_start(&self) -> bool {
        self.members()
            .and_then(|members| members.member_of(self.position))
            .is_some_and(|member| member.decoded == self.position)
    }

    /// Bytes ahead that belong to the current gzip member; `None` if all that are ahead do.
    pub(crate) fn bytes_to_member_end(&self) -> Option<usize> {
        let next = self.members()?.member_after(self.position)?;
        usize::try_from(next.decoded - self.position).ok()
    }

    /// Whether everything was taken, as far as is known.
    pub(crate) fn is_at_end(&self) -> bool {
        self.low == self.high && self.is_finished
    }

    /// Whether a damage lies behind the bytes ahead.
    pub(crate) fn is_damaged(&self) -> bool {
        self.pending.is_some()
    }

    /// Goes back to byte `position` of a plain stream; `false` if the input is compressed.
    pub(crate) fn return_to(&mut self, position: u64) -> Result<bool, Fault> {
        let Source::Plain(disk) = &mut self.source else {
            return Ok(false);
        };
        disk.go_to(position).map_err(Fault::Disk)?;
        self.low = self.high;
        self.position = position;
        self.is_finished = false;
        Ok(true)
    }

    /// Appends the next `n_bytes` to `out`; fewer only at the end.
    pub(crate) fn read_into(&mut self, out: &mut Vec<u8>, n_bytes: u64) -> Result<u64, Fault> {
        let mut n_left = n_bytes;
        while n_left > 0 {
            let ahead = self.ahead()?;
            let n_taken = ahead
                .len()
                .min(usize::try_from(n_left).unwrap_or(usize::MAX));
            if n_taken == 0 {
                break;
            }
            out.extend_from_slice(&ahead[..n_taken]);
            self.consume(n_taken);
            n_left -= n_taken as u64;
        }
        Ok(n_bytes - n_left)
    }

    /// Passes over `n_bytes`; fewer only at the end. Plain files are not read for it.
    pub(crate) fn skip(&mut self, n_bytes: u64) -> Result<u64, Fault> {
        let mut n_left = n_bytes;
        loop {
            let n_taken = (self.high - self.low).min(usize::try_from(n_left).unwrap_or(usize::MAX));
            self.consume(n_taken);
            n_left -= n_taken as u64;
            if n_left == 0 {
                return Ok(n_bytes);
            }
            if let Source::Plain(disk) = &mut self.source {
                let target = self.position.saturating_add(n_left).min(self.end);
                disk.go_to(target).map_err(Fault::Disk)?;
                n_left -= target - self.position;
                self.position = target;
                return Ok(n_bytes - n_left);
            }
            if self.peek(1)?.is_empty() {
                return Ok(n_bytes - n_left);
            }
        }
    }

    /// Puts `bytes` in front of the stream: they are read again.
    pub(crate) fn unread(&mut self, bytes: &[u8]) {
        let mut buffer = bytes.to_vec();
        buffer.extend_from_slice(&self.buffer[self.low..self.high]);
        self.position = self.position.saturating_sub(bytes.len() as u64);
        self.low = 0;
        self.high = buffer.len();
        self.buffer = buffer;
    }

    /// After damaged gzip: goes on at the next member whose content begins with `start`.
    ///
    /// Gives the stored byte at which the damaged member began, and that at which reading goes on;
    /// `None` when there is none, or the input is no gzip.
    pub(crate) fn resync(&mut self, start: &[u8]) -> Result<Option<(u64, u64)>, Fault> {
        let Source::Gzip(members) = &mut self.source else {
            return Ok(None);
        };
        match members.resync(start) {
            Ok((from, Some(to))) => {
                self.pending = None;
                self.is_finished = false;
                self.low = self.high;
                // Positions of the stream go on where its members count them.
                self.position = self.n_decoded;
                Ok(Some((from, to)))
            }
            Ok((_, None)) => Ok(None),
            Err(error) => Err(Fault::Disk(error)),
        }
    }

    /// Reads on into the buffer, making room for `n_bytes`.
    fn fill(&mut self, n_bytes: usize) -> Result<(), Fault> {
        if self.low == self.high {
            self.low = 0;
            self.high = 0;
        } else if self.low > 0 && self.high == self.buffer.len() {
            self.buffer.copy_within(self.low..self.high, 0);
            self.high -= self.low;
            self.low = 0;
        }
        let wanted = n_bytes.max(self.buffer_bytes);
        if self.buffer.len() < wanted {
            self.buffer.resize(wanted, 0);
        }
        let mut room = self.buffer.len() - self.high;
        if matches!(self.source, Source::Plain(_)) {
            let left = self
                .end
                .saturating_sub(self.position + (self.high - self.low) as u64);
            room = room.min(usize::try_from(left).unwrap_or(usize::MAX));
        }
        if room == 0 {
            self.is_finished = true;
            return Ok(());
        }
        let into = &mut self.buffer[self.high..self.high + room];
        let result = match &mut self.source {
            Source::Plain(disk) => disk.read(into),
            Source::Gzip(members) => {
                members.forget_before(self.position);
                members.read(into)
            }
            Source::Other(decoder) => decoder.read(into),
        };
        match result {
            Ok(0) => self.is_finished = true,
            Ok(n_read) => {
                self.high += n_read;
                self.n_decoded += n_read as u64;
                self.check_ratio();
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if DiskFault::is(&error) => return Err(Fault::Disk(error)),
            Err(error) => self.pending = Some(error),
        }
        Ok(())
    }

    fn check_ratio(&mut self) {
        if self.compression == Compression::None || self.n_decoded <= self.limits.ratio_floor_bytes
        {
            return;
        }
        let n_stored = self.progress.load(Ordering::Relaxed).max(1);
        if self.n_decoded / n_stored > self.limits.max_ratio {
            self.pending = Some(io::Error::other(Bomb));
        }
    }

    fn fault(&self, error: io::Error) -> Fault {
        if DiskFault::is(&error) {
            return Fault::Disk(error);
        }
        let stored = self.stored_position();
        if error
            .get_ref()
            .is_some_and(<dyn Error + Send + Sync>::is::<Bomb>)
        {
            let detail = format!(
                "{} bytes unpack to more than {}, over {} to one",
                self.progress.load(Ordering::Relaxed),
                self.n_decoded,
                self.limits.max_ratio,
            );
            return Fault::Damage(Damage {
                rule: rules::ARCHIVE_BOMB,
                detail,
                stored,
            });
        }
        let what = match error.kind() {
            io::ErrorKind::UnexpectedEof => "cut short".to_owned(),
            _ => error.to_string(),
        };
        let detail = format!("{what} at stored byte {stored}");
        Fault::Damage(Damage {
            rule: self.compression.damage_rule(),
            detail,
            stored,
        })
    }
}

#[derive(Debug, thiserror::Error)]
#[error("decompression bomb")]
struct Bomb;

/// First bytes of `disk`, which stays where it is.
fn head(disk: &mut Disk) -> io::Result<Vec<u8>> {
    let start = disk.position();
    let mut head = Vec::new();
    disk.by_ref().take(8).read_to_end(&mut head)?;
    disk.go_to(start)?;
    Ok(head)
}
