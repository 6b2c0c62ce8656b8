//! The kept users of the directory.

use sqlx::sqlite::{SqliteConnection, SqlitePool};

use crate::store::StoreError;
use crate::store::directory::{KeptUsers, UsersChange};

use super::{database, from_json, to_json};

/// The row of `directory_reading` that is about users.
const USERS: &str = "users";

/// The users as they were read last, with how they were read.
pub(super) async fn users(pool: &SqlitePool) -> Result<KeptUsers, StoreError> {
    const STEP: &str = "reading the kept users";
    // One transaction: users and token belong together.
    let mut transaction = pool.begin().await.map_err(database(STEP))?;
    let reading: Option<String> = sqlx::query_scalar("SELECT record FROM directory_reading WHERE what = $1")
        .bind(USERS)
        .fetch_optional(&mut *transaction)
        .await
        .map_err(database(STEP))?;
    let rows: Vec<(String, String)> = sqlx::query_as("SELECT id, record FROM directory_user")
        .fetch_all(&mut *transaction)
        .await
        .map_err(database(STEP))?;
    let users = rows.into_iter().map(|(id, record)| {
        let properties = from_json(&record, "directory_user")?;
        Ok((id.into(), properties))
    });
    Ok(KeptUsers {
        reading: reading.map(|record| from_json(&record, "directory_reading")).transpose()?,
        users: users.collect::<Result<_, StoreError>>()?,
    })
}

/// Keeps what a reading changed, and where the next round begins.
pub(super) async fn save(connection: &mut SqliteConnection, change: &UsersChange) -> Result<(), StoreError> {
    const STEP: &str = "keeping users";
    for user in &change.gone {
        sqlx::query("DELETE FROM directory_user WHERE id = $1")
            .bind(user.as_str())
            .execute(&mut *connection)
            .await
            .map_err(database(STEP))?;
    }
    for (user, properties) in &change.kept {
        sqlx::query(
            "INSERT INTO directory_user (id, record) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET record = excluded.record",
        )
        .bind(user.as_str())
        .bind(to_json(properties, STEP)?)
        .execute(&mut *connection)
        .await
        .map_err(database(STEP))?;
    }
    sqlx::query(
        "INSERT INTO directory_reading (what, record) VALUES ($1, $2) ON CONFLICT (what) DO UPDATE SET record = excluded.record",
    )
    .bind(USERS)
    .bind(to_json(&change.reading, STEP)?)
    .execute(&mut *connection)
    .await
    .map_err(database(STEP))?;
    Ok(())
}
