//! Operators' wishes that workflows run for people.

use std::collections::BTreeSet;

use jiff::Timestamp;
use sqlx::sqlite::SqliteConnection;
use uuid::Uuid;

use crate::domain::action::OccasionValue;
use crate::domain::ids::SubjectKey;
use crate::plan::ledger::RunStatus;
use crate::store::{ActivationWish, StoreError};

use super::{database, to_json, to_millis};

/// Keeps the wish for every subject whose last one is at its end; returns those.
pub(super) async fn keep(
    connection: &mut SqliteConnection,
    wish: &ActivationWish,
    now: Timestamp,
) -> Result<BTreeSet<SubjectKey>, StoreError> {
    const STEP: &str = "keeping an activation";
    let unfinished = to_json(&[RunStatus::Queued, RunStatus::InProgress, RunStatus::Held], STEP)?;
    let mut kept = BTreeSet::new();
    for subject in &wish.subjects {
        let id = Uuid::new_v4().simple().to_string();
        let value = |id: &str| OccasionValue::Activation(id.to_owned()).to_string();
        let inserted = sqlx::query(
            "INSERT INTO activation (id, workflow, subject, requested, requested_by)
             SELECT $1, $2, $3, $4, $5 WHERE NOT EXISTS (
                 SELECT 1 FROM activation AS open LEFT JOIN run ON run.workflow = open.workflow AND run.value = $6 || open.id
                 WHERE open.workflow = $2 AND open.subject = $3
                     AND (open.taken IS NULL OR json_extract(run.status, '$') IN (SELECT value FROM json_each($7))))",
        )
        .bind(&id)
        .bind(wish.workflow.as_str())
        .bind(subject.as_str())
        .bind(to_millis(now))
        .bind(&wish.by)
        .bind(value(""))
        .bind(&unfinished)
        .execute(&mut *connection)
        .await
        .map_err(database(STEP))?
        .rows_affected();
        if inserted == 0 {
            continue;
        }
        sqlx::query("INSERT INTO history (at, event, subject, detail) VALUES ($1, 'workflow.activated', $2, $3)")
            .bind(to_millis(now))
            .bind(subject.as_str())
            .bind(format!("{} by {}", wish.workflow, wish.by))
            .execute(&mut *connection)
            .await
            .map_err(database(STEP))?;
        kept.insert(subject.clone());
    }
    Ok(kept)
}
