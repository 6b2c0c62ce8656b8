//! What a person orders for documents: the end of one that is gone, and the adoption of what members hold already.

use jiff::Timestamp;
use sqlx::sqlite::SqliteConnection;

use crate::domain::ids::DocumentName;
use crate::plan::ledger::{FEED, Retirement};
use crate::store::{GrantsOfRetired, StoreError};
use crate::workflow::definition::Mode;

use super::{database, to_millis};

const STEP: &str = "retiring a document";

/// What the orders look at.
struct Known {
    kind: String,
    mode: String,
    in_force: bool,
}

async fn known(connection: &mut SqliteConnection, name: &DocumentName) -> Result<Option<Known>, StoreError> {
    let row: Option<(String, String, bool)> =
        sqlx::query_as("SELECT kind, mode, in_force FROM document WHERE name = $1")
            .bind(name.as_str())
            .fetch_optional(connection)
            .await
            .map_err(database(STEP))?;
    Ok(row.map(|(kind, mode, in_force)| Known { kind, mode, in_force }))
}

/// Ends a document that is gone from the folder; returns how many grants that concerns.
pub(super) async fn retire(
    connection: &mut SqliteConnection,
    name: &DocumentName,
    grants: &GrantsOfRetired,
    by: &str,
    now: Timestamp,
) -> Result<usize, StoreError> {
    match known(connection, name).await? {
        None => return Err(StoreError::NoSuchDocument(name.clone())),
        Some(document) if document.in_force => return Err(StoreError::DocumentInForce(name.clone())),
        Some(_) => {}
    }
    let concerned: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM claim WHERE document = $1")
        .bind(name.as_str())
        .fetch_one(&mut *connection)
        .await
        .map_err(database(STEP))?;
    if let GrantsOfRetired::GoTo(successor) = grants {
        let is_fit = known(connection, successor).await?.is_some_and(|found| found.in_force && found.kind != FEED);
        if !is_fit {
            return Err(StoreError::DocumentNotInForce(successor.clone()));
        }
        sqlx::query("UPDATE OR IGNORE claim SET document = $2 WHERE document = $1")
            .bind(name.as_str())
            .bind(successor.as_str())
            .execute(&mut *connection)
            .await
            .map_err(database(STEP))?;
    }
    let (retirement, how) = match grants {
        GrantsOfRetired::Stay => (Retirement::Released, "its grants stay".to_owned()),
        GrantsOfRetired::AreRemoved => (Retirement::Removing, "its grants are to be removed".to_owned()),
        GrantsOfRetired::GoTo(successor) => (Retirement::Released, format!("its grants are {successor}'s")),
    };
    if retirement == Retirement::Released {
        sqlx::query("DELETE FROM claim WHERE document = $1")
            .bind(name.as_str())
            .execute(&mut *connection)
            .await
            .map_err(database(STEP))?;
    }
    sqlx::query("UPDATE document SET retirement = $2 WHERE name = $1")
        .bind(name.as_str())
        .bind(retirement.as_str())
        .execute(&mut *connection)
        .await
        .map_err(database(STEP))?;
    record(connection, "document.retired", format!("{name} by {by}: {how}"), now).await?;
    Ok(usize::try_from(concerned).unwrap_or(usize::MAX))
}

/// Asks that what an auto assignment's members hold already becomes its own.
pub(super) async fn adopt(
    connection: &mut SqliteConnection,
    name: &DocumentName,
    by: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    match known(connection, name).await? {
        None => return Err(StoreError::NoSuchDocument(name.clone())),
        Some(document) if !document.in_force => return Err(StoreError::DocumentNotInForce(name.clone())),
        Some(document) if document.kind != "AutoAssignment" => return Err(StoreError::NoMembers(name.clone())),
        Some(document) if document.mode == Mode::Observe.as_str() => {
            return Err(StoreError::OnlyObserves(name.clone()));
        }
        Some(_) => {}
    }
    sqlx::query("UPDATE document SET is_adopting = 1 WHERE name = $1")
        .bind(name.as_str())
        .execute(&mut *connection)
        .await
        .map_err(database(STEP))?;
    record(connection, "document.adopts", format!("{name} by {by}"), now).await
}

async fn record(
    connection: &mut SqliteConnection,
    event: &str,
    detail: String,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO history (at, event, detail) VALUES ($1, $2, $3)")
        .bind(to_millis(now))
        .bind(event)
        .bind(detail)
        .execute(connection)
        .await
        .map_err(database(STEP))?;
    Ok(())
}
