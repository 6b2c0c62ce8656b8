//! `usherd schema`: the language of the documents, for editors and for people.

use std::process::ExitCode;

use anyhow::Context;
use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};

use crate::workflow::language::{KINDS, reference, schema, schema_of};

use super::output::print;

/// Arguments of `usherd schema`.
#[derive(Debug, Args)]
pub(super) struct SchemaArgs {
    /// Only this kind of document.
    #[arg(long, value_parser = PossibleValuesParser::new(KINDS.iter().map(|kind| kind.word)))]
    kind: Option<String>,
    /// How to answer.
    #[arg(long, value_enum, default_value_t = Form::Json)]
    output: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A JSON Schema (2020-12), for editors.
    Json,
    /// The reference of the whole language, for people.
    Markdown,
}

pub(super) fn run(args: &SchemaArgs) -> anyhow::Result<ExitCode> {
    let kind = args.kind.as_ref().and_then(|word| KINDS.iter().find(|kind| kind.word == word));
    let text = match (args.output, kind) {
        (Form::Markdown, None) => reference(),
        (Form::Markdown, Some(_)) => anyhow::bail!("the reference is of the whole language: leave --kind out"),
        (Form::Json, kind) => {
            let schema = kind.map_or_else(schema, schema_of);
            serde_json::to_string_pretty(&schema).context("writing the schema as JSON failed")?
        }
    };
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}
