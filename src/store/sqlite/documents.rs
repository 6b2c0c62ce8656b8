//! Last good texts and the records of documents.

use std::collections::BTreeMap;

use sqlx::sqlite::{SqliteConnection, SqlitePool};

use crate::plan::ledger::Retirement;
use crate::store::{DocumentsInForce, StoreError};

use super::{database, to_millis};

/// Last good texts by file.
pub(super) async fn texts(pool: &SqlitePool) -> Result<BTreeMap<String, String>, StoreError> {
    let rows: Vec<(String, String)> = sqlx::query_as("SELECT file, text FROM document_text")
        .fetch_all(pool)
        .await
        .map_err(database("reading the last good documents"))?;
    Ok(rows.into_iter().collect())
}

/// Replaces the last good texts and brings the records up to date.
pub(super) async fn save(connection: &mut SqliteConnection, documents: &DocumentsInForce) -> Result<(), StoreError> {
    const STEP: &str = "keeping the documents";
    sqlx::query("DELETE FROM document_text").execute(&mut *connection).await.map_err(database(STEP))?;
    for (file, text) in &documents.texts {
        sqlx::query("INSERT INTO document_text (file, text) VALUES ($1, $2)")
            .bind(file)
            .bind(text)
            .execute(&mut *connection)
            .await
            .map_err(database(STEP))?;
    }
    for record in &documents.records {
        let (base_hash, base) = match &record.base {
            Some((hash, base)) => (Some(hash.as_str()), Some(i64::from(*base))),
            None => (None, None),
        };
        // What a person ordered meanwhile is not undone by a pass that did not know of it; a document that is back is no longer retired.
        sqlx::query(
            "INSERT INTO document (name, kind, hash, mode, first_seen, writes_since, observed_before, first_removals_held, in_force,
                 base_hash, base, identity, declared_mode, retirement, is_adopting)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
             ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, hash = excluded.hash, mode = excluded.mode,
                 first_seen = excluded.first_seen, writes_since = excluded.writes_since, observed_before = excluded.observed_before,
                 first_removals_held = excluded.first_removals_held, in_force = excluded.in_force,
                 base_hash = excluded.base_hash, base = excluded.base, identity = excluded.identity,
                 declared_mode = excluded.declared_mode,
                 retirement = CASE WHEN excluded.in_force THEN NULL ELSE document.retirement END,
                 is_adopting = excluded.in_force AND document.is_adopting",
        )
        .bind(record.name.as_str())
        .bind(&record.kind)
        .bind(record.hash.as_str())
        .bind(record.mode.as_str())
        .bind(to_millis(record.first_seen))
        .bind(record.writes_since.map(to_millis))
        .bind(record.observed_before)
        .bind(record.first_removals_held)
        .bind(record.in_force)
        .bind(base_hash)
        .bind(base)
        .bind(record.identity.as_str())
        .bind(record.declared_mode.as_str())
        .bind(record.retirement.map(Retirement::as_str))
        .bind(record.is_adopting)
        .execute(&mut *connection)
        .await
        .map_err(database(STEP))?;
    }
    Ok(())
}
