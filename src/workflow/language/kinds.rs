//! The kinds of documents, key by key.

use super::forms::{ANY, LINE, NAME};
use super::{Key, Kind, Shape, Word};

mod auto_assignment;
mod feed;
mod feed_source;
mod person_test;
mod request;
mod task;
mod trigger;
mod workflow;

/// Every kind.
pub const KINDS: &[Kind] = &[workflow::KIND, auto_assignment::KIND, feed::KIND, person_test::KIND];

const TEXT: Shape = Shape::Text(&LINE);
const TEXTS: Shape = Shape::List { of: &TEXT, least: 0 };

/// What every document says of itself, but for `kind`.
const IDENTITY: &[Key] = &[
    Key::required(
        "apiVersion",
        Shape::Word(&[Word { word: "usherd/v1", about: "This version of the language." }]),
        "The version of the language.",
    ),
    Key::required("name", Shape::Text(&NAME), "The document's name, unique over all kinds."),
    Key::optional("description", Shape::Text(&ANY), "For people."),
];

/// What a document that the ledger knows says of its past.
const FORMERLY: &[Key] = &[Key::optional(
    "formerly",
    Shape::List { of: &Shape::Text(&NAME), least: 0 },
    "Names the document had before: what the ledger keeps under them is its own.",
)
.such_as(&["old-name"])];

const MODE: &[Key] = &[Key::required(
    "mode",
    Shape::Word(&[
        Word { word: "observe", about: "Only says what it would do." },
        Word { word: "grantOnly", about: "Adds; removals wait." },
        Word { word: "enforce", about: "Adds and removes." },
    ]),
    "How far the document may go; `safety.mode` in usherd.yaml is a ceiling over all documents.",
)];

/// Whom a document leaves alone.
const EXCEPT: &[Key] = &[Key::optional(
    "except",
    TEXTS,
    "Sign-in names, mail addresses, object ids or employee ids of people who stay untouched: neither added nor removed.",
)
.such_as(&["breakglass@contoso.com"])];
