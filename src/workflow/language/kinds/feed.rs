//! `kind: Feed`.

use crate::workflow::language::forms::{ANY, DATE_FORMAT, DURATION, RULE, TIME_ZONE};
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
            Key::optional(
                "maxAge",
                Shape::Text(&DURATION),
                "How old a delivery may be: an older one is refused, and once the one in force is older, the log says so. A delivery is as old as its `.done` file's `created` says, else as the file's modification.",
            ),
            Key::optional(
                "limits",
                Shape::Mapping(&LIMITS),
                "The feed gate's limits, where they are to be tighter than usual.",
            ),
            Key::optional("rows", Shape::Mapping(&ROWS), "Which rows are the feed's own, where not all are."),
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
                Word { word: "enum", about: "One of the texts given; any other cannot be read." },
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
                    Key::optional("leavers", WORDS, LEAVERS).such_as(&["N"]),
                ]],
            ),
            (
                "enum",
                &[&[
                    Key::required("values", SOME_WORDS, "The texts that there are, exactly as they are written.")
                        .such_as(&["Terminated"]),
                    Key::optional("leavers", WORDS, LEAVERS).such_as(&["Terminated"]),
                ]],
            ),
        ],
    },
};

const LEAVERS: &str =
    "Texts of the column that say that somebody has left. The feed gate (`leaversSurge`) counts who gets one.";

const ROWS: Mapping = Mapping {
    name: "Feed rows",
    about: "The rows that are the feed's own, so that totals lines or other companies are left out on purpose. Every gate counts only what is kept; how many were left out is told with each delivery.",
    keys: &[&[
        Key::required(
            "keep",
            Shape::Text(&RULE),
            "A rule over the words of `columns`; a row for which it does not hold is left out. Columns are compared as text; an empty one is `null`.",
        )
        .such_as(&["company eq 'NL01' and id ne 'Total'"]),
        Key::required(
            "columns",
            Shape::Entries { key: "a word of the rule", of: &TEXT },
            "The column that each word of the rule stands for.",
        ),
    ]],
    choice: Choice::Free,
};

const LIMITS: Mapping = Mapping {
    name: "Feed limits",
    about: "Limits of the feed gate by the words of its rules. They may be tighter than usual, never looser.",
    keys: &[&[
        Key::or(
            "leastRows",
            "1",
            Shape::Integer { least: 1, most: 10_000_000 },
            "A delivery with fewer rows is refused, whatever was usual.",
        ),
        Key::optional("rowsLost", Shape::Mapping(&ROWS_LOST), "Rows fewer than usual, and people lost."),
        Key::optional(
            "badKeys",
            Shape::Mapping(&BAD_ROWS),
            "Rows without a usable key, and keys with different records.",
        ),
        Key::optional("badColumn", Shape::Mapping(&BAD_ROWS), "Rows in which a mapped column cannot be read."),
        Key::optional("leaversSurge", Shape::Mapping(&LEAVERS_SURGE), "People who have left, all at once."),
        Key::optional(
            "leaveDatesCleared",
            Shape::Mapping(&DATES_CLEARED),
            "Leave dates that lie ahead and are cleared.",
        ),
        Key::optional("attributeSurge", Shape::Mapping(&ATTRIBUTE_SURGE), "People for whom one attribute changes."),
    ]],
    choice: Choice::Free,
};

macro_rules! limit {
    ($name:literal, $count:literal, $percent:literal) => {
        Mapping {
            name: $name,
            about: "What is more than the greater of the two is refused.",
            keys: &[&[
                Key::optional("count", Shape::Integer { least: 0, most: $count }, "So many in any case."),
                Key::optional("percent", Shape::Integer { least: 0, most: $percent }, "Percent of the rows or people."),
            ]],
            choice: Choice::Free,
        }
    };
}

const ROWS_LOST: Mapping = limit!("Limit of rowsLost", 3, 10);
const BAD_ROWS: Mapping = limit!("Limit of badKeys and badColumn", 2, 0);
const LEAVERS_SURGE: Mapping = limit!("Limit of leaversSurge", 3, 2);
const DATES_CLEARED: Mapping = limit!("Limit of leaveDatesCleared", 3, 1);
const ATTRIBUTE_SURGE: Mapping = limit!("Limit of attributeSurge", 9, 30);

const WORDS: Shape = Shape::List { of: &Shape::Text(&ANY), least: 0 };
const SOME_WORDS: Shape = Shape::List { of: &Shape::Text(&ANY), least: 1 };
