//! `kind: AutoAssignment`.

use crate::workflow::definition::{AutoAssignment, MemberSource, RemovalLimit, WhenMemberLeaves};
use crate::workflow::problem::Complaint;
use crate::workflow::reader::convert::{boolean, duration, integer, list, mapping, some_of, text, word};
use crate::workflow::reader::{Field, Reader};
use crate::workflow::yaml::Value;

use super::task::requested;
use super::value::{feed_name, rule};
use super::{Identity, Surroundings};

#[derive(Debug, Clone, Copy)]
enum Removal {
    Never,
    Immediately,
    After,
}

const REMOVALS: &[(&str, Removal)] =
    &[("never", Removal::Never), ("immediately", Removal::Immediately), ("after", Removal::After)];

pub(super) fn read(reader: &mut Reader<'_>, identity: Identity, surroundings: &Surroundings) -> Option<AutoAssignment> {
    let header = identity.header(reader);
    reader.refuse_later(&["renew", "onExpiry"]);
    let requested = requested(reader, surroundings);
    let members = reader.required("members", mapping(|reader| members(reader, surroundings)));
    let hint = "never, immediately, or { remove: after, gracePeriod: P7D }".to_owned();
    let when_member_leaves = reader.required_or("whenMemberLeaves", Some(hint), when_member_leaves);
    let adopt = reader.optional("adopt", boolean);
    let removal_limit =
        reader.optional("limits", mapping(|reader| reader.required("removals", mapping(removal_limit))));
    let (any_of, except) = members?;
    Some(AutoAssignment {
        header: header?,
        requested: requested?,
        any_of,
        except,
        when_member_leaves: when_member_leaves?,
        adopt: adopt.unwrap_or(false),
        removal_limit,
    })
}

fn members(reader: &mut Reader<'_>, surroundings: &Surroundings) -> Option<(Vec<MemberSource>, Vec<String>)> {
    let any_of = reader.required("anyOf", some_of(mapping(|reader| member_source(reader, surroundings))));
    let except = reader.optional("except", list(text));
    Some((any_of?, except.unwrap_or_default()))
}

fn member_source(reader: &mut Reader<'_>, surroundings: &Surroundings) -> Option<MemberSource> {
    let source = reader.exactly_one_of(&["group", "rule", "feed"]);
    let group = reader.optional("group", text);
    let rule = reader.optional("rule", |field| rule(field, surroundings));
    let feed = reader.optional("feed", |field| feed_name(field, surroundings));
    let transitive = reader.optional("transitive", boolean);
    match source? {
        "group" => Some(MemberSource::Group { group: group?, transitive: transitive.unwrap_or(false) }),
        other => {
            reader.refuse(&["transitive"], "goes only with `group`");
            if other == "rule" { rule.map(MemberSource::Rule) } else { feed.map(MemberSource::Feed) }
        }
    }
}

fn when_member_leaves(field: Field<'_>) -> Option<WhenMemberLeaves> {
    if let Value::Mapping(_) = field.node.value {
        return mapping(removal)(field);
    }
    match word(REMOVALS)(field)? {
        Removal::Never => Some(WhenMemberLeaves::Never),
        Removal::Immediately => Some(WhenMemberLeaves::Immediately),
        Removal::After => {
            field.report(
                Complaint::new("`after` needs a grace period").hint("write { remove: after, gracePeriod: P7D }"),
            );
            None
        }
    }
}

fn removal(reader: &mut Reader<'_>) -> Option<WhenMemberLeaves> {
    let plain = match reader.required_word("remove", REMOVALS) {
        Some(Removal::After) => return reader.required("gracePeriod", duration).map(WhenMemberLeaves::After),
        Some(Removal::Never) => WhenMemberLeaves::Never,
        Some(Removal::Immediately) => WhenMemberLeaves::Immediately,
        None => {
            reader.ignore_the_rest();
            return None;
        }
    };
    reader.refuse(&["gracePeriod"], "goes only with `remove: after`");
    Some(plain)
}

fn removal_limit(reader: &mut Reader<'_>) -> Option<RemovalLimit> {
    let count = reader.required("count", integer(0u32..=1_000_000));
    let percent = reader.required("percent", integer(0u32..=100));
    Some(RemovalLimit { count: count?, percent: percent? })
}
