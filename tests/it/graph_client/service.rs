//! A scripted HTTP service that remembers what it was asked, and clients for it.

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use url::Url;
use usherd::graph::auth::{TokenError, TokenSource};
use usherd::graph::transport::{GraphClient, GraphOptions};
use usherd::http::connection::Timeouts;
use usherd::http::retry::RetryPolicy;

/// A request as the service saw it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn option(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }
}

/// A service on a port of its own; it ends with the test's runtime.
pub(crate) struct Service {
    pub(crate) root: Url,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Service {
    /// Answers the n-th request (from 1) with what `script` says; `None` never answers.
    pub(crate) async fn start<S>(script: S) -> Self
    where
        S: Fn(usize, &Seen) -> Option<Response> + Clone + Send + Sync + 'static,
    {
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let kept = Arc::clone(&seen);
        let router = Router::new().fallback(move |request: Request| {
            let (kept, script) = (Arc::clone(&kept), script.clone());
            async move {
                let request = seen_from(request).await;
                let number = {
                    let mut kept = kept.lock().unwrap();
                    kept.push(request.clone());
                    kept.len()
                };
                match script(number, &request) {
                    Some(response) => response,
                    None => pending().await,
                }
            }
        });
        let (listener, root) = listen().await;
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { root, seen }
    }

    /// Takes connections, reads the beginning of the request and resets them without an answer.
    pub(crate) async fn start_closing() -> Self {
        let (listener, root) = listen().await;
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let mut method = [0; 4];
                socket.read_exact(&mut method).await.ok();
            }
        });
        Self { root, seen }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// A client of this service that loses no time, with tokens `t1`, `t2`, …
    pub(crate) fn client(&self) -> Arc<GraphClient> {
        Arc::new(GraphClient::new(self.options()).unwrap())
    }

    pub(crate) fn options(&self) -> GraphOptions {
        let retry = RetryPolicy { base: Duration::from_millis(1), ..RetryPolicy::default() };
        let timeouts = Timeouts { total: Duration::from_secs(10), ..Timeouts::default() };
        GraphOptions { retry, timeouts, ..GraphOptions::new(self.root.clone(), Arc::new(NumberedTokens::default())) }
    }
}

/// An address where nobody listens.
pub(crate) async fn deserted() -> Url {
    listen().await.1
}

pub(crate) fn answer(status: u16, body: impl ToString) -> Response {
    Response::builder().status(status).body(Body::from(body.to_string())).unwrap()
}

pub(crate) fn answer_with(status: u16, headers: &[(&str, &str)], body: impl ToString) -> Response {
    headers
        .iter()
        .fold(Response::builder().status(status), |response, (name, value)| response.header(*name, *value))
        .body(Body::from(body.to_string()))
        .unwrap()
}

/// Tokens `t1`, `t2`, …: the next one after each that was rejected.
#[derive(Default)]
struct NumberedTokens {
    rejected: Mutex<usize>,
}

#[async_trait]
impl TokenSource for NumberedTokens {
    async fn token(&self) -> Result<SecretString, TokenError> {
        Ok(format!("t{}", *self.rejected.lock().unwrap() + 1).into())
    }

    fn reject(&self, token: &SecretString) {
        let mut rejected = self.rejected.lock().unwrap();
        if token.expose_secret() == format!("t{}", *rejected + 1) {
            *rejected += 1;
        }
    }
}

/// A socket that listens, and its address.
pub(crate) async fn listen() -> (TcpListener, Url) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let root = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    (listener, root)
}

async fn seen_from(request: Request) -> Seen {
    let (parts, body) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default();
    Seen {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        headers: parts.headers,
        body: String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap(),
    }
}
