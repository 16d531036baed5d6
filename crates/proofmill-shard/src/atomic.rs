//! Files that appear whole or not at all.
//!
//! Data is written aside in the same folder, synced, renamed onto its name, and the folder is
//! synced, so that a reader (or the next run after a crash) never sees a part. A commit record is
//! created only if absent. Digests are taken on the way, so no file is read again for them.
//! Names of files written aside depend on the process only; they never reach an output.

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use proofmill_types::{Digest, Digester};
use serde::{Deserialize, Serialize};

use crate::ShardError;
use crate::disk::{Disk, DiskFile, RealDisk};

/// Bytes under one entry of [`FileInfo::block_digests`]: 64 MiB.
pub const BLOCK_BYTES: u64 = 64 << 20;

/// Ending of files that are being written aside.
const ASIDE_SUFFIX: &str = ".aside";

/// Attempts at a free name; each is taken only by a crashed process of the same number.
const MAX_NAMES: u32 = 10_000;

/// Size and digests of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileInfo {
    /// Bytes of the file.
    pub n_bytes: u64,
    /// XXH3-128 of the whole file.
    pub digest: Digest,
    /// XXH3-128 of each [`BLOCK_BYTES`] of the file in order, the last one shorter.
    pub block_digests: Vec<Digest>,
}

/// Takes [`FileInfo`] of bytes that pass by.
#[derive(Default)]
struct Meter {
    whole: Digester,
    block: Digester,
    info: FileInfo,
}

impl Meter {
    fn update(&mut self, mut bytes: &[u8]) {
        self.whole.update(bytes);
        while !bytes.is_empty() {
            let room = BLOCK_BYTES - self.info.n_bytes % BLOCK_BYTES;
            let n_now = usize::try_from(room).unwrap_or(usize::MAX).min(bytes.len());
            let (now, later) = bytes.split_at(n_now);
            self.block.update(now);
            self.info.n_bytes += now.len() as u64;
            if self.info.n_bytes.is_multiple_of(BLOCK_BYTES) {
                self.info.block_digests.push(self.block.finish());
                self.block = Digester::new();
            }
            bytes = later;
        }
    }

    fn finish(mut self) -> FileInfo {
        if !self.info.n_bytes.is_multiple_of(BLOCK_BYTES) {
            self.info.block_digests.push(self.block.finish());
        }
        self.info.digest = self.whole.finish();
        self.info
    }
}

/// A file written aside; dropped before [`AsideFile::publish`] it leaves nothing behind.
pub struct AsideFile {
    disk: Arc<dyn Disk>,
    out: Option<BufWriter<Box<dyn DiskFile>>>, // `None` only after publishing
    aside: PathBuf,
    target: PathBuf,
    meter: Box<Meter>, // its hash states are large
}

impl AsideFile {
    /// Starts a file that will become `target`; its folder must exist.
    ///
    /// # Errors
    /// [`ShardError::Io`] if the folder cannot be written.
    pub fn create(target: &Path) -> Result<Self, ShardError> {
        Self::create_on(Arc::new(RealDisk), target)
    }

    fn create_on(disk: Arc<dyn Disk>, target: &Path) -> Result<Self, ShardError> {
        let (file, aside) = create_aside(&*disk, target)?;
        Ok(Self {
            disk,
            out: Some(BufWriter::with_capacity(1 << 16, file)),
            aside,
            target: target.to_owned(),
            meter: Box::default(),
        })
    }

    /// The name that the file will have.
    #[must_use]
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Syncs the file, gives it its name (replacing what had it), and syncs the folder.
    ///
    /// # Errors
    /// [`ShardError::Io`]; then `target` is what it was, or is already complete.
    pub fn publish(mut self) -> Result<FileInfo, ShardError> {
        let fail = |source| ShardError::io("write", &self.target, source);
        let synced = match self.out.take().map(BufWriter::into_inner) {
            Some(Ok(mut file)) => file.sync(),
            Some(Err(error)) => Err(error.into_error()),
            None => Err(io::Error::from(ErrorKind::BrokenPipe)),
        };
        let renamed = synced.and_then(|()| self.disk.rename(&self.aside, &self.target));
        if let Err(error) = renamed {
            drop(self.disk.remove(&self.aside));
            return Err(fail(error));
        }
        sync_folder(&*self.disk, &self.target)?;
        Ok(std::mem::take(&mut *self.meter).finish())
    }
}

impl Write for AsideFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(out) = self.out.as_mut() else {
            return Err(io::Error::from(ErrorKind::BrokenPipe));
        };
        let n_written = out.write(bytes)?;
        self.meter.update(&bytes[..n_written]);
        Ok(n_written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for AsideFile {
    fn drop(&mut self) {
        if let Some(out) = self.out.take() {
            drop(out.into_parts()); // no flush: the bytes are not wanted
            drop(self.disk.remove(&self.aside)); // a leftover is harmless, see `is_leftover`
        }
    }
}

/// Writes `bytes` as the file `target`, whole or not at all, replacing what had the name.
///
/// # Errors
/// [`ShardError::Io`].
pub fn publish_bytes(target: &Path, bytes: &[u8]) -> Result<FileInfo, ShardError> {
    let mut file = AsideFile::create(target)?;
    file.write_all(bytes)
        .map_err(|error| ShardError::io("write", target, error))?;
    file.publish()
}

/// What [`create_once`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Once {
    /// The file is new and holds exactly the given bytes.
    Created,
    /// The name was taken; the file there was not touched. The caller compares.
    Existed,
}

/// Creates `target` with `bytes` only if no such file exists, even against other machines.
///
/// The bytes are written aside and synced first, then the name is made by a hard link, which
/// the file system refuses when the name is taken. So a record under its name is complete.
///
/// # Errors
/// [`ShardError::Io`]; a file system without hard links is one reason.
pub fn create_once(target: &Path, bytes: &[u8]) -> Result<Once, ShardError> {
    create_once_on(&RealDisk, target, bytes)
}

fn create_once_on(disk: &dyn Disk, target: &Path, bytes: &[u8]) -> Result<Once, ShardError> {
    let fail = |source| ShardError::io("create", target, source);
    let (mut file, aside) = create_aside(disk, target)?;
    let written = file.write_all(bytes).and_then(|()| file.sync());
    drop(file);
    let linked = written.and_then(|()| match disk.hard_link(&aside, target) {
        Ok(()) => Ok(Once::Created),
        // A reply can be lost on a network file system: two names mean that the link was made.
        Err(_) if disk.has_two_names(&aside) => Ok(Once::Created),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(Once::Existed),
        Err(error) => Err(error),
    });
    let removed = disk.remove(&aside);
    let once = linked.map_err(fail)?;
    removed.map_err(fail)?;
    sync_folder(disk, target)?;
    Ok(once)
}

/// Size and digests of the file at `path`, read once from start to end.
///
/// # Errors
/// [`ShardError::Io`].
pub fn measure_file(path: &Path) -> Result<FileInfo, ShardError> {
    let fail = |error| ShardError::io("read", path, error);
    let mut file = File::open(path).map_err(fail)?;
    let mut meter = Meter::default();
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(meter.finish()),
            Ok(n_read) => meter.update(&buffer[..n_read]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(fail(error)),
        }
    }
}

/// Whether a file of this name was left by a process that died while writing; safe to delete
/// when no task runs.
#[must_use]
pub fn is_leftover(file_name: &str) -> bool {
    file_name.starts_with('.') && file_name.ends_with(ASIDE_SUFFIX)
}

/// A new file in the folder of `target`, under a name that no other process has.
fn create_aside(
    disk: &dyn Disk,
    target: &Path,
) -> Result<(Box<dyn DiskFile>, PathBuf), ShardError> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let fail = |source| ShardError::io("create", target, source);
    let Some(name) = target.file_name() else {
        return Err(fail(io::Error::new(
            ErrorKind::InvalidInput,
            "the path names no file",
        )));
    };
    for _ in 0..MAX_NAMES {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let mut aside_name = std::ffi::OsString::from(".");
        aside_name.push(name);
        aside_name.push(format!(".{}-{number}{ASIDE_SUFFIX}", std::process::id()));
        let aside = target.with_file_name(aside_name);
        match disk.create_new(&aside) {
            Ok(file) => return Ok((file, aside)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(fail(error)),
        }
    }
    Err(fail(io::Error::new(
        ErrorKind::AlreadyExists,
        "the folder is full of `.aside` leftovers",
    )))
}

/// Makes the names in the folder of `target` survive a power cut.
fn sync_folder(disk: &dyn Disk, target: &Path) -> Result<(), ShardError> {
    let folder = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    disk.sync_folder(folder)
        .map_err(|error| ShardError::io("sync", folder, error))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::disk::forgetful::ForgetfulDisk;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn publishing_replaces_and_measures() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("x.bin");
        publish_bytes(&target, b"old").unwrap();
        let info = publish_bytes(&target, b"new bytes").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"new bytes");
        assert_eq!(info.n_bytes, 9);
        assert_eq!(info.digest, Digest::of(b"new bytes"));
        assert_eq!(info.block_digests, [info.digest]);
        assert_eq!(measure_file(&target).unwrap(), info);
        assert_eq!(names(folder.path()), ["x.bin"]);
    }

    #[test]
    fn an_interrupted_write_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("x.bin");
        publish_bytes(&target, b"old").unwrap();
        let mut file = AsideFile::create(&target).unwrap();
        file.write_all(b"half of the new").unwrap();
        drop(file);
        assert_eq!(names(folder.path()), ["x.bin"]);
        assert_eq!(fs::read(&target).unwrap(), b"old");
    }

    #[test]
    fn a_killed_write_leaves_a_leftover_that_blocks_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("x.bin");
        let mut file = AsideFile::create(&target).unwrap();
        file.write_all(b"half").unwrap();
        std::mem::forget(file); // as if the process was killed here
        let left = names(folder.path());
        assert!(left.len() == 1 && is_leftover(&left[0]), "{left:?}");
        assert!(!target.exists());
        publish_bytes(&target, b"whole").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"whole");
        assert!(!is_leftover("x.bin") && !is_leftover("x.aside"));
    }

    #[test]
    fn a_record_is_created_once() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("3.json");
        assert_eq!(create_once(&target, b"first").unwrap(), Once::Created);
        assert_eq!(create_once(&target, b"second").unwrap(), Once::Existed);
        assert_eq!(fs::read(&target).unwrap(), b"first");
        assert_eq!(names(folder.path()), ["3.json"]);
    }

    #[test]
    fn of_many_racing_writers_one_creates() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("3.json");
        let race = |number: u8| create_once(&target, &[number; 100]).unwrap();
        let race = &race;
        let n_created = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|number| scope.spawn(move || race(number)))
                .collect();
            let found = threads.into_iter().map(|thread| thread.join().unwrap());
            found.filter(|once| *once == Once::Created).count()
        });
        assert_eq!(n_created, 1);
        let bytes = fs::read(&target).unwrap();
        assert!(bytes.len() == 100 && bytes.iter().all(|byte| *byte == bytes[0]));
        assert_eq!(names(folder.path()), ["3.json"]);
    }

    #[test]
    fn a_missing_folder_is_named() {
        let error = publish_bytes(Path::new("/no/such/folder/x"), b"").unwrap_err();
        assert!(
            error.is_io() && error.to_string().contains("/no/such/folder/x"),
            "{error}"
        );
    }

    #[test]
    fn blocks_do_not_depend_on_the_pieces() {
        let bytes: Vec<u8> = (0..(BLOCK_BYTES + 5))
            .map(|at| at.to_le_bytes()[0])
            .collect();
        let mut meter = Meter::default();
        for piece in bytes.chunks(1_000_003) {
            meter.update(piece);
        }
        let info = meter.finish();
        let (first, last) = bytes.split_at(usize::try_from(BLOCK_BYTES).unwrap());
        assert_eq!(info.block_digests, [Digest::of(first), Digest::of(last)]);
        assert_eq!(info.digest, Digest::of(&bytes));
        assert_eq!(Meter::default().finish().block_digests, []);
    }

    /// Pulls the plug after each number of operations until `work` gets through, and gives each
    /// time what may be found at `target` afterwards.
    fn crash_everywhere(
        old: Option<&[u8]>,
        target: &Path,
        work: impl Fn(&ForgetfulDisk) -> bool,
        check: impl Fn(bool, [Option<Vec<u8>>; 2]),
    ) {
        for power_left in 0..1000 {
            let mut disk = ForgetfulDisk::new(power_left);
            if let Some(old) = old {
                disk = disk.with(target, old);
            }
            let is_done = work(&disk);
            check(is_done, disk.after_crash(target));
            if is_done {
                assert!(power_left > 5, "the operations were counted");
                return;
            }
        }
        panic!("it never gets through");
    }

    #[test]
    fn a_power_cut_leaves_the_old_file_or_the_new_one() {
        let target = Path::new("out/x.bin");
        let new: &[u8] = b"these are the new bytes";
        for old in [None, Some(&b"old"[..])] {
            let publish = |disk: &ForgetfulDisk| {
                let file = AsideFile::create_on(Arc::new(disk.clone()), target);
                file.and_then(|mut file| {
                    file.write_all(new)
                        .map_err(|error| ShardError::io("write", target, error))?;
                    file.publish()
                })
                .is_ok()
            };
            crash_everywhere(old, target, publish, |is_done, found| {
                for found in found {
                    let is_new = found.as_deref() == Some(new);
                    assert!(is_new || (!is_done && found.as_deref() == old), "{found:?}");
                }
            });
        }
    }

    #[test]
    fn a_power_cut_leaves_a_whole_record_or_none() {
        let target = Path::new("commit/3.json");
        let create = |disk: &ForgetfulDisk| create_once_on(disk, target, b"the record").is_ok();
        crash_everywhere(None, target, create, |is_done, found| {
            for found in found {
                let is_whole = found.as_deref() == Some(b"the record");
                assert!(is_whole || (!is_done && found.is_none()), "{found:?}");
            }
        });
        crash_everywhere(Some(b"another"), target, create, |_, found| {
            assert!(
                found
                    .iter()
                    .all(|found| found.as_deref() == Some(b"another"))
            );
        });
    }
}
