//! Files as memory, the one place of the crate that needs `unsafe`.

#![expect(unsafe_code, reason = "a map shows a file that others could change")]

use std::fs::File;
use std::path::Path;

use memmap2::Mmap;

use crate::error::ShardError;

/// The bytes of a file that nobody changes while it is open.
pub(crate) struct MappedFile(Option<Mmap>); // `None` for an empty file, which cannot be mapped

impl MappedFile {
    pub(crate) fn open(path: &Path) -> Result<Self, ShardError> {
        let fail = |error| ShardError::io("open", path, error);
        let file = File::open(path).map_err(fail)?;
        if file.metadata().map_err(fail)?.len() == 0 {
            return Ok(Self(None));
        }
        // SAFETY: published files are never written again, only replaced by a rename, which
        // leaves the mapped bytes as they are. Whoever shortens a shard in place against that
        // rule ends the process by a bus error; no value is ever built from bytes unchecked.
        let map = unsafe { Mmap::map(&file) }.map_err(fail)?;
        Ok(Self(Some(map)))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_deref().unwrap_or_default()
    }

    /// Asks the system not to read ahead; a refusal costs speed only.
    pub(crate) fn advise_random(&self) {
        #[cfg(unix)]
        if let Some(map) = &self.0 {
            drop(map.advise(memmap2::Advice::Random));
        }
    }
}
