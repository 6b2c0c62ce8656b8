//! `usherd explain`: why something is done for somebody, or not, and what would change that.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;
use jiff::Timestamp;
use serde::Serialize;

use crate::domain::ids::DocumentName;
use crate::engine::collect::Collected;
use crate::plan::explain::{self, Document, Explanation, Input, Verdict};
use crate::plan::limits::Limits;
use crate::plan::population::{self, Member};
use crate::plan::records;
use crate::workflow::problem::{Complaint, quoted};

use super::Target;
use super::onlooker::Onlooker;
use super::output::{DisplayNames, Format, print, table};

/// People who are listed where a word fits more than one, or nearly fits some.
const MOST_LISTED: usize = 5;

/// Arguments of `usherd explain`.
#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// Who: a sign-in name, mail address, object id or employee id.
    user: String,
    /// Prove what this workflow or auto assignment does, or does not.
    #[arg(long, visible_alias = "document", value_name = "NAME", conflicts_with = "package")]
    workflow: Option<String>,
    /// Prove it for every document that gives or takes this access package (display name or id).
    #[arg(long, value_name = "NAME")]
    package: Option<String>,
    /// Plan for this instant, with what is known now.
    #[arg(long, value_name = "INSTANT")]
    at: Option<Timestamp>,
    /// How to answer.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    output: Format,
    #[command(flatten)]
    target: Target,
}

pub(super) async fn run(args: ExplainArgs) -> anyhow::Result<ExitCode> {
    let mut onlooker = Onlooker::open(&args.target).await?;
    let engine = &mut onlooker.app.engine;
    let collected = engine.survey().await?;
    let answer = answer(&args, &collected, engine.limits());
    onlooker.close().await?;
    print(&answer?)?;
    Ok(ExitCode::SUCCESS)
}

fn answer(args: &ExplainArgs, collected: &Collected, limits: &Limits) -> anyhow::Result<String> {
    let Collected { definitions, observed, ledger, .. } = collected;
    let now = args.at.unwrap_or(observed.read_at);
    let input = Input { definitions, observed, ledger, limits, now };
    let unread = population::unread_attributes(&definitions.feeds, observed);
    let joint = records::join(definitions, observed, now);
    let mut members = population::join(observed, &unread);
    records::put_into(&joint, &mut members);
    let member = one(&members, &args.user)?;
    let notes = notes(args, collected);
    let names = DisplayNames::of_observed(observed);
    let who = names.subject(&member.subject.key, member.user_id());
    let documents = match (&args.workflow, &args.package) {
        (Some(name), _) => vec![named(&input, name)?],
        (None, Some(package)) => about(&input, package)?,
        (None, None) => {
            let verdicts = explain::overview(&input, member);
            return match args.output {
                Format::Json => json(&Overview { subject: member.subject.key.as_str(), at: now, notes, verdicts }),
                Format::Text => Ok(render_overview(&who, now, &notes, &verdicts, &names)),
            };
        }
    };
    let explanations = explain::explain(&input, member, &documents);
    match args.output {
        Format::Json => json(&Answer { notes, explanations }),
        Format::Text => {
            let texts = explanations
                .iter()
                .map(|explanation| explain::render(explanation, &who, &|resource| names.resource(resource)));
            Ok(notes.iter().map(|note| format!("Note: {note}\n")).chain(texts).collect::<Vec<_>>().join("\n"))
        }
    }
}

/// Proofs, for machines. It shows attribute values: it is for whoever asked, and for no log.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    notes: Vec<String>,
    explanations: Vec<Explanation>,
}

/// Every document's verdict, for machines.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Overview<'a> {
    subject: &'a str,
    at: Timestamp,
    notes: Vec<String>,
    verdicts: BTreeMap<DocumentName, Verdict>,
}

fn json(answer: &impl Serialize) -> anyhow::Result<String> {
    serde_json::to_string_pretty(answer).context("writing the explanation as JSON failed")
}

/// The one person meant.
fn one<'m, 'a>(members: &'m [Member<'a>], word: &str) -> anyhow::Result<&'m Member<'a>> {
    match population::named(members, word).as_slice() {
        [member] => Ok(member),
        [] => bail!("{}", nobody(members, word)),
        several => {
            let keys: Vec<&str> = several.iter().take(MOST_LISTED).map(|member| member.subject.key.as_str()).collect();
            bail!("{} fits {} subjects: {}; give one of these keys", quoted(word), several.len(), keys.join(", "))
        }
    }
}

fn nobody(members: &[Member<'_>], word: &str) -> String {
    let message = format!(
        "nobody in the feeds or the directory has the sign-in name, mail address, object id or employee id {}",
        quoted(word)
    );
    let folded = word.to_lowercase();
    let users = || members.iter().filter_map(|member| member.subject.user);
    let alike: Vec<&str> = users()
        .filter(|user| {
            let has = |text: &str| text.to_lowercase().contains(&folded);
            has(&user.user_principal_name) || has(&user.display_name)
        })
        .map(|user| user.user_principal_name.as_str())
        .take(MOST_LISTED)
        .collect();
    let complaint = Complaint::new(message);
    let complaint = if alike.is_empty() || folded.is_empty() {
        let ids = members.iter().filter_map(|member| Some(member.subject.person?.key.as_str()));
        let names = users().flat_map(|user| [Some(user.user_principal_name.as_str()), user.mail.as_deref()]);
        complaint.suggest(word, ids.chain(names.flatten()))
    } else {
        complaint
            .hint(format!("did you mean {}?", alike.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(" or ")))
    };
    in_one_line(&complaint)
}

fn in_one_line(complaint: &Complaint) -> String {
    match &complaint.hint {
        Some(hint) => format!("{}; {hint}", complaint.message),
        None => complaint.message.clone(),
    }
}

fn named<'a>(input: &Input<'a>, name: &str) -> anyhow::Result<Document<'a>> {
    let all = Document::all(input.definitions);
    let known = all.iter().find(|document| document.name().as_str() == name);
    known.copied().with_context(|| {
        let complaint = Complaint::new(format!("no workflow or auto assignment in force is called {}", quoted(name)));
        in_one_line(&complaint.suggest(name, all.iter().map(|document| document.name().as_str())))
    })
}

fn about<'a>(input: &Input<'a>, package: &str) -> anyhow::Result<Vec<Document<'a>>> {
    let documents = explain::documents_about(input, package);
    if documents.is_empty() {
        let complaint =
            Complaint::new(format!("no document in force gives or takes the access package {}", quoted(package)));
        let known = input.observed.packages.iter().map(|known| known.display_name.as_str());
        bail!("{}", in_one_line(&complaint.suggest(package, known)));
    }
    Ok(documents)
}

/// What must be known beside the verdict: another instant than now, and edits that are not in force.
fn notes(args: &ExplainArgs, collected: &Collected) -> Vec<String> {
    let read_at = collected.observed.read_at;
    let at = args.at.filter(|at| *at != read_at);
    let at = at
        .map(|at| format!("planned for {at} with what is known at {read_at}; what happens in between is not foreseen"));
    let broken = collected.problems.iter().map(|problem| {
        format!("a document has a mistake, its last good version (if there is one) is in force: {problem}")
    });
    at.into_iter().chain(broken).collect()
}

fn render_overview(
    who: &str,
    at: Timestamp,
    notes: &[String],
    verdicts: &BTreeMap<DocumentName, Verdict>,
    names: &DisplayNames,
) -> String {
    let rows = verdicts.iter().flat_map(|(document, verdict)| {
        let findings = verdict.0.iter().map(|finding| finding.in_words(&|resource| names.resource(resource)));
        findings.map(|finding| vec![document.to_string(), finding])
    });
    let mut text: String = notes.iter().map(|note| format!("Note: {note}\n")).collect();
    text.push_str(&format!(
        "{who} at {}:\n{}\n",
        at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        table(&["document", "verdict"], rows)
    ));
    text.push_str("\n`usherd explain USER --workflow NAME` proves one of them, and says what would change it.\n");
    text
}
