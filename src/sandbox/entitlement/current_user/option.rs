//! In which way a thing is the current user's: the members of Graph's three `…FilterByCurrentUserOptions` (graph-contract 1.4).

use super::super::super::envelope::ApiError;
use super::super::payload::refused;

/// The way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sandbox::entitlement) enum CurrentUser {
    /// It is for the user.
    Target,
    /// The user has asked for it.
    CreatedBy,
    /// It waits for the user's decision.
    Approver,
    /// It is for the user, or the user has asked for it.
    TargetOrRequestor,
    /// It is for somebody who reports to the user.
    TargetManager,
    /// The user has asked for it for somebody else.
    RequestForOthers,
    /// It is for an agent of the user's.
    Agents,
}

impl CurrentUser {
    const NAMES: [(Self, &'static str); 7] = [
        (Self::Target, "target"),
        (Self::CreatedBy, "createdBy"),
        (Self::Approver, "approver"),
        (Self::TargetOrRequestor, "targetOrRequestor"),
        (Self::TargetManager, "targetManager"),
        (Self::RequestForOthers, "requestForOthers"),
        (Self::Agents, "targetAgentIdentitySponsorOrOwner"),
    ];

    /// Reads what follows the function's opening parenthesis, `on='target')`; the member in any case, with its type before it or not.
    ///
    /// # Errors
    /// 400 for anything else, and for a member that is not among `known`, those of the collection.
    pub(in crate::sandbox::entitlement) fn parse(arguments: &str, known: &[Self]) -> Result<Self, ApiError> {
        let member = arguments.strip_prefix("on=").and_then(|value| {
            let (r#type, rest) = value.split_once('\'')?;
            let member = rest.strip_suffix("')")?;
            (r#type.is_empty() || r#type.starts_with("microsoft.graph.")).then_some(member)
        });
        let named = |member: &str| Self::NAMES.iter().find(|(_, name)| name.eq_ignore_ascii_case(member));
        let on = member.and_then(named).map(|(on, _)| *on).filter(|on| known.contains(on));
        on.ok_or_else(|| {
            let members = Self::NAMES.iter().filter(|(on, _)| known.contains(on)).map(|(_, name)| *name);
            let members = members.collect::<Vec<_>>().join(", ");
            refused("InvalidFilterByCurrentUserOption", format!("'on' is one of: {members}."))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_in_any_case_and_only_those_of_the_collection() {
        let known = [CurrentUser::Target, CurrentUser::Approver];
        for text in
            ["on='approver')", "on='APPROVER')", "on=microsoft.graph.approvalFilterByCurrentUserOptions'Approver')"]
        {
            assert_eq!(CurrentUser::parse(text, &known), Ok(CurrentUser::Approver), "{text}");
        }
        for text in [
            "",
            ")",
            "on=)",
            "on='approver'",
            "on=approver)",
            "on='createdBy')",
            "on='')",
            "by='target')",
            "on=x'target')",
        ] {
            assert!(CurrentUser::parse(text, &known).is_err(), "{text}");
        }
    }
}
