//! Writing new documents into a folder, without touching what is there.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// The folder that new documents go to.
pub(super) struct NewDocuments {
    folder: PathBuf,
    taken: BTreeSet<String>,
}

impl NewDocuments {
    /// Looks at `folder`, which need not exist; with `may_replace`, files that are there count as none.
    ///
    /// # Errors
    /// Fails when the folder is there and cannot be read.
    pub(super) fn in_folder(folder: &Path, may_replace: bool) -> anyhow::Result<Self> {
        let mut taken = BTreeSet::new();
        if folder.exists() && !may_replace {
            let read = |error| format!("reading {} failed{error}", folder.display());
            for entry in folder.read_dir().with_context(|| read(""))? {
                taken.insert(entry.with_context(|| read(""))?.file_name().to_string_lossy().into_owned());
            }
        }
        Ok(Self { folder: folder.to_path_buf(), taken })
    }

    /// Whether a file of this name is there.
    pub(super) fn has(&self, file: &str) -> bool {
        self.taken.contains(file)
    }

    /// Writes all files, or none where one of them is there already.
    ///
    /// # Errors
    /// Fails when a file is there already, or cannot be written.
    pub(super) fn write<'f>(&self, files: impl IntoIterator<Item = (&'f str, &'f str)>) -> anyhow::Result<()> {
        let files: Vec<_> = files.into_iter().collect();
        if let Some((file, _)) = files.iter().find(|(file, _)| self.has(file)) {
            bail!("{} is there already; give another folder with --out, or --force", self.folder.join(file).display());
        }
        std::fs::create_dir_all(&self.folder).with_context(|| format!("making {} failed", self.folder.display()))?;
        for (file, text) in files {
            write_whole(&self.folder, file, text)?;
        }
        Ok(())
    }
}

/// Renames a whole file into place, so that nobody reads half of it.
fn write_whole(folder: &Path, file: &str, text: &str) -> anyhow::Result<()> {
    let (path, unfinished) = (folder.join(file), folder.join(format!(".{file}.unfinished")));
    let written = std::fs::File::create(&unfinished)
        .and_then(|mut unfinished| unfinished.write_all(text.as_bytes()).and_then(|()| unfinished.sync_all()))
        .and_then(|()| std::fs::rename(&unfinished, &path));
    written.with_context(|| format!("writing {} failed", path.display()))
}
