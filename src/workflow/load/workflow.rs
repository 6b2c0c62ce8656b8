//! `kind: Workflow`.

use crate::domain::action::Category;
use crate::workflow::definition::{Scope, Workflow};
use crate::workflow::problem::Complaint;
use crate::workflow::reader::Reader;
use crate::workflow::reader::convert::{boolean, list, mapping, some_of, text};

use super::value::rule;
use super::{Identity, Surroundings, task, trigger};

const CATEGORIES: &[(&str, Category)] =
    &[("joiner", Category::Joiner), ("mover", Category::Mover), ("leaver", Category::Leaver)];

pub(super) fn read(reader: &mut Reader<'_>, identity: Identity, surroundings: &Surroundings) -> Option<Workflow> {
    let header = identity.header(reader);
    let category = reader.required_word("category", CATEGORIES);
    let is_enabled = reader.optional("isEnabled", boolean);
    let trigger = reader.required("trigger", mapping(|reader| trigger::read(reader, category, surroundings)));
    let everybody = "for everybody, write scope: { rule: \"userType eq 'Member'\" }".to_owned();
    let scope = reader.required_or("scope", Some(everybody), mapping(|reader| scope(reader, surroundings)));
    let tasks = reader.required("tasks", |field| task::read(field, surroundings));
    let (trigger, catch_up) = trigger?;
    Some(Workflow {
        header: header?,
        category: category?,
        is_enabled: is_enabled.unwrap_or(true),
        trigger,
        catch_up,
        scope: scope?,
        tasks: tasks?,
    })
}

fn scope(reader: &mut Reader<'_>, surroundings: &Surroundings) -> Option<Scope> {
    let has_rule = reader.has("rule");
    let rule = reader.optional("rule", |field| rule(field, surroundings));
    let groups = reader.optional("groups", some_of(text));
    let except = reader.optional("except", list(text));
    if !has_rule && !reader.has("groups") {
        let complaint = Complaint::new("`scope` has neither `rule` nor `groups`");
        reader.report(complaint.hint("for everybody, write rule: \"userType eq 'Member'\""));
        return None;
    }
    if has_rule && rule.is_none() {
        return None;
    }
    Some(Scope { rule, groups: groups.unwrap_or_default(), except: except.unwrap_or_default() })
}
