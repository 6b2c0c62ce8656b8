//! The collections that a table of the tenant is as a whole: their list, and one of them by id.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};

use super::node::Collection;
use super::{list, one};
use crate::sandbox::envelope::Answer;
use crate::sandbox::organizations::ConnectedOrganization;
use crate::sandbox::query::Place;
use crate::sandbox::records::{Assignment, Catalog, Package, Policy, Record, Request};
use crate::sandbox::shared::Shared;
use crate::sandbox::tenant::{Table, Tenant};

/// A collection with a table of its own.
pub(super) trait WholeTable: Record + Collection {
    /// The table.
    fn table(tenant: &Tenant) -> &Table<Self>;
}

macro_rules! tables {
    ($($record:ident => $table:ident),* $(,)?) => {$(
        impl WholeTable for $record {
            fn table(tenant: &Tenant) -> &Table<Self> {
                &tenant.$table
            }
        }
    )*};
}

tables! {
    Assignment => assignments, Catalog => catalogs, ConnectedOrganization => organizations, Package => packages,
    Policy => policies, Request => requests,
}

/// `GET` of the collection.
pub(super) async fn list_all<T: WholeTable>(
    State(shared): State<Arc<Shared>>,
    Extension(place): Extension<Place>,
) -> Answer {
    list(&shared, &place, T::table).await
}

/// `GET` of one of it.
pub(super) async fn single<T: WholeTable>(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(place): Extension<Place>,
) -> Answer {
    one(&shared, &id, &place, T::table).await
}
