//! A look at a tenant that usherd is new to: who there is, and who holds what.

use std::collections::BTreeSet;

use futures_util::{StreamExt, TryStreamExt, stream};

use crate::directory::{GroupAnswer, GroupQuery, ObserveError};
use crate::plan::first_documents::{ATTRIBUTES, Survey, SurveyedGroup};

use super::Engine;

/// Groups read at the same time.
const SIDE_BY_SIDE: usize = 8;

impl Engine {
    /// Reads users, packages, policies and assignments, and the members of at most `most_groups` groups, the first by name.
    ///
    /// # Errors
    /// Fails when any of it could not be read.
    pub async fn survey_tenant(&self, most_groups: usize) -> Result<Survey, ObserveError> {
        let attributes: BTreeSet<String> = ATTRIBUTES.map(str::to_owned).into();
        let (directory, entitlement) = (&self.seams.directory, &self.seams.entitlement);
        let users = directory.users(&attributes).await?;
        let (packages, policies) = tokio::try_join!(entitlement.packages(), entitlement.policies())?;
        let assignments = entitlement.active_assignments().await?;
        let granted_groups = self.granted_groups(packages.iter().map(|package| package.id.clone())).await?;
        let mut named = directory.groups().await?;
        named.sort_by(|a, b| (&a.display_name, &a.id).cmp(&(&b.display_name, &b.id)));
        named.truncate(most_groups);
        let reading = stream::iter(named).map(|group| async move {
            let query = GroupQuery { group: group.id.as_str().to_owned(), transitive: false };
            // One that was deleted meanwhile explains nothing.
            let users = match directory.group(&query).await? {
                GroupAnswer::Members { users, .. } => users,
                GroupAnswer::NotFound | GroupAnswer::Ambiguous => BTreeSet::new(),
            };
            Ok::<_, ObserveError>(SurveyedGroup { id: group.id, display_name: group.display_name, users })
        });
        let groups = reading.buffered(SIDE_BY_SIDE).try_collect().await?;
        Ok(Survey { users, groups, packages, granted_groups, policies, assignments })
    }
}
