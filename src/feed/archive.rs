//! Keeps every delivery's bytes: accepted ones in the archive, refused ones in quarantine beside the reason.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::domain::ids::sha256_hex;

use super::Verdict;
use super::source::{MAX_BYTES, Stamp, marker};

/// The name of the folder for refused deliveries.
const QUARANTINE: &str = "quarantine";

/// The ending of a reason file.
const REASON: &str = ".reason.txt";

/// How much of a digest stands in a file's name.
const DIGEST_LETTERS: usize = 12;

/// What the name of a kept file says: `<UTC instant>-<digest>-<verdict>-<name>`.
#[derive(Debug, Clone, Copy)]
pub struct Label<'a> {
    /// When the delivery was judged (tenant time, UTC).
    pub judged: Timestamp,
    /// The SHA-256 of the bytes, hexadecimal; empty when they were not read.
    pub digest: &'a str,
    /// The verdict.
    pub verdict: &'a Verdict,
    /// The name the delivery came with; made safe here.
    pub name: &'a str,
}

/// Why a delivery could not be kept or taken away.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The folder cannot be made or used.
    #[error(
        "the folder {path} cannot be used to keep deliveries; check that it is a folder and that usherd may write there"
    )]
    Folder {
        /// Where.
        path: String,
        /// What happened.
        #[source]
        source: io::Error,
    },
    /// The bytes or the reason cannot be written.
    #[error("{path} cannot be written")]
    Write {
        /// Where.
        path: String,
        /// What happened.
        #[source]
        source: io::Error,
    },
    /// The dropped file cannot be taken out of its folder.
    #[error(
        "{path} cannot be taken away, so it is found again in every pass; check that usherd may write in its folder"
    )]
    TakeAway {
        /// Where.
        path: String,
        /// What happened.
        #[source]
        source: io::Error,
    },
}

/// Writes a delivery's bytes under `folder`, into its quarantine beside a reason file if they were refused. Files are 0600, folders 0700. Blocks.
///
/// The bytes that were judged are written, so that the archive can be believed whatever happens to the file meanwhile, and so that it works
/// across file systems and for files of another owner.
///
/// # Errors
/// Fails when a folder or file cannot be written.
pub fn keep(folder: &Path, label: &Label<'_>, bytes: &[u8]) -> Result<(), ArchiveError> {
    let target = prepare(folder, label)?;
    write(&target, bytes)
}

/// Takes a dropped file out of its folder, its marker included, unless it changed since it was read; then it is a new delivery. Blocks.
///
/// The marker goes first: one that stayed behind would declare the next file of that name complete while it is being written.
///
/// # Errors
/// Fails when the file cannot be removed.
pub fn take_away(file: &Path, stamp: Stamp) -> Result<(), ArchiveError> {
    let gone_is_fine = |result: io::Result<()>| match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    };
    let removed = gone_is_fine(stamp.is_still_that_of(file).and_then(|is_unchanged| {
        if is_unchanged {
            gone_is_fine(std::fs::remove_file(marker(file)))?;
            std::fs::remove_file(file)?;
        }
        Ok(())
    }));
    removed.map_err(|source| ArchiveError::TakeAway { path: file.display().to_string(), source })
}

/// Moves a dropped file that was refused unread into the quarantine of its folder, beside a reason file. Blocks.
///
/// # Errors
/// Fails when the quarantine cannot be written or the file cannot be moved.
pub fn move_unread(folder: &Path, label: &Label<'_>, file: &Path) -> Result<(), ArchiveError> {
    let target = prepare(folder, label)?;
    std::fs::rename(file, target).map_err(|source| ArchiveError::TakeAway { path: file.display().to_string(), source })
}

/// Finds the accepted bytes with this digest, and the name they came with. Blocks.
pub fn find(folder: &Path, digest: &str) -> Option<(String, Vec<u8>)> {
    find_by(folder, digest, |verdict| verdict.starts_with("accepted"))
}

/// Finds the refused bytes with this digest in the quarantine of `folder`. Blocks.
pub fn find_refused(folder: &Path, digest: &str) -> Option<Vec<u8>> {
    find_by(&folder.join(QUARANTINE), digest, |_| true).map(|(_, bytes)| bytes)
}

/// How many deliveries are kept in `folder` and how many in its quarantine, reason files not counted. Blocks.
pub fn count(folder: &Path) -> (usize, usize) {
    let deliveries = |folder: &Path| {
        let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
        let is_delivery = |entry: std::fs::DirEntry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            !name.starts_with('.') && !name.ends_with(REASON) && entry.file_type().is_ok_and(|kind| kind.is_file())
        };
        entries.filter_map(Result::ok).map(is_delivery).filter(|is_delivery| *is_delivery).count()
    };
    (deliveries(folder), deliveries(&folder.join(QUARANTINE)))
}

fn find_by(folder: &Path, digest: &str, is_wanted: impl Fn(&str) -> bool) -> Option<(String, Vec<u8>)> {
    std::fs::read_dir(folder).ok()?.filter_map(Result::ok).find_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let [_, letters, verdict, delivered] = name.splitn(4, '-').collect::<Vec<_>>().try_into().ok()?;
        if !digest.starts_with(letters) || letters.len() != DIGEST_LETTERS || !is_wanted(verdict) {
            return None;
        }
        let mut bytes = Vec::new();
        File::open(entry.path()).ok()?.take(MAX_BYTES).read_to_end(&mut bytes).ok()?;
        (sha256_hex(&bytes) == digest).then(|| (delivered.to_owned(), bytes))
    })
}

/// Makes the folder a delivery belongs to and, for a refused one, the reason file; says where the bytes go.
fn prepare(folder: &Path, label: &Label<'_>) -> Result<PathBuf, ArchiveError> {
    let Verdict::Refused { rule, why } = label.verdict else {
        make_folder(folder)?;
        return Ok(folder.join(file_name(label)));
    };
    let folder = folder.join(QUARANTINE);
    make_folder(&folder)?;
    let name = file_name(label);
    let digest = if label.digest.is_empty() { "(not read)" } else { label.digest };
    let reason = format!("Refused: {why}.\nRule: {rule}\nSHA-256: {digest}\nJudged: {}\n", label.judged);
    write(&folder.join(format!("{name}{REASON}")), reason.as_bytes())?;
    Ok(folder.join(name))
}

fn file_name(label: &Label<'_>) -> String {
    let judged = label.judged.strftime("%Y%m%dT%H%M%SZ");
    let digest = label.digest.get(..DIGEST_LETTERS).unwrap_or("unread");
    format!("{judged}-{digest}-{}-{}", label.verdict.word(), safe_name(label.name))
}

/// A name from outside without separators, control characters or leading dots, at most 100 letters long.
fn safe_name(name: &str) -> String {
    let safe = |letter: char| if letter.is_ascii_alphanumeric() || "._-".contains(letter) { letter } else { '_' };
    name.trim_start_matches('.').chars().map(safe).take(100).collect()
}

fn make_folder(folder: &Path) -> Result<(), ArchiveError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    // Whoever may write in the drop folder must not be able to lead the quarantine elsewhere by a link.
    let made = builder.create(folder).and_then(|()| match std::fs::symlink_metadata(folder)?.is_dir() {
        true => Ok(()),
        false => Err(io::Error::from(io::ErrorKind::NotADirectory)),
    });
    made.map_err(|source| ArchiveError::Folder { path: folder.display().to_string(), source })
}

/// Writes a file whole or not at all: under a hidden name first, made durable, then renamed.
fn write(target: &Path, bytes: &[u8]) -> Result<(), ArchiveError> {
    let error = |source| ArchiveError::Write { path: target.display().to_string(), source };
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let draft = target.with_file_name(format!(".{name}.tmp"));
    // A draft is left only by a crash.
    if draft.symlink_metadata().is_ok() {
        std::fs::remove_file(&draft).map_err(error)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&draft).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&draft, target)?;
        target.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    });
    written.map_err(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label<'a>(verdict: &'a Verdict, digest: &'a str, name: &'a str) -> Label<'a> {
        Label { judged: "2026-12-01T08:00:00Z".parse().unwrap(), digest, verdict, name }
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn accepted_bytes_are_kept_for_their_owner_alone_and_found_again_by_digest() {
        let archive = tempfile::tempdir().unwrap();
        let folder = archive.path().join("hr");
        let digest = sha256_hex(b"Id\n1\n");
        keep(&folder, &label(&Verdict::Accepted, &digest, "people-1.csv"), b"Id\n1\n").unwrap();
        keep(&folder, &label(&Verdict::Unchanged, &digest, "again.csv"), b"Id\n1\n").unwrap();

        let short = &digest[..12];
        let kept = format!("20261201T080000Z-{short}-accepted-people-1.csv");
        assert_eq!(names(&folder), [kept.clone(), format!("20261201T080000Z-{short}-unchanged-again.csv")]);
        assert_eq!(find(&folder, &digest), Some(("people-1.csv".to_owned(), b"Id\n1\n".to_vec())));
        assert_eq!(find(&folder, &sha256_hex(b"other")), None);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&folder), mode(&folder.join(kept))), (0o700, 0o600));
        }
    }

    #[test]
    fn an_archived_file_that_was_altered_is_not_found() {
        let archive = tempfile::tempdir().unwrap();
        let digest = sha256_hex(b"Id\n1\n");
        keep(archive.path(), &label(&Verdict::Accepted, &digest, "people.csv"), b"Id\n2\n").unwrap();
        assert_eq!(find(archive.path(), &digest), None);
    }

    #[test]
    fn a_refused_delivery_lies_in_quarantine_beside_its_reason() {
        let drop = tempfile::tempdir().unwrap();
        let refused = Verdict::Refused { rule: "zeroRows", why: "it has a header and no rows".into() };
        let digest = sha256_hex(b"Id\n");
        keep(drop.path(), &label(&refused, &digest, "../../etc/pass wd"), b"Id\n").unwrap();

        let quarantine = drop.path().join(QUARANTINE);
        let stem = format!("20261201T080000Z-{}-zeroRows-_.._etc_pass_wd", &digest[..12]);
        assert_eq!(names(&quarantine), [stem.clone(), format!("{stem}.reason.txt")]);
        let reason = std::fs::read_to_string(quarantine.join(format!("{stem}.reason.txt"))).unwrap();
        assert_eq!(
            reason,
            format!(
                "Refused: it has a header and no rows.\nRule: zeroRows\nSHA-256: {digest}\nJudged: 2026-12-01T08:00:00Z\n"
            )
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_quarantine_that_leads_elsewhere_is_not_used() {
        let (drop, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::os::unix::fs::symlink(elsewhere.path(), drop.path().join(QUARANTINE)).unwrap();
        let refused = Verdict::Refused { rule: "zeroRows", why: "it has a header and no rows".into() };
        let kept = keep(drop.path(), &label(&refused, &sha256_hex(b"x"), "evil.yaml"), b"x");
        assert!(matches!(kept, Err(ArchiveError::Folder { .. })));
        assert!(names(elsewhere.path()).is_empty());
    }

    #[test]
    fn a_file_refused_unread_is_moved_beside_its_reason() {
        let drop = tempfile::tempdir().unwrap();
        let file = drop.path().join("huge.csv");
        std::fs::write(&file, "x").unwrap();
        let refused = Verdict::Refused { rule: "tooLarge", why: "it is too large".into() };
        move_unread(drop.path(), &label(&refused, "", "huge.csv"), &file).unwrap();
        assert!(!file.exists());
        let stem = "20261201T080000Z-unread-tooLarge-huge.csv";
        assert_eq!(names(&drop.path().join(QUARANTINE)), [stem.to_owned(), format!("{stem}.reason.txt")]);
    }
}
