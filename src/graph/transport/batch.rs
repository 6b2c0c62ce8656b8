//! `$batch`: up to twenty reads in one exchange, each judged by itself.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{EVERY_MEMBER, GraphClient, random};
use crate::graph::error::{CallId, GraphError};

/// Where batches go.
const ADDRESS: &str = "/v1.0/$batch";
/// The most reads in one batch (<https://learn.microsoft.com/graph/json-batching>).
const MOST: usize = 20;

/// One read of a batch.
#[derive(Debug, Clone)]
pub struct BatchRead {
    /// The address without the version: `/users/{id}?$select=id`.
    pub address: String,
    /// The body of a question that Graph wants as a POST, such as `checkMemberGroups`.
    pub question: Option<Value>,
}

impl BatchRead {
    /// Reads what is at `address`.
    pub fn get(address: String) -> Self {
        Self { address, question: None }
    }

    /// Puts a question that changes nothing.
    pub fn ask(address: String, question: Value) -> Self {
        Self { address, question: Some(question) }
    }
}

/// What became of one read; each stands for itself.
pub type BatchAnswer = Result<Value, GraphError>;

#[derive(Serialize)]
struct Batch {
    requests: Vec<Value>,
}

#[derive(Deserialize)]
struct Answered {
    responses: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    id: String,
    status: u16,
    #[serde(default)]
    headers: Map<String, Value>,
    #[serde(default)]
    body: Value,
}

impl GraphClient {
    /// Reads all of `reads`, twenty in an exchange, trying again what fails for a moment; the answers come in the order of the reads.
    ///
    /// # Errors
    /// [`GraphError`] when a batch as a whole failed after the last attempt: then nothing is known of any read.
    pub async fn read_batch(&self, reads: &[BatchRead]) -> Result<Vec<BatchAnswer>, GraphError> {
        let mut answers = Vec::with_capacity(reads.len());
        for chunk in reads.chunks(MOST) {
            answers.extend(self.read_chunk(chunk).await?);
        }
        Ok(answers)
    }

    async fn read_chunk(&self, reads: &[BatchRead]) -> Result<Vec<BatchAnswer>, GraphError> {
        let mut answers: Vec<Option<BatchAnswer>> = reads.iter().map(|_| None).collect();
        let mut attempt = 1;
        loop {
            let open: Vec<(usize, &BatchRead)> =
                reads.iter().enumerate().filter(|(number, _)| !answers.get(*number).is_some_and(is_settled)).collect();
            let passing = match self.exchange_batch(&open).await {
                Ok(read) => {
                    for (number, answer) in read {
                        if let Some(place) = answers.get_mut(number) {
                            *place = Some(answer);
                        }
                    }
                    let unsettled = answers.iter().filter(|answer| !is_settled(answer));
                    let waits = unsettled.map(|answer| match answer {
                        Some(Err(error)) => error.retry_after(),
                        _ => None,
                    });
                    let Some(longest) = waits.max() else { break };
                    longest
                }
                Err(error) if error.is_passing() && attempt < self.options.retry.attempts => error.retry_after(),
                Err(error) => return Err(error),
            };
            let delay = self.options.retry.next_delay(attempt, passing, random());
            if attempt >= self.options.retry.attempts || delay > self.options.retry.longest_wait {
                break;
            }
            tokio::time::sleep(delay).await;
            attempt += 1;
        }
        Ok(answers.into_iter().map(|answer| answer.unwrap_or(Err(GraphError::Unfinished))).collect())
    }

    async fn exchange_batch(&self, open: &[(usize, &BatchRead)]) -> Result<Vec<(usize, BatchAnswer)>, GraphError> {
        let requests = open.iter().map(|(number, read)| item(*number, read)).collect();
        let answer = self.call(Method::POST, &self.own_address(ADDRESS)?, Some(&Batch { requests })).await?;
        let call = answer.call.clone();
        let Answered { responses } = answer.decode()?;
        let numbered = responses.into_iter().filter_map(|item| Some((item.id.parse().ok()?, judged(item, &call))));
        Ok(numbered.collect())
    }
}

/// Whether there is nothing to try again: an answer, or a failure that lasts.
fn is_settled(answer: &Option<BatchAnswer>) -> bool {
    match answer {
        Some(Ok(_)) => true,
        Some(Err(error)) => !error.is_passing(),
        None => false,
    }
}

fn item(number: usize, read: &BatchRead) -> Value {
    match &read.question {
        Some(question) => json!({
            "id": number.to_string(), "method": "POST", "url": read.address, "body": question,
            "headers": { "Content-Type": "application/json" },
        }),
        None => json!({
            "id": number.to_string(), "method": "GET", "url": read.address, "headers": { "Prefer": EVERY_MEMBER },
        }),
    }
}

fn judged(item: Item, call: &CallId) -> BatchAnswer {
    let status = StatusCode::from_u16(item.status).unwrap_or(StatusCode::BAD_GATEWAY);
    if status.is_success() {
        return Ok(item.body);
    }
    let pair = |(name, value): (&String, &Value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(text).ok()?))
    };
    let headers: HeaderMap = item.headers.iter().filter_map(pair).collect();
    Err(GraphError::from_answer(status, &headers, item.body.to_string().as_bytes(), call.clone()))
}
