//! Actions and their lives.

use jiff::Timestamp;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqlitePool, SqliteRow};

use crate::domain::action::{Action, ActionState};
use crate::domain::ids::{ActionId, RequestId};
use crate::store::{ActionRecord, StoreError, Transition};

use super::{corrupt, database, from_json, from_millis, to_json, to_millis};

/// Inserts actions in `state`; one that made no request (unsent, superseded, refused) takes the new state, one that was sent stays as it is.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    actions: &[Action],
    state: ActionState,
    now: Timestamp,
) -> Result<(), StoreError> {
    const STEP: &str = "keeping an action";
    for action in actions {
        sqlx::query(
            "INSERT INTO action (id, body, kind, category_order, document, subject, user, resource, state, attempts, detail, created, changed)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, '', $10, $10)
             ON CONFLICT (id) DO UPDATE SET body = excluded.body, state = excluded.state, changed = excluded.changed
             WHERE action.state IN ('held', 'ready', 'superseded', 'refused') AND (action.state <> excluded.state OR action.body <> excluded.body)",
        )
        .bind(action.id.to_string())
        .bind(to_json(action, STEP)?)
        .bind(to_json(&action.kind, STEP)?)
        .bind(action.category as i64)
        .bind(action.document.as_str())
        .bind(action.subject.as_str())
        .bind(action.user.as_str())
        .bind(action.resource.to_string())
        .bind(state.as_str())
        .bind(to_millis(now))
        .execute(&mut *connection)
        .await
        .map_err(database(STEP))?;
    }
    Ok(())
}

/// Takes back actions that were not sent.
pub(super) async fn supersede(
    connection: &mut SqliteConnection,
    actions: &[ActionId],
    now: Timestamp,
) -> Result<(), StoreError> {
    for action in actions {
        sqlx::query(
            "UPDATE action SET state = 'superseded', changed = $2 WHERE id = $1 AND state IN ('held', 'ready')",
        )
        .bind(action.to_string())
        .bind(to_millis(now))
        .execute(&mut *connection)
        .await
        .map_err(database("taking an action back"))?;
        // An approval is for what was planned then; wished again later, it is looked at again.
        sqlx::query("DELETE FROM hold_decision WHERE action = $1 AND approved = 1")
            .bind(action.to_string())
            .execute(&mut *connection)
            .await
            .map_err(database("taking an approval back"))?;
    }
    Ok(())
}

/// Every action in one of `states`, leavers first.
pub(super) async fn in_states(pool: &SqlitePool, states: &[ActionState]) -> Result<Vec<ActionRecord>, StoreError> {
    let words = serde_json::to_string(&states.iter().map(|state| state.as_str()).collect::<Vec<_>>())
        .map_err(|source| StoreError::Database { step: "reading actions", source: source.into() })?;
    let rows = sqlx::query(
        "SELECT id, body, state, attempts, submitted, request, detail, changed FROM action
         WHERE state IN (SELECT value FROM json_each($1)) ORDER BY category_order, id",
    )
    .bind(words)
    .fetch_all(pool)
    .await
    .map_err(database("reading actions"))?;
    rows.iter().map(read).collect()
}

fn read(row: &SqliteRow) -> Result<ActionRecord, StoreError> {
    let read = database("reading an action");
    let columns = || -> Result<_, sqlx::Error> {
        Ok((
            row.try_get::<String, _>("id")?,
            row.try_get::<String, _>("body")?,
            row.try_get::<String, _>("state")?,
            row.try_get::<i64, _>("attempts")?,
            row.try_get::<Option<i64>, _>("submitted")?,
            row.try_get::<Option<String>, _>("request")?,
            row.try_get::<String, _>("detail")?,
            row.try_get::<i64, _>("changed")?,
        ))
    };
    let (id, body, state, attempts, submitted, request, detail, changed) = columns().map_err(read)?;
    let place = format!("action {id}");
    Ok(ActionRecord {
        action: from_json(&body, &place)?,
        state: ActionState::from_word(&state).ok_or_else(|| corrupt(&place))?,
        attempts: u32::try_from(attempts).map_err(|_| corrupt(&place))?,
        submitted: submitted.map(|submitted| from_millis(submitted, &place)).transpose()?,
        request: request.map(RequestId::new),
        changed: from_millis(changed, &place)?,
        detail,
    })
}

/// Moves an action on and keeps the history; `false` when it is no longer where the step begins.
pub(super) async fn advance(
    connection: &mut SqliteConnection,
    transition: &Transition,
    now: Timestamp,
) -> Result<bool, StoreError> {
    const STEP: &str = "moving an action on";
    let begins_attempt = transition.to == ActionState::Submitting;
    let moved = sqlx::query(
        "UPDATE action SET state = $3, detail = $4, changed = $5, request = COALESCE($6, request),
             attempts = attempts + $7, submitted = CASE WHEN $7 = 1 THEN $5 ELSE submitted END
         WHERE id = $1 AND state = $2",
    )
    .bind(transition.action.to_string())
    .bind(transition.from.as_str())
    .bind(transition.to.as_str())
    .bind(&transition.detail)
    .bind(to_millis(now))
    .bind(transition.request.as_ref().map(RequestId::as_str))
    .bind(i64::from(begins_attempt))
    .execute(&mut *connection)
    .await
    .map_err(database(STEP))?
    .rows_affected();
    if moved == 0 {
        return Ok(false);
    }
    sqlx::query(
        "INSERT INTO history (at, event, subject, action, detail) SELECT $2, 'action.' || $3, subject, id, $4 FROM action WHERE id = $1",
    )
    .bind(transition.action.to_string())
    .bind(to_millis(now))
    .bind(transition.to.as_str())
    .bind(&transition.detail)
    .execute(connection)
    .await
    .map_err(database(STEP))?;
    Ok(true)
}
