//! `trigger:` of a workflow.

use crate::workflow::language::forms::{CATCH_UP, CRON, DURATION, LINE, TIME_OF_DAY, TIME_ZONE, WHOLE_DAYS};
use crate::workflow::language::{Case, Choice, Key, Mapping, Shape, Word};

use super::TEXT;

pub(super) const TRIGGER: Mapping = Mapping {
    name: "Trigger",
    about: "When a workflow is due: one of the keys below.",
    keys: &[],
    choice: Choice::OneKey(&[
        Case {
            key: Key::required(
                "timeBasedAttribute",
                TEXT,
                "A date attribute comes near: `employeeHireDate`, `employeeLeaveDateTime`, `createdDateTime`, or any that a feed maps with `type: date`.",
            )
            .such_as(&["employeeHireDate", "employeeLeaveDateTime", "createdDateTime"]),
            beside: &[
                Key::required(
                    "offsetInDays",
                    Shape::Integer { least: -3650, most: 3650 },
                    "Civil days before (negative) or after the date.",
                ),
                Key::optional(
                    "at",
                    Shape::Text(&TIME_OF_DAY),
                    "The local time of day. Without it, the day's beginning; for a date whose day still counts (`inclusive: true`), its end.",
                ),
                Key::optional(
                    "timeZone",
                    Shape::Text(&TIME_ZONE),
                    "The zone in which days begin. Without it, the person's own, else the tenant's.",
                ),
                Key::optional(
                    "backfill",
                    Shape::Text(&WHOLE_DAYS),
                    "How far a new document looks back beyond its catch-up; all that it finds is one hold of its own.",
                ),
                CATCH_UP_KEY,
            ],
        },
        Case {
            key: Key::required("attributeChange", Shape::Mapping(&ATTRIBUTE_CHANGE), "An attribute changes."),
            beside: &[CATCH_UP_KEY],
        },
        Case {
            key: Key::required(
                "membershipChange",
                Shape::Mapping(&MEMBERSHIP_CHANGE),
                "Somebody comes into a group or goes out of it.",
            ),
            beside: &[CATCH_UP_KEY],
        },
        Case {
            key: Key::required(
                "feedChange",
                Shape::Mapping(&FEED_CHANGE),
                "Somebody comes into a feed or goes out of it.",
            ),
            beside: &[CATCH_UP_KEY],
        },
        Case {
            key: Key::required(
                "schedule",
                Shape::Text(&CRON),
                "Civil times come round, for everybody who is in scope then.",
            ),
            beside: &[
                Key::optional("timeZone", Shape::Text(&TIME_ZONE), "The zone of the times. Without it, the tenant's."),
                Key::or(
                    "missed",
                    "one",
                    Shape::Word(&[
                        Word { word: "none", about: "They are let go." },
                        Word { word: "one", about: "The last one is made up for." },
                        Word { word: "all", about: "Each one is made up for." },
                    ]),
                    "What happens with times that went by while usherd was not running.",
                ),
                Key::or("window", "PT24H", Shape::Text(&DURATION), "How far back missed times are looked for."),
            ],
        },
        Case {
            key: Key::required("onDemand", Shape::True, "Only an operator starts it, with `usherd activate`."),
            beside: &[],
        },
    ]),
};

const CATCH_UP_KEY: Key = Key::optional(
    "catchUp",
    Shape::Text(&CATCH_UP),
    "How late it may still run. Without it, `always` for leavers and `P3D` for the others; a joiner's never ends before the trigger's date is over.",
);

const ATTRIBUTE_CHANGE: Mapping = Mapping {
    name: "Attribute change",
    about: "Which attributes are watched. The first accepted reading is where watching begins: it is no change.",
    keys: &[&[
        Key::required(
            "attributes",
            Shape::List { of: &Shape::Text(&LINE), least: 1 },
            "The attributes; a change of any of them is an occasion.",
        )
        .such_as(&["department", "country"]),
        Key::optional(
            "from",
            Shape::AttributeValues,
            "What the attribute must have held before, one value or a list; `null` is an empty one. Only with a single attribute.",
        )
        .such_as(&["Sales"]),
        Key::optional(
            "to",
            Shape::AttributeValues,
            "What the attribute must hold now, one value or a list; `null` is an empty one. Only with a single attribute.",
        )
        .such_as(&["Marketing"]),
    ]],
    choice: Choice::Free,
};

const MEMBERSHIP_CHANGE: Mapping = Mapping {
    name: "Membership change",
    about: "Which group is watched. The first complete reading is where watching begins: it is no change.",
    keys: &[&[
        Key::required("group", TEXT, "The group's display name or id.").such_as(&["Marketing"]),
        Key::required(
            "change",
            Shape::Word(&[
                Word { word: "added", about: "Somebody became a member." },
                Word { word: "removed", about: "Somebody is no member any more." },
            ]),
            "Which change.",
        ),
        Key::or("transitive", "false", Shape::Boolean, "Whether members of groups inside the group count too."),
    ]],
    choice: Choice::Free,
};

const FEED_CHANGE: Mapping = Mapping {
    name: "Feed change",
    about: "Which feed is watched. Missing from one delivery is not yet disappeared.",
    keys: &[&[
        Key::required("feed", TEXT, "The name of a feed among the documents.").such_as(&["hr"]),
        Key::required(
            "change",
            Shape::Word(&[
                Word { word: "appeared", about: "Somebody came into the feed." },
                Word { word: "disappeared", about: "Somebody is no longer in it, confirmed over several deliveries." },
            ]),
            "Which change.",
        ),
    ]],
    choice: Choice::Free,
};
