//! One statement for each change of the ledger.

use jiff::Timestamp;
use sqlx::Sqlite;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteConnection};

use crate::domain::action::Occasion;
use crate::domain::ids::SubjectKey;
use crate::plan::Gate;
use crate::plan::ledger::{Bar, ClaimKey, LedgerChange, WatchedValue};
use crate::store::StoreError;

use super::{database, to_json, to_millis};

const STEP: &str = "applying a change";

/// Applies changes in order, within the caller's transaction.
pub(super) async fn apply(
    connection: &mut SqliteConnection,
    changes: &[LedgerChange],
    now: Timestamp,
) -> Result<(), StoreError> {
    for change in changes {
        apply_one(connection, change, to_millis(now)).await?;
    }
    Ok(())
}

async fn apply_one(connection: &mut SqliteConnection, change: &LedgerChange, now: i64) -> Result<(), StoreError> {
    let query = match change {
        LedgerChange::SubjectComplete { subject } => sqlx::query(
            "INSERT INTO subject (key, complete_since) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING",
        )
        .bind(subject.as_str())
        .bind(now),
        LedgerChange::Run { occasion, run } => bind_occasion(
            sqlx::query(
                "INSERT INTO run (workflow, subject, trigger_name, value, status, document_hash, category, held_by, reason, tasks, begun, changed)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)
                 ON CONFLICT (workflow, subject, trigger_name, value) DO UPDATE SET status = excluded.status, changed = excluded.changed,
                     document_hash = excluded.document_hash, held_by = excluded.held_by, reason = excluded.reason,
                     tasks = excluded.tasks",
            ),
            occasion,
        )
        .bind(to_json(&run.status, STEP)?)
        .bind(run.document_hash.as_str())
        .bind(to_json(&run.category, STEP)?)
        .bind(run.held_by.map(Gate::as_str))
        .bind(run.reason.as_deref())
        .bind(to_json(&run.tasks, STEP)?)
        .bind(now),
        LedgerChange::Claim { claim } => bind_claim(
            sqlx::query(
                "INSERT INTO claim (document, subject, package, granted) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (document, subject, package) DO UPDATE SET missing_since = NULL",
            ),
            claim,
        )
        .bind(now),
        LedgerChange::ClaimLeaving { claim } => bind_claim(
            sqlx::query(
                "UPDATE claim SET leaving_since = COALESCE(leaving_since, $4) WHERE document = $1 AND subject = $2 AND package = $3",
            ),
            claim,
        )
        .bind(now),
        LedgerChange::ClaimStays { claim } => bind_claim(
            sqlx::query(
                "UPDATE claim SET leaving_since = NULL, missing_since = NULL WHERE document = $1 AND subject = $2 AND package = $3",
            ),
            claim,
        ),
        LedgerChange::ClaimMissing { claim } => bind_claim(
            sqlx::query(
                "UPDATE claim SET missing_since = COALESCE(missing_since, $4) WHERE document = $1 AND subject = $2 AND package = $3",
            ),
            claim,
        )
        .bind(now),
        LedgerChange::ClaimReleased { claim } => bind_claim(
            sqlx::query("DELETE FROM claim WHERE document = $1 AND subject = $2 AND package = $3"),
            claim,
        ),
        LedgerChange::EpisodeRaised { claim } => bind_claim(
            sqlx::query(
                "INSERT INTO episode (document, subject, package, episode) VALUES ($1, $2, $3, 2)
                 ON CONFLICT (document, subject, package) DO UPDATE SET episode = episode + 1",
            ),
            claim,
        ),
        LedgerChange::Gone { subject, user, package } => {
            let alias = SubjectKey::user(user);
            sqlx::query(
                "INSERT INTO episode (document, subject, package, episode)
                 SELECT document, subject, package, 2 FROM claim WHERE subject IN ($1, $2) AND package = $3
                 ON CONFLICT (document, subject, package) DO UPDATE SET episode = episode + 1",
            )
            .bind(subject.as_str())
            .bind(alias.as_str().to_owned())
            .bind(package.as_str())
            .execute(&mut *connection)
            .await
            .map_err(database(STEP))?;
            sqlx::query("DELETE FROM claim WHERE subject IN ($1, $2) AND package = $3")
                .bind(subject.as_str())
                .bind(alias.as_str().to_owned())
                .bind(package.as_str())
        }
        LedgerChange::Outranked { claim, by } => bind_claim(
            sqlx::query(
                "INSERT INTO outranked (document, subject, package, by_document, since) VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (document, subject, package) DO UPDATE SET by_document = excluded.by_document, since = excluded.since",
            ),
            claim,
        )
        .bind(by.as_str())
        .bind(now),
        LedgerChange::OutrankEnded { claim } => bind_claim(
            sqlx::query("DELETE FROM outranked WHERE document = $1 AND subject = $2 AND package = $3"),
            claim,
        ),
        LedgerChange::AdoptionEnded { document } => {
            sqlx::query("UPDATE document SET is_adopting = 0 WHERE name = $1").bind(document.as_str())
        }
        LedgerChange::BarSet { bar } => bind_bar(
            sqlx::query(
                "INSERT INTO bar (workflow, subject, trigger_name, value, package, user, document_hash, set_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
            ),
            bar,
        )
        .bind(bar.document_hash.as_str())
        .bind(now),
        LedgerChange::BarEnded { bar } => bind_bar(
            sqlx::query(
                "DELETE FROM bar WHERE workflow = $1 AND subject = $2 AND trigger_name = $3 AND value = $4 AND package = $5 AND user = $6",
            ),
            bar,
        ),
        LedgerChange::Pinned { pin, id } => {
            sqlx::query("INSERT INTO pin (name, id, pinned) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING")
                .bind(to_json(pin, STEP)?)
                .bind(id)
                .bind(now)
        }
        LedgerChange::GroupSize { group, size } => sqlx::query(
            "INSERT INTO group_size (name, size) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET size = excluded.size",
        )
        .bind(group)
        .bind(i64::try_from(*size).unwrap_or(i64::MAX)),
        LedgerChange::WatchBegun { key } => {
            sqlx::query("INSERT INTO watched_since (key, since) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING")
                .bind(key.to_string())
                .bind(now)
        }
        LedgerChange::WatchEnded { key } => {
            sqlx::query("DELETE FROM watched_since WHERE key = $1").bind(key.to_string())
        }
        LedgerChange::Watched { subject, key, value, before, changes } => sqlx::query(
            "INSERT INTO watched (subject, key, value, before, changes, since) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (subject, key) DO UPDATE SET value = excluded.value, before = excluded.before, changes = excluded.changes,
                 since = excluded.since",
        )
        .bind(subject.as_str())
        .bind(key.to_string())
        .bind(value.as_str())
        .bind(before.as_ref().map(WatchedValue::as_str))
        .bind(i64::from(*changes))
        .bind(now),
        LedgerChange::ScheduleReached { document, instant } => sqlx::query(
            "INSERT INTO schedule_reached (document, instant) VALUES ($1, $2)
             ON CONFLICT (document) DO UPDATE SET instant = MAX(instant, excluded.instant)",
        )
        .bind(document.as_str())
        .bind(to_millis(*instant)),
        LedgerChange::ActivationTaken { id } => {
            sqlx::query("UPDATE activation SET taken = $2 WHERE id = $1 AND taken IS NULL").bind(id).bind(now)
        }
        LedgerChange::DocumentPlanned { document, hash, base, is_whole } => sqlx::query(
            "UPDATE document SET base_hash = $2, base = $3, first_removals_held = first_removals_held AND NOT $4
             WHERE name = $1 AND hash = $2",
        )
        .bind(document.as_str())
        .bind(hash.as_str())
        .bind(i64::from(*base))
        .bind(*is_whole),
    };
    query.execute(connection).await.map_err(database(STEP))?;
    Ok(())
}

type SqliteQuery<'q> = Query<'q, Sqlite, SqliteArguments>;

fn bind_claim<'q>(query: SqliteQuery<'q>, claim: &'q ClaimKey) -> SqliteQuery<'q> {
    query.bind(claim.document.as_str()).bind(claim.subject.as_str()).bind(claim.package.as_str())
}

fn bind_occasion<'q>(query: SqliteQuery<'q>, occasion: &'q Occasion) -> SqliteQuery<'q> {
    query
        .bind(occasion.workflow.as_str())
        .bind(occasion.subject.as_str())
        .bind(occasion.trigger.as_str())
        .bind(occasion.value.to_string())
}

fn bind_bar<'q>(query: SqliteQuery<'q>, bar: &'q Bar) -> SqliteQuery<'q> {
    bind_occasion(query, &bar.occasion).bind(bar.package.as_str()).bind(bar.user.as_str())
}
