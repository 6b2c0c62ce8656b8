//! The tester's hand in the tenant: approve, break, look; used by tests, and by people through the sandbox's own page later.

mod outcomes;
mod replication;

use std::sync::Arc;

use axum::http::StatusCode;
use serde::Serialize;

use super::assertion::{CertificateError, FederatedCredential};
use super::dump::{self, DumpError};
use super::faults::HeldAnswers;
use super::lifecycle;
use super::outbox::SentMail;
use super::records::{Group, RequestState, Review};
use super::scripted_faults::Fault;
use super::settings::TenantSettings;
use super::shared::Shared;
use super::tenant::Tenant;
use super::throttle::ThrottleLimits;

/// Looks into the tenant and steers it; every clone works on the same tenant, at the tenant clock's present instant.
///
/// Changes are saved in the background: they are in the state file before the next HTTP answer leaves.
#[derive(Clone)]
pub struct Controls {
    shared: Arc<Shared>,
}

/// A request as the tenant keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestSummary {
    /// The request's id.
    pub id: String,
    /// The wire's `requestType`.
    pub request_type: &'static str,
    /// The wire's `state`.
    pub state: &'static str,
    /// The directory user's object id.
    pub target_id: String,
    /// The access package's id.
    pub package_id: String,
    /// The assignment's id: of a change or a removal always, of an addition from delivery on.
    pub assignment_id: Option<String>,
    /// As sent.
    pub justification: Option<String>,
}

/// An assignment as the tenant keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AssignmentSummary {
    /// The assignment's id.
    pub id: String,
    /// The wire's `state`.
    pub state: &'static str,
    /// The directory user's object id.
    pub target_id: String,
    /// The access package's id.
    pub package_id: String,
    /// The assignment policy's id.
    pub policy_id: String,
}

/// Why a control did nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// There is no such request.
    #[error("the sandbox knows no request {0}")]
    UnknownRequest(String),
    /// The request does not wait for a decision.
    #[error("the request {id} is {state}; only one in pendingApproval can be decided")]
    NotPending {
        /// The request.
        id: String,
        /// Its state.
        state: &'static str,
    },
}

impl Controls {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// A decision on a request in `pendingApproval`, by nobody in particular: it decides the stage that waits, and where another
    /// one follows, that one waits next.
    ///
    /// # Errors
    /// Refuses an unknown request, and one that does not wait for a decision.
    pub fn decide(&self, request_id: &str, approve: bool) -> Result<(), ControlError> {
        self.shared.with_tenant_now(|tenant, now| {
            let unknown = || ControlError::UnknownRequest(request_id.to_owned());
            let request = tenant.requests.get(request_id).cloned().ok_or_else(unknown)?;
            if request.state != RequestState::PendingApproval {
                return Err(ControlError::NotPending { id: request.id, state: request.state.name() });
            }
            lifecycle::decide(tenant, request, Review { is_approval: approve, by: None, at: now, justification: None });
            Ok(())
        })
    }

    /// The next `count` new requests are taken in, and then the connection breaks with no answer.
    pub fn lose_answers(&self, count: u32) {
        self.shared.faults.lose_answers(count);
    }

    /// New requests are taken in, and their answers wait until what is given back is dropped.
    pub fn hold_answers(&self) -> HeldAnswers {
        self.shared.faults.hold_answers()
    }

    /// The next `count` calls under `/v1.0` or `/beta` answer `status` and do nothing; `retry_after` is in seconds. A number that is no HTTP
    /// status counts as 500.
    pub fn refuse_next(&self, count: u32, status: u16, retry_after: Option<u32>) {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        self.shared.faults.refuse_next(count, status, retry_after);
    }

    /// Orders a fault behind those there are.
    pub fn order_fault(&self, fault: Fault) {
        self.shared.scripted_faults.order(fault);
    }

    /// The ordered faults that still have calls to hit.
    pub fn pending_faults(&self) -> Vec<Fault> {
        self.shared.scripted_faults.pending()
    }

    /// Ends all ordered faults; calls that hang answer 503.
    pub fn clear_faults(&self) {
        self.shared.scripted_faults.clear();
    }

    /// Throttles calls from now on, with full buckets; `None` ends it, as it is at the start.
    pub fn throttle(&self, limits: Option<ThrottleLimits>) {
        self.shared.throttle.set(limits);
    }

    /// The limits in force.
    pub fn throttle_limits(&self) -> Option<ThrottleLimits> {
        self.shared.throttle.limits()
    }

    /// Lets an empty page follow each page of a list that is not the last, as the service may.
    pub fn set_empty_pages(&self, on: bool) {
        self.shared.faults.set_empty_pages(on);
    }

    /// Lets the application prove itself with the key of this certificate (PEM; RSA, or P-256).
    ///
    /// # Errors
    /// Fails for what is no such certificate.
    pub fn register_certificate(&self, pem: &str) -> Result<(), CertificateError> {
        self.shared.with_tenant_now(|tenant, _| {
            let mut credentials = tenant.profile.credentials.clone();
            credentials.add_certificate(pem)?;
            tenant.put_credentials(credentials);
            Ok(())
        })
    }

    /// Lets the application prove itself with assertions of another issuer.
    pub fn register_federated(&self, credential: FederatedCredential) {
        self.shared.with_tenant_now(|tenant, _| {
            let mut credentials = tenant.profile.credentials.clone();
            credentials.federated.push(credential);
            tenant.put_credentials(credentials);
        });
    }

    /// Makes a user an administrator, by object id or sign-in name; `false` where there is no such user.
    pub fn add_administrator(&self, user: &str) -> bool {
        self.shared.with_tenant_now(|tenant, _| {
            let id = tenant.user(user).map(|user| user.id.clone());
            id.inspect(|id| tenant.add_administrator(id)).is_some()
        })
    }

    /// From now on, or no longer, the application counts as one with only catalog-scoped roles.
    pub fn set_catalog_scoped(&self, on: bool) {
        self.shared.tokens.set_catalog_scoped(on);
    }

    /// The tenant's settings.
    pub fn settings(&self) -> TenantSettings {
        self.shared.with_tenant_now(|tenant, _| tenant.settings)
    }

    /// Changes the tenant's settings; requests that wait already go on waiting.
    pub fn set_settings(&self, settings: TenantSettings) {
        self.shared.with_tenant_now(|tenant, _| tenant.put_settings(settings));
    }

    /// The tenant as a JSON document without secrets; at a standing clock, the same state gives the same document.
    pub fn dump(&self) -> Vec<u8> {
        self.shared.with_tenant_now(|tenant, _| dump::write(tenant))
    }

    /// Puts the tenant of a dump in the place of this one; the application, its secret, the clock and tokens stay.
    ///
    /// # Errors
    /// Fails, and changes nothing, for what is no dump; fails when the tenant cannot be saved.
    pub async fn load(&self, document: Vec<u8>) -> Result<(), DumpError> {
        let own = self.shared.with_tenant_now(|tenant, _| dump::Application::of(&tenant.profile));
        // Reading a large tenant takes seconds, in which other calls go on.
        let tenant = tokio::task::spawn_blocking(move || dump::read(&document, own)).await;
        let tenant = tenant.map_err(|_| DumpError::State)??;
        if self.shared.replace_tenant(tenant).await { Ok(()) } else { Err(DumpError::State) }
    }

    /// Every request that is kept, oldest first.
    pub fn requests(&self) -> Vec<RequestSummary> {
        let summary = |request: &super::records::Request| RequestSummary {
            id: request.id.clone(),
            request_type: request.request_type.name(),
            state: request.state.name(),
            target_id: request.target_id.clone(),
            package_id: request.package_id.clone(),
            assignment_id: request.assignment_id.clone(),
            justification: request.justification.clone(),
        };
        self.shared.with_tenant_now(|tenant, _| tenant.requests.iter().map(summary).collect())
    }

    /// Every assignment there ever was, expired ones too, oldest first.
    pub fn assignments(&self) -> Vec<AssignmentSummary> {
        let summary = |assignment: &super::records::Assignment| AssignmentSummary {
            id: assignment.id.clone(),
            state: assignment.state.name(),
            target_id: assignment.target_id.clone(),
            package_id: assignment.package_id.clone(),
            policy_id: assignment.policy_id.clone(),
        };
        self.shared.with_tenant_now(|tenant, _| tenant.assignments.iter().map(summary).collect())
    }

    /// Whether the user is a direct member of the group with this display name.
    pub fn is_member(&self, group_name: &str, user_id: &str) -> bool {
        self.shared.with_tenant_now(|tenant, _| {
            group_id(tenant, group_name).is_some_and(|group| tenant.is_member(&group, user_id))
        })
    }

    /// The object id of the first user with this employee id.
    pub fn user_id_by_employee_id(&self, id: &str) -> Option<String> {
        self.shared.with_tenant_now(|tenant, _| {
            let mut known = tenant.users.by("employeeid", id);
            known.find(|user| user.text("employeeId") == Some(id)).map(|user| user.id.clone())
        })
    }

    /// The id of the access package with this display name.
    pub fn package_id(&self, display_name: &str) -> Option<String> {
        self.shared.with_tenant_now(|tenant, _| {
            let mut named = tenant.packages.by("displayname", display_name);
            named.find(|package| package.display_name == display_name).map(|package| package.id.clone())
        })
    }

    /// Makes the user a direct member of the group with this display name; says whether that changed anything.
    pub fn add_member(&self, group: &str, user_id: &str) -> bool {
        self.shared.with_tenant_now(|tenant, _| {
            let known = tenant.users.get(user_id).and_then(|_| group_id(tenant, group));
            known.is_some_and(|group| tenant.add_member(&group, user_id))
        })
    }

    /// Ends the user's direct membership of the group with this display name; says whether that changed anything.
    pub fn remove_member(&self, group: &str, user_id: &str) -> bool {
        self.shared.with_tenant_now(|tenant, _| {
            group_id(tenant, group).is_some_and(|group| tenant.remove_member(&group, user_id))
        })
    }

    /// Every mail that `sendMail` has taken in, oldest first.
    pub fn outbox(&self) -> Vec<SentMail> {
        self.shared.with_tenant_now(|tenant, _| tenant.mails.iter().cloned().collect())
    }

    /// From now on, or no longer, every delta round shows the changes of the round before once more, as the service may.
    pub fn replay_changes(&self, replay: bool) {
        self.shared.with_tenant_now(|tenant, _| tenant.directory_log.set_replays(replay));
    }

    /// How many records calls have looked at, beside those that they named by id: what their work has cost.
    pub fn rows_examined(&self) -> u64 {
        self.shared.with_tenant_now(|tenant, _| tenant.rows_examined())
    }

    /// How many calls came in under `/v1.0` and `/beta`, refused ones too.
    pub fn graph_calls(&self) -> u64 {
        self.shared.faults.calls()
    }

    /// How many exchanges there were under `/v1.0` and `/beta`, and how many of them read: a batch is one, and one that reads.
    pub fn graph_exchanges(&self) -> (u64, u64) {
        self.shared.faults.exchanges()
    }
}

fn group_id(tenant: &Tenant, display_name: &str) -> Option<String> {
    let named = |group: &&Group| group.display_name() == display_name;
    tenant.groups.by("displayname", display_name).find(named).map(|group| group.id.clone())
}
