//! Gzip, member by member: where each begins and ends, and how to go on after a damaged one.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;
use memchr::memmem;

use crate::Limits;
use crate::disk::Disk;

/// One gzip member that was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// Its first byte as stored.
    pub stored: u64,
    /// One past its last byte as stored; `None` while it is being read.
    pub stored_end: Option<u64>,
    /// Position of its first byte in the decompressed stream.
    pub decoded: u64,
}

/// Reads the members of a gzip file as one stream; no single read crosses a member's end.
pub(crate) struct Members {
    state: State,
    recent: VecDeque<Member>, // those that may still matter, oldest first
    decoded: u64,
    limits: Limits,
}

enum State {
    Between(Disk),
    Inside(Box<GzDecoder<Disk>>),
    Lost, // only while the disk moves from one state to the other
}

/// Members remembered before the one that is being taken.
const MAX_PAST: usize = 64;

impl Members {
    pub(crate) fn new(disk: Disk, limits: &Limits) -> Self {
        Self {
            state: State::Between(disk),
            recent: VecDeque::new(),
            decoded: 0,
            limits: limits.clone(),
        }
    }

    /// The member in which byte `decoded` of the stream lies.
    pub(crate) fn member_of(&self, decoded: u64) -> Option<Member> {
        self.recent
            .iter()
            .rev()
            .find(|member| member.decoded <= decoded)
            .copied()
    }

    /// Forgets members that lie well before byte `decoded` of the stream.
    pub(crate) fn forget_before(&mut self, decoded: u64) {
        while self
            .recent
            .get(MAX_PAST)
            .is_some_and(|member| member.decoded <= decoded)
        {
            self.recent.pop_front();
        }
    }

    /// The first member that begins behind byte `decoded` of the stream.
    pub(crate) fn member_after(&self, decoded: u64) -> Option<Member> {
        self.recent
            .iter()
            .find(|member| member.decoded > decoded)
            .copied()
    }

    /// Next byte of the disk.
    pub(crate) fn stored_position(&self) -> u64 {
        match &self.state {
            State::Between(disk) => disk.position(),
            State::Inside(decoder) => decoder.get_ref().position(),
            State::Lost => 0,
        }
    }

    /// Name that the gzip header of the current member carries.
    pub(crate) fn file_name(&self) -> Option<&[u8]> {
        match &self.state {
            State::Inside(decoder) => decoder.header().and_then(|header| header.filename()),
            _ => None,
        }
    }

    /// After damage: goes to the next member whose content begins with `start`.
    ///
    /// Gives the stored positions at which the damaged member began and at which reading goes on
    /// (`None` at the end of the file).
    pub(crate) fn resync(&mut self, start: &[u8]) -> io::Result<(u64, Option<u64>)> {
        let from = match self.recent.back() {
            Some(member) if member.stored_end.is_none() => member.stored,
            _ => self.stored_position(),
        };
        let mut disk = self.take_disk();
        let found = find_member(&mut disk, from + 1, start, self.limits.max_resync_tries);
        if let Ok(Some(position)) = found {
            disk.go_to(position)?;
        }
        self.state = State::Between(disk);
        if let Some(member) = self.recent.back_mut() {
            member.stored_end.get_or_insert(from);
        }
        found.map(|position| (from, position))
    }

    fn take_disk(&mut self) -> Disk {
        match std::mem::replace(&mut self.state, State::Lost) {
            State::Between(disk) => disk,
            State::Inside(decoder) => decoder.into_inner(),
            State::Lost => unreachable!("every method puts the disk back"),
        }
    }

    /// Steps into the next member; `false` at the end of the file.
    fn begin(&mut self) -> io::Result<bool> {
        let State::Between(disk) = &mut self.state else {
            return Ok(true);
        };
        // Tapes and some copying tools pad with zeros.
        loop {
            let ahead = disk.fill_buf()?;
            let n_zeros = ahead.iter().take_while(|&&byte| byte == 0).count();
            let n_ahead = ahead.len();
            disk.consume(n_zeros);
            if n_ahead == 0 {
                return Ok(false);
            }
            if n_zeros < n_ahead {
                break;
            }
        }
        let stored = disk.position();
        let disk = self.take_disk();
        // An empty member holds nothing that could be asked for.
        if self
            .recent
            .back()
            .is_some_and(|member| member.decoded == self.decoded)
        {
            self.recent.pop_back();
        }
        self.recent.push_back(Member {
            stored,
            stored_end: None,
            decoded: self.decoded,
        });
        self.state = State::Inside(Box::new(GzDecoder::new(disk)));
        Ok(true)
    }
}

impl Read for Members {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        while self.begin()? {
            let State::Inside(decoder) = &mut self.state else {
                break;
            };
            let n_read = decoder.read(into)?;
            if n_read > 0 {
                self.decoded += n_read as u64;
                return Ok(n_read);
            }
            let disk = self.take_disk();
            if let Some(member) = self.recent.back_mut() {
                member.stored_end = Some(disk.position());
            }
            self.state = State::Between(disk);
        }
        Ok(0)
    }
}

/// Position of the first gzip member at or after `from` whose content begins with `start`.
fn find_member(
    disk: &mut Disk,
    from: u64,
    start: &[u8],
    max_tries: u64,
) -> io::Result<Option<u64>> {
    const MAGIC: &[u8] = &[0x1f, 0x8b, 0x08];
    const KEPT_BYTES: usize = 4096; // a candidate is tried on at least so many bytes
    let mut n_tries = 0;
    let mut window: Vec<u8> = Vec::new();
    let mut window_at = from;
    disk.go_to(from)?;
    loop {
        let ahead = disk.fill_buf()?;
        let is_last = ahead.is_empty();
        window.extend_from_slice(ahead);
        let n_ahead = ahead.len();
        disk.consume(n_ahead);
        let usable = if is_last {
            window.len()
        } else {
            window.len().saturating_sub(KEPT_BYTES)
        };
        for hit in memmem::find_iter(&window, MAGIC) {
            if hit >= usable {
                break;
            }
            n_tries += 1;
            if n_tries > max_tries {
                return Ok(None);
            }
            let mut head = vec![0; start.len()];
            let sample = &window[hit..window.len().min(hit + KEPT_BYTES)];
            if GzDecoder::new(sample).read_exact(&mut head).is_ok() && head == start {
                return Ok(Some(window_at + hit as u64));
            }
        }
        if is_last {
            return Ok(None);
        }
        window.drain(..usable);
        window_at += usable as u64;
    }
}
