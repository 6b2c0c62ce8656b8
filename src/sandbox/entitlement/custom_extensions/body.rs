//! The body of a custom extension, and the extension it makes.

use jiff::{Span, Timestamp, tz::TimeZone};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::sandbox::entitlement::payload::{self, refused};
use crate::sandbox::envelope::ApiError;
use crate::sandbox::records::{CustomExtension, ExtensionKind};

/// What POST and PUT take. The read-only members come with an extension that was read before, and are set aside.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ExtensionBody {
    #[serde(rename = "@odata.type")]
    kind: Option<String>,
    #[serde(rename = "id")]
    _id: Option<Value>,
    #[serde(rename = "createdDateTime")]
    _created: Option<Value>,
    #[serde(rename = "lastModifiedDateTime")]
    _modified: Option<Value>,
    #[serde(rename = "createdBy")]
    _created_by: Option<Value>,
    #[serde(rename = "lastModifiedBy")]
    _modified_by: Option<Value>,
    display_name: Option<String>,
    description: Option<String>,
    endpoint_configuration: Option<Map<String, Value>>,
    authentication_configuration: Option<Map<String, Value>>,
    client_configuration: Option<Map<String, Value>>,
    callback_configuration: Option<CallbackConfiguration>,
}

/// Graph's `customExtensionCallbackConfiguration`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CallbackConfiguration {
    #[serde(rename = "@odata.type")]
    _kind: Option<String>,
    /// ISO 8601.
    duration_before_timeout: Option<String>,
}

impl ExtensionBody {
    /// Reads a body, which may stand in a `value`, as in an example of the documentation.
    ///
    /// # Errors
    /// 400 for what the type does not declare.
    pub(super) fn read(mut body: Value) -> Result<Self, ApiError> {
        let inner = body.as_object_mut().filter(|body| body.len() == 1).and_then(|body| body.remove("value"));
        let body = inner.unwrap_or(body);
        Self::deserialize(body).map_err(|error| refused("InvalidModel", format!("The request is invalid: {error}.")))
    }

    /// The extension of the catalog that the body makes; it has no id yet.
    ///
    /// # Errors
    /// 400 without a type, a name or an endpoint, and for what [`Self::apply`] refuses.
    pub(super) fn extension(mut self, catalog_id: String, now: Timestamp) -> Result<CustomExtension, ApiError> {
        let kind = self.kind.take().as_deref().and_then(kind_of);
        let kind = kind.ok_or_else(|| invalid("'@odata.type' names no workflow extension"))?;
        let endpoint =
            self.endpoint_configuration.take().ok_or_else(|| invalid("'endpointConfiguration' is missing"))?;
        let mut extension = CustomExtension {
            id: String::new(),
            catalog_id,
            kind,
            display_name: payload::name(self.display_name.take())?,
            description: String::new(),
            endpoint_configuration: Value::Object(endpoint),
            authentication_configuration: None,
            client_configuration: None,
            duration_before_timeout: None,
            created: now,
            modified: now,
        };
        self.apply(&mut extension, now)?;
        Ok(extension)
    }

    /// Writes what the body says into the extension.
    ///
    /// # Errors
    /// 400 for another type than the extension's, and for a wait that is none, or that the type does not have.
    pub(super) fn apply(self, extension: &mut CustomExtension, now: Timestamp) -> Result<(), ApiError> {
        if self.kind.is_some_and(|kind| kind_of(&kind) != Some(extension.kind)) {
            return Err(invalid("the type of an extension stays as it is"));
        }
        if self.display_name.is_some() {
            extension.display_name = payload::name(self.display_name)?;
        }
        if self.description.is_some() {
            extension.description = payload::description(self.description)?;
        }
        if let Some(endpoint) = self.endpoint_configuration {
            extension.endpoint_configuration = Value::Object(endpoint);
        }
        if let Some(authentication) = self.authentication_configuration {
            extension.authentication_configuration = Some(Value::Object(authentication));
        }
        if let Some(client) = self.client_configuration {
            extension.client_configuration = Some(Value::Object(client));
        }
        if let Some(callback) = self.callback_configuration {
            extension.duration_before_timeout = wait(extension.kind, callback)?;
        }
        extension.modified = now;
        Ok(())
    }
}

fn kind_of(text: &str) -> Option<ExtensionKind> {
    serde_json::from_value(Value::String(format!("#{}", text.trim_start_matches('#')))).ok()
}

/// How long an answer is waited for: 5 minutes to 14 days (Graph's page on the callback configuration).
fn wait(kind: ExtensionKind, callback: CallbackConfiguration) -> Result<Option<String>, ApiError> {
    let Some(duration) = callback.duration_before_timeout else { return Ok(None) };
    if kind != ExtensionKind::Request {
        return Err(invalid("only an accessPackageAssignmentRequestWorkflowExtension has a 'callbackConfiguration'"));
    }
    let end = duration.parse::<Span>().ok();
    let end = end.and_then(|span| Timestamp::UNIX_EPOCH.to_zoned(TimeZone::UTC).checked_add(span).ok());
    let seconds = end.map(|end| end.timestamp().as_second());
    if seconds.is_some_and(|seconds| (300..=14 * 86_400).contains(&seconds)) {
        Ok(Some(duration))
    } else {
        Err(invalid("'durationBeforeTimeout' is not an ISO 8601 duration of 5 minutes to 14 days"))
    }
}

fn invalid(why: &str) -> ApiError {
    refused("InvalidModel", format!("The custom extension is invalid: {why}."))
}
