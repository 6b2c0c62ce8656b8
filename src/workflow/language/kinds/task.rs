//! `tasks:` of a workflow.

use crate::workflow::language::forms::LINE;
use crate::workflow::language::{Choice, Key, Mapping, Shape, Word};

use super::request::REQUESTED;
use super::{TEXT, TEXTS};

pub(super) const TASK: Mapping = Mapping {
    name: "Task",
    about: "One step of a workflow.",
    keys: &[&[
        Key::required(
            "task",
            Shape::Word(&[
                Word { word: "requestAccessPackageAssignment", about: "Asks for an access package (`adminAdd`)." },
                Word {
                    word: "removeAccessPackageAssignment",
                    about: "Takes an access package (`adminRemove`): every active assignment of it, whoever granted it.",
                },
                Word { word: "addUserToGroups", about: "Makes the person a direct member of groups." },
                Word { word: "removeUserFromGroups", about: "Ends the person's direct membership in groups." },
            ]),
            "What it does, by the name of Lifecycle Workflows' own task.",
        ),
        Key::optional("name", TEXT, "A name by which later tasks may name it; unique in the workflow.")
            .such_as(&["ask for the package"]),
        Key::or("continueOnError", "false", Shape::Boolean, "Whether the tasks that wait for it go on when it fails."),
        Key::optional(
            "dependsOn",
            TEXTS,
            "The names of the earlier tasks it waits for; `[]` for none. Without it, it waits for the task before it.",
        )
        .such_as(&["ask for the package"]),
    ]],
    choice: Choice::ByWord {
        key: "task",
        absent: None,
        cases: &[
            (
                "requestAccessPackageAssignment",
                &[&[Key::required("with", Shape::Mapping(&REQUEST), "What is asked for.")]],
            ),
            ("removeAccessPackageAssignment", &[&[Key::required("with", Shape::Mapping(&REMOVAL), "What is taken.")]]),
            ("addUserToGroups", &[&[Key::required("with", Shape::Mapping(&GROUPS), "Which groups.")]]),
            ("removeUserFromGroups", &[&[Key::required("with", Shape::Mapping(&GROUPS), "Which groups.")]]),
        ],
    },
};

const REQUEST: Mapping = Mapping {
    name: "Request of an access package",
    about: "What `requestAccessPackageAssignment` asks for.",
    keys: &[REQUESTED],
    choice: Choice::Free,
};

const REMOVAL: Mapping = Mapping {
    name: "Removal of an access package",
    about: "What `removeAccessPackageAssignment` takes.",
    keys: &[&[
        Key::required("accessPackage", TEXT, "The package's display name or id."),
        Key::or("ownedOnly", "false", Shape::Boolean, "Whether only assignments that usherd granted are taken."),
    ]],
    choice: Choice::Free,
};

const GROUPS: Mapping = Mapping {
    name: "Groups",
    about: "The groups that `addUserToGroups` and `removeUserFromGroups` change.",
    keys: &[&[Key::required(
        "groups",
        Shape::List { of: &Shape::Text(&LINE), least: 1 },
        "Display names or ids of groups with assigned membership.",
    )
    .such_as(&["Marketing NL"])]],
    choice: Choice::Free,
};
