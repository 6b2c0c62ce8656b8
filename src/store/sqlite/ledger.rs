//! Reads everything the planner needs.

use std::collections::BTreeMap;

use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::domain::action::{ActionState, Occasion};
use crate::domain::ids::{ActionId, DocumentHash, DocumentName, HoldHash, PackageId, SubjectKey, UserId};
use crate::domain::resource::Resource;
use crate::plan::Gate;
use crate::plan::ledger::{
    Bar, ClaimKey, ClaimRecord, DocumentRecord, HeldBy, Ledger, LedgerAction, Retirement, RunRecord,
};
use crate::store::StoreError;
use crate::workflow::definition::Mode;

use super::watches;
use super::{corrupt, database, from_json, from_millis};

const STEP: &str = "reading the ledger";

/// The whole ledger as the planner sees it.
pub(super) async fn load(connection: &mut SqliteConnection) -> Result<Ledger, StoreError> {
    let mut ledger = Ledger {
        documents: documents(connection).await?,
        runs: runs(connection).await?,
        claims: claims(connection).await?,
        actions: actions(connection).await?,
        ..Ledger::default()
    };
    let subjects: Vec<(String, i64)> = sqlx::query_as("SELECT key, complete_since FROM subject")
        .fetch_all(&mut *connection)
        .await
        .map_err(database(STEP))?;
    for (key, since) in subjects {
        let since = from_millis(since, &key)?;
        ledger.complete_since.insert(SubjectKey::new(key), since);
    }
    let episodes: Vec<(String, String, String, i64)> =
        sqlx::query_as("SELECT document, subject, package, episode FROM episode")
            .fetch_all(&mut *connection)
            .await
            .map_err(database(STEP))?;
    for (document, subject, package, episode) in episodes {
        let episode = u32::try_from(episode).map_err(|_| corrupt("an episode"))?;
        ledger.episodes.insert(claim_key(document, subject, package), episode);
    }
    let outranked: Vec<(String, String, String, String)> =
        sqlx::query_as("SELECT document, subject, package, by_document FROM outranked")
            .fetch_all(&mut *connection)
            .await
            .map_err(database(STEP))?;
    for (document, subject, package, by) in outranked {
        ledger.outranked.insert(claim_key(document, subject, package), DocumentName::new(by));
    }
    let bars: Vec<(String, String, String, String, String, String, String)> =
        sqlx::query_as("SELECT workflow, subject, trigger_name, value, package, user, document_hash FROM bar")
            .fetch_all(&mut *connection)
            .await
            .map_err(database(STEP))?;
    for (workflow, subject, trigger, value, package, user, document_hash) in bars {
        let occasion = occasion(workflow, subject, trigger, &value)?;
        let document_hash = DocumentHash::new(document_hash);
        ledger.bars.insert(Bar { occasion, user: UserId::new(user), package: PackageId::new(package), document_hash });
    }
    let pins: Vec<(String, String)> =
        sqlx::query_as("SELECT name, id FROM pin").fetch_all(&mut *connection).await.map_err(database(STEP))?;
    for (name, id) in pins {
        ledger.pins.insert(from_json(&name, "a pin")?, id);
    }
    let sizes: Vec<(String, i64)> = sqlx::query_as("SELECT name, size FROM group_size")
        .fetch_all(&mut *connection)
        .await
        .map_err(database(STEP))?;
    for (name, size) in sizes {
        ledger.group_sizes.insert(name, usize::try_from(size).map_err(|_| corrupt("a group's size"))?);
    }
    watches::load(connection, &mut ledger).await?;
    decisions(connection, &mut ledger).await?;
    Ok(ledger)
}

async fn decisions(connection: &mut SqliteConnection, ledger: &mut Ledger) -> Result<(), StoreError> {
    let decided: Vec<(String, String, bool)> = sqlx::query_as("SELECT action, document, approved FROM hold_decision")
        .fetch_all(&mut *connection)
        .await
        .map_err(database(STEP))?;
    for (action, document, approved) in decided {
        let action = action_id(&action)?;
        if approved {
            ledger.approved.insert(action, DocumentName::new(document));
        } else {
            ledger.rejected.insert(action, DocumentName::new(document));
        }
    }
    // Later holds last, so that each action is known by the hold it was last part of.
    let held: Vec<(String, String, String, String, String)> = sqlx::query_as(
        "SELECT hold.gate, hold.hash, hold.why, json_extract(item.value, '$.document'), json_extract(item.value, '$.id') AS action FROM hold, json_each(hold.items) AS item
         WHERE hold.state IN ('open', 'closed') AND action NOT IN (SELECT action FROM hold_decision)
         ORDER BY hold.state = 'open', hold.raised, hold.hash",
    )
    .fetch_all(&mut *connection)
    .await
    .map_err(database(STEP))?;
    for (gate, hold, why, document, action) in held {
        let gate = gate_of(&gate)?;
        let key = (action_id(&action)?, DocumentName::new(document));
        ledger.held.insert(key, HeldBy { gate, hold: HoldHash::new(hold), why });
    }
    Ok(())
}

async fn documents(connection: &mut SqliteConnection) -> Result<BTreeMap<DocumentName, DocumentRecord>, StoreError> {
    let rows = sqlx::query("SELECT * FROM document").fetch_all(connection).await.map_err(database(STEP))?;
    let read = |row: &SqliteRow| {
        let record = document(row)?;
        Ok((record.name.clone(), record))
    };
    rows.iter().map(read).collect()
}

fn document(row: &SqliteRow) -> Result<DocumentRecord, StoreError> {
    let text = |column: &str| row.try_get::<String, _>(column).map_err(database(STEP));
    let optional_text = |column: &str| row.try_get::<Option<String>, _>(column).map_err(database(STEP));
    let optional_number = |column: &str| row.try_get::<Option<i64>, _>(column).map_err(database(STEP));
    let flag = |column: &str| row.try_get::<bool, _>(column).map_err(database(STEP));
    let name = text("name")?;
    let place = format!("document {name}");
    let mode = |column: &str| Mode::from_word(&text(column)?).ok_or_else(|| corrupt(&place));
    let instant = |millis| from_millis(millis, &place);
    let base = optional_text("base_hash")?.zip(optional_number("base")?).map(|(hash, base)| {
        u32::try_from(base).map(|base| (DocumentHash::new(hash), base)).map_err(|_| corrupt(&place))
    });
    let retirement =
        optional_text("retirement")?.map(|word| Retirement::from_word(&word).ok_or_else(|| corrupt(&place)));
    Ok(DocumentRecord {
        kind: text("kind")?,
        hash: DocumentHash::new(text("hash")?),
        identity: DocumentName::new(text("identity")?),
        declared_mode: mode("declared_mode")?,
        mode: mode("mode")?,
        first_seen: instant(row.try_get("first_seen").map_err(database(STEP))?)?,
        writes_since: optional_number("writes_since")?.map(instant).transpose()?,
        observed_before: flag("observed_before")?,
        first_removals_held: flag("first_removals_held")?,
        in_force: flag("in_force")?,
        retirement: retirement.transpose()?,
        is_adopting: flag("is_adopting")?,
        base: base.transpose()?,
        name: DocumentName::new(name),
    })
}

type RunRow = (String, String, String, String, String, String, String, Option<String>, Option<String>, String);

async fn runs(connection: &mut SqliteConnection) -> Result<BTreeMap<Occasion, RunRecord>, StoreError> {
    let rows: Vec<RunRow> = sqlx::query_as(
        "SELECT workflow, subject, trigger_name, value, status, document_hash, category, held_by, reason, tasks FROM run",
    )
    .fetch_all(&mut *connection)
    .await
    .map_err(database(STEP))?;
    rows.into_iter()
        .map(|(workflow, subject, trigger, value, status, document_hash, category, held_by, reason, tasks)| {
            let run = RunRecord {
                status: from_json(&status, "a run's status")?,
                document_hash: DocumentHash::new(document_hash),
                category: from_json(&category, "a run's category")?,
                held_by: held_by.map(|gate| gate_of(&gate)).transpose()?,
                reason,
                tasks: from_json(&tasks, "a run's tasks")?,
            };
            Ok((occasion(workflow, subject, trigger, &value)?, run))
        })
        .collect()
}

type ClaimRow = (String, String, String, Option<i64>, Option<i64>);

async fn claims(connection: &mut SqliteConnection) -> Result<BTreeMap<ClaimKey, ClaimRecord>, StoreError> {
    let rows: Vec<ClaimRow> =
        sqlx::query_as("SELECT document, subject, package, leaving_since, missing_since FROM claim")
            .fetch_all(&mut *connection)
            .await
            .map_err(database(STEP))?;
    rows.into_iter()
        .map(|(document, subject, package, leaving, missing)| {
            let instant = |millis: Option<i64>| millis.map(|millis| from_millis(millis, "a claim")).transpose();
            let record = ClaimRecord { leaving_since: instant(leaving)?, missing_since: instant(missing)? };
            Ok((claim_key(document, subject, package), record))
        })
        .collect()
}

type ActionRow = (String, String, String, String, String, String, String, String, i64, bool);

async fn actions(connection: &mut SqliteConnection) -> Result<BTreeMap<ActionId, LedgerAction>, StoreError> {
    let rows: Vec<ActionRow> = sqlx::query_as(
        "SELECT id, state, kind, user, resource, document, subject, json_extract(body, '$.documentHash'), changed,
             detail LIKE '403 %' FROM action",
    )
    .fetch_all(&mut *connection)
    .await
    .map_err(database(STEP))?;
    rows.into_iter()
        .map(|(id, state, kind, user, resource, document, subject, document_hash, changed, is_forbidden)| {
            let action = LedgerAction {
                state: ActionState::from_word(&state).ok_or_else(|| corrupt("an action's state"))?,
                kind: from_json(&kind, "an action's kind")?,
                user: UserId::new(user),
                resource: Resource::from_text(&resource),
                document: DocumentName::new(document),
                document_hash: DocumentHash::new(document_hash),
                subject: SubjectKey::new(subject),
                changed: from_millis(changed, "an action")?,
                is_forbidden,
            };
            Ok((action_id(&id)?, action))
        })
        .collect()
}

fn gate_of(word: &str) -> Result<Gate, StoreError> {
    Gate::ALL.into_iter().find(|known| known.as_str() == word).ok_or_else(|| corrupt("a gate"))
}

fn claim_key(document: String, subject: String, package: String) -> ClaimKey {
    ClaimKey {
        document: DocumentName::new(document),
        subject: SubjectKey::new(subject),
        package: PackageId::new(package),
    }
}

fn occasion(workflow: String, subject: String, trigger: String, value: &str) -> Result<Occasion, StoreError> {
    let value = value.parse().map_err(|_| corrupt("an occasion's value"))?;
    Ok(Occasion { workflow: DocumentName::new(workflow), subject: SubjectKey::new(subject), trigger, value })
}

fn action_id(text: &str) -> Result<ActionId, StoreError> {
    ActionId::parse(text).map_err(|_| corrupt("an action's id"))
}
