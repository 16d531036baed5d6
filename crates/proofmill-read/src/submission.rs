//! One arXiv submission: what arXiv packed, unpacked in memory.
//!
//! A submission is one TeX file or a tar of a folder, compressed or not. Only text that TeX reads
//! is kept. What has no TeX becomes a [`BadRecord`](proofmill_types::BadRecord) that says what it is
//! instead; a member that must not be unpacked (a link, a path outside) is refused and counted
//! beside the record of the rest.

use std::sync::Arc;

use proofmill_types::{Body, Location, Record, SourceFile, Submission};

use crate::Limits;
use crate::entry::{Entry, at};
use crate::metadata::Metadata;
use crate::paper_id::PaperId;
use crate::rules::{self, Rule};
use crate::sniff::{self, Content};
use crate::stream::{Compression, Damage, Fault, Stream};
use crate::tar::{self, MemberKind, Step, TarMember, TarWalk};

/// What TeX may read, by ending; kept unless it is binary.
const TEXT_ENDINGS: [&str; 24] = [
    "tex", "ltx", "latex", "sty", "cls", "bbl", "bib", "bst", "def", "clo", "txt", "cfg", "fd",
    "tikz", "pgf", "inc", "inp", "bbx", "cbx", "lbx", "ldf", "mac", "dtx", "md",
];
/// Figures, data and scripts: never kept, even if they hold a backslash.
const OTHER_ENDINGS: [&str; 32] = [
    "eps", "ps", "pdf", "png", "jpg", "jpeg", "gif", "svg", "tif", "tiff", "bmp", "epsi", "epsf",
    "csv", "dat", "tsv", "json", "xml", "html", "htm", "zip", "gz", "py", "m", "c", "cpp", "h",
    "nb", "ipynb", "log", "aux", "js",
];
/// Members refused, described by name in the detail of their row.
const MAX_NAMED: usize = 3;

/// Where a submission lies and what it is called.
pub(crate) struct Packed<'a> {
    pub id: PaperId,
    pub location: Location,
    pub metadata: Option<&'a Metadata>,
    pub limits: &'a Limits,
}

impl Packed<'_> {
    /// Unpacks `bytes` as they were stored.
    pub(crate) fn unpack(&self, bytes: Vec<u8>) -> Result<Vec<Entry>, Fault> {
        let n_stored = bytes.len() as u64;
        if bytes.is_empty() {
            return Ok(vec![self.bad(rules::EMPTY, 0, "a member of zero bytes")]);
        }
        match self.unpack_stream(bytes) {
            Ok(entries) => Ok(entries),
            Err(Fault::Damage(damage)) => Ok(vec![self.damaged(&damage, n_stored)]),
            Err(disk) => Err(disk),
        }
    }

    /// Puts together a submission from its files, already read from a folder.
    ///
    /// Each comes with its path, its bytes (none if it was not read) and its size.
    pub(crate) fn of_files(&self, files: Vec<(String, Vec<u8>, u64)>, n_bytes: u64) -> Vec<Entry> {
        let mut kept = Kept::default();
        for (path, bytes, size) in files {
            if may_be_text(&path) && size > self.limits.max_file_in_submission_bytes {
                kept.refuse(rules::FILE_TOO_LARGE, &path, size);
            } else {
                kept.add(&path, bytes);
            }
        }
        self.finish(kept, n_bytes)
    }

    fn unpack_stream(&self, bytes: Vec<u8>) -> Result<Vec<Entry>, Fault> {
        let mut stream = Stream::of_bytes(bytes, self.limits).map_err(Fault::Disk)?;
        let first = stream.peek(512)?;
        if Compression::of(first) != Compression::None && !tar::is_tar(first) {
            // Packed twice, as some uploads are: the inner one decides.
            let inner = self.read_all(&mut stream)?;
            stream = Stream::of_bytes(inner, self.limits).map_err(Fault::Disk)?;
        }
        if tar::is_tar(stream.peek(512)?) {
            return self.unpack_tar(stream);
        }
        let stored_name = stream.members().and_then(|members| members.file_name());
        let stored_name = stored_name.map(|name| String::from_utf8_lossy(name).into_owned());
        let content = self.read_all(&mut stream)?;
        Ok(vec![self.single(content, stored_name.as_deref())])
    }

    fn read_all(&self, stream: &mut Stream) -> Result<Vec<u8>, Fault> {
        let mut content = Vec::new();
        stream.read_into(&mut content, self.limits.max_submission_bytes)?;
        if !stream.peek(1)?.is_empty() {
            return Err(Self::bomb(
                stream,
                format!("more than {} bytes", content.len()),
            ));
        }
        Ok(content)
    }

    /// A submission of one file.
    fn single(&self, content: Vec<u8>, stored_name: Option<&str>) -> Entry {
        let n_bytes = content.len() as u64;
        if content.trim_ascii().is_empty() {
            return self.bad(rules::EMPTY, n_bytes, "nothing inside");
        }
        if is_withdrawn(&content) {
            return self.bad(rules::WITHDRAWN, n_bytes, first_line(&content));
        }
        let (rule, what) = match sniff::content_of(&content) {
            Content::Tex => {
                let name = stored_name.and_then(tar::safe_path);
                let name = name.as_deref().and_then(|name| name.rsplit('/').next());
                let path = match name {
                    Some(name) if !name.is_empty() => name.to_owned(),
                    _ => format!("{}.tex", self.id.family.replace('/', "")),
                };
                let files = vec![SourceFile {
                    path,
                    bytes: content,
                }];
                return self.record(files, n_bytes);
            }
            Content::Pdf => (rules::PDF_ONLY, "a PDF file"),
            Content::PostScript => (rules::PS_ONLY, "a PostScript file"),
            Content::Html => (rules::HTML_ONLY, "an HTML file"),
            Content::Text => (rules::NO_TEX, "text without TeX commands"),
            Content::Binary => (rules::NO_TEX, "a binary file"),
        };
        self.bad(rule, n_bytes, what)
    }

    fn unpack_tar(&self, stream: Stream) -> Result<Vec<Entry>, Fault> {
        let end = (stream.compression() == Compression::None).then(|| stream.end());
        let mut walk = TarWalk::new(stream, end);
        let mut kept = Kept::default();
        let mut n_members = 0;
        while let Some(step) = walk.step()? {
            n_members += 1;
            if n_members > self.limits.max_files_in_submission {
                let detail = format!("more than {} members", self.limits.max_files_in_submission);
                return Err(Self::bomb(walk.stream(), detail));
            }
            if walk.stream().position() > self.limits.max_unpacked_bytes {
                let detail = format!("more than {} bytes", self.limits.max_unpacked_bytes);
                return Err(Self::bomb(walk.stream(), detail));
            }
            match step {
                Step::Bad {
                    rule, detail, at, ..
                } => {
                    // A paper of which a part is missing is no paper.
                    let detail = format!("{detail}, at unpacked byte {at}");
                    let stored = walk.stream().stored_position();
                    return Err(Fault::Damage(Damage {
                        rule,
                        detail,
                        stored,
                    }));
                }
                Step::Member(member) => self.take(&mut walk, &member, &mut kept)?,
            }
        }
        // The checksum stands at the very end.
        while !walk.stream().ahead()?.is_empty() {
            let n_bytes = walk.stream().ahead()?.len();
            walk.stream().consume(n_bytes);
        }
        let n_bytes = kept.n_bytes;
        Ok(self.finish(kept, n_bytes))
    }

    fn take(&self, walk: &mut TarWalk, member: &TarMember, kept: &mut Kept) -> Result<(), Fault> {
        let refused = match member.kind {
            MemberKind::Link => Some(rules::LINK),
            MemberKind::Special => Some(rules::SPECIAL_FILE),
            _ if tar::safe_path(&member.name).is_none() => Some(rules::PATH_OUTSIDE),
            _ => None,
        };
        if let Some(rule) = refused {
            kept.refuse(rule, &member.name, member.n_bytes);
            return Ok(());
        }
        let Some(path) = tar::safe_path(&member.name) else {
            return Ok(());
        };
        if member.kind == MemberKind::Folder {
            return Ok(());
        }
        if !may_be_text(&path) {
            kept.note_other(&path);
            return Ok(());
        }
        if member.n_bytes > self.limits.max_file_in_submission_bytes {
            kept.refuse(rules::FILE_TOO_LARGE, &member.name, member.n_bytes);
            return Ok(());
        }
        let bytes = walk.content(member)?;
        if (bytes.len() as u64) < member.n_bytes {
            let stored = walk.stream().stored_position();
            let detail = format!(
                "`{path}` has {} of its {} bytes",
                bytes.len(),
                member.n_bytes
            );
            return Err(Fault::Damage(Damage {
                rule: rules::TAR_TRUNCATED,
                detail,
                stored,
            }));
        }
        kept.add(&path, bytes);
        if kept.n_bytes > self.limits.max_submission_bytes {
            let detail = format!(
                "more than {} bytes of text",
                self.limits.max_submission_bytes
            );
            return Err(Self::bomb(walk.stream(), detail));
        }
        Ok(())
    }

    /// The record of what was kept, or why there is none, and the members that were refused.
    fn finish(&self, kept: Kept, n_bytes: u64) -> Vec<Entry> {
        let mut entries = Vec::new();
        let refused = kept.refused;
        if kept.has_tex {
            let withdrawn = kept.files.len() == 1 && is_withdrawn(&kept.files[0].bytes);
            entries.push(if withdrawn {
                self.bad(rules::WITHDRAWN, n_bytes, first_line(&kept.files[0].bytes))
            } else {
                self.record(kept.files, n_bytes)
            });
        } else {
            let withdrawn = kept.files.iter().find(|file| is_withdrawn(&file.bytes));
            let (rule, detail) = match withdrawn {
                Some(file) => (rules::WITHDRAWN, first_line(&file.bytes)),
                None => kept.others.verdict(kept.files.len()),
            };
            entries.push(self.bad(rule, n_bytes, detail));
        }
        for refused in refused {
            let mut detail = refused.names.join(", ");
            if refused.n_members > refused.names.len() as u64 {
                detail = format!("{detail} and others, {} in all", refused.n_members);
            }
            let first = refused.names.first().map_or("", String::as_str);
            let origin = format!("{}:{first}", self.id.origin());
            let location = self.location.clone();
            entries.push(Entry::bad(
                refused.rule,
                origin,
                location,
                refused.n_bytes,
                detail,
            ));
        }
        entries
    }

    fn record(&self, files: Vec<SourceFile>, n_bytes: u64) -> Entry {
        let body = Body::Submission(Submission {
            family: self.id.family.clone(),
            version: self.id.version,
            license: self.metadata.and_then(|all| all.license(&self.id.family)),
            files,
        });
        let location = self.location.clone();
        Entry::Record(Record {
            origin: self.id.origin(),
            location,
            n_bytes,
            body,
        })
    }

    pub(crate) fn bad(
        &self,
        rule: &'static Rule,
        n_bytes: u64,
        detail: impl Into<String>,
    ) -> Entry {
        Entry::bad(
            rule,
            self.id.origin(),
            self.location.clone(),
            n_bytes,
            detail,
        )
    }

    /// The row of a submission whose bytes are damaged; positions count in the file that holds it.
    fn damaged(&self, damage: &Damage, n_stored: u64) -> Entry {
        let offset = self
            .location
            .offset
            .saturating_add(damage.stored.min(n_stored));
        let location = at(
            &Arc::clone(&self.location.file),
            self.location.offset,
            self.location.length,
        );
        let detail = format!("{} (byte {offset} of the file)", damage.detail);
        Entry::bad(damage.rule, self.id.origin(), location, n_stored, detail)
    }

    fn bomb(stream: &Stream, detail: String) -> Fault {
        let stored = stream.stored_position();
        Fault::Damage(Damage {
            rule: rules::ARCHIVE_BOMB,
            detail,
            stored,
        })
    }
}

/// What was taken out of a submission so far.
#[derive(Default)]
struct Kept {
    files: Vec<SourceFile>,
    n_bytes: u64,
    has_tex: bool,
    others: Others,
    refused: Vec<Refused>,
}

/// Members refused by one rule.
struct Refused {
    rule: &'static Rule,
    names: Vec<String>,
    n_members: u64,
    n_bytes: u64,
}

/// How many other files lie in a submission: tells why it has no TeX.
#[derive(Default)]
struct Others {
    pdf: u64,
    ps: u64,
    html: u64,
    all: u64,
}

impl Kept {
    /// Keeps a file if it is text that TeX reads.
    fn add(&mut self, path: &str, bytes: Vec<u8>) {
        if !may_be_text(path) {
            self.note_other(path);
            return;
        }
        let content = sniff::content_of(&bytes);
        let ending = ending(path);
        let is_named_text = TEXT_ENDINGS.contains(&ending.as_str()) || is_readme(path);
        let is_kept = match content {
            Content::Tex => true,
            Content::Text => is_named_text,
            Content::Html => {
                matches!(ending.as_str(), "tex" | "ltx" | "latex") && sniff::has_tex(&bytes)
            }
            Content::Pdf | Content::PostScript | Content::Binary => false,
        };
        if !is_kept {
            self.others.note(content, &ending);
            return;
        }
        let is_style = matches!(
            ending.as_str(),
            "sty"
                | "cls"
                | "bst"
                | "bbx"
                | "cbx"
                | "lbx"
                | "ldf"
                | "clo"
                | "fd"
                | "def"
                | "cfg"
                | "bib"
                | "bbl"
        );
        let is_named_tex = matches!(ending.as_str(), "tex" | "ltx" | "latex");
        self.has_tex |= is_named_tex || (content == Content::Tex && !is_style && !is_readme(path));
        self.n_bytes = self.n_bytes.saturating_add(bytes.len() as u64);
        self.files.push(SourceFile {
            path: path.to_owned(),
            bytes,
        });
    }

    fn note_other(&mut self, path: &str) {
        let ending = ending(path);
        self.others.note(Content::Binary, &ending);
    }

    fn refuse(&mut self, rule: &'static Rule, name: &str, n_bytes: u64) {
        let index = self.refused.iter().position(|refused| refused.rule == rule);
        let index = index.unwrap_or_else(|| {
            self.refused.push(Refused {
                rule,
                names: Vec::new(),
                n_members: 0,
                n_bytes: 0,
            });
            self.refused.len() - 1
        });
        let refused = &mut self.refused[index];
        refused.n_members += 1;
        refused.n_bytes = refused.n_bytes.saturating_add(n_bytes);
        if refused.names.len() < MAX_NAMED {
            refused
                .names
                .push(name.chars().filter(|c| !c.is_control()).take(200).collect());
        }
    }
}

impl Others {
    fn note(&mut self, content: Content, ending: &str) {
        self.all += 1;
        match (content, ending) {
            (Content::Pdf, _) | (_, "pdf") => self.pdf += 1,
            (Content::PostScript, _) | (_, "ps" | "eps") => self.ps += 1,
            (Content::Html, _) | (_, "html" | "htm") => self.html += 1,
            _ => {}
        }
    }

    /// Why a submission of these files and `n_texts` plain texts holds no paper in TeX.
    fn verdict(&self, n_texts: usize) -> (&'static Rule, String) {
        let n_files = self.all + n_texts as u64;
        let found = format!("{n_files} file(s), {n_texts} of plain text, none of TeX");
        if self.html > 0 {
            (rules::HTML_ONLY, found)
        } else if self.pdf > 0 {
            (rules::PDF_ONLY, found)
        } else if self.ps > 0 {
            (rules::PS_ONLY, found)
        } else {
            (rules::NO_TEX, found)
        }
    }
}

/// Whether a file of this name can be text that TeX reads; `._x` are remains of a Macintosh.
pub(crate) fn may_be_text(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    if name.starts_with("._") || name == ".DS_Store" || path.starts_with("__MACOSX/") {
        return false;
    }
    is_readme(path) || !OTHER_ENDINGS.contains(&ending(path).as_str())
}

fn is_readme(path: &str) -> bool {
    path.rsplit('/')
        .next()
        .unwrap_or(path)
        .starts_with("00README")
}

fn ending(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.')
        .map_or("", |(_, ending)| ending)
        .to_ascii_lowercase()
}

/// Whether `content` is a notice in place of a paper.
fn is_withdrawn(content: &[u8]) -> bool {
    const MAX_NOTICE_BYTES: usize = 4096;
    if content.len() > MAX_NOTICE_BYTES {
        return false;
    }
    let text = String::from_utf8_lossy(content).to_ascii_lowercase();
    let is_ignored = text.trim_start().starts_with("%auto-ignore");
    let says_so =
        text.contains("withdrawn") || text.contains("withdrew") || text.contains("retracted");
    let has_body = text.contains("\\section")
        || text.contains("\\begin{theorem}")
        || text.contains("\\begin{equation}");
    (is_ignored && !text.contains("\\begin{document}"))
        || (says_so && !has_body && text.len() < 2048)
}

fn first_line(content: &[u8]) -> String {
    let text = String::from_utf8_lossy(content);
    let mut lines = text.split(['\n', '\r']).map(str::trim);
    let line = lines
        .find(|line| !line.is_empty() && !line.starts_with('%'))
        .unwrap_or_default();
    line.chars().filter(|c| !c.is_control()).take(100).collect()
}
