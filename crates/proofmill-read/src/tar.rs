//! Walks a tar: members in order, damage resynchronised at the next header with a valid checksum.
//!
//! Reads v7, ustar, GNU (long names, base-256 sizes) and pax (`path`, `size`) headers. Content is
//! the caller's to take; what is not taken is skipped. A header's claims are never trusted with
//! memory: sizes are compared with what is there.

use std::borrow::Cow;

use memchr::memmem;

use crate::rules::{self, Rule};
use crate::stream::{Fault, Stream};

/// Bytes of a tar block.
pub(crate) const BLOCK_BYTES: u64 = 512;
/// Longest name or pax block that is read.
const MAX_EXTENSION_BYTES: u64 = 64 << 10;

/// What a member is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum MemberKind {
    File,
    Folder,
    Link,
    Special,
}

/// One member.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct TarMember {
    /// Path as written, undecodable bytes replaced.
    pub name: String,
    pub kind: MemberKind,
    /// Bytes of content.
    pub n_bytes: u64,
    /// Position of the first header that belongs to it.
    pub at: u64,
    /// Position of its content.
    pub content_at: u64,
}

/// One step of the walk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    Member(TarMember),
    /// Bytes that are no member; the walk goes on behind them.
    Bad {
        rule: &'static Rule,
        at: u64,
        n_bytes: u64,
        detail: String,
    },
}

/// A walk over the tar in a stream.
pub(crate) struct TarWalk {
    stream: Stream,
    /// End of the whole archive where known; a slice of it may end earlier.
    archive_end: Option<u64>,
    next_at: u64,     // position of the next header
    content_end: u64, // of the last member
}

impl TarWalk {
    /// Walks `stream` from where it is; `archive_end` is the size of the whole archive, if known.
    pub(crate) fn new(stream: Stream, archive_end: Option<u64>) -> Self {
        let next_at = stream.position();
        Self {
            stream,
            archive_end,
            next_at,
            content_end: next_at,
        }
    }

    /// The stream itself.
    pub(crate) fn stream(&mut self) -> &mut Stream {
        &mut self.stream
    }

    /// Content of the member that the last step gave, which must not have been taken yet; short if
    /// the archive ends in it.
    pub(crate) fn content(&mut self, member: &TarMember) -> Result<Vec<u8>, Fault> {
        let mut content = Vec::new();
        let n_read = self.stream.read_into(&mut content, member.n_bytes)?;
        if n_read < member.n_bytes {
            self.next_at = self.stream.position();
            self.content_end = self.next_at;
        }
        Ok(content)
    }

    /// The next member or damage; `None` at the end.
    pub(crate) fn step(&mut self) -> Result<Option<Step>, Fault> {
        if self.stream.position() < self.next_at {
            match self.leave_member()? {
                Left::Whole => {}
                Left::WithoutPadding => return Ok(None),
                Left::Cut(step) => return Ok(Some(step)),
            }
        }
        let mut begun = Begun::default();
        loop {
            let at = self.stream.position();
            let start_at = *begun.at.get_or_insert(at);
            let block = self.stream.peek(512)?;
            if block.is_empty() {
                return Ok(None);
            }
            let Ok(block) = <&[u8; 512]>::try_from(block) else {
                if let Some(step) = self.cut_block()? {
                    return Ok(Some(step));
                }
                continue;
            };
            if block.iter().all(|&byte| byte == 0) {
                self.stream.consume(512);
                self.next_at = self.stream.position();
                begun.at = None;
                continue;
            }
            let Some(header) = Header::parse(block) else {
                return self.resync(start_at).map(Some);
            };
            let n_bytes = match header.kind {
                b'1'..=b'6' => 0, // links, devices and folders have no content, whatever they say
                _ => begun.long_size.unwrap_or(header.n_bytes),
            };
            let content_at = at + BLOCK_BYTES;
            let content_end = content_at.saturating_add(n_bytes);
            if self.archive_end.is_some_and(|end| content_end > end) {
                return self
                    .overlong(&header, start_at, content_at, n_bytes)
                    .map(Some);
            }
            self.stream.consume(512);
            self.content_end = content_end;
            let padding = (BLOCK_BYTES - n_bytes % BLOCK_BYTES) % BLOCK_BYTES;
            self.next_at = content_end.saturating_add(padding);
            if matches!(header.kind, b'L' | b'K' | b'x' | b'g') {
                let extension = self.extension(n_bytes)?;
                begun.extend(header.kind, &extension);
                continue;
            }
            let name = begun.long_name.unwrap_or(header.name);
            let name = String::from_utf8_lossy(&name).into_owned();
            let kind = MemberKind::of(header.kind, &name);
            let member = TarMember {
                name,
                kind,
                n_bytes,
                at: start_at,
                content_at,
            };
            return Ok(Some(Step::Member(member)));
        }
    }

    /// Passes over what is left of the last member.
    fn leave_member(&mut self) -> Result<Left, Fault> {
        self.stream.skip(self.next_at - self.stream.position())?;
        let there = self.stream.position();
        if there < self.content_end {
            let n_missing = self.content_end - there;
            self.next_at = there;
            let detail = format!("the archive ends {n_missing} bytes before a member does");
            let rule = rules::TAR_TRUNCATED;
            return Ok(Left::Cut(Step::Bad {
                rule,
                at: there,
                n_bytes: 0,
                detail,
            }));
        }
        Ok(if there < self.next_at {
            Left::WithoutPadding
        } else {
            Left::Whole
        })
    }

    /// Passes over the last bytes of an archive, too few for a header; padding is no damage.
    fn cut_block(&mut self) -> Result<Option<Step>, Fault> {
        let at = self.stream.position();
        let block = self.stream.peek(512)?;
        let n_bytes = block.len() as u64;
        let is_padding = block.iter().all(|&byte| byte == 0);
        self.stream.skip(n_bytes)?;
        self.next_at = self.stream.position();
        let detail = format!("{n_bytes} bytes where a header of 512 should be");
        let rule = rules::TAR_TRUNCATED;
        Ok((!is_padding).then_some(Step::Bad {
            rule,
            at,
            n_bytes,
            detail,
        }))
    }

    /// Content of a name or pax header, bounded; goes to the header behind it.
    fn extension(&mut self, n_bytes: u64) -> Result<Vec<u8>, Fault> {
        let mut content = Vec::new();
        self.stream
            .read_into(&mut content, n_bytes.min(MAX_EXTENSION_BYTES))?;
        let here = self.stream.position();
        self.stream.skip(self.next_at.saturating_sub(here))?;
        Ok(content)
    }

    /// A header whose content cannot be there: searches on right behind it.
    fn overlong(
        &mut self,
        header: &Header,
        at: u64,
        content_at: u64,
        n_bytes: u64,
    ) -> Result<Step, Fault> {
        let n_left = self
            .archive_end
            .unwrap_or(u64::MAX)
            .saturating_sub(content_at);
        let name = String::from_utf8_lossy(&header.name).into_owned();
        self.stream.consume(512);
        let n_lost = self.find_next_header(at)?;
        Ok(Step::Bad {
            rule: rules::HEADER_LIE,
            at,
            n_bytes: n_lost,
            detail: format!("`{name}` claims {n_bytes} bytes, {n_left} are left"),
        })
    }

    fn resync(&mut self, at: u64) -> Result<Step, Fault> {
        self.stream.consume(512);
        let n_bytes = self.find_next_header(at)?;
        let detail = format!("{n_bytes} bytes without a valid header");
        Ok(Step::Bad {
            rule: rules::TAR_DAMAGED,
            at,
            n_bytes,
            detail,
        })
    }

    /// Goes to the next valid header: at a whole number of blocks, or wherever `ustar` stands in one,
    /// since bytes may be missing. Gives the bytes passed over since `at`.
    fn find_next_header(&mut self, at: u64) -> Result<u64, Fault> {
        const WINDOW_BYTES: usize = 64 << 10;
        loop {
            let window = match self.stream.peek(WINDOW_BYTES) {
                Ok(window) => window,
                // Damage further on ends the archive here; it is told by the next step.
                Err(Fault::Damage(_)) => break,
                Err(disk) => return Err(disk),
            };
            let is_header = |&start: &usize| {
                let block = window
                    .get(start..)
                    .and_then(|rest| rest.first_chunk::<512>());
                block.is_some_and(|block| Header::parse(block).is_some())
            };
            let aligned = (0..window.len()).step_by(512).find(is_header);
            let magics = memmem::find_iter(window, b"ustar");
            let shifted = magics
                .filter_map(|magic| magic.checked_sub(257))
                .find(is_header);
            let found = [aligned, shifted].into_iter().flatten().min();
            let is_last = window.len() < WINDOW_BYTES;
            // A header may lie across the end of the window.
            let n_passed = match found {
                Some(start) => start,
                None if is_last => window.len(),
                None => WINDOW_BYTES - 512,
            };
            self.stream.consume(n_passed);
            if found.is_some() || is_last {
                break;
            }
        }
        self.next_at = self.stream.position();
        Ok(self.next_at - at)
    }
}

/// How a member ends.
enum Left {
    Whole,
    /// The archive ends with its content: nothing is lost.
    WithoutPadding,
    /// The archive ends inside it.
    Cut(Step),
}

/// What stands before the header of a member.
#[derive(Default)]
struct Begun {
    at: Option<u64>,
    long_name: Option<Vec<u8>>,
    long_size: Option<u64>,
}

impl Begun {
    /// Takes a GNU name or pax header; names of links and global headers mean nothing to us.
    fn extend(&mut self, kind: u8, content: &[u8]) {
        if kind == b'L' {
            self.long_name = Some(until_nul(content).to_vec());
        }
        if kind == b'x' {
            for (key, value) in pax_fields(content) {
                match key {
                    b"path" => self.long_name = Some(value.to_vec()),
                    b"size" => {
                        let text = std::str::from_utf8(value).ok();
                        self.long_size = text.and_then(|text| text.parse().ok());
                    }
                    _ => {}
                }
            }
        }
    }
}

impl MemberKind {
    fn of(kind: u8, name: &str) -> Self {
        match kind {
            b'1' | b'2' => Self::Link,
            b'3' | b'4' | b'6' => Self::Special,
            b'5' => Self::Folder,
            _ if name.ends_with('/') => Self::Folder,
            _ => Self::File,
        }
    }
}

/// Whether `head`, the first bytes of some data, begins a tar.
pub(crate) fn is_tar(head: &[u8]) -> bool {
    head.first_chunk::<512>()
        .is_some_and(|block| Header::parse(block).is_some())
}

/// Path of a member without `.` and empty parts; `None` if it is absolute, leaves the archive or
/// holds a control character.
pub(crate) fn safe_path(name: &str) -> Option<Cow<'_, str>> {
    let is_absolute = name.starts_with(['/', '\\']) || name.as_bytes().get(1) == Some(&b':');
    if is_absolute || name.contains(|c: char| c.is_control()) {
        return None;
    }
    let is_idle = |part: &str| part.is_empty() || part == ".";
    if name.split(['/', '\\']).any(|part| part == "..") {
        return None;
    }
    if name.split('/').any(is_idle) {
        let parts: Vec<&str> = name.split('/').filter(|part| !is_idle(part)).collect();
        return Some(Cow::Owned(parts.join("/")));
    }
    Some(Cow::Borrowed(name))
}

struct Header {
    name: Vec<u8>,
    kind: u8,
    n_bytes: u64,
}

impl Header {
    /// Reads a header block; `None` unless its checksum and its size are sound.
    fn parse(block: &[u8; 512]) -> Option<Self> {
        let stated = octal(&block[148..156])?;
        let sum = |signed: bool| -> i64 {
            let value = |byte: u8| {
                if signed {
                    i64::from(byte.cast_signed())
                } else {
                    i64::from(byte)
                }
            };
            let bytes = block.iter().enumerate();
            bytes
                .map(|(i, &byte)| {
                    if (148..156).contains(&i) {
                        32
                    } else {
                        value(byte)
                    }
                })
                .sum()
        };
        let stated = i64::try_from(stated).ok()?;
        if stated != sum(false) && stated != sum(true) {
            return None;
        }
        let n_bytes = number(&block[124..136])?;
        let mut name = until_nul(&block[..100]).to_vec();
        // GNU headers keep times where ustar keeps a prefix.
        if &block[257..263] == b"ustar\0" {
            let prefix = until_nul(&block[345..500]);
            if !prefix.is_empty() {
                name = [prefix, b"/", &name].concat();
            }
        }
        (!name.is_empty()).then_some(Self {
            name,
            kind: block[156],
            n_bytes,
        })
    }
}

/// An octal field, padded with spaces and NULs on either side; base-256 if its top bit is set.
fn number(field: &[u8]) -> Option<u64> {
    if field.first().is_some_and(|byte| byte & 0x80 != 0) {
        let (high, low) = field.split_at(field.len().saturating_sub(8));
        let is_fitting = high
            .iter()
            .enumerate()
            .all(|(i, &b)| b == if i == 0 { 0x80 } else { 0 });
        let low: [u8; 8] = low.try_into().ok()?;
        return is_fitting.then(|| u64::from_be_bytes(low));
    }
    octal(field)
}

fn octal(field: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(field).ok()?.trim_matches(['\0', ' ']);
    if text.is_empty() {
        return Some(0);
    }
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| u64::from_str_radix(text, 8).ok())?
}

fn until_nul(field: &[u8]) -> &[u8] {
    &field[..memchr::memchr(0, field).unwrap_or(field.len())]
}

/// Keys and values of a pax block (`LENGTH KEY=VALUE\n`), up to the first that is malformed.
fn pax_fields(mut block: &[u8]) -> Vec<(&[u8], &[u8])> {
    let mut fields = Vec::new();
    while let Some(space) = memchr::memchr(b' ', block) {
        let length = std::str::from_utf8(&block[..space])
            .ok()
            .and_then(|text| text.parse().ok());
        let Some(line) = length.and_then(|length: usize| block.get(space + 1..length)) else {
            break;
        };
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let Some(equals) = memchr::memchr(b'=', line) else {
            break;
        };
        fields.push((&line[..equals], &line[equals + 1..]));
        block = &block[space + 1 + line.len()..];
        block = block.strip_prefix(b"\n").unwrap_or(block);
    }
    fields
}
