//! arXiv input: bulk tars of submissions, single packed submissions, folders with an unpacked one.

use std::collections::VecDeque;
use std::fs;
use std::sync::Arc;

use crate::entry::{Entry, at};
use crate::reader::Entries;
use crate::rules;
use crate::stream::Fault;
use crate::submission::{Packed, may_be_text};
use crate::tar::{MemberKind, Step, TarMember, TarWalk, safe_path};
use crate::{InputFile, Options, ReadError, list, paper_id};

/// The submissions of a bulk tar.
pub(crate) struct BulkTar {
    pub file: Arc<str>,
    pub walk: TarWalk,
    pub options: Arc<Options>,
}

impl Entries for BulkTar {
    fn more(&mut self, out: &mut VecDeque<Entry>) -> Result<bool, Fault> {
        let Some(step) = self.walk.step()? else {
            return Ok(false);
        };
        match step {
            Step::Bad {
                rule,
                at: offset,
                n_bytes,
                detail,
            } => {
                let location = at(&self.file, offset, n_bytes);
                out.push_back(Entry::bad(
                    rule,
                    self.file.as_ref(),
                    location,
                    n_bytes,
                    detail,
                ));
            }
            Step::Member(member) => self.member(&member, out)?,
        }
        Ok(true)
    }
}

impl BulkTar {
    fn member(&mut self, member: &TarMember, out: &mut VecDeque<Entry>) -> Result<(), Fault> {
        let name = member.name.as_str();
        let location = at(&self.file, member.content_at, member.n_bytes);
        let rule = match member.kind {
            MemberKind::Folder => return Ok(()),
            MemberKind::Link => Some(rules::LINK),
            MemberKind::Special => Some(rules::SPECIAL_FILE),
            MemberKind::File if safe_path(name).is_none() => Some(rules::PATH_OUTSIDE),
            MemberKind::File => None,
        };
        if let Some(rule) = rule {
            out.push_back(Entry::bad(rule, name, location, member.n_bytes, "refused"));
            return Ok(());
        }
        let hidden = name
            .rsplit('/')
            .next()
            .is_some_and(|name| name.starts_with('.'));
        let Some(id) = paper_id::of_name(name).filter(|_| !hidden) else {
            return Ok(());
        };
        let limits = &self.options.limits;
        if member.n_bytes > limits.max_record_bytes {
            let detail = format!(
                "{} bytes, at most {} are read",
                member.n_bytes, limits.max_record_bytes
            );
            let rule = rules::RECORD_TOO_LARGE;
            out.push_back(Entry::bad(
                rule,
                id.origin(),
                location,
                member.n_bytes,
                detail,
            ));
            return Ok(());
        }
        let content = self.walk.content(member)?;
        let n_read = content.len() as u64;
        if n_read < member.n_bytes {
            let detail = format!("has {n_read} of its {} bytes", member.n_bytes);
            let rule = rules::TAR_TRUNCATED;
            out.push_back(Entry::bad(rule, id.origin(), location, n_read, detail));
            return Ok(());
        }
        let metadata = self.options.metadata.as_deref();
        let packed = Packed {
            id,
            location,
            metadata,
            limits,
        };
        out.extend(packed.unpack(content)?);
        Ok(())
    }
}

/// A file that is one submission, as it is stored.
pub(crate) fn single(
    file: &InputFile,
    bytes: Vec<u8>,
    options: &Options,
) -> Result<Vec<Entry>, ReadError> {
    let location = at(&file.name, 0, bytes.len() as u64);
    let packed = Packed {
        id: paper_id::of_name(&file.name).unwrap_or_else(|| paper_id::plain(&file.name)),
        location,
        metadata: options.metadata.as_deref(),
        limits: &options.limits,
    };
    packed.unpack(bytes).map_err(|fault| match fault {
        Fault::Disk(source) => ReadError::Io {
            path: file.path.clone(),
            source,
        },
        Fault::Damage(damage) => ReadError::Io {
            path: file.path.clone(),
            source: std::io::Error::new(std::io::ErrorKind::InvalidData, damage.detail),
        },
    })
}

/// A folder that is one unpacked submission.
pub(crate) fn folder(file: &InputFile, options: &Options) -> Result<Vec<Entry>, ReadError> {
    let limits = &options.limits;
    let packed = Packed {
        id: paper_id::of_name(&file.name).unwrap_or_else(|| paper_id::plain(&file.name)),
        location: at(&file.name, 0, file.n_bytes),
        metadata: options.metadata.as_deref(),
        limits,
    };
    let found = list::folder_files(&file.path)?;
    if found.len() as u64 > limits.max_files_in_submission {
        let detail = format!("{} files", found.len());
        return Ok(vec![packed.bad(rules::ARCHIVE_BOMB, file.n_bytes, detail)]);
    }
    let mut files = Vec::new();
    let mut n_bytes: u64 = 0;
    for (name, path) in found {
        let size = fs::metadata(&path).map_err(ReadError::io(&path))?.len();
        // Figures are not read; a text above the limit is cut and then refused for its size.
        let is_read = may_be_text(&name) && size <= limits.max_file_in_submission_bytes;
        let bytes = if is_read {
            fs::read(&path).map_err(ReadError::io(&path))?
        } else {
            Vec::new()
        };
        n_bytes = n_bytes.saturating_add(bytes.len() as u64);
        if n_bytes > limits.max_submission_bytes {
            let detail = format!("more than {} bytes of text", limits.max_submission_bytes);
            return Ok(vec![packed.bad(rules::ARCHIVE_BOMB, n_bytes, detail)]);
        }
        files.push((name, bytes, size));
    }
    Ok(packed.of_files(files, n_bytes))
}
