//! `kind: AutoAssignment`.

use crate::workflow::language::forms::{DURATION, RULE};
use crate::workflow::language::{Case, Choice, Key, Kind, Mapping, Shape, Word};

use super::request::REQUESTED;
use super::{EXCEPT, FORMERLY, IDENTITY, MODE, TEXT};

pub(super) const KIND: Kind = Kind {
    word: "AutoAssignment",
    about: "A standing equality: the holders of a package are the members of a set. It removes only what usherd granted, unless it adopts.",
    mapping: &AUTO_ASSIGNMENT,
    example: include_str!("../examples/auto-assignment.yaml"),
};

const NEVER: Word = Word { word: "never", about: "The access stays." };
const IMMEDIATELY: Word = Word { word: "immediately", about: "The access goes with the next pass." };

const AUTO_ASSIGNMENT: Mapping = Mapping {
    name: "Auto assignment",
    about: "A standing equality: the holders of a package are the members of a set.",
    keys: &[
        &[Key::required(
            "kind",
            Shape::Word(&[Word { word: "AutoAssignment", about: "An auto assignment." }]),
            "`AutoAssignment`.",
        )],
        IDENTITY,
        FORMERLY,
        MODE,
        REQUESTED,
        &[
            Key::required("members", Shape::Mapping(&MEMBERS), "Who is to hold the package."),
            Key::required(
                "whenMemberLeaves",
                Shape::Either(&[Shape::Word(&[NEVER, IMMEDIATELY]), Shape::Mapping(&REMOVAL)]),
                "What happens when somebody stops being a member.",
            ),
            Key::or(
                "adopt",
                "false",
                Shape::Boolean,
                "Whether assignments that usherd did not grant are the document's own too.",
            ),
            Key::optional(
                "limits",
                Shape::Mapping(&LIMITS),
                "Its own limits; they may tighten the tenant's, never loosen them.",
            ),
        ],
    ],
    choice: Choice::Free,
};

const MEMBERS: Mapping = Mapping {
    name: "Members",
    about: "Who is to hold the package.",
    keys: &[
        &[Key::required(
            "anyOf",
            Shape::List { of: &Shape::Mapping(&SOURCE), least: 1 },
            "Where members come from: anybody of any of these.",
        )],
        EXCEPT,
    ],
    choice: Choice::Free,
};

const SOURCE: Mapping = Mapping {
    name: "Member source",
    about: "Where members come from: one of the keys below.",
    keys: &[],
    choice: Choice::OneKey(&[
        Case {
            key: Key::required("group", TEXT, "The members of a directory group, by display name or id.")
                .such_as(&["Marketing"]),
            beside: &[Key::or(
                "transitive",
                "false",
                Shape::Boolean,
                "Whether members of groups inside the group count too.",
            )],
        },
        Case { key: Key::required("rule", Shape::Text(&RULE), "Everybody for whom the rule holds."), beside: &[] },
        Case {
            key: Key::required("feed", TEXT, "Everybody in a feed among the documents.").such_as(&["hr"]),
            beside: &[],
        },
    ]),
};

const REMOVAL: Mapping = Mapping {
    name: "Removal",
    about: "What happens when somebody stops being a member, written out.",
    keys: &[&[Key::required(
        "remove",
        Shape::Word(&[NEVER, IMMEDIATELY, Word { word: "after", about: "The access goes after a grace period." }]),
        "When the access goes.",
    )]],
    choice: Choice::ByWord {
        key: "remove",
        absent: None,
        cases: &[
            ("never", &[]),
            ("immediately", &[]),
            ("after", &[&[Key::required("gracePeriod", Shape::Text(&DURATION), "How long it stays.")]]),
        ],
    },
};

const LIMITS: Mapping = Mapping {
    name: "Limits",
    about: "An auto assignment's own limits.",
    keys: &[&[Key::required("removals", Shape::Mapping(&LIMIT), "How many people it may remove in one plan.")]],
    choice: Choice::Free,
};

const LIMIT: Mapping = Mapping {
    name: "Limit",
    about: "The greater of two counts of people.",
    keys: &[&[
        Key::required("count", Shape::Integer { least: 0, most: 1_000_000 }, "People."),
        Key::required("percent", Shape::Integer { least: 0, most: 100 }, "Percent of the people it is about."),
    ]],
    choice: Choice::Free,
};
