//! What a body may say of a connected organization.

use serde::Deserialize;
use serde_json::Value;

use super::super::payload::{self, duplicate, refused};
use super::super::submission::drop_annotations;
use crate::sandbox::envelope::ApiError;
use crate::sandbox::organizations::{ConnectedOrganization, IdentitySource, OrganizationState};
use crate::sandbox::tenant::Tenant;

/// The most identity sources of one organization.
const SOURCES_LIMIT: usize = 100;

/// A checked body; what it does not say stays.
pub(super) struct OrganizationBody {
    display_name: Option<String>,
    description: Option<String>,
    state: Option<OrganizationState>,
    sources: Option<Vec<IdentitySource>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Plain {
    display_name: Option<String>,
    description: Option<String>,
    state: Option<String>,
}

impl OrganizationBody {
    /// Reads the body of a new organization, which has a name and an identity source.
    ///
    /// # Errors
    /// As [`Self::read`], and for what is missing.
    pub(super) fn read_new(body: Value) -> Result<Self, ApiError> {
        let mut body = Self::read(body)?;
        body.display_name = Some(payload::name(body.display_name)?);
        if body.sources.as_ref().is_none_or(Vec::is_empty) {
            return Err(refused("InvalidModel", "'identitySources' is missing or empty.".to_owned()));
        }
        Ok(body)
    }

    /// Reads the body of a change.
    ///
    /// # Errors
    /// 400 `InvalidModel` for what is unknown, of a wrong form, too long, too much, or there twice.
    pub(super) fn read(mut body: Value) -> Result<Self, ApiError> {
        let invalid = |error: String| refused("InvalidModel", format!("The request is invalid: {error}."));
        // The sources say by `@odata.type` what they are; elsewhere annotations say nothing.
        let sources = body.as_object_mut().and_then(|body| body.remove("identitySources"));
        let sources = sources.map(sources_of).transpose().map_err(invalid)?;
        drop_annotations(&mut body);
        let Plain { display_name, description, state } =
            serde_json::from_value(body).map_err(|error| invalid(error.to_string()))?;
        let known = |state: String| {
            OrganizationState::parse(&state)
                .ok_or_else(|| invalid(format!("'{state}' is not a connectedOrganizationState")))
        };
        Ok(Self {
            display_name: display_name.map(|name| payload::name(Some(name))).transpose()?,
            description: description.map(|text| payload::description(Some(text))).transpose()?,
            state: state.map(known).transpose()?,
            sources,
        })
    }

    /// Writes what the body says into the organization.
    ///
    /// # Errors
    /// 409 for an identity source that another organization has.
    pub(super) fn apply(self, tenant: &Tenant, organization: &mut ConnectedOrganization) -> Result<(), ApiError> {
        if let Some(sources) = self.sources {
            let others = tenant.organizations.iter().filter(|other| other.id != organization.id);
            let mut taken = others.flat_map(|other| &other.identity_sources).map(IdentitySource::key);
            if taken.any(|key| sources.iter().any(|source| source.key() == key)) {
                return Err(duplicate());
            }
            organization.identity_sources = sources;
        }
        organization.display_name = self.display_name.unwrap_or_else(|| organization.display_name.clone());
        organization.description = self.description.unwrap_or_else(|| organization.description.clone());
        organization.state = self.state.unwrap_or(organization.state);
        Ok(())
    }
}

fn sources_of(value: Value) -> Result<Vec<IdentitySource>, String> {
    let values = match value {
        Value::Null => Vec::new(),
        Value::Array(values) if values.len() <= SOURCES_LIMIT => values,
        _ => return Err(format!("'identitySources' must be a list of at most {SOURCES_LIMIT} identity sources")),
    };
    IdentitySource::read_all(values)
}
