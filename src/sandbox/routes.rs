//! The paths, and what every call goes through: the count, refusals on demand, the token, ids, the clock header.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Extension, Router};
use futures_util::FutureExt;
use uuid::Uuid;

use super::envelope::ApiError;
use super::query::Place;
use super::shared::Shared;
use super::{
    applications, auth, batch, bearer, beta, control_paths, directory, entitlement, enumerations, me, permissions,
    scripted_faults, workflows,
};

/// The largest body that is read, in bytes.
const BODY_LIMIT: usize = 1024 * 1024;
const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");
const CLOCK: HeaderName = HeaderName::from_static("x-sandbox-clock");

/// The server's service.
pub(super) fn router(shared: Arc<Shared>, with_controls: bool) -> Router {
    let versioned = Router::new()
        .route("/me", any(me::nobody))
        .route("/me/{*rest}", any(me::nobody))
        .merge(applications::router())
        .merge(directory::router())
        .nest("/identityGovernance/entitlementManagement", entitlement::router())
        .nest("/identityGovernance/lifecycleWorkflows", workflows::router())
        .fallback(unknown_path)
        .layer(from_fn(enumerations::tell_known_members));
    let admission = || from_fn_with_state(Arc::clone(&shared), admit);
    let beta = beta::service(versioned.clone().with_state(Arc::clone(&shared)), Arc::clone(&shared));
    let controls =
        if with_controls { Router::new().nest("/sandbox", control_paths::router(&shared)) } else { Router::new() };
    let single = Router::new()
        .merge(controls)
        .route("/{tenant}/oauth2/v2.0/token", post(auth::token))
        .route("/{tenant}/v2.0/.well-known/openid-configuration", get(auth::configuration))
        .route("/{tenant}/discovery/v2.0/keys", get(auth::keys))
        .nest("/v1.0", versioned.layer(admission()))
        .nest_service("/beta", beta.layer(admission()))
        .fallback(unknown_path)
        .with_state(Arc::clone(&shared));
    // A layer of the router itself would come behind the choice of the path; a batch has to come before it.
    Router::new().fallback_service(single).layer(from_fn_with_state(shared, finish))
}

/// Reads a body within the limit.
///
/// # Errors
/// 413 for a body over the limit, 400 for one that breaks off.
pub(super) async fn read_body(body: Body, headers: &HeaderMap) -> Result<Bytes, ApiError> {
    let announced = announced_length(headers);
    let too_large = || ApiError::of_status(StatusCode::PAYLOAD_TOO_LARGE, None);
    if announced.is_some_and(|length| length > BODY_LIMIT) {
        return Err(too_large());
    }
    axum::body::to_bytes(body, BODY_LIMIT).await.map_err(|_| {
        // Without an announced length, a body that fails to arrive has most likely run over.
        if announced.is_none() { too_large() } else { ApiError::bad_request("The request body broke off.") }
    })
}

fn announced_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Reads a JSON body within the limit, its enumerations and types in Graph's own spelling.
///
/// # Errors
/// As [`read_body`], and 400 for what is not JSON.
pub(super) async fn read_json(body: Body, headers: &HeaderMap) -> Result<serde_json::Value, ApiError> {
    let bytes = read_body(body, headers).await?;
    let mut body = serde_json::from_slice(&bytes).map_err(|error| {
        ApiError::new(StatusCode::BAD_REQUEST, "BadRequest", format!("Unable to read JSON request payload: {error}."))
    })?;
    enumerations::spell(&mut body);
    Ok(body)
}

async fn unknown_path(Extension(place): Extension<Place>) -> ApiError {
    let message = format!("No HTTP resource was found that matches the request URI '{}'.", place.uri);
    ApiError::new(StatusCode::NOT_FOUND, "ResourceNotFound", message)
}

async fn admit(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Result<Response, ApiError> {
    shared.faults.on_call()?;
    scripted_faults::apply(&shared.scripted_faults, request, |request| admit_sound(&shared, request, next)).await
}

/// The token and the buckets, where no fault comes first.
async fn admit_sound(shared: &Shared, mut request: Request, next: Next) -> Result<Response, ApiError> {
    let holder = bearer::check(shared, request.headers())?;
    if let Some(place) = request.extensions().get() {
        permissions::check(shared, &holder, request.method(), place)?;
    }
    request.extensions_mut().insert(holder.caller);
    let verdict = shared.throttle.on_call(request.method(), request.uri());
    let mut response = match verdict.refusal {
        None => next.run(request).await,
        Some((_, wait)) => ApiError::of_status(StatusCode::TOO_MANY_REQUESTS, Some(wait)).into_response(),
    };
    verdict.write(response.status(), response.headers_mut(), || {
        let (client, tenant) =
            shared.with_tenant_now(|tenant, _| (tenant.profile.client_id.clone(), tenant.profile.tenant_id.clone()));
        format!("Tenant_Application/ReadWrite/{client}/{tenant}")
    });
    Ok(response)
}

async fn finish(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let is_batch = batch::is_batch(request.uri());
    if ["/v1.0/", "/beta/"].iter().any(|version| request.uri().path().starts_with(version)) {
        shared.faults.on_exchange(is_batch || request.method() == Method::GET);
    }
    if !is_batch {
        return finished(&shared, request, |request| next.run(request)).await;
    }
    let single = |item| {
        let next = next.clone();
        finished(&shared, item, |item| next.run(item))
    };
    let whole = |request| async {
        let answer =
            scripted_faults::apply(&shared.scripted_faults, request, |request| batch::run(&shared, request, single));
        answer.await.into_response()
    };
    finished(&shared, request, whole).await
}

/// The call with its body read, where that is announced and within the limit: one that is answered before its body has
/// been read would break the connection under the next call.
async fn with_body(request: Request) -> Result<Request, ApiError> {
    let announced = announced_length(request.headers());
    if announced.is_none_or(|length| length > BODY_LIMIT) {
        return Ok(request);
    }
    let (parts, body) = request.into_parts();
    let body = read_body(body, &parts.headers).await?;
    Ok(Request::from_parts(parts, Body::from(body)))
}

/// Answers a call with what every answer carries: ids, the clock, and the envelope around a refusal.
async fn finished<F: Future<Output = Response>>(
    shared: &Shared,
    mut request: Request,
    answer: impl FnOnce(Request) -> F,
) -> Response {
    me::resolve(shared, &mut request);
    let place = Place::of(request.headers(), request.uri(), shared, shared.faults.empty_pages());
    request.extensions_mut().insert(place);
    let client_request_id = request.headers().get(CLIENT_REQUEST_ID).cloned();
    let request_id = Uuid::new_v4().hyphenated().to_string();
    // A panic is a mistake in the sandbox; it costs this one answer and nothing else.
    let answer = async {
        match with_body(request).await {
            Ok(request) => answer(request).await,
            Err(refusal) => refusal.into_response(),
        }
    };
    let mut response = AssertUnwindSafe(answer)
        .catch_unwind()
        .await
        .unwrap_or_else(|_| ApiError::of_status(StatusCode::INTERNAL_SERVER_ERROR, None).into_response());
    let now = shared.now();

    let status = response.status();
    let unexplained = || {
        let explained = response
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
        (!explained && (status.is_client_error() || status.is_server_error()))
            .then(|| ApiError::of_status(status, None))
    };
    if let Some(error) = response.extensions().get::<ApiError>().cloned().or_else(unexplained) {
        let shown = client_request_id.as_ref().and_then(|id| id.to_str().ok()).unwrap_or(&request_id);
        let body = error.body(now, &request_id, shown).to_string();
        response.headers_mut().remove(header::CONTENT_LENGTH);
        *response.body_mut() = Body::from(body);
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(seconds) = error.retry_after() {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
    }

    let clock = shared.clock.setting();
    let clock = format!("origin={}; realOrigin={}; speed={}", clock.origin, clock.real_origin, clock.speed);
    let date = now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    for (name, text) in [(REQUEST_ID, request_id), (CLOCK, clock), (header::DATE, date)] {
        if let Ok(value) = HeaderValue::try_from(text) {
            response.headers_mut().insert(name, value);
        }
    }
    if let Some(id) = client_request_id {
        response.headers_mut().insert(CLIENT_REQUEST_ID, id);
    }
    response
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::clock::ScaledClock;
    use crate::sandbox::persist::Journal;
    use crate::sandbox::{sample, seed};

    async fn mistaken() -> ApiError {
        panic!("a mistake in a handler")
    }

    #[tokio::test]
    async fn a_panic_costs_one_answer_and_nothing_else() {
        let now = "2026-11-21T00:00:00Z".parse().unwrap();
        let tenant = seed::build(sample::company(date(2026, 11, 21)), now).unwrap();
        let clock = Arc::new(ScaledClock::starting_at(now, 0.0));
        let shared = Arc::new(Shared::new(tenant, Journal::none(), clock, ("http", "h".to_owned()), None));
        let service = Router::new()
            .route("/", get(mistaken))
            .layer(from_fn_with_state(Arc::clone(&shared), finish))
            .with_state(shared);
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let server = tokio::spawn(async { axum::serve(listener, service).await });
        // Another test may have installed it already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().tls_certs_only([]).no_proxy().build().unwrap();
        for _ in 0..2 {
            let response = client.get(&url).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
            let body: serde_json::Value = response.json().await.unwrap();
            assert_eq!(body["error"]["code"], "InternalServerError");
        }
        server.abort();
    }
}
