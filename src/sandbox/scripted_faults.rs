//! Faults that a tester orders for calls of his choice: refusals, broken connections, hanging, broken bodies.

use std::io;
use std::sync::{Mutex, PoisonError};

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use futures_util::stream;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::connection::Breaker;
use super::envelope::ApiError;

/// A fault for the next calls that it fits; in a batch it hits single items, unless `path` names `$batch`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fault {
    /// What happens.
    pub kind: FaultKind,
    /// The HTTP status of [`FaultKind::Refuse`]; 503 where it is missing or no status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Seconds for the `Retry-After` of [`FaultKind::Refuse`]; without it there is no such header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
    /// The method of the calls that it hits; without it, any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// A part of the path of the calls that it hits; without it, any path but a batch's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// How many calls it hits.
    #[serde(default = "once")]
    pub count: u32,
}

/// What a fault does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FaultKind {
    /// The call is answered with a status and does nothing.
    Refuse,
    /// The connection breaks before the call does anything.
    ResetBefore,
    /// The call does its work, and then the connection breaks without an answer.
    ResetAfter,
    /// The call does nothing and waits, until faults are cleared, the caller hangs up, or the sandbox stops.
    Hang,
    /// The call does its work; its answer, unless it is a refusal, breaks off in the middle of the body.
    Truncate,
    /// The call does its work; the body of its answer, unless it is a refusal, is not JSON, although it says so.
    Malform,
}

/// The faults that still have calls to hit, in the order in which they were ordered.
pub(super) struct ScriptedFaults {
    queue: Mutex<Vec<Fault>>,
    /// Changes whenever hanging calls are let go.
    cleared: watch::Sender<u64>,
}

impl Default for ScriptedFaults {
    fn default() -> Self {
        Self { queue: Mutex::default(), cleared: watch::Sender::new(0) }
    }
}

impl ScriptedFaults {
    /// Orders a fault behind those there are.
    pub(super) fn order(&self, fault: Fault) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).push(fault);
    }

    /// The faults that still have calls to hit.
    pub(super) fn pending(&self) -> Vec<Fault> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends all faults and lets hanging calls go, which answer 503.
    pub(super) fn clear(&self) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.cleared.send_modify(|times| *times += 1);
    }

    /// The first fault that fits the call, which has hit one call more.
    fn take(&self, method: &Method, path: &str) -> Option<Fault> {
        let fits = |fault: &&mut Fault| {
            let method_fits = fault.method.as_ref().is_none_or(|known| method.as_str().eq_ignore_ascii_case(known));
            let part = fault.path.as_deref();
            let path_fits = part.map_or_else(|| !path.ends_with("/$batch"), |part| path.contains(part));
            fault.count > 0 && method_fits && path_fits
        };
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let fault = queue.iter_mut().find(fits).map(|fault| {
            fault.count -= 1;
            fault.clone()
        });
        queue.retain(|fault| fault.count > 0);
        fault
    }
}

/// Answers a call with `answer`, or as the fault that fits it says.
///
/// # Errors
/// The answer's own, and what the fault refuses.
pub(super) async fn apply<F: Future<Output = Result<Response, ApiError>>>(
    faults: &ScriptedFaults,
    request: Request,
    answer: impl FnOnce(Request) -> F,
) -> Result<Response, ApiError> {
    let path = request.extensions().get().map_or(request.uri().path(), |place: &super::query::Place| place.uri.path());
    let Some(fault) = faults.take(request.method(), path) else { return answer(request).await };
    let breaker = request.extensions().get().map(|ConnectInfo(breaker): &ConnectInfo<Breaker>| breaker.clone());
    let break_connection = || breaker.iter().for_each(Breaker::break_connection);
    let unavailable = ApiError::of_status(StatusCode::SERVICE_UNAVAILABLE, None);
    match fault.kind {
        FaultKind::Refuse => {
            let status = fault.status.and_then(|status| StatusCode::from_u16(status).ok());
            Err(ApiError::of_status(status.unwrap_or(StatusCode::SERVICE_UNAVAILABLE), fault.retry_after))
        }
        FaultKind::ResetBefore => {
            break_connection();
            Err(unavailable)
        }
        FaultKind::ResetAfter => {
            let answer = answer(request).await;
            break_connection();
            answer
        }
        FaultKind::Hang => {
            // An error means that the sandbox is gone, and with it the call.
            let _ = faults.cleared.subscribe().changed().await;
            Err(unavailable)
        }
        FaultKind::Truncate => Ok(truncated(answer(request).await?).await),
        FaultKind::Malform => {
            let mut response = answer(request).await?;
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            response.headers_mut().remove(header::CONTENT_LENGTH);
            *response.body_mut() = Body::from("{\"value\":[{\"id\":");
            Ok(response)
        }
    }
}

fn once() -> u32 {
    1
}

/// The first half of the body, and then a broken connection.
async fn truncated(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    // The answer is the sandbox's own; one that broke off already stays empty.
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.remove(header::CONTENT_LENGTH);
    let half = bytes.slice(..bytes.len() / 2);
    let end = Err(io::Error::from(io::ErrorKind::UnexpectedEof));
    Response::from_parts(parts, Body::from_stream(stream::iter([Ok(half), end])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(path: Option<&str>, method: Option<&str>, count: u32) -> Fault {
        let (path, method) = (path.map(str::to_owned), method.map(str::to_owned));
        Fault { kind: FaultKind::Refuse, status: None, retry_after: None, method, path, count }
    }

    #[test]
    fn a_fault_hits_as_many_fitting_calls_as_it_says() {
        let faults = ScriptedFaults::default();
        faults.order(fault(Some("/users"), Some("get"), 2));
        assert_eq!(faults.take(&Method::POST, "/v1.0/users"), None);
        assert_eq!(faults.take(&Method::GET, "/v1.0/groups"), None);
        assert_eq!(faults.take(&Method::GET, "/v1.0/users").map(|fault| fault.count), Some(1));
        assert_eq!(faults.take(&Method::GET, "/v1.0/users/1").map(|fault| fault.count), Some(0));
        assert_eq!((faults.take(&Method::GET, "/v1.0/users"), faults.pending()), (None, vec![]));
    }

    #[test]
    fn a_batch_itself_is_hit_only_by_name() {
        let faults = ScriptedFaults::default();
        faults.order(fault(None, None, 1));
        assert_eq!(faults.take(&Method::POST, "/v1.0/$batch"), None);
        faults.order(fault(Some("$batch"), None, 1));
        assert!(faults.take(&Method::POST, "/v1.0/$batch").is_some());
        faults.clear();
        assert_eq!(faults.pending(), vec![]);
    }
}
