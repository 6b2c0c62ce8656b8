//! A document that has another name: everything it did goes with it, as [`Ledger::rename`](crate::plan::ledger::Ledger::rename) says.

use jiff::Timestamp;
use sqlx::sqlite::SqliteConnection;

use crate::domain::ids::FeedName;
use crate::plan::ledger::{FEED, Rename, WatchKey};
use crate::store::StoreError;

use super::{database, to_millis};

const STEP: &str = "renaming a document";

/// Where a document's name is part of a key: what the new name has already stays as it is.
const KEYS: [(&str, &str); 8] = [
    ("claim", "document"),
    ("episode", "document"),
    ("outranked", "document"),
    ("run", "workflow"),
    ("bar", "workflow"),
    ("schedule_reached", "document"),
    ("feed_person", "feed"),
    ("feed_acceptance", "feed"),
];

/// Where a document's name is told beside the key. An action's cause names the document itself, or not at all.
const OTHERS: [&str; 7] = [
    "UPDATE outranked SET by_document = $2 WHERE by_document = $1",
    "UPDATE activation SET workflow = $2 WHERE workflow = $1",
    "UPDATE hold_decision SET document = $2 WHERE document = $1",
    "UPDATE feed_delivery SET feed = $2 WHERE feed = $1",
    "UPDATE feed_person SET record = json_replace(record, '$.feed', $2) WHERE json_extract(record, '$.feed') = $1",
    "UPDATE action SET document = $2, body = json_replace(body, '$.document', $2, '$.cause.document', $2, '$.cause.workflow', $2,
         '$.cause.occasion.workflow', $2) WHERE document = $1",
    "UPDATE hold SET items = (SELECT json_group_array(json(
             CASE WHEN json_extract(item.value, '$.document') = $1
             THEN json_replace(item.value, '$.document', $2, '$.cause.document', $2, '$.cause.workflow', $2, '$.cause.occasion.workflow', $2)
             ELSE item.value END)) FROM json_each(hold.items) AS item)
         WHERE EXISTS (SELECT 1 FROM json_each(hold.items) AS item WHERE json_extract(item.value, '$.document') = $1)",
];

/// Moves everything of the former name to the new one, within the caller's transaction.
pub(super) async fn carry_out(
    connection: &mut SqliteConnection,
    Rename { from, to }: &Rename,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (from, to) = (from.as_str(), to.as_str());
    let Some(kind) = sqlx::query_scalar::<_, String>("SELECT kind FROM document WHERE name = $1")
        .bind(from)
        .fetch_optional(&mut *connection)
        .await
        .map_err(database(STEP))?
    else {
        return Ok(());
    };
    let is_merged = move_key(connection, "document", "name", from, to).await?;
    for (table, column) in KEYS {
        move_key(connection, table, column, from, to).await?;
        forget(connection, table, column, from).await?;
    }
    for statement in OTHERS {
        sqlx::query(statement).bind(from).bind(to).execute(&mut *connection).await.map_err(database(STEP))?;
    }
    if is_merged {
        // The new name was there before: the former one is over, and its causes stay its own.
        sqlx::query("UPDATE document SET in_force = 0, retirement = 'released' WHERE name = $1")
            .bind(from)
            .execute(&mut *connection)
            .await
            .map_err(database(STEP))?;
    }
    if kind == FEED {
        let watch = |name: &str| WatchKey::Feed(FeedName::new(name)).to_string();
        for (table, column) in
            [("watched", "key"), ("watched_since", "key"), ("run", "trigger_name"), ("bar", "trigger_name")]
        {
            move_key(connection, table, column, &watch(from), &watch(to)).await?;
            forget(connection, table, column, &watch(from)).await?;
        }
    }
    sqlx::query("INSERT INTO history (at, event, detail) VALUES ($1, 'document.renamed', $2)")
        .bind(to_millis(now))
        .bind(format!("{from} is {to}"))
        .execute(connection)
        .await
        .map_err(database(STEP))?;
    Ok(())
}

/// Moves rows to another key, but where there is one; returns whether any was left behind.
async fn move_key(
    connection: &mut SqliteConnection,
    table: &str,
    column: &str,
    from: &str,
    to: &str,
) -> Result<bool, StoreError> {
    let statement = format!("UPDATE OR IGNORE {table} SET {column} = $2 WHERE {column} = $1");
    sqlx::query(sqlx::AssertSqlSafe(statement))
        .bind(from)
        .bind(to)
        .execute(&mut *connection)
        .await
        .map_err(database(STEP))?;
    let left = format!("SELECT EXISTS (SELECT 1 FROM {table} WHERE {column} = $1)");
    sqlx::query_scalar(sqlx::AssertSqlSafe(left)).bind(from).fetch_one(connection).await.map_err(database(STEP))
}

async fn forget(connection: &mut SqliteConnection, table: &str, column: &str, from: &str) -> Result<(), StoreError> {
    let statement = format!("DELETE FROM {table} WHERE {column} = $1");
    sqlx::query(sqlx::AssertSqlSafe(statement)).bind(from).execute(connection).await.map_err(database(STEP))?;
    Ok(())
}
