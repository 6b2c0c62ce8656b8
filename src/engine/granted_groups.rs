//! The groups that packages put their holders into.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, TryStreamExt, stream};

use crate::directory::ObserveError;
use crate::domain::ids::{GroupId, PackageId};

use super::Engine;

/// Packages read at the same time.
const SIDE_BY_SIDE: usize = 8;

impl Engine {
    /// Reads what each of `packages` puts its holders into.
    ///
    /// # Errors
    /// Fails when a package could not be read.
    pub(super) async fn granted_groups(
        &self,
        packages: impl IntoIterator<Item = PackageId>,
    ) -> Result<BTreeMap<PackageId, BTreeSet<GroupId>>, ObserveError> {
        let entitlement = &self.seams.entitlement;
        let reading = stream::iter(packages).map(|package| async move {
            let groups = entitlement.granted_groups(&package).await?;
            Ok::<_, ObserveError>((package, groups))
        });
        reading.buffered(SIDE_BY_SIDE).try_collect().await
    }
}
