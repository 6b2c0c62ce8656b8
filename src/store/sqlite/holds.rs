//! Holds: raised by plans, decided by people, never dropped.

use jiff::Timestamp;
use sqlx::sqlite::{SqliteConnection, SqlitePool};

use crate::domain::action::Action;
use crate::domain::ids::HoldHash;
use crate::plan::{Gate, Hold};
use crate::store::{HoldDecision, HoldRecord, StoreError};

use super::{corrupt, database, from_json, from_millis, to_json, to_millis};

/// Raises a plan's holds; one raised before keeps its age, and one the plan no longer has is closed.
pub(super) async fn raise(connection: &mut SqliteConnection, holds: &[Hold], now: Timestamp) -> Result<(), StoreError> {
    const STEP: &str = "raising a hold";
    let hashes: Vec<&str> = holds.iter().map(|hold| hold.hash.as_str()).collect();
    sqlx::query(
        "UPDATE hold SET state = 'closed' WHERE state IN ('open', 'approved') AND hash NOT IN (SELECT value FROM json_each($1))",
    )
    .bind(to_json(&hashes, STEP)?)
    .execute(&mut *connection)
    .await
    .map_err(database(STEP))?;
    for hold in holds {
        sqlx::query(
            "INSERT INTO hold (hash, gate, why, items, raised, state) VALUES ($1, $2, $3, $4, $5, 'open')
             ON CONFLICT (hash) DO UPDATE SET state = 'open' WHERE hold.state = 'closed'",
        )
        .bind(hold.hash.as_str())
        .bind(hold.gate.as_str())
        .bind(&hold.why)
        .bind(to_json(&hold.items, STEP)?)
        .bind(to_millis(now))
        .execute(&mut *connection)
        .await
        .map_err(database(STEP))?;
    }
    Ok(())
}

/// Open holds, and approved ones that no pass has released yet.
pub(super) async fn undecided(pool: &SqlitePool) -> Result<Vec<HoldRecord>, StoreError> {
    let rows: Vec<(String, String, String, String, i64, String)> = sqlx::query_as(
        "SELECT hash, gate, why, items, raised, state FROM hold WHERE state IN ('open', 'approved') ORDER BY raised, hash",
    )
    .fetch_all(pool)
    .await
    .map_err(database("reading holds"))?;
    rows.into_iter()
        .map(|(hash, gate, why, items, raised, state)| {
            let place = format!("hold {hash}");
            let gate = Gate::ALL.into_iter().find(|known| known.as_str() == gate).ok_or_else(|| corrupt(&place))?;
            let items: Vec<Action> = from_json(&items, &place)?;
            let raised = from_millis(raised, &place)?;
            let hold = Hold { hash: HoldHash::new(hash), gate, why, items };
            Ok(HoldRecord { hold, raised, approved: state == "approved" })
        })
        .collect()
}

/// Records a person's decision on every item of a hold, found by its hash or a prefix of it.
pub(super) async fn decide(
    connection: &mut SqliteConnection,
    hash: &HoldHash,
    decision: &HoldDecision,
    now: Timestamp,
) -> Result<(), StoreError> {
    const STEP: &str = "deciding a hold";
    let found: Vec<(String, String)> = sqlx::query_as(
        "SELECT hash, items FROM hold WHERE state = 'open' AND substr(hash, 1, length($1)) = $1 LIMIT 2",
    )
    .bind(hash.as_str())
    .fetch_all(&mut *connection)
    .await
    .map_err(database(STEP))?;
    let (full, items) = match found.as_slice() {
        [one] if !hash.as_str().is_empty() => one,
        [_, _, ..] => return Err(StoreError::HoldAmbiguous(hash.clone())),
        _ => return Err(StoreError::NoSuchHold(hash.clone())),
    };
    let items: Vec<Action> = from_json(items, &format!("hold {full}"))?;
    for item in items {
        sqlx::query(
            "INSERT INTO hold_decision (action, hash, approved, decided_by, decided, document) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (action) DO UPDATE SET document = excluded.document, hash = excluded.hash, approved = excluded.approved,
                 decided_by = excluded.decided_by, decided = excluded.decided",
        )
        .bind(item.id.to_string())
        .bind(full)
        .bind(decision.approve)
        .bind(&decision.by)
        .bind(to_millis(now))
        .bind(item.document.as_str())
        .execute(&mut *connection)
        .await
        .map_err(database(STEP))?;
    }
    let word = if decision.approve { "approved" } else { "rejected" };
    sqlx::query("UPDATE hold SET state = $2, decided_by = $3, decided = $4 WHERE hash = $1")
        .bind(full)
        .bind(word)
        .bind(&decision.by)
        .bind(to_millis(now))
        .execute(&mut *connection)
        .await
        .map_err(database(STEP))?;
    sqlx::query("INSERT INTO history (at, event, detail) VALUES ($1, 'hold.' || $2, $3)")
        .bind(to_millis(now))
        .bind(word)
        .bind(format!("{full} by {}", decision.by))
        .execute(connection)
        .await
        .map_err(database(STEP))?;
    Ok(())
}
