//! Clients that call at once for a while, and what that came to.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use reqwest::{Client, Method};
use serde_json::Value;
use url::Url;
use usherd::sandbox::{Controls, Sandbox};

/// One call: its method, path, body where it has one, and the status of a right answer.
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
    pub(crate) status: u16,
}

impl Call {
    /// A read.
    pub(crate) fn get(path: String) -> Self {
        Self { method: Method::GET, path, body: None, status: 200 }
    }

    /// A write.
    pub(crate) fn post(path: &str, body: Value, status: u16) -> Self {
        Self { method: Method::POST, path: path.to_owned(), body: Some(body), status }
    }
}

/// Makes the call of a number, and says whether an answer is right.
pub(crate) struct Kind<M, C> {
    pub(crate) name: &'static str,
    pub(crate) make: M,
    pub(crate) is_right: C,
}

/// The clients.
pub(crate) struct Driver {
    url: Url,
    bare: Url,
    client: Client,
    controls: Controls,
    clients: usize,
    duration: Duration,
    bare_rate: Cell<f64>,
}

impl Driver {
    /// Makes the clients, and the server with the empty handler.
    pub(crate) async fn start(sandbox: &Sandbox, clients: usize, seconds: usize) -> Result<Self> {
        ensure!(clients > 0 && seconds > 0, "at least one client calls for at least one second");
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        let bare = Url::parse(&format!("http://{}/", listener.local_addr()?))?;
        let router = axum::Router::new().route("/", axum::routing::get(|| async { "hello" }));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let client = Client::builder().tls_certs_only([]).no_proxy().timeout(Duration::from_secs(30)).build()?;
        Ok(Self {
            url: sandbox.url().clone(),
            bare,
            client,
            controls: sandbox.controls(),
            clients,
            duration: Duration::from_secs(seconds.try_into()?),
            bare_rate: Cell::new(0.0),
        })
    }

    /// Measures the empty handler, of which all else is a share.
    pub(crate) async fn measure_bare(&self) -> Result<()> {
        println!("\n{:44} {:>9} {:>7} {:>9} {:>9} {:>8}", "", "calls/s", "of bare", "p50 ms", "p99 ms", "rows");
        let kind =
            Kind { name: "bare: an empty handler", make: |_| Call::get(String::new()), is_right: |_: &Value| true };
        self.run(&self.bare, kind).await
    }

    /// Measures a kind of call.
    pub(crate) async fn measure(
        &self,
        name: &'static str,
        make: impl Fn(usize) -> Call + Send + Sync + 'static,
        is_right: impl Fn(&Value) -> bool + Send + Sync + 'static,
    ) -> Result<()> {
        self.run(&self.url, Kind { name, make, is_right }).await
    }

    /// The body of one read, outside any measurement.
    pub(crate) async fn read(&self, path: &str) -> Result<Value> {
        let answer = self.client.get(self.url.join(path)?).bearer_auth(crate::TOKEN).send().await?;
        Ok(answer.error_for_status()?.json().await?)
    }

    async fn run<M, C>(&self, url: &Url, kind: Kind<M, C>) -> Result<()>
    where
        M: Fn(usize) -> Call + Send + Sync + 'static,
        C: Fn(&Value) -> bool + Send + Sync + 'static,
    {
        let kind = Arc::new(kind);
        let counter = Arc::new(AtomicUsize::new(0));
        let examined = self.controls.rows_examined();
        let began = Instant::now();
        let end = began + self.duration;
        let workers: Vec<_> = (0..self.clients)
            .map(|_| {
                let (kind, counter, client, url) =
                    (Arc::clone(&kind), Arc::clone(&counter), self.client.clone(), url.clone());
                tokio::spawn(async move {
                    let mut times = Vec::new();
                    while Instant::now() < end {
                        let number = counter.fetch_add(1, Ordering::Relaxed);
                        times.push(call(&client, &url, &*kind, number).await?);
                    }
                    Ok::<_, anyhow::Error>(times)
                })
            })
            .collect();
        let mut times = Vec::new();
        for worker in workers {
            times.extend(worker.await?.with_context(|| kind.name)?);
        }
        self.print(kind.name, times, began.elapsed(), self.controls.rows_examined() - examined);
        Ok(())
    }
    fn print(&self, name: &str, mut times: Vec<Duration>, elapsed: Duration, examined: u64) {
        times.sort_unstable();
        let at = |hundredth: usize| {
            let time = times.get(times.len().saturating_sub(1) * hundredth / 100).copied().unwrap_or_default();
            time.as_secs_f64() * 1000.0
        };
        let rate = times.len() as f64 / elapsed.as_secs_f64();
        if self.bare_rate.get() == 0.0 {
            self.bare_rate.set(rate);
        }
        let share = 100.0 * rate / self.bare_rate.get();
        let rows = examined as f64 / times.len() as f64;
        println!("{name:44} {rate:>9.0} {share:>6.1}% {:>9.2} {:>9.2} {rows:>8.1}", at(50), at(99));
    }
}

async fn call<M: Fn(usize) -> Call, C: Fn(&Value) -> bool>(
    client: &Client,
    url: &Url,
    kind: &Kind<M, C>,
    number: usize,
) -> Result<Duration> {
    let Call { method, path, body, status } = (kind.make)(number);
    let mut request = client.request(method, url.join(&path)?).bearer_auth(crate::TOKEN);
    if path.contains("$count") {
        request = request.header("ConsistencyLevel", "eventual");
    }
    if let Some(body) = &body {
        request = request.json(body);
    }
    let began = Instant::now();
    let answer = request.send().await?;
    let answered = answer.status().as_u16();
    let bytes = answer.bytes().await?;
    let time = began.elapsed();
    if answered != status {
        bail!("{path}: {answered} {}", String::from_utf8_lossy(&bytes));
    }
    // Reading every answer would cost the server more than its own work.
    if number.is_multiple_of(16) && path.contains('/') {
        let value = serde_json::from_slice(&bytes)?;
        ensure!((kind.is_right)(&value), "{path}: a wrong answer: {value}");
    }
    Ok(time)
}
