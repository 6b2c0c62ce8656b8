//! The state file's statements, and how changes go through them: many new rows at once, since each statement costs as much as ten rows.

use std::sync::LazyLock;

use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;

use crate::sandbox::tenant::Change;

/// Makes the one table.
pub(super) const CREATE: &str =
    "CREATE TABLE IF NOT EXISTS entity (kind TEXT NOT NULL, id TEXT NOT NULL, json TEXT NOT NULL, UNIQUE (kind, id))";
/// Reads everything, in the order in which it was made; only a starting sandbox does.
pub(super) const LOAD: &str = "SELECT kind, id, json FROM entity ORDER BY rowid";
const DELETE: &str = "DELETE FROM entity WHERE kind = $1 AND id = $2";
const CLEAR: &str = "DELETE FROM entity";
/// How many rows one statement puts where many wait.
const MANY: usize = 64;

static PUT: LazyLock<String> = LazyLock::new(|| put(1));
static PUT_MANY: LazyLock<String> = LazyLock::new(|| put(MANY));

/// The conflict clause keeps a row's rowid, and with it the order in which things were made.
fn put(rows: usize) -> String {
    let values = vec!["(?, ?, ?)"; rows].join(", ");
    format!(
        "INSERT INTO entity (kind, id, json) VALUES {values} ON CONFLICT (kind, id) DO UPDATE SET json = excluded.json"
    )
}

/// Writes the changes in one transaction, in their order.
pub(super) async fn write(connection: &mut SqliteConnection, changes: &[Change]) -> Result<(), sqlx::Error> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let mut rest = changes;
    while let Some((first, behind)) = rest.split_first() {
        let run = rest.iter().take(MANY).take_while(|change| matches!(change, Change::Put { .. })).count();
        let query = match first {
            Change::Put { .. } => {
                let (statement, rows) = if run == MANY { (PUT_MANY.as_str(), MANY) } else { (PUT.as_str(), 1) };
                let (puts, behind) = rest.split_at(rows);
                rest = behind;
                puts.iter().fold(sqlx::query(statement), |query, change| match change {
                    Change::Put { kind, id, json } => query.bind(*kind).bind(id).bind(json),
                    Change::Delete { .. } | Change::Clear => query,
                })
            }
            Change::Delete { kind, id } => {
                rest = behind;
                sqlx::query(DELETE).bind(*kind).bind(id)
            }
            Change::Clear => {
                rest = behind;
                sqlx::query(CLEAR)
            }
        };
        query.execute(&mut *transaction).await?;
    }
    transaction.commit().await
}

#[cfg(test)]
mod tests {
    use sqlx::ConnectOptions;
    use sqlx::sqlite::SqliteConnectOptions;

    use super::*;

    async fn file() -> SqliteConnection {
        let mut connection = SqliteConnectOptions::new().in_memory(true).connect().await.unwrap();
        sqlx::query(CREATE).execute(&mut connection).await.unwrap();
        connection
    }

    async fn plan(connection: &mut SqliteConnection, statement: &str) -> Vec<String> {
        let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
        let rows: Vec<(i64, i64, i64, String)> = sqlx::query_as(explain).fetch_all(connection).await.unwrap();
        rows.into_iter().map(|(_, _, _, detail)| detail).collect()
    }

    #[tokio::test]
    async fn no_statement_but_those_about_all_rows_scans_the_table() {
        let mut file = file().await;
        let scans = |plan: &[String]| plan.iter().any(|step| step.starts_with("SCAN entity"));
        assert!(scans(&plan(&mut file, LOAD).await), "the test knows a scan when it sees one");
        for statement in [DELETE, PUT.as_str(), PUT_MANY.as_str()] {
            let plan = plan(&mut file, statement).await;
            assert!(!scans(&plan), "{statement}: {plan:?}");
        }
        let by_index = plan(&mut file, DELETE).await;
        assert!(by_index[0].starts_with("SEARCH entity USING"), "{by_index:?}");
    }

    #[tokio::test]
    async fn changes_are_written_in_their_order_however_many_there_are() {
        let mut file = file().await;
        let change = |number: usize, text: &str| Change::Put {
            kind: "user",
            id: number.to_string(),
            json: format!("{number}{text}"),
        };
        let mut changes = vec![change(500, ""), Change::Clear];
        changes.extend((0..2 * MANY + 7).map(|number| change(number, "")));
        changes.push(Change::Delete { kind: "user", id: "3".to_owned() });
        changes.extend((1..MANY + 2).map(|number| change(number, "x")));
        write(&mut file, &changes).await.unwrap();
        let rows: Vec<(String, String, String)> = sqlx::query_as(LOAD).fetch_all(&mut file).await.unwrap();
        let mut expected: Vec<_> = (0..2 * MANY + 7).filter(|number| *number != 3).collect();
        expected.push(3);
        let text = |number: usize| if (1..MANY + 2).contains(&number) { "x" } else { "" };
        let expected: Vec<_> = expected.into_iter().map(|number| format!("{number}{}", text(number))).collect();
        assert_eq!(rows.into_iter().map(|(_, _, json)| json).collect::<Vec<_>>(), expected);
    }
}
