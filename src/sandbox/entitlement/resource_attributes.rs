//! The attributes in the body of a resource request: read strictly, each question with an id (graph-contract 1.3, 1.15).

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use super::payload::{bounded, refused};
use super::policies::question_alone;
use crate::sandbox::directory::text_property_of_users;
use crate::sandbox::envelope::ApiError;
use crate::sandbox::resources::{AttributeDestination, AttributeSource, ResourceAttribute};
use crate::sandbox::tenant::Tenant;

/// The most attributes that a resource may ask for [graph-contract 1.15].
const MOST: usize = 20;
/// The longest name, in characters.
const NAME_LIMIT: usize = 256;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AttributeBody {
    #[serde(default, rename = "@odata.type")]
    _kind: Option<String>,
    name: String,
    is_editable: Option<bool>,
    is_persisted_on_assignment_removal: Option<bool>,
    destination: Option<DestinationBody>,
    source: Option<SourceBody>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DestinationBody {
    #[serde(rename = "@odata.type")]
    kind: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceBody {
    #[serde(rename = "@odata.type")]
    kind: String,
    question: Value,
}

/// Reads the attributes of a body.
///
/// # Errors
/// 400 for too many, two of one name, what the types do not declare, a question that cannot be asked, and a destination
/// in the directory that is no property which keeps a text.
pub(super) fn read(attributes: Vec<Value>) -> Result<Vec<ResourceAttribute>, ApiError> {
    if attributes.len() > MOST {
        return Err(invalid(&format!("A resource has at most {MOST} attributes")));
    }
    let attributes = attributes.into_iter().map(read_one).collect::<Result<Vec<_>, _>>()?;
    let names: BTreeSet<String> = attributes.iter().map(|attribute| attribute.name.to_lowercase()).collect();
    let questions: Vec<&str> = asked(&attributes).filter(|id| !id.is_empty()).collect();
    let distinct: BTreeSet<&str> = questions.iter().copied().collect();
    if names.len() < attributes.len() || distinct.len() < questions.len() {
        return Err(invalid("Two attributes have the same 'name' or the same question"));
    }
    Ok(attributes)
}

/// Gives ids to the questions that have none.
pub(super) fn name(attributes: &mut [ResourceAttribute], tenant: &mut Tenant) {
    for AttributeSource::Question { question } in attributes.iter_mut().filter_map(|known| known.source.as_mut()) {
        if question.id.is_empty() {
            question.id = tenant.new_id("question");
        }
    }
}

fn asked(attributes: &[ResourceAttribute]) -> impl Iterator<Item = &str> {
    attributes.iter().filter_map(|attribute| Some(attribute.question()?.id.as_str()))
}

fn read_one(attribute: Value) -> Result<ResourceAttribute, ApiError> {
    let body = AttributeBody::deserialize(attribute).map_err(|error| invalid(&format!("An attribute has {error}")))?;
    let name = bounded("name", body.name.trim().to_owned(), NAME_LIMIT)?;
    let destination = body.destination.map(|destination| match type_name(&destination.kind) {
        "accessPackageUserDirectoryAttributeStore" => Ok(AttributeDestination::UserDirectory {}),
        _ => Err(invalid("The 'destination' of an attribute is not an accessPackageUserDirectoryAttributeStore")),
    });
    let source = body.source.map(|source| match type_name(&source.kind) {
        "accessPackageResourceAttributeQuestion" => {
            question_alone(source.question).map(|question| AttributeSource::Question { question })
        }
        _ => Err(invalid("The 'source' of an attribute is not an accessPackageResourceAttributeQuestion")),
    });
    let (destination, source) = (destination.transpose()?, source.transpose()?);
    let name = match destination {
        Some(AttributeDestination::UserDirectory {}) => text_property_of_users(&name),
        None => Some(name.as_str()).filter(|name| !name.is_empty()),
    };
    let name = name.ok_or_else(|| invalid("The 'name' of an attribute is empty, or no property of users with a text"));
    Ok(ResourceAttribute {
        name: name?.to_owned(),
        is_editable: body.is_editable,
        is_persisted_on_assignment_removal: body.is_persisted_on_assignment_removal,
        destination,
        source,
    })
}

/// The last part of a type's name, however it is qualified.
fn type_name(kind: &str) -> &str {
    kind.rsplit(['.', '#']).next().unwrap_or_default()
}

fn invalid(why: &str) -> ApiError {
    refused("InvalidModel", format!("The request is invalid: {why}."))
}
