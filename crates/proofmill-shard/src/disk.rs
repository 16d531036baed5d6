//! The few things that writing aside asks of a file system: a seam, so that tests can pull the
//! plug between any two of them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

/// A file system.
pub(crate) trait Disk: Send + Sync {
    /// Creates a file that must not exist yet.
    fn create_new(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
    /// Gives a file another name, replacing what had it.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Gives a file a second name, which must be free.
    fn hard_link(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Takes a name away.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Makes the names in a folder survive a power cut.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
    /// Whether the file at `path` has exactly two names.
    fn has_two_names(&self, path: &Path) -> bool;
}

/// A file that is being written.
pub(crate) trait DiskFile: Write + Send {
    /// Makes the bytes survive a power cut.
    fn sync(&mut self) -> io::Result<()>;
}

/// The file system of this machine.
pub(crate) struct RealDisk;

impl Disk for RealDisk {
    fn create_new(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let file = OpenOptions::new().write(true).create_new(true).open(path)?;
        Ok(Box::new(file))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn hard_link(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::hard_link(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    #[cfg(unix)]
    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        match File::open(folder).and_then(|folder| folder.sync_all()) {
            // Some network file systems know no sync of folders; the rename is all they offer.
            Err(error) if error.kind() == ErrorKind::InvalidInput => Ok(()),
            result => result,
        }
    }

    #[cfg(not(unix))]
    fn sync_folder(&self, _folder: &Path) -> io::Result<()> {
        Ok(())
    }

    #[cfg(unix)]
    fn has_two_names(&self, path: &Path) -> bool {
        use std::os::unix::fs::MetadataExt;
        fs::metadata(path).is_ok_and(|meta| meta.nlink() == 2)
    }

    #[cfg(not(unix))]
    fn has_two_names(&self, _path: &Path) -> bool {
        false
    }
}

impl DiskFile for File {
    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}

/// A disk that forgets what was not synced, and whose power fails after some operations.
#[cfg(test)]
pub(crate) mod forgetful {
    use std::collections::BTreeMap;
    use std::path::PathBuf;
    use std::sync::{Arc, Mutex, MutexGuard};

    use super::*;

    #[derive(Clone)]
    pub(crate) struct ForgetfulDisk(Arc<Mutex<State>>);

    #[derive(Default)]
    struct State {
        power_left: usize,
        files: Vec<Bytes>,
        names: BTreeMap<PathBuf, usize>,
        synced_names: BTreeMap<PathBuf, usize>,
    }

    #[derive(Clone, Default)]
    struct Bytes {
        written: Vec<u8>,
        synced: Vec<u8>,
    }

    struct Handle(ForgetfulDisk, usize);

    impl ForgetfulDisk {
        /// A disk that fails after `power_left` operations.
        pub(crate) fn new(power_left: usize) -> Self {
            Self(Arc::new(Mutex::new(State {
                power_left,
                ..State::default()
            })))
        }

        /// Puts a file there that survives everything.
        pub(crate) fn with(self, path: &Path, bytes: &[u8]) -> Self {
            {
                let mut state = self.0.lock().unwrap();
                let file = state.files.len();
                state.files.push(Bytes {
                    written: bytes.to_vec(),
                    synced: bytes.to_vec(),
                });
                state.names.insert(path.to_owned(), file);
                state.synced_names.insert(path.to_owned(), file);
            }
            self
        }

        /// What may be found at `path` after the power came back: names that were not synced
        /// may be kept or lost, bytes that were not synced are lost.
        pub(crate) fn after_crash(&self, path: &Path) -> [Option<Vec<u8>>; 2] {
            let state = self.0.lock().unwrap();
            [&state.names, &state.synced_names].map(|names| {
                names
                    .get(path)
                    .map(|file| state.files[*file].synced.clone())
            })
        }

        fn step(&self) -> io::Result<MutexGuard<'_, State>> {
            let mut state = self.0.lock().unwrap();
            let power_left = state.power_left.checked_sub(1);
            state.power_left = power_left.ok_or_else(|| io::Error::other("no power"))?;
            Ok(state)
        }
    }

    impl Disk for ForgetfulDisk {
        fn create_new(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
            let mut state = self.step()?;
            let file = state.files.len();
            state.files.push(Bytes::default());
            assert!(state.names.insert(path.to_owned(), file).is_none());
            Ok(Box::new(Handle(self.clone(), file)))
        }

        fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
            let mut state = self.step()?;
            let file = state.names.remove(from).ok_or(ErrorKind::NotFound)?;
            state.names.insert(to.to_owned(), file);
            Ok(())
        }

        fn hard_link(&self, from: &Path, to: &Path) -> io::Result<()> {
            let mut state = self.step()?;
            if state.names.contains_key(to) {
                return Err(ErrorKind::AlreadyExists.into());
            }
            let file = *state.names.get(from).ok_or(ErrorKind::NotFound)?;
            state.names.insert(to.to_owned(), file);
            Ok(())
        }

        fn remove(&self, path: &Path) -> io::Result<()> {
            self.step()?
                .names
                .remove(path)
                .map(drop)
                .ok_or(ErrorKind::NotFound.into())
        }

        fn sync_folder(&self, _folder: &Path) -> io::Result<()> {
            let mut state = self.step()?;
            state.synced_names = state.names.clone();
            Ok(())
        }

        fn has_two_names(&self, path: &Path) -> bool {
            let state = self.0.lock().unwrap();
            let file = state.names.get(path);
            file.is_some()
                && state
                    .names
                    .values()
                    .filter(|other| Some(*other) == file)
                    .count()
                    == 2
        }
    }

    impl Write for Handle {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut state = self.0.step()?;
            let n_taken = bytes.len().min(3); // short writes happen
            state.files[self.1]
                .written
                .extend_from_slice(&bytes[..n_taken]);
            Ok(n_taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl DiskFile for Handle {
        fn sync(&mut self) -> io::Result<()> {
            let mut state = self.0.step()?;
            let file = &mut state.files[self.1];
            file.synced = file.written.clone();
            Ok(())
        }
    }
}
