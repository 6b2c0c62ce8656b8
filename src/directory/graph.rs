//! The directory through Microsoft Graph: users with their attributes, groups with their members.

use std::collections::BTreeSet;
use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;
use uuid::Uuid;
use uuid::fmt::Hyphenated;

use super::{
    Directory, GroupAnswer, GroupQuery, NamedGroup, Observation, ObserveError, SubmitError, Unchangeable, Wanted,
};
use crate::domain::ids::{GroupId, UserId};
use crate::domain::subject::User;
use crate::graph::error::GraphError;
use crate::graph::odata::{address, encode, quote};
use crate::graph::transport::GraphClient;
use crate::graph::wire;
use crate::store::Store;
use crate::store::directory::KeptUsers;

mod attributes;
mod confirmation;
mod group_changes;
mod groups;
mod users;

/// What is read of every user beside its id.
const STANDING_ATTRIBUTES: [&str; 6] =
    ["userPrincipalName", "mail", "displayName", "employeeId", "userType", "accountEnabled"];
/// What is read of a group: its id, and what says whether its members can be changed.
const OF_A_GROUP: &str = "id,groupTypes,mailEnabled,onPremisesSyncEnabled,isAssignableToRole";
/// The largest page Graph gives for directory objects.
const PAGE_SIZE: &str = "999";
/// Everything is read anew after this time, whatever the changes say: they may come late or not at all.
pub const FULL_EVERY: SignedDuration = SignedDuration::from_hours(6);
/// A beginning is looked at once more after this time: lists may lag behind the changes that follow them.
const SECOND_LOOK: SignedDuration = SignedDuration::from_mins(15);

/// Reads users and groups from `/v1.0/users` and `/v1.0/groups`, and writes members.
///
/// `employeeHireDate` and `employeeLeaveDateTime` are instants to Graph and dates to people: they become the civil date that the instant has
/// in UTC, not inclusive. Other attributes whose names end in `DateTime` stay instants.
///
/// An observation reads what has changed since the last one (`/users/delta`, `/groups/delta`), and everything at an interval. Users are kept in
/// the ledger together with the token of the round that was applied; groups in memory, so that every start reads them whole.
pub struct GraphDirectory {
    client: Arc<GraphClient>,
    full_every: SignedDuration,
    ledger: Option<Arc<dyn Store>>,
    is_recording: bool,
    users: Mutex<Option<KeptUsers>>,
    groups: Mutex<groups::KeptGroups>,
}

impl GraphDirectory {
    /// A directory behind `client`, which keeps what it reads in memory alone.
    pub fn new(client: Arc<GraphClient>) -> Self {
        Self {
            client,
            full_every: FULL_EVERY,
            ledger: None,
            is_recording: false,
            users: Mutex::default(),
            groups: Mutex::default(),
        }
    }

    /// The same, beginning with the users that the ledger keeps; only where `is_recording`, what is read is kept there.
    #[must_use]
    pub fn kept_in(self, ledger: Arc<dyn Store>, is_recording: bool) -> Self {
        Self { ledger: Some(ledger), is_recording, ..self }
    }

    /// The same, with everything read anew after this time.
    #[must_use]
    pub fn read_in_full_every(self, full_every: SignedDuration) -> Self {
        Self { full_every, ..self }
    }

    async fn group_by_id(&self, id: &str) -> Result<Vec<wire::Group>, GraphError> {
        let path = format!("/v1.0/groups/{}", encode(id));
        Ok(self.client.find(&address(&path, &[("$select", OF_A_GROUP)])).await?.into_iter().collect())
    }

    async fn groups_by_name(&self, name: &str) -> Result<Vec<wire::Group>, GraphError> {
        let filter = format!("displayName eq {}", quote(name));
        self.client.get_all(&address("/v1.0/groups", &[("$filter", &filter), ("$select", OF_A_GROUP)])).await
    }

    /// The one group that the name or id stands for, or why there is none.
    async fn resolve(&self, group: &str) -> Result<Result<wire::Group, GroupAnswer>, GraphError> {
        let found =
            if is_object_id(group) { self.group_by_id(group).await? } else { self.groups_by_name(group).await? };
        Ok(match <[wire::Group; 1]>::try_from(found) {
            Ok([group]) => Ok(group),
            Err(found) if found.is_empty() => Err(GroupAnswer::NotFound),
            Err(_) => Err(GroupAnswer::Ambiguous),
        })
    }

    /// The members of this kind (`user`, `group`), listed to the last page; `None` for a group that is gone.
    async fn members(&self, id: &GroupId, transitive: bool, kind: &str) -> Result<Option<Vec<String>>, GraphError> {
        let relation = if transitive { "transitiveMembers" } else { "members" };
        let path = format!("/v1.0/groups/{}/{relation}/microsoft.graph.{kind}", encode(id.as_str()));
        match self.client.get_all::<wire::Member>(&address(&path, &[("$select", "id"), ("$top", PAGE_SIZE)])).await {
            Ok(members) => Ok(Some(members.into_iter().map(|member| member.id).collect())),
            Err(GraphError::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn answer(&self, wanted: &GroupQuery) -> Result<GroupAnswer, GraphError> {
        let group = match self.resolve(&wanted.group).await? {
            Ok(group) => group,
            Err(answer) => return Ok(answer),
        };
        let unchangeable = unchangeable(&group);
        Ok(match self.members(&group.id, wanted.transitive, "user").await? {
            Some(users) => {
                let users = users.into_iter().map(UserId::new).collect();
                GroupAnswer::Members { id: group.id, users, unchangeable }
            }
            None => GroupAnswer::NotFound,
        })
    }
}

#[async_trait]
impl Directory for GraphDirectory {
    async fn observe(&self, wanted: &Wanted, now: Timestamp) -> Result<Observation, ObserveError> {
        let (users, full) = self.observe_users(&wanted.attributes, now).await?;
        let groups = self.observe_groups(&wanted.groups, now).await;
        Ok(Observation { users, groups, full })
    }

    async fn users(&self, attributes: &BTreeSet<String>) -> Result<Vec<User>, ObserveError> {
        self.list_users(attributes).await
    }

    async fn group(&self, wanted: &GroupQuery) -> Result<GroupAnswer, ObserveError> {
        self.answer(wanted).await.map_err(|error| failed(format!("members of group {}", wanted.group), error))
    }

    async fn add_member(&self, group: &GroupId, user: &UserId) -> Result<(), SubmitError> {
        let object = self.client.absolute(&format!("/v1.0/directoryObjects/{}", encode(user.as_str())))?;
        let path = format!("/v1.0/groups/{}/members/$ref", encode(group.as_str()));
        Ok(self.client.link(&path, &wire::Link { id: object.into() }).await?)
    }

    async fn remove_member(&self, group: &GroupId, user: &UserId) -> Result<(), SubmitError> {
        // Without `/$ref` it would be the user that is deleted.
        let path = format!("/v1.0/groups/{}/members/{}/$ref", encode(group.as_str()), encode(user.as_str()));
        Ok(self.client.delete(&path).await?)
    }

    async fn groups(&self) -> Result<Vec<NamedGroup>, ObserveError> {
        let address = address("/v1.0/groups", &[("$select", "id,displayName"), ("$top", PAGE_SIZE)]);
        let groups: Vec<wire::Group> =
            self.client.get_all(&address).await.map_err(|error| failed("groups".to_owned(), error))?;
        let named =
            |group: wire::Group| NamedGroup { id: group.id, display_name: group.display_name.unwrap_or_default() };
        Ok(groups.into_iter().map(named).collect())
    }
}

/// What a failed call leaves certain about what it was to do.
impl From<GraphError> for SubmitError {
    fn from(error: GraphError) -> Self {
        match error {
            GraphError::BadRequest(ref answer)
            | GraphError::Forbidden(ref answer)
            | GraphError::NotFound(ref answer)
            | GraphError::Conflict(ref answer) => {
                Self::Refused { status: answer.status, code: answer.code.clone(), source: Box::new(error) }
            }
            GraphError::Token(_)
            | GraphError::Unauthorized(_)
            | GraphError::Throttled { .. }
            | GraphError::Transport { never_sent: true, .. } => {
                Self::NotTaken { retry_after: error.retry_after(), source: Box::new(error) }
            }
            GraphError::Server { .. }
            | GraphError::Unexpected(_)
            | GraphError::Malformed { .. }
            | GraphError::TooLarge { .. }
            | GraphError::Transport { .. }
            | GraphError::ForeignLink { .. }
            | GraphError::TooManyPages { .. }
            | GraphError::Unfinished => Self::AnswerLost { source: Box::new(error) },
        }
    }
}

/// Why the service would refuse to change the group's members.
fn unchangeable(group: &wire::Group) -> Option<Unchangeable> {
    let is = |kind: &str| group.group_types.iter().any(|known| known == kind);
    if is("DynamicMembership") {
        Some(Unchangeable::Dynamic)
    } else if group.on_premises_sync_enabled == Some(true) {
        Some(Unchangeable::OnPremises)
    } else if group.mail_enabled == Some(true) && !is("Unified") {
        Some(Unchangeable::MailEnabled)
    } else {
        (group.is_assignable_to_role == Some(true)).then_some(Unchangeable::RoleAssignable)
    }
}

fn failed(what: String, error: impl Error + Send + Sync + 'static) -> ObserveError {
    ObserveError { what, source: Box::new(error) }
}

/// Object ids are hyphenated GUIDs; any other text is a name.
fn is_object_id(text: &str) -> bool {
    text.len() == Hyphenated::LENGTH && Uuid::try_parse(text).is_ok()
}
