//! What was accepted of each feed, and the people in force.

use sqlx::sqlite::{SqliteConnection, SqlitePool};

use crate::domain::ids::FeedName;
use crate::domain::subject::Person;
use crate::store::{Acceptance, DELIVERIES_LOOKED_BACK_ON, DeliveryRecord, FeedState, StoreError};

use super::{database, from_json, to_json, to_millis};

/// What the ledger knows of a feed.
pub(super) async fn state(pool: &SqlitePool, feed: &FeedName) -> Result<FeedState, StoreError> {
    const STEP: &str = "reading a feed";
    let place = format!("feed {feed}");
    // The latest acceptance of each digest: the same bytes may be accepted again under a changed document.
    let accepted: Vec<String> = sqlx::query_scalar(
        "SELECT record FROM feed_delivery WHERE feed = $1 AND accepted = 1 AND number IN
             (SELECT max(number) FROM feed_delivery WHERE feed = $1 AND accepted = 1 GROUP BY json_extract(record, '$.digest'))
         ORDER BY number DESC LIMIT $2",
    )
    .bind(feed.as_str())
    .bind(i64::try_from(DELIVERIES_LOOKED_BACK_ON).unwrap_or(i64::MAX))
    .fetch_all(pool)
    .await
    .map_err(database(STEP))?;
    let last: Option<(String, bool)> =
        sqlx::query_as("SELECT record, accepted FROM feed_delivery WHERE feed = $1 ORDER BY number DESC LIMIT 1")
            .bind(feed.as_str())
            .fetch_optional(pool)
            .await
            .map_err(database(STEP))?;
    let persons: Vec<String> = sqlx::query_scalar("SELECT record FROM feed_person WHERE feed = $1 ORDER BY key")
        .bind(feed.as_str())
        .fetch_all(pool)
        .await
        .map_err(database(STEP))?;
    let acceptance: Option<String> = sqlx::query_scalar("SELECT record FROM feed_acceptance WHERE feed = $1")
        .bind(feed.as_str())
        .fetch_optional(pool)
        .await
        .map_err(database(STEP))?;
    Ok(FeedState {
        acceptance: acceptance.map(|record| from_json(&record, &place)).transpose()?,
        accepted: accepted.iter().map(|record| from_json(record, &place)).collect::<Result<_, _>>()?,
        last_refused: match last {
            Some((record, false)) => Some(from_json(&record, &place)?),
            _ => None,
        },
        persons: persons.iter().map(|record| from_json(record, &place)).collect::<Result<_, _>>()?,
    })
}

/// The latest deliveries of a feed, newest first.
pub(super) async fn deliveries(
    pool: &SqlitePool,
    feed: &FeedName,
    most: usize,
) -> Result<Vec<DeliveryRecord>, StoreError> {
    let records: Vec<String> =
        sqlx::query_scalar("SELECT record FROM feed_delivery WHERE feed = $1 ORDER BY number DESC LIMIT $2")
            .bind(feed.as_str())
            .bind(i64::try_from(most).unwrap_or(i64::MAX))
            .fetch_all(pool)
            .await
            .map_err(database("reading deliveries"))?;
    records.iter().map(|record| from_json(record, &format!("feed {feed}"))).collect()
}

/// Keeps a person's acceptance, and who gave it when in the history.
pub(super) async fn accept(
    connection: &mut SqliteConnection,
    feed: &FeedName,
    acceptance: &Acceptance,
) -> Result<(), StoreError> {
    const STEP: &str = "accepting a delivery";
    sqlx::query(
        "INSERT INTO feed_acceptance (feed, record) VALUES ($1, $2) ON CONFLICT (feed) DO UPDATE SET record = excluded.record",
    )
    .bind(feed.as_str())
    .bind(to_json(acceptance, STEP)?)
    .execute(&mut *connection)
    .await
    .map_err(database(STEP))?;
    sqlx::query("INSERT INTO history (at, event, detail) VALUES ($1, 'feed.acceptedByPerson', $2)")
        .bind(to_millis(acceptance.at))
        .bind(format!("{feed} {} by {}", acceptance.digest, acceptance.by))
        .execute(connection)
        .await
        .map_err(database(STEP))?;
    Ok(())
}

/// Records a delivery, and the people in force where it was accepted.
pub(super) async fn record(
    connection: &mut SqliteConnection,
    feed: &FeedName,
    delivery: &DeliveryRecord,
    persons: Option<&[Person]>,
) -> Result<(), StoreError> {
    const STEP: &str = "recording a delivery";
    sqlx::query("INSERT INTO feed_delivery (feed, accepted, record) VALUES ($1, $2, $3)")
        .bind(feed.as_str())
        .bind(persons.is_some())
        .bind(to_json(delivery, STEP)?)
        .execute(&mut *connection)
        .await
        .map_err(database(STEP))?;
    sqlx::query("DELETE FROM feed_acceptance WHERE feed = $1")
        .bind(feed.as_str())
        .execute(&mut *connection)
        .await
        .map_err(database(STEP))?;
    let Some(persons) = persons else { return Ok(()) };
    for person in persons {
        sqlx::query(
            "INSERT INTO feed_person (feed, key, record) VALUES ($1, $2, $3)
             ON CONFLICT (feed, key) DO UPDATE SET record = excluded.record WHERE feed_person.record <> excluded.record",
        )
        .bind(feed.as_str())
        .bind(person.key.as_str())
        .bind(to_json(person, STEP)?)
        .execute(&mut *connection)
        .await
        .map_err(database(STEP))?;
    }
    Ok(())
}
