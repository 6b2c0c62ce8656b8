//! `kind: Feed`.

use crate::workflow::language::forms::{ANY, DATE_FORMAT, TIME_ZONE};
use crate::workflow::language::{Choice, Key, Kind, Mapping, Shape, Word};

use super::feed_source::SOURCE;
use super::{FORMERLY, IDENTITY, TEXT};

pub(super) const KIND: Kind = Kind {
    word: "Feed",
    about: "A source of HR records: where they lie, how they are written, and which columns mean what. Nothing is guessed.",
    mapping: &FEED,
    example: include_str!("../examples/feed.yaml"),
};

const FEED: Mapping = Mapping {
    name: "Feed",
    about: "A source of HR records.",
    keys: &[
        &[Key::required("kind", Shape::Word(&[Word { word: "Feed", about: "A feed." }]), "`Feed`.")],
        IDENTITY,
        FORMERLY,
        &[
            Key::required(
                "mode",
                Shape::Word(&[Word { word: "snapshot", about: "Each delivery holds everybody." }]),
                "What a delivery holds.",
            ),
            Key::required("source", Shape::Mapping(&SOURCE), "Where the records lie and how they are written."),
            Key::required("key", TEXT, "The column that tells people apart, named as in `attributes`.")
                .such_as(&["Employee ID"]),
            Key::or(
                "join",
                "employeeId",
                Shape::Word(&[Word { word: "employeeId", about: "The user's employee id." }]),
                "The user attribute that the key is matched with.",
            ),
            Key::required("timeZone", Shape::Mapping(&ZONE), "Where a person's zone comes from."),
            Key::required(
                "attributes",
                Shape::Entries {
                    key: "an attribute's name, as rules, triggers and templates use it",
                    of: &Shape::Mapping(&COLUMN),
                },
                "The mapped columns. What a feed maps is HR's; every other attribute is the directory's.",
            ),
        ],
    ],
    choice: Choice::Free,
};

const ZONE: Mapping = Mapping {
    name: "Zone",
    about: "Where a person's time zone comes from.",
    keys: &[&[
        Key::optional("column", TEXT, "A column with IANA names.").such_as(&["Time Zone"]),
        Key::required("default", Shape::Text(&TIME_ZONE), "The zone where the column is absent or empty."),
    ]],
    choice: Choice::Free,
};

const COLUMN: Mapping = Mapping {
    name: "Column",
    about: "One mapped column.",
    keys: &[&[
        Key::required(
            "column",
            TEXT,
            "The column: in CSV its header; in JSON the name of a member or, beginning with `/`, a JSON Pointer; in SCIM an attribute or a pointer.",
        )
        .such_as(&["Dept", "/job/department", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"]),
        Key::or(
            "type",
            "text",
            Shape::Word(&[
                Word { word: "text", about: "As it is." },
                Word { word: "date", about: "A civil date." },
                Word { word: "bool", about: "A truth value." },
            ]),
            "How the column's text is read.",
        ),
        Key::optional("none", WORDS, "Texts that mean \"empty\", beside the empty text itself.")
            .such_as(&["31.12.9999"]),
        Key::or(
            "absent",
            "keep",
            Shape::Word(&[
                Word { word: "keep", about: "Nothing: the last known value stays." },
                Word { word: "empty", about: "That it is empty: the source leaves out what has no value." },
            ]),
            "What a record says that lacks the column, which only JSON and SCIM can.",
        ),
    ]],
    choice: Choice::ByWord {
        key: "type",
        absent: Some("text"),
        cases: &[
            ("text", &[]),
            (
                "date",
                &[&[
                    Key::required("format", Shape::Text(&DATE_FORMAT), "How dates are written."),
                    Key::or(
                        "inclusive",
                        "false",
                        Shape::Boolean,
                        "Whether the day itself still counts, as a last working day does.",
                    ),
                ]],
            ),
            (
                "bool",
                &[&[
                    Key::required("true", SOME_WORDS, "Texts that mean true.").such_as(&["Y"]),
                    Key::required("false", SOME_WORDS, "Texts that mean false.").such_as(&["N"]),
                ]],
            ),
        ],
    },
};

const WORDS: Shape = Shape::List { of: &Shape::Text(&ANY), least: 0 };
const SOME_WORDS: Shape = Shape::List { of: &Shape::Text(&ANY), least: 1 };
