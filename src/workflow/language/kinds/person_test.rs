//! `kind: PersonTest`.

use crate::workflow::language::forms::{GUID, MOMENT, TIME_ZONE};
use crate::workflow::language::{Case, Choice, Key, Kind, Mapping, Shape, Word};

use super::{IDENTITY, TEXT, TEXTS};

pub(super) const KIND: Kind = Kind {
    word: "PersonTest",
    about: "What the documents should do for one person over time. `usherd test` runs the person tests of the folder `tests` inside the documents folder; the daemon does not read them.",
    mapping: &PERSON_TEST,
    example: include_str!("../examples/person-test.yaml"),
};

const PERSON_TEST: Mapping = Mapping {
    name: "Person test",
    about: "One person's story, and everything that must come of it.",
    keys: &[
        &[Key::required("kind", Shape::Word(&[Word { word: "PersonTest", about: "A person test." }]), "`PersonTest`.")],
        IDENTITY,
        &[
            Key::required(
                "timeZone",
                Shape::Text(&TIME_ZONE),
                "The person's zone, in which every day and time of the test is meant.",
            ),
            Key::or("employeeId", "E0001", TEXT, "The person's employee id.").such_as(&["E0001"]),
            Key::optional(
                "feed",
                TEXT,
                "The feed that tells of the person; needed only where there is a record and more than one feed.",
            )
            .such_as(&["hr"]),
            Key::required("from", Shape::Text(&MOMENT), "When the test begins.").such_as(&["2026-11-20"]),
            Key::required(
                "until",
                Shape::Text(&MOMENT),
                "When it ends, not before `from` and at most 3660 days after it; a day belongs to it whole.",
            )
            .such_as(&["2027-01-31"]),
            Key::optional(
                "inForceSince",
                Shape::Text(&MOMENT),
                "Since when the documents are in force and the account is known. Without it, since long before the test.",
            )
            .such_as(&["2026-11-20"]),
            Key::required("given", Shape::Mapping(&GIVEN), "What holds at the beginning."),
            Key::optional(
                "history",
                Shape::List { of: &Shape::Mapping(&CHANGE), least: 0 },
                "What changes later, in any order.",
            ),
            Key::required(
                "expect",
                Shape::List { of: &Shape::Mapping(&REQUEST), least: 0 },
                "Every request that must be made or held, and no other; `[]` for none.",
            ),
            Key::optional(
                "reasons",
                Shape::List { of: &Shape::Mapping(&REASON), least: 0 },
                "Reasons that documents must give for doing nothing.",
            ),
        ],
    ],
    choice: Choice::Free,
};

/// What may be said of the beginning and of what changes alike.
const COMMON: &[Key] = &[
    Key::optional(
        "record",
        Shape::Entries { key: "an attribute that a feed maps", of: &Shape::AttributeValue },
        "The HR record, which is there from now on. An attribute that is never named is read and empty; one that is named once stays as it is.",
    ),
    Key::optional(
        "user",
        Shape::Entries { key: "an attribute of the directory", of: &Shape::Either(USER_VALUES) },
        "Attributes of the directory user, as for `record`. Without it, an enabled member of the directory.",
    ),
    Key::optional(
        "hasAccount",
        Shape::Boolean,
        "Whether there is a directory user from now on; at the beginning there is one unless it says `false`.",
    ),
    Key::optional("holds", TEXTS, "Packages that somebody else gives, as the documents name them.")
        .such_as(&["Office Basics"]),
];

const USER_VALUES: &[Shape] = &[
    Shape::AttributeValue,
    Shape::List { of: &TEXT, least: 0 },
    Shape::List { of: &Shape::Mapping(&SERVICE_PLAN), least: 0 },
];

const GIVEN: Mapping = Mapping {
    name: "Given",
    about: "What holds at the beginning of a person test.",
    keys: &[
        COMMON,
        &[Key::optional("groups", TEXTS, "Groups that the user is in, as the documents name them.")
            .such_as(&["Marketing"])],
    ],
    choice: Choice::Free,
};

const CHANGE: Mapping = Mapping {
    name: "Later change",
    about: "What changes in a person test at a moment; what it does not name stays as it is.",
    keys: &[
        &[Key::required(
            "on",
            Shape::Text(&MOMENT),
            "From when on, not before the test begins; a day from its beginning.",
        )
        .such_as(&["2026-12-01", "2026-12-02T10:00"])],
        COMMON,
        &[
            Key::optional(
                "isMissing",
                Shape::True,
                "Deliveries of the feed lack the record from now on, every 12 hours, until `record` says that it is there again (`{}` as it was). Missing is not leaving: who is missing from three deliveries that span a day has disappeared from the feed.",
            ),
            Key::optional("joins", TEXTS, "Groups that the user comes into.").such_as(&["Marketing"]),
            Key::optional("leaves", TEXTS, "Groups that the user goes out of.").such_as(&["Marketing"]),
            Key::optional("lacks", TEXTS, "Packages that somebody else takes.").such_as(&["Office Basics"]),
            Key::optional(
                "activated",
                TEXTS,
                "Workflows that an operator activates for the person (`usherd activate`).",
            )
            .such_as(&["onboard-marketing"]),
        ],
    ],
    choice: Choice::Free,
};

const SERVICE_PLAN: Mapping = Mapping {
    name: "Service plan",
    about: "One of the user's `assignedPlans`; what it does not say is read and empty.",
    keys: &[&[
        Key::optional(
            "capabilityStatus",
            Shape::Word(&[
                Word { word: "Enabled", about: "It can be used." },
                Word { word: "Warning", about: "It can be used, and its subscription is about to end." },
                Word { word: "Suspended", about: "It cannot be used until its subscription is paid." },
                Word { word: "Deleted", about: "It is over." },
                Word { word: "LockedOut", about: "Its subscription is blocked." },
            ]),
            "Whether it can be used.",
        ),
        Key::optional("service", TEXT, "The service's name.").such_as(&["exchange"]),
        Key::optional("servicePlanId", Shape::Text(&GUID), "The plan's id."),
    ]],
    choice: Choice::Free,
};

const REQUEST: Mapping = Mapping {
    name: "Expected request",
    about: "A request that must be made, or held. Each stands for one.",
    keys: &[&[
        Key::required("on", Shape::Text(&MOMENT), "When: at any time of a day, or in this minute."),
        BY,
        Key::optional("heldBy", TEXT, "The plan gate that holds it. Without it, it is sent.").such_as(&["backfill"]),
    ]],
    choice: Choice::OneKey(&[
        Case {
            key: Key::required("gains", TEXT, "The package that is given, as the document names it.")
                .such_as(&["Office Basics"]),
            beside: &[],
        },
        Case {
            key: Key::required("loses", TEXT, "The package that is taken.").such_as(&["Office Basics"]),
            beside: &[],
        },
        Case {
            key: Key::required("joins", TEXT, "The group that the user comes into.").such_as(&["Marketing NL"]),
            beside: &[],
        },
        Case {
            key: Key::required("leaves", TEXT, "The group that the user goes out of.").such_as(&["Marketing NL"]),
            beside: &[],
        },
    ]),
};

const BY: Key =
    Key::required("by", TEXT, "The workflow or auto assignment that makes it.").such_as(&["onboard-marketing"]);

const REASON: Mapping = Mapping {
    name: "Expected reason",
    about: "A reason that must be given for doing nothing.",
    keys: &[&[
        Key::required("on", Shape::Text(&MOMENT), "When; a day means its end."),
        Key::required("document", TEXT, "The workflow or auto assignment that gives it.")
            .such_as(&["onboard-marketing"]),
        Key::required("reason", TEXT, "The reason (see [Reasons](#reasons)).").such_as(&["notYetDue"]),
    ]],
    choice: Choice::Free,
};
