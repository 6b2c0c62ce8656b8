//! `usherd validate`: every problem of every document.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use crate::engine::documents::read_folder;
use crate::workflow::load::{SourceText, load};
use crate::workflow::problem::render;

use super::output::{is_colourful, print};

/// Arguments of `usherd validate`.
#[derive(Debug, Args)]
pub(super) struct ValidateArgs {
    /// Files and folders of documents; together they are one set.
    #[arg(value_name = "PATH", default_value = "workflows")]
    paths: Vec<PathBuf>,
}

pub(super) fn run(args: &ValidateArgs) -> anyhow::Result<ExitCode> {
    let mut files = Vec::new();
    for path in &args.paths {
        files.extend(read(path)?);
    }
    anyhow::ensure!(!files.is_empty(), "there is no YAML file in what was named");
    let loaded = load(&files);
    for problem in &loaded.problems {
        let text = files.iter().find(|file| file.file == problem.file).map_or("", |file| file.text.as_str());
        print(&render(problem, text, is_colourful()))?;
    }
    let (problems, documents) = (loaded.problems.len(), files.len());
    if problems == 0 {
        print(&format!("{documents} documents are valid"))?;
        return Ok(ExitCode::SUCCESS);
    }
    print(&format!("\n{problems} problems in {} of {documents} documents", loaded.broken.len()))?;
    Ok(ExitCode::FAILURE)
}

/// Documents by the path a person can open.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<SourceText>> {
    if path.is_dir() {
        let in_folder = |file: SourceText| SourceText { file: path.join(&file.file).display().to_string(), ..file };
        return Ok(read_folder(path)?.into_iter().map(in_folder).collect());
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {} failed", path.display()))?;
    Ok(vec![SourceText { file: path.display().to_string(), text }])
}
