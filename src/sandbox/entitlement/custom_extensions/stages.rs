//! The stages at which a policy calls custom extensions, as its body names them (graph-contract 1.3, 1.15).

use serde::Deserialize;
use serde_json::Value;

use crate::sandbox::entitlement::payload::{Reference, refused};
use crate::sandbox::envelope::ApiError;
use crate::sandbox::records::{ExtensionKind, ExtensionStage, ExtensionStageSetting};
use crate::sandbox::tenant::Tenant;

/// The most extensions that a policy calls.
const LIMIT: usize = 5;

/// Graph's `customExtensionStageSetting` in a policy's body; its own id is given by the service.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::sandbox::entitlement) struct StageSettingBody {
    #[serde(default, rename = "id")]
    _id: Option<Value>,
    stage: String,
    custom_extension: Reference,
}

/// The settings for a policy of the package.
///
/// # Errors
/// 400 for more than five, an unknown stage, and an extension that the package's catalog does not have or that is not
/// for the stage.
pub(in crate::sandbox::entitlement) fn stage_settings(
    tenant: &Tenant,
    package_id: &str,
    bodies: Vec<StageSettingBody>,
) -> Result<Vec<ExtensionStageSetting>, ApiError> {
    if bodies.len() > LIMIT {
        return Err(invalid(format!("A policy calls at most {LIMIT} custom extensions.")));
    }
    let catalog_id = tenant.packages.get(package_id).map(|package| &package.catalog_id);
    let setting = |StageSettingBody { stage, custom_extension, .. }: StageSettingBody| {
        let read = ExtensionStage::parse(&stage);
        let stage = read.ok_or_else(|| invalid(format!("'{stage}' is not an accessPackageCustomExtensionStage.")))?;
        let custom_extension_id = custom_extension.guid()?;
        let extension = tenant.custom_extensions.get(&custom_extension_id);
        let extension = extension.filter(|extension| Some(&extension.catalog_id) == catalog_id);
        let kind = if stage.is_of_requests() { ExtensionKind::Request } else { ExtensionKind::Assignment };
        if extension.is_some_and(|extension| extension.kind == kind) {
            Ok(ExtensionStageSetting { stage, custom_extension_id })
        } else {
            Err(invalid(format!("The catalog has no custom extension '{custom_extension_id}' for this stage.")))
        }
    };
    bodies.into_iter().map(setting).collect()
}

fn invalid(message: String) -> ApiError {
    refused("InvalidCustomExtension", message)
}
