//! The connected organizations of a seed.

use serde::Deserialize;
use serde_json::Value;

use super::{SeedError, Seeding};
use crate::sandbox::organizations::{ConnectedOrganization, IdentitySource, OrganizationState};

/// A connected organization: identity sources in Graph's shape, sponsors by sign-in name of a user or display name of a group.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::sandbox) struct SeedOrganization {
    pub(in crate::sandbox) display_name: String,
    pub(in crate::sandbox) identity_sources: Vec<Value>,
    #[serde(default = "configured")]
    pub(in crate::sandbox) state: OrganizationState,
    #[serde(default)]
    pub(in crate::sandbox) internal_sponsors: Vec<String>,
    #[serde(default)]
    pub(in crate::sandbox) external_sponsors: Vec<String>,
}

impl Seeding {
    /// Makes the organization.
    pub(super) fn organization(&mut self, organization: SeedOrganization) -> Result<(), SeedError> {
        let SeedOrganization { display_name, identity_sources, state, internal_sponsors, external_sponsors } =
            organization;
        let id = self.define("connectedOrganization", &display_name)?;
        let unusable = |why| SeedError::IdentitySource { organization: display_name.clone(), why };
        let identity_sources = IdentitySource::read_all(identity_sources).map_err(unusable)?;
        let by = || format!("connected organization \"{display_name}\"");
        let ids = |names: Vec<String>| -> Result<Vec<String>, SeedError> {
            let id = |name: &String| self.find("user", name, by).or_else(|_| self.find("group", name, by));
            names.iter().map(id).collect()
        };
        let (internal_sponsors, external_sponsors) = (ids(internal_sponsors)?, ids(external_sponsors)?);
        self.tenant.put_organization(ConnectedOrganization {
            id,
            description: display_name.clone(),
            display_name,
            identity_sources,
            state,
            internal_sponsors,
            external_sponsors,
            created: self.now,
            modified: self.now,
        });
        Ok(())
    }
}

fn configured() -> OrganizationState {
    OrganizationState::Configured
}
