//! `kind: Feed`.

use crate::workflow::language::forms::{ANY, DATE_FORMAT, DELIMITER, TIME_ZONE};
use crate::workflow::language::{Case, Choice, Key, Kind, Mapping, Shape, Word};

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
            Key::required("key", TEXT, "The header of the column that tells people apart.").such_as(&["Employee ID"]),
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

const SOURCE: Mapping = Mapping {
    name: "Source",
    about: "Where a feed's records lie (one of `file` and `drop`) and how they are written.",
    keys: &[&[
        Key::required(
            "format",
            Shape::Word(&[Word { word: "csv", about: "Separated values with a header." }]),
            "The format.",
        ),
        Key::required("delimiter", Shape::Text(&DELIMITER), "What stands between the columns."),
        Key::required(
            "encoding",
            Shape::Word(&[
                Word { word: "utf-8", about: "UTF-8, with or without a byte order mark." },
                Word { word: "utf-16", about: "UTF-16, little-endian unless a byte order mark says otherwise." },
                Word { word: "windows-1252", about: "Windows-1252." },
            ]),
            "The encoding; what it cannot decode is an error.",
        ),
        Key::or(
            "lastLineEnd",
            "required",
            Shape::Word(&[
                Word { word: "required", about: "A file whose last line does not end is not whole." },
                Word { word: "optional", about: "The last line may end with the file." },
            ]),
            "Whether the last line must end with a line end.",
        ),
    ]],
    choice: Choice::OneKey(&[
        Case {
            key: Key::required(
                "file",
                TEXT,
                "A file that is watched in place. Relative paths begin at the folder of usherd.yaml.",
            )
            .such_as(&["feeds/hr.csv"]),
            beside: &[],
        },
        Case {
            key: Key::required("drop", TEXT, "A folder whose files are consumed, each once it is complete.")
                .such_as(&["/var/lib/usherd/feeds/hr"]),
            beside: &[],
        },
    ]),
};

const ZONE: Mapping = Mapping {
    name: "Zone",
    about: "Where a person's time zone comes from.",
    keys: &[&[
        Key::optional("column", TEXT, "The header of a column with IANA names.").such_as(&["Time Zone"]),
        Key::required("default", Shape::Text(&TIME_ZONE), "The zone where the column is absent or empty."),
    ]],
    choice: Choice::Free,
};

const COLUMN: Mapping = Mapping {
    name: "Column",
    about: "One mapped column.",
    keys: &[&[
        Key::required("column", TEXT, "The column's header.").such_as(&["Dept"]),
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
