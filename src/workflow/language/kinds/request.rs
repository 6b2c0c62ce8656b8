//! How a package is asked for: keys that a task and an auto assignment share.

use crate::workflow::language::forms::{DURATION, INSTANT, TEMPLATE};
use crate::workflow::language::{Case, Choice, Key, Mapping, Shape, Word};

use super::TEXT;

pub(super) const REQUESTED: &[Key] = &[
    Key::required(
        "accessPackage",
        TEXT,
        "The package's display name or id. A name is pinned to the id it stood for first.",
    ),
    Key::required("assignmentPolicy", TEXT, "The policy's display name or id: always said, never \"the first one\".")
        .such_as(&["Direct assignment"]),
    Key::optional(
        "expiration",
        Shape::Either(&[
            Shape::Word(&[Word { word: "noExpiration", about: "For good." }]),
            Shape::Mapping(&EXPIRATION),
        ]),
        "How long the assignment lasts. Without it, the policy says.",
    ),
    Key::optional(
        "answers",
        Shape::Entries { key: "the text or id of a question of the policy", of: &Shape::Text(&TEMPLATE) },
        "Answers to the policy's questions.",
    )
    .such_as(&["{{ subject.country }}"]),
    Key::optional("justification", Shape::Text(&TEMPLATE), "Kept with the request."),
];

const EXPIRATION: Mapping = Mapping {
    name: "Expiration",
    about: "When an assignment ends: one of the keys below.",
    keys: &[],
    choice: Choice::OneKey(&[
        Case {
            key: Key::required("afterDuration", Shape::Text(&DURATION), "This long after it was granted.")
                .such_as(&["P90D"]),
            beside: &[],
        },
        Case { key: Key::required("afterDateTime", Shape::Text(&INSTANT), "At this instant."), beside: &[] },
    ]),
};
