//! Lifecycle Workflows, read-only: workflows, their versions and tasks, and the built-in task definitions (graph-contract 3).

mod task_definitions;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Extension, Json, Router};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::entity::entity;
use super::envelope::{Answer, ApiError};
use super::query::{Place, Query, selected};
use super::records::Record;
use super::shared::Shared;
use super::tenant::Tenant;
pub(super) use task_definitions::{TASK_DEFINITIONS, TaskDefinition};

/// How often the service looks for users to process (graph-contract 3.1, the default setting).
const SCHEDULE: SignedDuration = SignedDuration::from_hours(3);

/// A workflow: its versions, oldest first, each with Graph's properties and `tasks`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Workflow {
    pub(super) id: String,
    pub(super) created: Timestamp,
    pub(super) versions: Vec<Map<String, Value>>,
}

impl Record for Workflow {
    const KIND: &'static str = "workflow";

    fn id(&self) -> &str {
        &self.id
    }
}

/// The paths under `identityGovernance/lifecycleWorkflows`.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/workflows", get(list))
        .route("/workflows/{id}", get(one))
        .route("/workflows/{id}/tasks", get(tasks))
        .route("/workflows/{id}/tasks/{task}", get(one_task))
        .route("/workflows/{id}/versions", get(versions))
        .route("/workflows/{id}/versions/{number}", get(one_version))
        .route("/workflows/{id}/versions/{number}/tasks", get(tasks_of_version))
        .route("/taskDefinitions", get(task_definitions))
        .route("/taskDefinitions/{id}", get(one_task_definition))
}

/// What a call wants shown and how.
struct View {
    place: Place,
    query: Query,
    tasks: bool,
}

impl View {
    fn parse(place: Place, allowed: &[&str]) -> Result<Self, ApiError> {
        let query = Query::parse(&place, allowed)?;
        if let Some(unknown) = query.expand.iter().find(|expand| expand.property != "tasks") {
            return Err(ApiError::bad_request(format!("Could not expand the property '{}'.", unknown.property)));
        }
        let tasks = !query.expand.is_empty();
        Ok(Self { place, query, tasks })
    }

    /// An object's selected properties, and its tasks where they are asked for.
    fn render(&self, shown: Value) -> Result<Map<String, Value>, ApiError> {
        let Value::Object(mut shown) = shown else { return Ok(Map::new()) };
        let tasks = shown.remove("tasks").filter(|_| self.tasks);
        let mut shown = selected(shown, self.query.select.as_deref())?;
        shown.extend(tasks.map(|tasks| ("tasks".to_owned(), tasks)));
        Ok(shown)
    }

    fn one(&self, shown: Value) -> Answer {
        Ok(Json(entity(&self.place, self.render(shown)?)))
    }

    fn all(&self, shown: impl IntoIterator<Item = Value>) -> Answer {
        let values = shown.into_iter().map(|one| self.render(one)).collect::<Result<Vec<_>, _>>()?;
        Ok(Json(json!({ "@odata.context": self.place.context(), "value": values })))
    }
}

async fn list(State(shared): State<Arc<Shared>>, Extension(place): Extension<Place>) -> Answer {
    let view = View::parse(place, &["$select", "$filter", "$expand", "$top"])?;
    shared
        .with_tenant(|tenant, now| {
            let rows = tenant.workflows.after(view.query.after.as_deref());
            let rows = rows.ok_or_else(|| ApiError::bad_request("Bad skip token."))?;
            let rows = rows.filter(|row| {
                let shown = row.render(now);
                view.query
                    .filter
                    .0
                    .iter()
                    .all(|comparison| shown.get(&comparison.path).is_some_and(|value| comparison.holds(value)))
            });
            view.query.page(&view.place, rows, |row| view.render(row.render(now)).map(Value::Object))
        })
        .await
        .map(Json)
}

async fn one(State(shared): State<Arc<Shared>>, Path(id): Path<String>, Extension(place): Extension<Place>) -> Answer {
    let view = View::parse(place, &["$select", "$expand"])?;
    view.one(shared.with_tenant(|tenant, now| Ok(known(tenant, &id)?.render(now))).await?)
}

async fn tasks(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(place): Extension<Place>,
) -> Answer {
    let view = View::parse(place, &["$select"])?;
    view.all(shared.with_tenant(|tenant, _| Ok(known(tenant, &id)?.tasks(None))).await?.unwrap_or_default())
}

async fn one_task(
    State(shared): State<Arc<Shared>>,
    Path((id, task)): Path<(String, String)>,
    Extension(place): Extension<Place>,
) -> Answer {
    let view = View::parse(place, &["$select"])?;
    let tasks = shared.with_tenant(|tenant, _| Ok(known(tenant, &id)?.tasks(None))).await?.unwrap_or_default();
    let found = tasks.into_iter().find(|known| known.get("id") == Some(&json!(task)));
    view.one(found.ok_or_else(|| not_found(&task))?)
}

async fn versions(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(place): Extension<Place>,
) -> Answer {
    let view = View::parse(place, &["$select", "$expand"])?;
    let versions = shared.with_tenant(|tenant, _| {
        let workflow = known(tenant, &id)?;
        Ok((1..=workflow.versions.len()).filter_map(|number| workflow.render_version(number)).collect::<Vec<_>>())
    });
    view.all(versions.await?)
}

async fn one_version(
    State(shared): State<Arc<Shared>>,
    Path((id, number)): Path<(String, String)>,
    Extension(place): Extension<Place>,
) -> Answer {
    let view = View::parse(place, &["$select", "$expand"])?;
    let version = shared.with_tenant(|tenant, _| {
        let workflow = known(tenant, &id)?;
        number.parse().ok().and_then(|number| workflow.render_version(number)).ok_or_else(|| not_found(&number))
    });
    view.one(version.await?)
}

async fn tasks_of_version(
    State(shared): State<Arc<Shared>>,
    Path((id, number)): Path<(String, String)>,
    Extension(place): Extension<Place>,
) -> Answer {
    let view = View::parse(place, &["$select"])?;
    let tasks = shared.with_tenant(|tenant, _| {
        let workflow = known(tenant, &id)?;
        number.parse().ok().and_then(|number| workflow.tasks(Some(number))).ok_or_else(|| not_found(&number))
    });
    view.all(tasks.await?)
}

async fn task_definitions(Extension(place): Extension<Place>) -> Answer {
    let view = View::parse(place, &["$select"])?;
    view.all(TASK_DEFINITIONS.iter().map(TaskDefinition::render))
}

async fn one_task_definition(Path(id): Path<String>, Extension(place): Extension<Place>) -> Answer {
    let view = View::parse(place, &["$select"])?;
    view.one(TaskDefinition::find(&id).ok_or_else(|| not_found(&id))?.render())
}

impl Workflow {
    /// The current version with what only the workflow itself has.
    fn render(&self, now: Timestamp) -> Value {
        let mut shown = self.versions.last().cloned().unwrap_or_default();
        let scheduled = shown.get("isSchedulingEnabled") == Some(&Value::Bool(true));
        shown.insert("id".to_owned(), json!(self.id));
        shown.insert("version".to_owned(), json!(self.versions.len()));
        shown.insert("deletedDateTime".to_owned(), Value::Null);
        let next = scheduled.then(|| self.next_run(now));
        shown.insert("nextScheduleRunDateTime".to_owned(), json!(next));
        Value::Object(shown)
    }

    fn render_version(&self, number: usize) -> Option<Value> {
        let mut shown = self.version(number)?.clone();
        shown.insert("versionNumber".to_owned(), json!(number));
        Some(Value::Object(shown))
    }

    fn tasks(&self, number: Option<usize>) -> Option<Vec<Value>> {
        let version = self.version(number.unwrap_or(self.versions.len()))?;
        version.get("tasks").and_then(Value::as_array).cloned()
    }

    fn version(&self, number: usize) -> Option<&Map<String, Value>> {
        self.versions.get(number.checked_sub(1)?)
    }

    fn next_run(&self, now: Timestamp) -> Timestamp {
        let past = now.duration_since(self.created).as_secs().max(0);
        let next = (past / SCHEDULE.as_secs() + 1) * SCHEDULE.as_secs();
        self.created.checked_add(SignedDuration::from_secs(next)).unwrap_or(now)
    }
}

fn known<'t>(tenant: &'t Tenant, id: &str) -> Result<&'t Workflow, ApiError> {
    tenant.workflows.get(&id.to_lowercase()).ok_or_else(|| not_found(id))
}

fn not_found(id: &str) -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "ResourceNotFound", format!("The resource '{id}' was not found."))
}
