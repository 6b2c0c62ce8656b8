//! `POST $batch`: up to twenty calls in one, each through the same router as a call of its own (graph-contract 4.2).

mod answer;

use std::collections::{HashMap, HashSet};

use axum::Json;
use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use futures_util::future::join_all;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::bearer;
use super::envelope::ApiError;
use super::routes::read_json;
use super::shared::Shared;
use answer::Answered;

/// The most calls in one batch.
const ITEMS_LIMIT: usize = 20;
/// What ends a batch's path; the part before it is the version that every item gets.
const SEGMENT: &str = "/$batch";

/// Whether the call is a batch.
pub(super) fn is_batch(uri: &Uri) -> bool {
    uri.path().strip_suffix(SEGMENT).is_some_and(|version| ["/v1.0", "/beta"].contains(&version))
}

/// Answers a batch; `single` answers one call and never fails. Items that depend on nothing open run at once, in order.
///
/// # Errors
/// 405 for a method other than POST, 401 without a token, 400 for a batch that is not of the documented form.
pub(super) async fn run<F: Future<Output = Response>>(
    shared: &Shared,
    request: Request,
    single: impl Fn(Request) -> F,
) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    if parts.method != Method::POST {
        return Err(ApiError::of_status(StatusCode::METHOD_NOT_ALLOWED, None));
    }
    bearer::check(shared, &parts.headers)?;
    let batch = Batch::read(read_json(body, &parts.headers).await?)?;
    let version = parts.uri.path().strip_suffix(SEGMENT).unwrap_or_default();

    let mut statuses: HashMap<String, StatusCode> = HashMap::new();
    let mut responses = Vec::new();
    let mut waiting = batch.requests;
    while !waiting.is_empty() {
        let is_ready = |item: &Item| item.parents().all(|parent| statuses.contains_key(&parent));
        let (ready, later): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_ready);
        let answers = ready.iter().map(|item| {
            let failed = item.parents().any(|parent| !statuses.get(&parent).is_some_and(StatusCode::is_success));
            let call = if failed { Err(dependency_failed()) } else { item.call(version, &parts) };
            let answer = call.map(&single);
            async move {
                match answer {
                    Ok(answer) => Answered::of(answer.await).await,
                    Err(refusal) => refusal,
                }
            }
        });
        let answers = join_all(answers.collect::<Vec<_>>()).await;
        for (item, answer) in ready.iter().zip(answers) {
            statuses.insert(item.key(), answer.status);
            responses.push(answer.render(&item.id));
        }
        waiting = later;
    }
    Ok(Json(json!({ "responses": responses })).into_response())
}

#[derive(Debug, Deserialize)]
struct Batch {
    requests: Vec<Item>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    id: String,
    method: String,
    url: String,
    #[serde(default)]
    headers: Map<String, Value>,
    #[serde(default)]
    body: Value,
    #[serde(default)]
    depends_on: Vec<String>,
}

impl Batch {
    fn read(body: Value) -> Result<Self, ApiError> {
        let refused = |why: &str| Err(ApiError::batch(format!("Invalid batch payload format: {why}.")));
        let batch = match Self::deserialize(body) {
            Ok(batch) => batch,
            Err(error) => return refused(&error.to_string()),
        };
        if batch.requests.is_empty() || batch.requests.len() > ITEMS_LIMIT {
            return refused(&format!("a batch holds 1 to {ITEMS_LIMIT} requests"));
        }
        let ids: HashSet<String> = batch.requests.iter().map(Item::key).collect();
        if ids.len() < batch.requests.len() || ids.contains("") {
            return refused("every request has an id of its own");
        }
        // A dependency comes before what depends on it: then all are known, and there is no circle.
        let mut before = HashSet::new();
        for item in &batch.requests {
            if !item.parents().all(|parent| before.contains(&parent)) {
                return refused("'dependsOn' names requests that come earlier in the batch");
            }
            before.insert(item.key());
        }
        Ok(batch)
    }
}

impl Item {
    /// The id without its case, by which items are told apart.
    fn key(&self) -> String {
        self.id.to_lowercase()
    }

    fn parents(&self) -> impl Iterator<Item = String> {
        self.depends_on.iter().map(|id| id.to_lowercase())
    }

    /// The item as a call of its own, with the batch's token and host.
    fn call(&self, version: &str, batch: &Parts) -> Result<Request, Answered> {
        let bad = |message: &str| Answered::refusal(StatusCode::BAD_REQUEST, "BadRequest", message);
        let method: Method = self.method.to_ascii_uppercase().parse().map_err(|_| bad("The method is unknown."))?;
        let path = self.url.trim_start_matches('/');
        if path.contains("://") || path.split(['?', '/']).any(|segment| segment == "$batch") {
            return Err(bad("The url must be relative, without a version, and no batch."));
        }
        let uri = format!("{version}/{}", encoded(path));
        let body = if self.body.is_null() { Body::empty() } else { Body::from(self.body.to_string()) };
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = uri.parse().map_err(|_| bad("The url is not one."))?;
        *request.extensions_mut() = batch.extensions.clone();
        let headers = request.headers_mut();
        for name in [header::HOST, header::AUTHORIZATION] {
            if let Some(value) = batch.headers.get(&name) {
                headers.insert(name, value.clone());
            }
        }
        for (name, value) in &self.headers {
            let name = HeaderName::try_from(name).ok();
            let value = value.as_str().and_then(|value| HeaderValue::from_str(value).ok());
            let (Some(name), Some(value)) = (name, value) else { return Err(bad("A header is not one.")) };
            headers.insert(name, value);
        }
        if !self.body.is_null() && !headers.contains_key(header::CONTENT_TYPE) {
            return Err(bad("A request with a body must have the header 'Content-Type'."));
        }
        Ok(request)
    }
}

fn dependency_failed() -> Answered {
    let message = "A request that this one depends on has failed.";
    Answered::refusal(StatusCode::FAILED_DEPENDENCY, "FailedDependency", message)
}

/// The url with what a request line cannot hold in percent notation: in batches, filters often stand as they are.
fn encoded(url: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}#".contains(&byte);
    url.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(requests: Value) -> Result<Batch, ApiError> {
        Batch::read(json!({ "requests": requests }))
    }

    fn item(id: &str, depends_on: Value) -> Value {
        json!({ "id": id, "method": "GET", "url": "/users", "dependsOn": depends_on })
    }

    #[test]
    fn a_batch_has_one_to_twenty_items_with_ids_of_their_own_and_parents_before_them() {
        let many = |count: usize| Value::Array((0..count).map(|id| item(&id.to_string(), json!([]))).collect());
        assert!(read(many(20)).is_ok());
        assert!(read(many(21)).is_err() && read(many(0)).is_err());
        assert!(read(json!([item("a", json!([])), item("A", json!([]))])).is_err());
        assert!(read(json!([item("a", json!([])), item("b", json!(["A"]))])).is_ok());
        assert!(read(json!([item("a", json!(["b"])), item("b", json!(["a"]))])).is_err());
        assert!(read(json!([item("a", json!(["x"]))])).is_err());
        assert!(Batch::read(json!([])).is_err());
    }

    #[test]
    fn a_url_keeps_its_meaning_in_percent_notation() {
        assert_eq!(encoded("users?$filter=a eq 'é#1'&$top=1"), "users?$filter=a%20eq%20'%C3%A9%231'&$top=1");
    }
}
