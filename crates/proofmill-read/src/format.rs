//! Which format a file has: told by its first bytes, by its name only where these leave a choice.

use std::io;

use proofmill_types::Kind;

use crate::cell::parse_row;
use crate::disk::{Progress, Raw};
use crate::sniff;
use crate::stream::{Compression, Fault, Stream};
use crate::tar::{self, MemberKind, Step, TarWalk};
use crate::{InputFile, Limits, paper_id};

/// A format of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Format {
    Parquet,
    JsonLines,
    JsonArray,
    Warc,
    /// A gzip WARC file whose first bytes are damaged.
    DamagedWarc,
    /// A tar of submissions.
    BulkTar,
    /// A tar of source files.
    CodeTar,
    /// One submission as arXiv packs it.
    Submission,
    /// A document of its own: HTML, source code, text.
    Document,
    /// Nothing that this kind of source reads.
    Unknown,
}

/// Bytes of the decompressed head that are looked at.
const HEAD_BYTES: usize = 64 << 10;

/// Recognises the format of `file`.
pub(crate) fn recognise(
    file: &InputFile,
    kind: Kind,
    limits: &Limits,
    again: &dyn Fn() -> io::Result<Box<dyn Raw>>,
) -> Result<Format, Fault> {
    let raw = again().map_err(Fault::Disk)?;
    let mut stream =
        Stream::open(raw, 0, file.n_bytes, limits, Progress::default()).map_err(Fault::Disk)?;
    let is_compressed = stream.is_compressed();
    let name = file.name.to_ascii_lowercase();
    let is_warc_name = name.contains(".warc") || name.contains(".wet") || name.contains(".wat");
    let head = match stream.peek(HEAD_BYTES) {
        Ok(head) => head,
        // A damaged first member is no reason to lose the others.
        Err(Fault::Damage(_)) if kind == Kind::Web && is_warc_name => return Ok(Format::Warc),
        Err(_) if kind == Kind::Arxiv => return Ok(Format::Submission),
        Err(fault) => return Err(fault),
    };
    if head.starts_with(b"PAR1") && !is_compressed && kind != Kind::Arxiv && kind != Kind::Web {
        return Ok(Format::Parquet);
    }
    let start = sniff::skip_blank(head).first().copied();
    Ok(match kind {
        Kind::Arxiv => {
            if !tar::is_tar(head)
                && Compression::of(head) == Compression::None
                && !has_ending(&name, ".tar")
            {
                return Ok(Format::Submission);
            }
            let archive_end = (!is_compressed).then_some(file.n_bytes);
            if is_bulk(&mut TarWalk::new(stream, archive_end))? {
                Format::BulkTar
            } else {
                Format::Submission
            }
        }
        Kind::Web
            if is_warc_name
                && has_ending(&name, ".gz")
                && !is_compressed
                && !head.trim_ascii_start().starts_with(b"WARC/") =>
        {
            Format::DamagedWarc
        }
        Kind::Web if is_warc_name || head.trim_ascii_start().starts_with(b"WARC/") => Format::Warc,
        Kind::Web => {
            let is_named_html = [".html", ".htm", ".xhtml"]
                .iter()
                .any(|end| name.ends_with(end));
            let is_html = sniff::is_html(head) || is_named_html;
            if is_html && !sniff::is_binary(head) {
                Format::Document
            } else {
                Format::Unknown
            }
        }
        Kind::Code => {
            let is_rows_name = [".jsonl", ".ndjson"].iter().any(|end| name.contains(end))
                || (name.contains(".json") && file.under.is_none());
            match start {
                _ if is_archive_name(&name) && tar::is_tar(head) => Format::CodeTar,
                Some(b'[') if is_rows_name => Format::JsonArray,
                Some(_) if is_rows_name => rows_format(&name, head),
                _ if sniff::is_binary(head) => Format::Unknown,
                _ => Format::Document,
            }
        }
        Kind::ProofSteps => match start {
            _ if sniff::is_binary(head) => Format::Unknown,
            Some(b'[') => Format::JsonArray,
            // Theorems line by line are read as such; steps line by line make proofs only together.
            Some(b'{') if memchr::memmem::find(head, b"\"traced_tactics\"").is_some() => {
                rows_format(&name, head)
            }
            _ => Format::Document,
        },
        Kind::Text | Kind::Instruct => {
            let is_prose = [".txt", ".md", ".tex", ".rst"]
                .iter()
                .any(|end| name.contains(end));
            // Rows beside a hole of NULs are sound: what is named so is read line by line.
            let is_rows_name = name.contains(".json") || name.contains(".ndjson");
            match start {
                _ if sniff::is_binary(head) && !is_rows_name => Format::Unknown,
                _ if is_prose && kind == Kind::Text && !name.contains(".json") => Format::Document,
                Some(b'[') if !name.contains(".jsonl") => Format::JsonArray,
                Some(b'{') => rows_format(&name, head),
                _ if name.contains(".json") || kind == Kind::Instruct => Format::JsonLines,
                _ => Format::Document,
            }
        }
    })
}

/// Whether a name is that of a tar, compressed or not; in sources of code only such files are taken for
/// one.
#[must_use]
pub fn is_archive_name(name: &str) -> bool {
    let name = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    let endings = [".tar", ".tgz", ".tbz2", ".txz", ".tzst"];
    endings.iter().any(|end| name.ends_with(end)) || name.contains(".tar.")
}

/// Whether a name, in lower case, has this ending.
fn has_ending(name: &str, ending: &str) -> bool {
    name.ends_with(ending)
}

/// JSON lines; or objects that go over several lines, which some call `.json`.
fn rows_format(name: &str, head: &[u8]) -> Format {
    if name.contains(".jsonl") || name.contains(".ndjson") || !name.contains(".json") {
        return Format::JsonLines;
    }
    match memchr::memchr(b'\n', head) {
        Some(end) if parse_row(&head[..end]).is_err() => Format::JsonArray,
        _ => Format::JsonLines,
    }
}

/// Whether a tar holds submissions rather than the files of one: its first file decides.
fn is_bulk(walk: &mut TarWalk) -> Result<bool, Fault> {
    loop {
        let step = match walk.step() {
            Ok(step) => step,
            Err(Fault::Damage(_)) => return Ok(false),
            Err(disk) => return Err(disk),
        };
        match step {
            None => return Ok(false),
            Some(Step::Member(member)) if member.kind == MemberKind::File => {
                let name = member.name.to_ascii_lowercase();
                if name
                    .rsplit('/')
                    .next()
                    .is_some_and(|name| name.starts_with('.'))
                {
                    continue;
                }
                let is_packed = [".gz", ".tgz"].iter().any(|end| name.ends_with(end));
                return Ok(
                    is_packed || paper_id::of_name(&member.name).is_some_and(|id| id.is_arxiv)
                );
            }
            Some(_) => {}
        }
    }
}
