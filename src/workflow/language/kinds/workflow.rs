//! `kind: Workflow`.

use crate::workflow::language::forms::{LINE, RULE};
use crate::workflow::language::{Choice, Key, Kind, Mapping, Shape, Word};

use super::{EXCEPT, FORMERLY, IDENTITY, MODE, task, trigger};

pub(super) const KIND: Kind = Kind {
    word: "Workflow",
    about: "Something that happens once for each person in scope whenever its trigger is due: a joiner, a mover, a leaver.",
    mapping: &WORKFLOW,
    example: include_str!("../examples/workflow.yaml"),
};

const WORKFLOW: Mapping = Mapping {
    name: "Workflow",
    about: "Something that happens once for each person in scope whenever its trigger is due.",
    keys: &[
        &[Key::required("kind", Shape::Word(&[Word { word: "Workflow", about: "A workflow." }]), "`Workflow`.")],
        IDENTITY,
        FORMERLY,
        MODE,
        &[
            Key::required(
                "category",
                Shape::Word(&[
                    Word { word: "joiner", about: "Somebody comes." },
                    Word { word: "mover", about: "Somebody changes." },
                    Word {
                        word: "leaver",
                        about: "Somebody goes: the packages its tasks remove are barred, so that nothing brings them back before the date is cleared or moved, the person is hired again, or an operator says so. Leavers are done first.",
                    },
                ]),
                "What kind of occasion it is.",
            ),
            Key::or("isEnabled", "true", Shape::Boolean, "`false` switches it off: nothing new begins."),
            Key::required("trigger", Shape::Mapping(&trigger::TRIGGER), "When it is due."),
            Key::required("scope", Shape::Mapping(&SCOPE), "For whom it is."),
            Key::required(
                "tasks",
                Shape::List { of: &Shape::Mapping(&task::TASK), least: 1 },
                "What happens, in this order.",
            ),
        ],
    ],
    choice: Choice::Free,
};

const SCOPE: Mapping = Mapping {
    name: "Scope",
    about: "For whom a workflow is: rule and groups together, both must hold.",
    keys: &[
        &[
            Key::optional("rule", Shape::Text(&RULE), "Who it is for. For everybody, write `userType eq 'Member'`."),
            Key::optional(
                "groups",
                Shape::List { of: &Shape::Text(&LINE), least: 1 },
                "Groups by display name or id: the person must be a direct member of one of them.",
            )
            .such_as(&["Marketing NL"]),
        ],
        EXCEPT,
    ],
    choice: Choice::AtLeastOne(&["rule", "groups"]),
};
