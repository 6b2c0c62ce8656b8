//! `executionConditions`: when a workflow runs, and for whom.

use serde_json::{Map, Value};

use super::{Notes, text_of, type_of};

/// Everybody who can sign in; the document needs a scope where Lifecycle Workflows has none.
const EVERYBODY: &str = "userPrincipalName ne null";

/// When and for whom. A workflow that watches several groups becomes a document for each.
#[derive(Debug)]
pub(super) struct Conditions {
    pub(super) triggers: Vec<Trigger>,
    pub(super) scope: Scope,
}

/// When a workflow runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trigger {
    Time { attribute: String, offset_in_days: i64 },
    AttributeChange { attributes: Vec<String> },
    MembershipChange { group: String, is_addition: bool },
    OnDemand,
}

/// For whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Scope {
    Rule(String),
    Groups(Vec<String>),
}

impl Conditions {
    /// Reads the conditions; `None`, with a note, for those without an equivalent.
    pub(super) fn read(conditions: Option<&Value>, notes: &mut Notes) -> Option<Self> {
        let Some(conditions) = conditions.and_then(Value::as_object) else {
            notes.add(
                "executionConditions",
                "they are not in the export; export the workflow itself, not a list of all",
            );
            return None;
        };
        let scope = conditions.get("scope").and_then(Value::as_object);
        match type_of(conditions) {
            "onDemandExecutionOnly" => {
                Some(Self { triggers: vec![Trigger::OnDemand], scope: Scope::Rule(EVERYBODY.to_owned()) })
            }
            "triggerAndScopeBasedConditions" => {
                let trigger = conditions.get("trigger").and_then(Value::as_object);
                let Some(trigger) = trigger else {
                    notes.add("trigger", "it is not in the export");
                    return None;
                };
                let groups = scope.map(groups_of).unwrap_or_default();
                let triggers = triggers(trigger, &groups, notes)?;
                Some(Self { scope: read_scope(scope, groups, &triggers, notes)?, triggers })
            }
            other => {
                notes.add(&format!("executionConditions of type '{other}'"), "usherd does not know this type");
                None
            }
        }
    }
}

fn triggers(trigger: &Map<String, Value>, groups: &[String], notes: &mut Notes) -> Option<Vec<Trigger>> {
    match type_of(trigger) {
        "timeBasedAttributeTrigger" => {
            let attribute = match text_of(trigger, "timeBasedAttribute") {
                // The one member above the sentinel (graph-contract 3.1); without the Prefer header it is masked.
                Some("unknownFutureValue") => {
                    notes.add(
                        "timeBasedAttribute unknownFutureValue",
                        "taken for createdDateTime, the only attribute that is masked so today; check it",
                    );
                    "createdDateTime"
                }
                Some(attribute) => attribute,
                None => {
                    notes.add("trigger", "its timeBasedAttribute is not in the export");
                    return None;
                }
            };
            let offset_in_days = trigger.get("offsetInDays").and_then(Value::as_i64).unwrap_or(0);
            Some(vec![Trigger::Time { attribute: attribute.to_owned(), offset_in_days }])
        }
        "attributeChangeTrigger" => {
            let named = trigger.get("triggerAttributes").and_then(Value::as_array).into_iter().flatten();
            let attributes: Vec<String> =
                named.filter_map(|attribute| attribute.get("name")?.as_str()).map(str::to_owned).collect();
            if attributes.is_empty() {
                notes.add("trigger", "its attributes are not in the export");
                return None;
            }
            Some(vec![Trigger::AttributeChange { attributes }])
        }
        "membershipChangeTrigger" => {
            let is_addition = match text_of(trigger, "changeType") {
                Some("add") => true,
                Some("remove") => false,
                other => {
                    let what = format!("trigger with changeType '{}'", other.unwrap_or_default());
                    notes.add(&what, "usherd knows add and remove");
                    return None;
                }
            };
            if groups.is_empty() {
                notes.add("trigger", "the group it watches is not in the export; expand the scope's groups");
                return None;
            }
            let change = |group: &String| Trigger::MembershipChange { group: group.clone(), is_addition };
            Some(groups.iter().map(change).collect())
        }
        "userInactivityTrigger" => {
            let days = trigger.get("inactivityPeriodInDays").and_then(Value::as_i64).unwrap_or_default();
            let what = format!("trigger by {days} days without a sign-in");
            notes.add(&what, "usherd reads no sign-ins; keep this workflow where it is");
            None
        }
        other => {
            notes.add(&format!("trigger of type '{other}'"), "usherd does not know this type");
            None
        }
    }
}

fn read_scope(
    scope: Option<&Map<String, Value>>,
    groups: Vec<String>,
    triggers: &[Trigger],
    notes: &mut Notes,
) -> Option<Scope> {
    // Who was just removed from the group is in it no more.
    let is_watched = triggers.iter().any(|trigger| matches!(trigger, Trigger::MembershipChange { .. }));
    let Some(scope) = scope.filter(|_| !is_watched || groups.is_empty()) else {
        return Some(Scope::Rule(EVERYBODY.to_owned()));
    };
    match type_of(scope) {
        "ruleBasedSubjectSet" => match text_of(scope, "rule").map(str::trim).filter(|rule| !rule.is_empty()) {
            Some(rule) => Some(Scope::Rule(rule.to_owned())),
            None => {
                notes.add("scope", "its rule is empty: nobody would be in it");
                None
            }
        },
        "groupBasedSubjectSet" if !groups.is_empty() => Some(Scope::Groups(groups)),
        "groupBasedSubjectSet" => {
            notes.add("scope", "its groups are not in the export; expand the scope's groups");
            None
        }
        other => {
            notes.add(&format!("scope of type '{other}'"), "usherd does not know this type");
            None
        }
    }
}

/// The groups of a subject set: expanded, or bound by their addresses.
fn groups_of(scope: &Map<String, Value>) -> Vec<String> {
    let expanded = scope.get("groups").and_then(Value::as_array).into_iter().flatten();
    let ids = expanded.filter_map(|group| group.get("id").unwrap_or(group).as_str());
    let bound = scope.get("groups@odata.bind").and_then(Value::as_array).into_iter().flatten();
    let addresses = bound.filter_map(Value::as_str);
    let last = |address: &str| address.trim_end_matches('/').rsplit(['/', '(']).next().map(bare);
    let mut groups: Vec<String> = ids.map(bare).chain(addresses.filter_map(last)).collect();
    groups.retain(|group| !group.is_empty());
    groups.dedup();
    groups
}

fn bare(id: &str) -> String {
    id.trim_matches(|c| matches!(c, '\'' | '"' | '(' | ')' | ' ')).to_owned()
}
