//! What the service does with requests where no source settles it, as a tester sets it (graph-contract 8.2); it ends with the process.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::envelope::ApiError;
use super::records::LateRefusal;
use super::refusals::{Refusal, RefusalKind};

/// When a request is refused that is well formed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum RefusalMode {
    /// By the answer to the call.
    #[default]
    Immediate,
    /// The call answers 201, and the request is denied or fails when the service takes it up.
    Later,
}

/// What is answered to a refused request.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RefusalAnswer {
    /// 400 to 499.
    pub(super) status: u16,
    pub(super) code: String,
    /// `None` says what is wrong with the request at hand.
    #[serde(default)]
    pub(super) message: Option<String>,
}

/// The rules in force.
#[derive(Debug, Clone)]
pub(super) struct RequestRules {
    pub(super) refusal_mode: RefusalMode,
    /// What a tester wants answered instead of the defaults.
    pub(super) refusal_answers: BTreeMap<RefusalKind, RefusalAnswer>,
    /// Whether v1.0 takes a target by email; beta always does.
    pub(super) accepts_email_targets: bool,
    /// Whether an application can cancel a request, which is documented for users only.
    pub(super) applications_can_cancel: bool,
    /// How long after its end a request can be reprocessed; sources say 14 days and one week (graph-contract 1.9.4).
    pub(super) reprocess_days: u16,
}

impl Default for RequestRules {
    fn default() -> Self {
        Self {
            refusal_mode: RefusalMode::default(),
            refusal_answers: BTreeMap::new(),
            accepts_email_targets: false,
            applications_can_cancel: false,
            reprocess_days: 14,
        }
    }
}

impl RequestRules {
    /// What is answered to refusals of a kind.
    pub(super) fn answer(&self, kind: RefusalKind) -> RefusalAnswer {
        self.refusal_answers.get(&kind).cloned().unwrap_or_else(|| {
            let (status, code) = kind.defaults();
            RefusalAnswer { status, code, message: None }
        })
    }

    /// The refusal as an answer to the call.
    pub(super) fn refuse(&self, refusal: Refusal) -> ApiError {
        let RefusalAnswer { status, code, message } = self.answer(refusal.kind);
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
        ApiError::entitlement(status, &code, message.unwrap_or(refusal.message))
    }

    /// The refusal as the end of a request that is taken in.
    pub(super) fn refuse_later(&self, refusal: &Refusal) -> LateRefusal {
        LateRefusal { state: refusal.kind.late_state(), status: self.answer(refusal.kind).code }
    }
}
