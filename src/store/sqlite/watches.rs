//! What is watched for changes, the schedules' instants and the operators' activations.

use sqlx::sqlite::SqliteConnection;

use crate::domain::ids::{DocumentName, SubjectKey};
use crate::plan::ledger::{Activation, Ledger, Watched, WatchedValue};
use crate::store::StoreError;

use super::{corrupt, database, from_millis};

const STEP: &str = "reading what is watched";

type WatchedRow = (String, String, String, Option<String>, i64, i64);

/// Reads them into the ledger.
pub(super) async fn load(connection: &mut SqliteConnection, ledger: &mut Ledger) -> Result<(), StoreError> {
    let rows: Vec<WatchedRow> = sqlx::query_as("SELECT subject, key, value, before, changes, since FROM watched")
        .fetch_all(&mut *connection)
        .await
        .map_err(database(STEP))?;
    for (subject, key, value, before, changes, since) in rows {
        let watched = Watched {
            value: WatchedValue::from_text(value),
            before: before.map(WatchedValue::from_text),
            changes: u32::try_from(changes).map_err(|_| corrupt("something watched"))?,
            since: from_millis(since, "something watched")?,
        };
        let key = key.parse().map_err(|_| corrupt("something watched"))?;
        ledger.watched.insert((SubjectKey::new(subject), key), watched);
    }
    let rows: Vec<(String, i64)> = sqlx::query_as("SELECT key, since FROM watched_since")
        .fetch_all(&mut *connection)
        .await
        .map_err(database(STEP))?;
    for (key, since) in rows {
        let key = key.parse().map_err(|_| corrupt("something watched"))?;
        ledger.watched_since.insert(key, from_millis(since, "something watched")?);
    }
    let rows: Vec<(String, i64)> = sqlx::query_as("SELECT document, instant FROM schedule_reached")
        .fetch_all(&mut *connection)
        .await
        .map_err(database(STEP))?;
    for (document, instant) in rows {
        ledger.schedules.insert(DocumentName::new(document), from_millis(instant, "a schedule")?);
    }
    let rows: Vec<(String, String, String, i64)> =
        sqlx::query_as("SELECT id, workflow, subject, requested FROM activation WHERE taken IS NULL")
            .fetch_all(&mut *connection)
            .await
            .map_err(database(STEP))?;
    for (id, workflow, subject, requested) in rows {
        let activation = Activation {
            workflow: DocumentName::new(workflow),
            subject: SubjectKey::new(subject),
            requested: from_millis(requested, "an activation")?,
        };
        ledger.activations.insert(id, activation);
    }
    Ok(())
}
