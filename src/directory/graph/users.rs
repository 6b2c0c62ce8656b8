//! The users: by what has changed since the last round, and in full where that is due or needed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::attributes::{selected, selection, user_from};
use super::{GraphDirectory, PAGE_SIZE, SECOND_LOOK, STANDING_ATTRIBUTES, failed};
use crate::directory::{FullReading, ObserveError};
use crate::domain::ids::UserId;
use crate::domain::subject::{LEAVE_DATE, User};
use crate::graph::error::GraphError;
use crate::graph::odata::{address, encode};
use crate::graph::transport::BatchRead;
use crate::graph::wire;
use crate::store::directory::{KeptUsers, Properties, UsersChange, UsersReading};

const USERS: &str = "users";
const PATH: &str = "/v1.0/users";

impl GraphDirectory {
    /// Everybody, with what has changed since the last observation applied and kept; and why all were read, where they were.
    ///
    /// The next round begins where this one ended only once all of it is kept: whatever fails before that leaves users and token as they were.
    pub(super) async fn observe_users(
        &self,
        attributes: &BTreeSet<String>,
        now: Timestamp,
    ) -> Result<(Vec<User>, Option<FullReading>), ObserveError> {
        let wanted = with_standing(attributes);
        let mut kept = self.users.lock().await;
        let kept = match &mut *kept {
            Some(kept) => kept,
            empty => empty.insert(self.load().await?),
        };
        let properties = selected(&wanted);
        // Of a kept link that leads elsewhere, as after a move to another cloud, nothing is known here.
        let leads_elsewhere = |link: &str| self.client.absolute(link).is_err();
        let link = kept.reading.as_ref().and_then(|reading| reading.link.as_deref());
        let why = match full_reading(kept.reading.as_ref(), &properties, now) {
            _ if link.is_some_and(leads_elsewhere) => Some(FullReading::TokenLost),
            why => why,
        };
        let read = match why {
            Some(why) => self.read_all(kept, properties, why, now).await,
            None => match self.read_changes(kept, now).await {
                Err(error) if error.is_state_lost() => {
                    self.read_all(kept, properties, FullReading::TokenLost, now).await
                }
                changes => changes.map(|change| (change, None)),
            },
        };
        let (change, why) = read.map_err(|error| failed(USERS.to_owned(), error))?;
        if let Some(ledger) = self.ledger.as_ref().filter(|_| self.is_recording) {
            ledger.keep_users(&change).await.map_err(|error| failed(USERS.to_owned(), error))?;
        }
        kept.apply(change);
        Ok((kept.users.iter().map(|(id, properties)| user_from(id, properties, &wanted)).collect(), why))
    }

    /// Everybody, listed to the last page and kept nowhere.
    pub(super) async fn list_users(&self, attributes: &BTreeSet<String>) -> Result<Vec<User>, ObserveError> {
        let wanted = with_standing(attributes);
        let users = self.list(&selected(&wanted)).await.map_err(|error| failed(USERS.to_owned(), error))?;
        Ok(users.iter().map(|(id, properties)| user_from(id, properties, &wanted)).collect())
    }

    async fn load(&self) -> Result<KeptUsers, ObserveError> {
        match &self.ledger {
            Some(ledger) => ledger.kept_users().await.map_err(|error| failed(USERS.to_owned(), error)),
            None => Ok(KeptUsers::default()),
        }
    }

    async fn list(&self, properties: &BTreeSet<String>) -> Result<BTreeMap<UserId, Properties>, GraphError> {
        let address = address(PATH, &[("$select", &selection(properties)), ("$top", PAGE_SIZE)]);
        let users: Vec<wire::User> = self.client.get_all(&address).await?;
        // A list that changes while its pages are read may repeat a user.
        Ok(users.into_iter().map(|user| (user.id, without_annotations(user.properties))).collect())
    }

    /// Reads everybody. The link comes before the list: what changes meanwhile shows in the next round, and at worst in both.
    async fn read_all(
        &self,
        kept: &KeptUsers,
        properties: BTreeSet<String>,
        why: FullReading,
        now: Timestamp,
    ) -> Result<(UsersChange, Option<FullReading>), GraphError> {
        let going_on = match &kept.reading {
            // The next round then tells again what the list may lag behind.
            Some(reading) if why == FullReading::Due && reading.properties == properties => reading.link.clone(),
            _ => None,
        };
        let (link, next) = match going_on {
            Some(link) => (Some(link), self.full_every),
            None => match self.begin_round(&properties).await? {
                Some(link) => (Some(link), SECOND_LOOK.min(self.full_every)),
                None => (None, self.full_every),
            },
        };
        let mut users = self.list(&properties).await?;
        // A list that is short proves nothing: whoever it lacks is asked after.
        let missing: BTreeSet<UserId> = kept.users.keys().filter(|id| !users.contains_key(*id)).cloned().collect();
        let (found, gone) = self.ask_after(&missing, &properties).await?;
        users.extend(found);
        let reads_leave_dates = properties.contains(LEAVE_DATE);
        users.retain(|id, properties| {
            let before = kept.users.get(id);
            keep_leave_date(properties, before.filter(|_| reads_leave_dates));
            before != Some(properties)
        });
        let full_due = now.checked_add(next).unwrap_or(Timestamp::MAX);
        let reading = UsersReading { properties, link, full: now, full_due };
        Ok((UsersChange { reading, kept: users, gone }, Some(why)))
    }

    /// Where the next round begins, without a look back; `None` where the directory does not tell changes of these properties.
    async fn begin_round(&self, properties: &BTreeSet<String>) -> Result<Option<String>, GraphError> {
        let options = [("$select", selection(properties)), ("$deltatoken", "latest".to_owned())];
        let options = options.each_ref().map(|(name, value)| (*name, value.as_str()));
        match self.client.get_round::<wire::ChangedObject>(&address(&format!("{PATH}/delta"), &options)).await {
            Ok(round) => Ok(Some(round.link)),
            Err(error) if error.is_not_offered() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads a round of changes. Who is new, or said to be gone, is asked after: of the one a round leaves out what was never set, the other
    /// may have been told of late. Where the answer is not what the round says, one of the two lags, and everybody is looked at soon.
    async fn read_changes(&self, kept: &KeptUsers, now: Timestamp) -> Result<UsersChange, GraphError> {
        let Some(reading) = &kept.reading else { return Err(GraphError::Unfinished) };
        let link = reading.link.as_deref().ok_or(GraphError::Unfinished)?;
        let round = self.client.get_round::<wire::ChangedObject>(link).await?;
        let mut changed: BTreeMap<UserId, Properties> = BTreeMap::new();
        let (mut removed, mut new) = (BTreeSet::new(), BTreeSet::new());
        for object in round.changes {
            let id = UserId::new(object.id);
            let before = kept.users.get(&id);
            if object.removed.is_some() {
                removed.insert(id);
                continue;
            }
            if before.is_none() {
                new.insert(id.clone());
            }
            // What a change leaves out is as it was.
            let properties = changed.entry(id).or_insert_with(|| before.cloned().unwrap_or_default());
            properties.extend(without_annotations(object.properties));
        }
        let asked_after: BTreeSet<UserId> = removed.union(&new).cloned().collect();
        let (found, mut gone) = self.ask_after(&asked_after, &reading.properties).await?;
        let told_before_known: BTreeSet<UserId> = gone.intersection(&new).cloned().collect();
        let is_lagging = !told_before_known.is_empty() || found.keys().any(|id| removed.contains(id));
        gone.retain(|id| removed.contains(id));
        changed.extend(found);
        changed.retain(|id, properties| {
            let before = kept.users.get(id);
            keep_leave_date(properties, before);
            before != Some(properties) && !gone.contains(id)
        });
        let soon = now.checked_add(SECOND_LOOK).unwrap_or(Timestamp::MAX);
        let full_due = if is_lagging { reading.full_due.min(soon) } else { reading.full_due };
        let reading = UsersReading { link: Some(round.link), full_due, ..reading.clone() };
        Ok(UsersChange { reading, kept: changed, gone })
    }

    /// Each of these users as the directory has them, and those it says it does not have.
    async fn ask_after(
        &self,
        users: &BTreeSet<UserId>,
        properties: &BTreeSet<String>,
    ) -> Result<(BTreeMap<UserId, Properties>, BTreeSet<UserId>), GraphError> {
        let selection = selection(properties);
        let read = |id: &UserId| {
            BatchRead::get(address(&format!("/users/{}", encode(id.as_str())), &[("$select", &selection)]))
        };
        let answers = self.client.read_batch(&users.iter().map(read).collect::<Vec<_>>()).await?;
        let (mut found, mut gone) = (BTreeMap::new(), BTreeSet::new());
        for (id, answer) in users.iter().zip(answers) {
            match answer {
                Ok(Value::Object(properties)) => _ = found.insert(id.clone(), without_annotations(properties)),
                Ok(_) => return Err(GraphError::Unfinished),
                Err(GraphError::NotFound(_)) => _ = gone.insert(id.clone()),
                Err(error) => return Err(error),
            }
        }
        Ok((found, gone))
    }
}

fn with_standing(attributes: &BTreeSet<String>) -> BTreeSet<&str> {
    STANDING_ATTRIBUTES.into_iter().chain(attributes.iter().map(String::as_str)).collect()
}

/// Why everybody has to be read, where changes alone will not do.
fn full_reading(reading: Option<&UsersReading>, properties: &BTreeSet<String>, now: Timestamp) -> Option<FullReading> {
    let Some(reading) = reading else { return Some(FullReading::First) };
    if !properties.is_subset(&reading.properties) {
        Some(FullReading::OtherAttributes)
    } else if reading.link.is_none() {
        Some(FullReading::NotTracked)
    } else {
        // A clock that was set back says nothing about how old the reading is.
        (now >= reading.full_due || now < reading.full).then_some(FullReading::Due)
    }
}

/// A leave date is left out of an answer, and not null, when the permission to read it lacks: then the last known one stays.
fn keep_leave_date(properties: &mut Properties, before: Option<&Properties>) {
    if properties.contains_key(LEAVE_DATE) {
        return;
    }
    if let Some(known) = before.and_then(|before| before.get(LEAVE_DATE)) {
        properties.insert(LEAVE_DATE.to_owned(), known.clone());
    }
}

fn without_annotations(properties: Map<String, Value>) -> Properties {
    properties.into_iter().filter(|(name, _)| !name.contains('@') && name != "id").collect()
}
