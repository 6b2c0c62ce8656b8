//! Connected organizations: who they are, who of them is meant by a mail address, and what keeps one from being deleted.

mod identity_source;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::records::{Policy, Record, SubjectSet};
use super::subjects::{self, Lifecycle, Subject};
use super::tenant::{Property, Tenant, indexed};
pub(super) use identity_source::{IdentitySource, is_domain};

/// Another organization whose people can be given packages.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ConnectedOrganization {
    pub(super) id: String,
    pub(super) display_name: String,
    pub(super) description: String,
    pub(super) identity_sources: Vec<IdentitySource>,
    pub(super) state: OrganizationState,
    /// Ids of users and groups, in the order in which they were added.
    pub(super) internal_sponsors: Vec<String>,
    /// As [`Self::internal_sponsors`].
    pub(super) external_sponsors: Vec<String>,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
}

impl Record for ConnectedOrganization {
    const KIND: &'static str = "connectedOrganization";
    const INDEXES: &'static [Property<Self>] = indexed::ORGANIZATION;

    fn id(&self) -> &str {
        &self.id
    }
}

/// Graph's `connectedOrganizationState`: policies for all configured organizations are not for people of proposed ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum OrganizationState {
    Configured,
    Proposed,
}

impl OrganizationState {
    /// Reads the wire's name, any case.
    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::Configured, Self::Proposed].into_iter().find(|state| state.name().eq_ignore_ascii_case(text))
    }

    /// The wire's name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Configured => "configured",
            Self::Proposed => "proposed",
        }
    }
}

/// The organization, configured or proposed, whose domain the mail address is of, or is of a subdomain of; the nearest
/// domain counts.
pub(super) fn organization_of<'t>(tenant: &'t Tenant, email: &str) -> Option<&'t ConnectedOrganization> {
    let domain = domain_of(email)?.to_lowercase();
    let covers = |own: &str| {
        let own = own.to_lowercase();
        (domain == own || domain.ends_with(&format!(".{own}"))).then_some(own.len())
    };
    let nearness = |organization: &ConnectedOrganization| {
        organization.identity_sources.iter().filter_map(|source| covers(source.domain()?)).max()
    };
    let near = tenant.organizations.iter().filter_map(|known| nearness(known).map(|nearness| (nearness, known)));
    near.max_by_key(|(nearness, _)| *nearness).map(|(_, known)| known)
}

/// The domain of a mail address; `None` for what is none.
pub(super) fn domain_of(email: &str) -> Option<&str> {
    let (name, domain) = email.split_once('@')?;
    let is_address = !name.is_empty() && is_domain(domain) && !email.chars().any(char::is_whitespace);
    is_address.then_some(domain)
}

/// Why the organization cannot be deleted now, in words: a policy names it, or it has connected users
/// (Entra's "Manage connected organizations").
pub(super) fn organization_in_use(tenant: &Tenant, id: &str) -> Option<String> {
    if let Some(policy) = tenant.policies.iter().find(|policy| names(policy, id)) {
        return Some(format!("The assignment policy '{}' names the connected organization '{id}'.", policy.id));
    }
    let is_connected = |subject: &&Subject| {
        subject.connected_organization_id.as_deref() == Some(id)
            && (tenant.is_being_served(&subject.target_id)
                || (subjects::lifecycle_of(tenant, &subject.target_id) == Lifecycle::Governed
                    && tenant.user_even_deleted(&subject.target_id).is_some()))
    };
    let connected = tenant.subjects.iter().filter(is_connected).count();
    (connected > 0).then(|| format!("The connected organization '{id}' still has {connected} connected users."))
}

/// Whether the policy is for people of this organization by name.
pub(super) fn names(policy: &Policy, id: &str) -> bool {
    let is_named = |set: &SubjectSet| match set {
        SubjectSet::ConnectedOrganizationMembers { connected_organization_id: named, .. } => {
            named.eq_ignore_ascii_case(id)
        }
        _ => false,
    };
    policy.specific_allowed_targets.iter().any(is_named)
}

/// Makes a proposed organization for the domain of somebody who belongs to none, as the service does when it invites them.
pub(super) fn propose(tenant: &mut Tenant, email: &str, now: Timestamp) -> Option<String> {
    let domain = domain_of(email)?.to_lowercase();
    let id = tenant.new_id("connectedOrganization");
    tenant.put_organization(ConnectedOrganization {
        id: id.clone(),
        display_name: domain.clone(),
        description: domain.clone(),
        identity_sources: vec![IdentitySource::Domain { display_name: Some(domain.clone()), domain_name: domain }],
        state: OrganizationState::Proposed,
        internal_sponsors: Vec::new(),
        external_sponsors: Vec::new(),
        created: now,
        modified: now,
    });
    Some(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::seed;

    #[test]
    fn the_nearest_domain_says_whose_people_somebody_is_of() {
        let source =
            |name: &str| format!("{{'@odata.type': microsoft.graph.domainIdentitySource, domainName: {name}}}");
        let organization = |name: &str| format!("{{displayName: {name}, identitySources: [{}]}}", source(name));
        let text = format!(
            "{{name: x, domain: x, connectedOrganizations: [{}, {}]}}",
            organization("partner.example"),
            organization("Lab.Partner.example")
        );
        let tenant = seed::build(serde_yaml::from_str(&text).unwrap(), Timestamp::UNIX_EPOCH).unwrap();
        let found = |email: &str| organization_of(&tenant, email).map(|found| found.display_name.as_str());
        assert_eq!(found("a@partner.example"), Some("partner.example"));
        assert_eq!(found("a@Sales.PARTNER.example"), Some("partner.example"));
        assert_eq!(found("a@x.lab.partner.example"), Some("Lab.Partner.example"));
        for stranger in
            ["a@notpartner.example", "a@example", "partner.example", "a@b@partner.example", "@partner.example"]
        {
            assert_eq!(found(stranger), None, "{stranger}");
        }
    }
}
