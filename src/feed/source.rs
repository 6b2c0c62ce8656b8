//! What lies at a feed's source, and taking one file of it whole.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use crate::domain::ids::sha256_hex;
use crate::workflow::definition::FeedSource;

use super::manifest::{MAX_MANIFEST_BYTES, Manifest, ManifestError};

/// The largest delivery taken, in bytes.
pub const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// How long a file must not have been modified (real time) to count as written to its end.
pub const REST: Duration = Duration::from_millis(500);
/// The same for a file watched in place, which an editor writes at once.
pub const REST_IN_PLACE: Duration = Duration::from_millis(250);

/// The rule that refuses what could not be read at all.
pub const UNREADABLE: &str = "unreadable";

/// The rule that refuses more than [`MAX_BYTES`].
pub const TOO_LARGE: &str = "tooLarge";

/// The ending of the marker that says its neighbour is complete: `hr.csv.done` beside `hr.csv`.
const MARKER: &str = ".done";

/// One file, read whole.
#[derive(Debug)]
pub struct Delivery {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Their SHA-256, hexadecimal.
    pub digest: String,
    /// How the file looked when it was read.
    pub stamp: Stamp,
    /// What the marker beside it says, where there is one.
    pub manifest: Option<Result<Manifest, ManifestError>>,
}

/// A file's size and modification, by which a change is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    bytes: u64,
    modified: SystemTime,
}

/// Why a source, or a file at it, cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The file or folder that the document names cannot be looked at.
    #[error("{path} cannot be looked at; check that it exists and that usherd may read it")]
    Look {
        /// Where.
        path: String,
        /// What happened.
        #[source]
        source: io::Error,
    },
    /// The file cannot be read.
    #[error("{path} cannot be read; check that usherd may read it")]
    Read {
        /// Where.
        path: String,
        /// What happened.
        #[source]
        source: io::Error,
    },
    /// A folder, a pipe, a device.
    #[error("{path} is not a file; name a file with file:, or a folder of files with drop:")]
    NotAFile {
        /// Where.
        path: String,
    },
    /// More than [`MAX_BYTES`].
    #[error("{path} has more than {MAX_BYTES} bytes; split the feed, or check what was delivered")]
    TooLarge {
        /// Where.
        path: String,
    },
}

impl SourceError {
    /// The stable word of the rule that refuses such a delivery.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => TOO_LARGE,
            Self::Look { .. } | Self::Read { .. } | Self::NotAFile { .. } => UNREADABLE,
        }
    }
}

/// The files at a source, oldest modification first, then by name.
///
/// A `file:` is that file. A `drop:` is every regular file of the folder, links not followed, whose name neither begins with `.` nor ends in
/// `.tmp`, `.part` or `.done`. Relative paths start at `folder`. Blocks.
///
/// # Errors
/// Fails when the file or the folder cannot be looked at.
pub fn list(source: &FeedSource, folder: &Path) -> Result<Vec<PathBuf>, SourceError> {
    let path = folder.join(source.path().unwrap_or_default());
    let look = |error| SourceError::Look { path: path.display().to_string(), source: error };
    match source {
        FeedSource::File(_) => std::fs::metadata(&path).map(|_| vec![path.clone()]).map_err(look),
        FeedSource::Drop(_) => dropped(&path).map_err(look),
        FeedSource::Http(_) | FeedSource::Scim(_) => Ok(Vec::new()),
    }
}

fn dropped(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_passed_over =
            name.starts_with('.') || [".tmp", ".part", MARKER].iter().any(|ending| name.ends_with(ending));
        if is_passed_over {
            continue;
        }
        match entry.metadata().and_then(|metadata| Ok((metadata.is_file(), metadata.modified()?))) {
            Ok((true, modified)) => files.push((modified, entry.path())),
            Ok((false, _)) => {}
            // Taken away since the folder was opened.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    files.sort();
    Ok(files.into_iter().map(|(_, path)| path).collect())
}

/// Reads a file if it is complete; `None` when it is still being written or went away.
///
/// Complete is a file whose marker (`<name>.done`) lies beside it or that was last modified at least `rest` before `real_now`, and whose size
/// and modification are the same before and after reading. A modification that lies ahead (the writer's clock is fast) says nothing about rest;
/// such a file is watched for `rest` instead. Blocks.
///
/// # Errors
/// Fails when the file cannot be read, is no file, or is larger than [`MAX_BYTES`].
pub fn take(file: &Path, rest: Duration, real_now: Timestamp) -> Result<Option<Delivery>, SourceError> {
    let path = || file.display().to_string();
    let result = Stamp::of(file).and_then(|stamp| match stamp {
        Some(stamp) if stamp.bytes <= MAX_BYTES => take_stamped(file, stamp, rest, real_now).map(Ok),
        Some(_) => Ok(Err(SourceError::TooLarge { path: path() })),
        None => Ok(Err(SourceError::NotAFile { path: path() })),
    });
    match result {
        Ok(taken) => taken,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(SourceError::Read { path: path(), source }),
    }
}

fn take_stamped(file: &Path, stamp: Stamp, rest: Duration, real_now: Timestamp) -> io::Result<Option<Delivery>> {
    let is_resting = |modified| SystemTime::from(real_now).duration_since(modified).map(|age| age >= rest);
    let manifest = match read_marker(&marker(file))? {
        None => None,
        // Whoever writes a manifest may not have come to its end.
        Some((Err(_), modified)) if is_resting(modified).is_ok_and(|rests| !rests) => return Ok(None),
        Some((manifest, _)) => Some(manifest),
    };
    if manifest.is_none() {
        match is_resting(stamp.modified) {
            Ok(true) => {}
            Ok(false) => return Ok(None),
            Err(_) => std::thread::sleep(rest),
        }
    }
    let mut bytes = Vec::new();
    File::open(file)?.take(MAX_BYTES).read_to_end(&mut bytes)?;
    let is_whole = stamp.bytes == bytes.len() as u64 && stamp.is_still_that_of(file)?;
    Ok(is_whole.then(|| Delivery { digest: sha256_hex(&bytes), bytes, stamp, manifest }))
}

/// What a marker says, and when it was last modified; `None` where there is no such file.
fn read_marker(marker: &Path) -> io::Result<Option<(Result<Manifest, ManifestError>, SystemTime)>> {
    let metadata = match std::fs::metadata(marker) {
        Ok(metadata) if metadata.is_file() => metadata,
        Ok(_) => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    File::open(marker)?.take(MAX_MANIFEST_BYTES).read_to_end(&mut bytes)?;
    Ok(Some((Manifest::parse(&String::from_utf8_lossy(&bytes)), metadata.modified()?)))
}

impl Stamp {
    /// The stamp of a regular file, links followed; `None` for anything else.
    fn of(file: &Path) -> io::Result<Option<Self>> {
        let metadata: Metadata = std::fs::metadata(file)?;
        let modified = metadata.modified()?;
        Ok(metadata.is_file().then_some(Self { bytes: metadata.len(), modified }))
    }

    /// When the file was last modified, by the clock of whoever keeps it; what no timestamp can say counts as long ago.
    pub fn modified(&self) -> Timestamp {
        Timestamp::try_from(self.modified).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Whether `file` has not changed since.
    ///
    /// # Errors
    /// Fails when the file cannot be looked at.
    pub fn is_still_that_of(&self, file: &Path) -> io::Result<bool> {
        Ok(Self::of(file)?.as_ref() == Some(self))
    }
}

/// The marker that belongs to `file`.
pub fn marker(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(MARKER);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const NOW: &str = "2026-12-01T08:00:00Z";

    /// Writes a file whose modification lies `age_ms` before [`NOW`].
    fn write(folder: &Path, name: &str, age_ms: i64) -> PathBuf {
        let path = folder.join(name);
        std::fs::write(&path, name).unwrap();
        let modified = now() - jiff::SignedDuration::from_millis(age_ms);
        File::options().write(true).open(&path).unwrap().set_modified(modified.into()).unwrap();
        path
    }

    fn now() -> Timestamp {
        NOW.parse().unwrap()
    }

    #[test]
    fn a_drop_folder_lists_its_deliveries_oldest_first_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        for (name, age) in [("b.csv", 900), ("a.csv", 900), ("new.csv", 600), ("old.csv", 9000)] {
            write(folder.path(), name, age);
        }
        for name in [".hidden.csv", "x.tmp", "x.csv.part", "old.csv.done"] {
            write(folder.path(), name, 5000);
        }
        std::fs::create_dir(folder.path().join("quarantine")).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("/etc/hostname", folder.path().join("link.csv")).unwrap();

        let found = list(&FeedSource::Drop(".".into()), folder.path()).unwrap();
        let names: Vec<_> = found.iter().map(|path| path.file_name().unwrap().to_string_lossy()).collect();
        assert_eq!(names, ["old.csv", "a.csv", "b.csv", "new.csv"]);
    }

    #[test]
    fn a_source_that_is_not_there_is_an_error_that_names_it() {
        let error = list(&FeedSource::File("hr/people.csv".into()), Path::new("/nowhere")).unwrap_err();
        assert!(error.to_string().starts_with("/nowhere/hr/people.csv cannot be looked at"), "{error}");
        assert!(list(&FeedSource::Drop("in".into()), Path::new("/nowhere")).is_err());
    }

    #[test]
    fn a_file_is_taken_when_it_rests_or_is_marked_and_left_alone_before() {
        let folder = tempfile::tempdir().unwrap();
        let resting = write(folder.path(), "resting.csv", 500);
        assert_eq!(take(&resting, REST, now()).unwrap().unwrap().bytes, b"resting.csv");

        let fresh = write(folder.path(), "fresh.csv", 499);
        assert!(take(&fresh, REST, now()).unwrap().is_none());
        std::fs::write(folder.path().join("fresh.csv.done"), "").unwrap();
        assert_eq!(take(&fresh, REST, now()).unwrap().unwrap().digest, sha256_hex(b"fresh.csv"));
    }

    #[test]
    fn a_marker_may_hold_a_manifest_which_is_waited_for_while_it_is_being_written() {
        let folder = tempfile::tempdir().unwrap();
        let file = write(folder.path(), "hr.csv", 0);
        let mark = |text: &str, age| {
            let path = write(folder.path(), "hr.csv.done", age);
            std::fs::write(&path, text).unwrap();
            let modified = now() - jiff::SignedDuration::from_millis(age);
            File::options().write(true).open(&path).unwrap().set_modified(modified.into()).unwrap();
            take(&file, REST, now()).unwrap().map(|delivery| delivery.manifest.unwrap().map(|manifest| manifest.rows))
        };
        assert_eq!(mark("", 0), Some(Ok(None)));
        assert_eq!(mark("rows: 12\n", 0), Some(Ok(Some(12))));
        assert_eq!(mark("rows: 12\nsha2", 499), None, "somebody is still writing it");
        assert!(mark("rows: 12\nsha2", 500).unwrap().is_err());
    }

    #[test]
    fn a_file_that_grows_while_it_is_read_is_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let file = write(folder.path(), "hr.csv", 1000);
        let before = Stamp::of(&file).unwrap().unwrap();
        let taken = |stamp| take_stamped(&file, stamp, REST, now()).unwrap().map(|delivery| delivery.bytes.len());
        assert_eq!(taken(before), Some(6));
        File::options().append(true).open(&file).unwrap().write_all(b"more").unwrap();
        assert_eq!(taken(before), None, "another size");
        std::fs::write(&file, "HR.CSV").unwrap();
        assert_eq!(taken(before), None, "the same size, written anew");
    }

    #[test]
    fn a_file_from_a_fast_clock_is_watched_instead_of_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let ahead = write(folder.path(), "ahead.csv", -3_600_000);
        assert!(take(&ahead, Duration::from_millis(1), now()).unwrap().is_some());
    }

    #[test]
    fn what_is_no_file_or_too_large_or_gone_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(take(folder.path(), REST, now()), Err(SourceError::NotAFile { .. })));
        assert!(take(&folder.path().join("gone.csv"), REST, now()).unwrap().is_none());

        let large = write(folder.path(), "large.csv", 1000);
        File::options().write(true).open(&large).unwrap().set_len(MAX_BYTES + 1).unwrap();
        assert_eq!(take(&large, REST, now()).unwrap_err().rule(), "tooLarge");
    }
}
