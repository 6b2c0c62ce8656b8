//! `usherd test`: person tests, simulated under the documents.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use clap::Args;

use crate::domain::counted::counted;
use crate::engine::collect::wanted_attributes;
use crate::engine::document_records::put_on_record;
use crate::plan::coverage::Coverage;
use crate::plan::ledger::Ledger;
use crate::plan::person_test::{self, Outcome, Tested, in_force_since};
use crate::workflow::definition::Mode;
use crate::workflow::load::{Loaded, load};
use crate::workflow::person_test::PersonTest;
use crate::workflow::problem::render;

use super::output::{Format, is_colourful, print};
use super::validate::read;

mod report;

/// A test failed.
const FAILED: u8 = 4;
/// Every test passed, and some part of a document was not reached.
const UNREACHED: u8 = 3;
/// Where the tests are, inside the documents folder.
const FOLDER: &str = "tests";

/// Arguments of `usherd test`.
#[derive(Debug, Args)]
pub(super) struct TestArgs {
    /// Files and folders of person tests. Without them: the folder `tests` inside the documents folder.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The documents that are tested.
    #[arg(long, value_name = "DIR", default_value = "workflows")]
    documents: PathBuf,
    /// How to answer.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    output: Format,
    /// Say which conditions and tasks no test reached; exit with 3 when there is one.
    #[arg(long)]
    coverage: bool,
}

/// A test that was run.
struct Ran<'t> {
    test: &'t PersonTest,
    outcome: Result<Outcome, person_test::StoryError>,
    milliseconds: u128,
}

impl Ran<'_> {
    fn has_passed(&self) -> bool {
        self.outcome.as_ref().is_ok_and(|outcome| outcome.differences.is_empty())
    }
}

pub(super) fn run(args: &TestArgs) -> anyhow::Result<ExitCode> {
    let Some(loaded) = load_all(args)? else { return Ok(ExitCode::FAILURE) };
    let mut coverage = Coverage::of(&loaded.definitions);
    let ran = run_tests(&loaded, &mut coverage);
    let shown = args.coverage.then_some(&coverage);
    let text = match args.output {
        Format::Text => report::text(&ran, shown, &loaded),
        Format::Json => serde_json::to_string_pretty(&report::json(&ran, shown, &loaded))
            .context("writing the report as JSON failed")?,
    };
    print(&text)?;
    let is_unreached = args.coverage && coverage.parts().any(|(part, seen)| !Coverage::is_reached(part, seen));
    Ok(ExitCode::from(match (ran.iter().all(Ran::has_passed), is_unreached) {
        (false, _) => FAILED,
        (true, true) => UNREACHED,
        (true, false) => 0,
    }))
}

/// Documents and tests as one set; `None` when they have problems, which are shown.
fn load_all(args: &TestArgs) -> anyhow::Result<Option<Loaded>> {
    let usual = [args.documents.join(FOLDER)];
    let paths = if args.paths.is_empty() { &usual[..] } else { &args.paths };
    let mut files = read(&args.documents)?;
    for path in paths {
        files.extend(read(path).with_context(|| format!("no person tests could be read in {}", path.display()))?);
    }
    files.sort_by(|left, right| left.file.cmp(&right.file));
    files.dedup_by(|left, right| left.file == right.file);
    let loaded = load(&files);
    for problem in &loaded.problems {
        let text = files.iter().find(|file| file.file == problem.file).map_or("", |file| file.text.as_str());
        print(&render(problem, text, is_colourful()))?;
    }
    if !loaded.problems.is_empty() {
        print(&format!("\n{}; nothing was tested", counted(loaded.problems.len(), "problem")))?;
        return Ok(None);
    }
    anyhow::ensure!(!loaded.person_tests.is_empty(), "there is no person test in {}", listed(paths));
    Ok(Some(loaded))
}

fn listed(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| Path::display(path).to_string()).collect::<Vec<_>>().join(", ")
}

fn run_tests<'t>(loaded: &'t Loaded, coverage: &mut Coverage) -> Vec<Ran<'t>> {
    let directory_attributes = wanted_attributes(&loaded.definitions);
    let tested = Tested { definitions: &loaded.definitions, directory_attributes: &directory_attributes };
    let mut run_one = |test| {
        let began = Instant::now();
        let outcome = in_force_since(test).and_then(|since| {
            let records = put_on_record(&mut Ledger::default(), &loaded.definitions, Mode::Enforce, since).records;
            person_test::run(tested, records, test, coverage)
        });
        Ran { test, outcome, milliseconds: began.elapsed().as_millis() }
    };
    loaded.person_tests.iter().map(&mut run_one).collect()
}
