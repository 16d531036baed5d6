//! WARC 0.17 to 1.1 and WET: records one by one, with everything that real files get wrong.
//!
//! A file is plain, gzip by record, or compressed as a whole. Responses, resources and conversions
//! become pages or counted drops; requests, metadata and warcinfo are no content and give nothing.
//! After damage, reading goes on at the next gzip member or line that begins with `WARC/`.

use std::collections::VecDeque;
use std::sync::Arc;

use memchr::memmem;
use proofmill_types::Location;

use crate::entry::{Entry, at};
use crate::http::{Fields, split_head};
use crate::members::Member;
use crate::page;
use crate::reader::Entries;
use crate::rules::{self, Rule};
use crate::stream::{Damage, Fault, Stream};
use crate::{Limits, Options};

/// One record as stored.
pub(crate) struct WarcRecord {
    pub fields: Fields,
    pub block: Vec<u8>,
    pub location: Location,
    /// Whether the block is shorter than its header says.
    pub is_short: bool,
}

/// One step of the walk.
pub(crate) enum WarcStep {
    /// A record, and the position at which it begins.
    Record(Box<WarcRecord>, u64),
    Bad {
        rule: &'static Rule,
        origin: Option<String>,
        location: Location,
        n_bytes: u64,
        detail: String,
    },
    End,
}

/// A walk over the records of a file.
pub(crate) struct WarcWalk {
    file: Arc<str>,
    stream: Stream,
    /// Size of the whole file as stored; a slice of it may end earlier.
    size: u64,
    limits: Limits,
    /// Whether each record is a gzip member of its own; known after the first.
    is_by_member: Option<bool>,
    last_member: Option<(u64, u64)>, // stored start, records in it
    waiting: Option<WarcStep>,
    is_over: bool,
}

/// The pages of a WARC file.
pub(crate) struct WarcReader {
    walk: WarcWalk,
    options: Arc<Options>,
}

impl WarcReader {
    pub(crate) fn new(file: Arc<str>, stream: Stream, size: u64, options: Arc<Options>) -> Self {
        Self {
            walk: WarcWalk::new(file, stream, size, &options.limits),
            options,
        }
    }
}

impl Entries for WarcReader {
    fn more(&mut self, out: &mut VecDeque<Entry>) -> Result<bool, Fault> {
        match self.walk.step()? {
            WarcStep::End => return Ok(false),
            WarcStep::Record(record, _) => out.extend(page::entry(*record, &self.options)),
            WarcStep::Bad {
                rule,
                origin,
                location,
                n_bytes,
                detail,
            } => {
                let origin = origin.unwrap_or_else(|| self.walk.file.to_string());
                out.push_back(Entry::bad(rule, origin, location, n_bytes, detail));
            }
        }
        Ok(true)
    }
}

impl WarcWalk {
    pub(crate) fn new(file: Arc<str>, stream: Stream, size: u64, limits: &Limits) -> Self {
        Self {
            file,
            stream,
            size,
            limits: limits.clone(),
            is_by_member: None,
            last_member: None,
            waiting: None,
            is_over: false,
        }
    }

    /// The next record, damage or end.
    ///
    /// # Errors
    /// Only of the disk.
    pub(crate) fn step(&mut self) -> Result<WarcStep, Fault> {
        if let Some(step) = self.waiting.take() {
            return Ok(step);
        }
        if self.is_over {
            return Ok(WarcStep::End);
        }
        let mut begun = Begun::default();
        match self.record(&mut begun) {
            Ok(step) => Ok(step),
            Err(Fault::Damage(damage)) => self.after_damage(&begun, damage),
            Err(disk) => Err(disk),
        }
    }

    /// Reads one record; what is known when a fault strikes stays in `begun`.
    fn record(&mut self, begun: &mut Begun) -> Result<WarcStep, Fault> {
        self.skip_blank()?;
        let start = self.stream.position();
        let head = self.stream.peek(5)?;
        if head.is_empty() {
            return Ok(WarcStep::End);
        }
        if head != b"WARC/" {
            let n_bytes = self.find_next_record()?;
            let detail = format!("{n_bytes} bytes that are no record");
            return Ok(self.bad(rules::WARC_DAMAGED, begun, start, n_bytes, detail));
        }
        begun.member = self
            .stream
            .members()
            .and_then(|members| members.member_of(start));
        let Some(head) = self.head()? else {
            let n_bytes = self.find_next_record()?;
            let detail = format!(
                "no end of a header within {} bytes",
                self.limits.max_header_bytes
            );
            return Ok(self.bad(rules::HEADER_TOO_LONG, begun, start, n_bytes, detail));
        };
        let fields = Fields::parse(&head);
        begun.origin = origin(&fields);
        let stated = fields
            .get("content-length")
            .and_then(|value| value.parse::<u64>().ok());
        let Some(stated) = stated else {
            let n_bytes = self.find_next_record()?;
            let detail = "a record without a readable Content-Length".to_owned();
            return Ok(self.bad(rules::WARC_DAMAGED, begun, start, n_bytes, detail));
        };
        if stated > self.limits.max_record_bytes && !self.is_beyond_file(stated) {
            return self.too_large(begun, start, stated);
        }
        let mut block = Vec::new();
        let block_end = self.block(&mut block, stated)?;
        let end = self.stream.position();
        // Only now is the checksum of a gzip member read.
        let (n_blank, is_boundary) = match self.boundary() {
            Ok(found) => found,
            Err(Fault::Damage(damage)) if self.is_sound(start) && block_end == BlockEnd::Stated => {
                // The damage is that of the next member.
                let damaged = self.after_damage(&Begun::default(), damage)?;
                self.waiting = Some(damaged);
                (0, true)
            }
            Err(fault) => return Err(fault),
        };
        if block_end == BlockEnd::Stated && is_boundary {
            let location = self.location(begun, start, end);
            let record = WarcRecord {
                fields,
                block,
                location,
                is_short: false,
            };
            return Ok(WarcStep::Record(Box::new(record), start));
        }
        let read = ReadBlock {
            block,
            block_end,
            end,
            n_blank,
        };
        self.lied(begun, start, fields, read, stated)
    }

    /// A record whose stated length is not that of its block.
    fn lied(
        &mut self,
        begun: &Begun,
        start: u64,
        fields: Fields,
        read: ReadBlock,
        stated: u64,
    ) -> Result<WarcStep, Fault> {
        let ReadBlock {
            mut block,
            block_end,
            end,
            n_blank,
        } = read;
        // If the length is too great, another record is inside the block.
        let cut = embedded_record(&block);
        if let Some(cut) = cut {
            let n_behind = (block.len() - cut) as u64;
            if !self.stream.return_to(end - n_behind)? {
                // A compressed stream cannot go back; of the empty lines only the length counts.
                let n_blank = usize::try_from(n_blank).unwrap_or(0);
                self.stream
                    .unread(&[&block[cut..], &vec![b'\n'; n_blank]].concat());
            }
            block.truncate(cut);
        } else if block_end == BlockEnd::Input && !self.is_slice_end() {
            let n_bytes = block.len() as u64;
            let detail = format!("{n_bytes} of {stated} bytes are there");
            return Ok(self.bad(rules::WARC_TRUNCATED, begun, start, n_bytes, detail));
        }
        let is_too_small = cut.is_none() && block_end == BlockEnd::Stated;
        let end = self.stream.position();
        let n_junk = if is_too_small {
            self.find_next_record()?
        } else {
            0
        };
        while block
            .last()
            .is_some_and(|byte| matches!(byte, b'\r' | b'\n'))
        {
            block.pop();
        }
        let n_bytes = block.len() as u64;
        let location = self.location(begun, start, end);
        self.waiting = Some(WarcStep::Bad {
            rule: rules::HEADER_LIE,
            origin: begun.origin.clone(),
            location: location.clone(),
            n_bytes: n_junk,
            detail: format!(
                "Content-Length {stated}, but the next record is {} bytes on",
                n_bytes + n_junk
            ),
        });
        let record = WarcRecord {
            fields,
            block,
            location,
            is_short: is_too_small,
        };
        Ok(WarcStep::Record(Box::new(record), start))
    }

    /// Header lines up to the empty one; `None` if it does not come in time.
    fn head(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        let max = usize::try_from(self.limits.max_header_bytes).unwrap_or(usize::MAX);
        let mut wanted = 4096;
        loop {
            let ahead = self.stream.peek(wanted)?;
            if let Some((head, rest)) = split_head(ahead) {
                let head = head.to_vec();
                let n_taken = ahead.len() - rest.len();
                self.stream.consume(n_taken);
                return Ok(Some(head));
            }
            if ahead.len() < wanted {
                // The end, or damage, which the next read tells.
                let n_bytes = ahead.len() as u64;
                let is_damaged = self.stream.is_damaged();
                if is_damaged {
                    self.stream.skip(n_bytes)?;
                    self.stream.peek(1)?;
                }
                return Ok(None);
            }
            if wanted >= max {
                return Ok(None);
            }
            wanted = (wanted * 4).min(max);
        }
    }

    /// Appends `stated` bytes to `block`; stops where a record begins with a gzip member.
    fn block(&mut self, block: &mut Vec<u8>, stated: u64) -> Result<BlockEnd, Fault> {
        let mut n_left = stated;
        while n_left > 0 {
            if block.len() as u64 >= self.limits.max_record_bytes {
                return Ok(BlockEnd::Input);
            }
            if self.is_by_member == Some(true)
                && self.stream.is_member_start()
                && self.stream.peek(5)? == b"WARC/"
            {
                return Ok(BlockEnd::Member);
            }
            let ahead = self.stream.ahead()?;
            if ahead.is_empty() {
                return Ok(BlockEnd::Input);
            }
            let mut n_taken = ahead
                .len()
                .min(usize::try_from(n_left).unwrap_or(usize::MAX));
            if let Some(n_bytes) = self.stream.bytes_to_member_end() {
                n_taken = n_taken.min(n_bytes.max(1));
            }
            block.extend_from_slice(&self.stream.ahead()?[..n_taken]);
            self.stream.consume(n_taken);
            n_left -= n_taken as u64;
        }
        Ok(BlockEnd::Stated)
    }

    /// A record above the limit: passed over, if its length is true.
    fn too_large(&mut self, begun: &Begun, start: u64, stated: u64) -> Result<WarcStep, Fault> {
        let from = self.stream.position();
        self.stream.skip(stated)?;
        let (_, is_boundary) = self.boundary()?;
        let mut n_bytes = stated;
        let mut detail = format!(
            "{stated} bytes, at most {} are read",
            self.limits.max_record_bytes
        );
        if !is_boundary {
            if self.stream.return_to(from)? {
                n_bytes = self.find_next_record()?;
            } else {
                n_bytes = n_bytes.saturating_add(self.find_next_record()?);
            }
            detail.push_str(", and no record behind them");
        }
        Ok(self.bad(rules::RECORD_TOO_LARGE, begun, start, n_bytes, detail))
    }

    /// Passes over empty lines; gives their bytes and whether a record or the end follows.
    fn boundary(&mut self) -> Result<(u64, bool), Fault> {
        let n_blank = self.skip_blank()?;
        let ahead = self.stream.peek(5)?;
        Ok((n_blank, ahead.is_empty() || ahead == b"WARC/"))
    }

    fn skip_blank(&mut self) -> Result<u64, Fault> {
        let mut n_blank = 0;
        loop {
            let ahead = self.stream.ahead()?;
            let n_more = ahead
                .iter()
                .take_while(|byte| matches!(byte, b'\r' | b'\n'))
                .count();
            let is_done = n_more < ahead.len() || ahead.is_empty();
            self.stream.consume(n_more);
            n_blank += n_more as u64;
            if is_done {
                return Ok(n_blank);
            }
        }
    }

    /// Goes to the next line that begins a record; gives the bytes passed over.
    fn find_next_record(&mut self) -> Result<u64, Fault> {
        const START: &[u8] = b"\nWARC/";
        let from = self.stream.position();
        self.stream.skip(1)?;
        loop {
            let ahead = self.stream.peek(64 << 10)?;
            if ahead.len() < START.len() {
                let n_bytes = ahead.len() as u64;
                self.stream.skip(n_bytes)?;
                return Ok(self.stream.position() - from);
            }
            let hit = memmem::find(ahead, START);
            let n_taken = hit.map_or(ahead.len() - (START.len() - 1), |hit| hit + 1);
            self.stream.consume(n_taken);
            if hit.is_some() {
                return Ok(self.stream.position() - from);
            }
            if self.stream.is_member_start() && self.stream.peek(5)? == b"WARC/" {
                return Ok(self.stream.position() - from);
            }
        }
    }

    /// Tells a damage of the compressed data and goes on at the next sound gzip member.
    fn after_damage(&mut self, begun: &Begun, damage: Damage) -> Result<WarcStep, Fault> {
        let (from, to) = self.stream.resync(b"WARC/")?.unwrap_or_else(|| {
            self.is_over = true;
            let from = begun.member.map_or(damage.stored, |member| member.stored);
            (from, self.size.max(from))
        });
        Ok(WarcStep::Bad {
            rule: damage.rule,
            origin: begun.origin.clone(),
            location: at(&self.file, from, to - from),
            n_bytes: to - from,
            detail: damage.detail,
        })
    }

    /// Whether the bytes around `start` are known to be sound, whatever comes behind them.
    fn is_sound(&self, start: u64) -> bool {
        let member = self
            .stream
            .members()
            .and_then(|members| members.member_of(start));
        self.is_by_member == Some(false) || member.is_none_or(|member| member.stored_end.is_some())
    }

    /// Whether a block of `stated` bytes would end behind the file.
    fn is_beyond_file(&self, stated: u64) -> bool {
        !self.stream.is_compressed() && self.stream.position().saturating_add(stated) > self.size
    }

    /// Whether the stream ends because the slice does, which is where a record begins.
    fn is_slice_end(&self) -> bool {
        !self.stream.is_compressed() && self.stream.end() < self.size
    }

    fn bad(
        &mut self,
        rule: &'static Rule,
        begun: &Begun,
        start: u64,
        n_bytes: u64,
        detail: String,
    ) -> WarcStep {
        let location = self.location(begun, start, start.saturating_add(n_bytes));
        WarcStep::Bad {
            rule,
            origin: begun.origin.clone(),
            location,
            n_bytes,
            detail,
        }
    }

    /// Where bytes `start..end` of the stream are stored.
    fn location(&mut self, begun: &Begun, start: u64, end: u64) -> Location {
        let plain = at(&self.file, start, end.saturating_sub(start));
        let Some(members) = self.stream.members() else {
            return plain;
        };
        let Some(member) = members.member_of(start).or(begun.member) else {
            return plain;
        };
        let is_alone = self.stream.is_member_start() || self.stream.is_at_end();
        let is_by_member = *self
            .is_by_member
            .get_or_insert(member.decoded == start && is_alone);
        if !is_by_member {
            return plain;
        }
        let n_before = match self.last_member {
            Some((stored, n_records)) if stored == member.stored => n_records,
            _ => 0,
        };
        self.last_member = Some((member.stored, n_before + 1));
        let length = member.stored_end.unwrap_or(member.stored) - member.stored;
        let row = (n_before > 0).then_some(n_before);
        Location {
            row,
            ..at(&self.file, member.stored, length)
        }
    }
}

/// What is known of a record before it is read.
#[derive(Default)]
struct Begun {
    member: Option<Member>,
    origin: Option<String>,
}

/// A block as it was read, with as much as its header states.
struct ReadBlock {
    block: Vec<u8>,
    block_end: BlockEnd,
    /// Position behind it.
    end: u64,
    /// Empty lines passed over behind it, in bytes.
    n_blank: u64,
}

/// Why a block ends where it does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum BlockEnd {
    /// Its stated length is reached.
    Stated,
    /// A gzip member begins, and a record with it.
    Member,
    /// The input or the limit ends.
    Input,
}

/// URL of a record, else its id.
pub(crate) fn origin(fields: &Fields) -> Option<String> {
    let url = fields
        .get("warc-target-uri")
        .or_else(|| fields.get("warc-record-id"));
    url.map(bare).map(str::to_owned)
}

/// `x` of `<x>`.
pub(crate) fn bare(value: &str) -> &str {
    value.trim().trim_start_matches('<').trim_end_matches('>')
}

/// Position of a record's first byte inside `block`.
fn embedded_record(block: &[u8]) -> Option<usize> {
    memmem::find_iter(block, b"\nWARC/")
        .map(|hit| hit + 1)
        .find(|&hit| {
            let version = block[hit..]
                .split(|&byte| byte == b'\n')
                .next()
                .unwrap_or_default();
            let fields = &block[(hit + version.len() + 1).min(block.len())..];
            version.len() <= 12 && (fields.starts_with(b"WARC-") || fields.starts_with(b"Content-"))
        })
}

/// Position of the next record of a plain file, for cutting it into slices; `None` at the end.
pub(crate) fn next_record(walk: &mut WarcWalk) -> Result<Option<u64>, Fault> {
    loop {
        match walk.step()? {
            WarcStep::Record(_, start) => return Ok(Some(start)),
            WarcStep::Bad { .. } => {}
            WarcStep::End => return Ok(None),
        }
    }
}
