//! What the names in documents stand for in the tenant, read for checks that only the tenant can decide.

use std::collections::{BTreeMap, BTreeSet};

use crate::directory::{GroupAnswer, GroupQuery, ObserveError};
use crate::domain::ids::PackageId;
use crate::workflow::check::tenant::{NamedGroup, Tenant};
use crate::workflow::definition::Definitions;

use super::Engine;

impl Engine {
    /// Reads packages, policies and the groups that `definitions` name, and what the packages they name fill; nothing is changed or recorded.
    ///
    /// # Errors
    /// Fails when packages, policies, what a package fills or a group could not be read: then nothing can be said of the names.
    pub async fn tenant_names(&self, definitions: &Definitions) -> Result<Tenant, ObserveError> {
        let entitlement = &self.seams.entitlement;
        let (packages, policies) = tokio::try_join!(entitlement.packages(), entitlement.policies())?;
        let names: BTreeSet<&str> = definitions.groups().map(|(group, _)| group).collect();
        let mut groups = BTreeMap::new();
        for name in names {
            let wanted = GroupQuery { group: name.to_owned(), transitive: false };
            let found = match self.seams.directory.group(&wanted).await? {
                GroupAnswer::Members { id, .. } => NamedGroup::One(id),
                GroupAnswer::NotFound => NamedGroup::None,
                GroupAnswer::Ambiguous => NamedGroup::Several,
            };
            groups.insert(wanted.group, found);
        }
        let mut tenant = Tenant { packages, policies, granted_groups: BTreeMap::new(), groups };
        let named: BTreeSet<PackageId> = tenant.named_packages(definitions).cloned().collect();
        tenant.granted_groups = self.granted_groups(named).await?;
        Ok(tenant)
    }
}
