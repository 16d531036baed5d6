//! Archives of source code: one record for each file.
//!
//! The first folder of a path is the repository, as for folders on disk; hidden files and folders are
//! left out, as there.

use std::collections::VecDeque;
use std::sync::Arc;

use proofmill_types::BadRecord;

use crate::entry::{Entry, at};
use crate::reader::Entries;
use crate::stream::Fault;
use crate::tar::{MemberKind, Step, TarMember, TarWalk, safe_path};
use crate::{Options, document, rules};

/// The source files of a tar.
pub(crate) struct CodeTar {
    pub file: Arc<str>,
    pub walk: TarWalk,
    pub options: Arc<Options>,
}

impl Entries for CodeTar {
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
                let origin = self.file.as_ref();
                out.push_back(Entry::bad(rule, origin, location, n_bytes, detail));
            }
            Step::Member(member) => out.extend(self.member(&member)?),
        }
        Ok(true)
    }
}

impl CodeTar {
    fn member(&mut self, member: &TarMember) -> Result<Option<Entry>, Fault> {
        let location = at(&self.file, member.content_at, member.n_bytes);
        let bad = |rule, n_bytes, detail: String| {
            let name = member.name.as_str();
            Ok(Some(Entry::bad(
                rule,
                name,
                location.clone(),
                n_bytes,
                detail,
            )))
        };
        let refused = || "refused".to_owned();
        match member.kind {
            MemberKind::Folder => return Ok(None),
            // Links are usual in repositories, and no damage.
            MemberKind::Link => {
                return Ok(Some(Entry::Bad(BadRecord {
                    origin: member.name.clone(),
                    location,
                    n_bytes: member.n_bytes,
                    rule: rules::LINK.name,
                    detail: refused(),
                    damaged: false,
                })));
            }
            MemberKind::Special => return bad(rules::SPECIAL_FILE, member.n_bytes, refused()),
            MemberKind::File => {}
        }
        let Some(path) = safe_path(&member.name) else {
            return bad(rules::PATH_OUTSIDE, member.n_bytes, refused());
        };
        if path.split('/').any(|part| part.starts_with('.')) {
            return Ok(None);
        }
        let max = self.options.limits.max_record_bytes;
        if member.n_bytes > max {
            let detail = format!("{} bytes, at most {max} are read", member.n_bytes);
            return bad(rules::RECORD_TOO_LARGE, member.n_bytes, detail);
        }
        let content = self.walk.content(member)?;
        let n_read = content.len() as u64;
        if n_read < member.n_bytes {
            let detail = format!("has {n_read} of its {} bytes", member.n_bytes);
            return bad(rules::TAR_TRUNCATED, n_read, detail);
        }
        let licenses = self.options.folder_licenses.as_deref();
        let license = licenses.and_then(|licenses| licenses.nearest(&self.file, &path));
        Ok(Some(document::code(&path, location, content, license)))
    }
}
