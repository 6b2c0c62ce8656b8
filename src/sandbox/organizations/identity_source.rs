//! Where the people of a connected organization sign in: Graph's `identitySource` and the types derived from it (graph-contract 1.3).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;
use uuid::Uuid;

/// The longest text in an identity source, in characters.
const TEXT_LIMIT: usize = 512;
/// The longest name of a domain (RFC 1035).
const DOMAIN_LIMIT: usize = 253;
/// The clouds that a tenant of another cloud can be in.
const CLOUDS: [&str; 3] = ["microsoftonline.com", "microsoftonline.us", "partner.microsoftonline.cn"];
/// The one social identity provider of Graph v1.0.
const SOCIAL: &str = "facebook";
const TYPE: &str = "@odata.type";

/// An identity source as it came, which is also how it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "@odata.type", rename_all_fields = "camelCase", deny_unknown_fields)]
pub(in crate::sandbox) enum IdentitySource {
    #[serde(rename = "#microsoft.graph.azureActiveDirectoryTenant")]
    Directory { tenant_id: String, display_name: Option<String> },
    #[serde(rename = "#microsoft.graph.crossCloudAzureActiveDirectoryTenant")]
    CrossCloudDirectory { cloud_instance: String, tenant_id: String, display_name: Option<String> },
    #[serde(rename = "#microsoft.graph.domainIdentitySource")]
    Domain { domain_name: String, display_name: Option<String> },
    #[serde(rename = "#microsoft.graph.externalDomainFederation")]
    FederatedDomain { issuer_uri: String, domain_name: String, display_name: Option<String> },
    #[serde(rename = "#microsoft.graph.socialIdentitySource")]
    Social { social_identity_source_type: String, display_name: Option<String> },
}

impl IdentitySource {
    /// Reads a source; the type may come without its `#`, as Graph's own examples have it.
    ///
    /// # Errors
    /// Says in words what is unknown, missing, of a wrong form or too long.
    pub(in crate::sandbox) fn read(mut value: Value) -> Result<Self, String> {
        if let Some(Value::String(name)) = value.get_mut(TYPE)
            && !name.starts_with('#')
        {
            name.insert(0, '#');
        }
        let source: Self = serde_json::from_value(value).map_err(|error| error.to_string())?;
        source.check()?;
        Ok(source)
    }

    /// Reads several sources, each of which is another place.
    ///
    /// # Errors
    /// As [`Self::read`], and for one that is there twice.
    pub(in crate::sandbox) fn read_all(values: Vec<Value>) -> Result<Vec<Self>, String> {
        let sources: Vec<Self> = values.into_iter().map(Self::read).collect::<Result<_, _>>()?;
        let mut seen = BTreeSet::new();
        match sources.iter().map(Self::key).find(|key| !seen.insert(key.clone())) {
            Some(twice) => Err(format!("the identity source '{twice}' is there twice")),
            None => Ok(sources),
        }
    }

    /// The tenant's id, for the directory of a tenant in the same cloud.
    pub(in crate::sandbox) fn directory_id(&self) -> Option<&str> {
        match self {
            Self::Directory { tenant_id, .. } => Some(tenant_id),
            _ => None,
        }
    }

    /// The domain of the people's mail addresses, where the source says one.
    pub(in crate::sandbox) fn domain(&self) -> Option<&str> {
        match self {
            Self::Domain { domain_name, .. } | Self::FederatedDomain { domain_name, .. } => Some(domain_name),
            Self::Directory { .. } | Self::CrossCloudDirectory { .. } | Self::Social { .. } => None,
        }
    }

    /// What no two organizations can both have.
    pub(in crate::sandbox) fn key(&self) -> String {
        let key = match self {
            Self::Directory { tenant_id, .. } | Self::CrossCloudDirectory { tenant_id, .. } => tenant_id,
            Self::Domain { domain_name, .. } | Self::FederatedDomain { domain_name, .. } => domain_name,
            Self::Social { social_identity_source_type, .. } => social_identity_source_type,
        };
        key.to_lowercase()
    }

    fn check(&self) -> Result<(), String> {
        let (Self::Directory { display_name, .. }
        | Self::CrossCloudDirectory { display_name, .. }
        | Self::Domain { display_name, .. }
        | Self::FederatedDomain { display_name, .. }
        | Self::Social { display_name, .. }) = self;
        if display_name.as_ref().is_some_and(|name| name.chars().count() > TEXT_LIMIT) {
            return Err(format!("'displayName' is longer than {TEXT_LIMIT} characters"));
        }
        match self {
            Self::Directory { tenant_id, .. } => check_tenant(tenant_id),
            Self::CrossCloudDirectory { cloud_instance, tenant_id, .. } => {
                let known = CLOUDS.iter().any(|cloud| cloud.eq_ignore_ascii_case(cloud_instance));
                if known { check_tenant(tenant_id) } else { Err(format!("'{cloud_instance}' is no cloud")) }
            }
            Self::Domain { domain_name, .. } => check_domain(domain_name),
            Self::FederatedDomain { issuer_uri, domain_name, .. } => {
                let is_uri = issuer_uri.chars().count() <= TEXT_LIMIT && Url::parse(issuer_uri).is_ok();
                if is_uri { check_domain(domain_name) } else { Err("'issuerUri' is no URI".to_owned()) }
            }
            Self::Social { social_identity_source_type: kind, .. } => {
                if kind == SOCIAL {
                    Ok(())
                } else {
                    Err(format!("'{kind}' is not a socialIdentitySourceType"))
                }
            }
        }
    }
}

/// Whether the text can be the domain of a mail address: labels of letters, digits and hyphens, two or more.
pub(in crate::sandbox) fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|letter| letter.is_alphanumeric() || letter == '-')
    };
    text.len() <= DOMAIN_LIMIT && text.contains('.') && text.split('.').all(is_label)
}

fn check_tenant(id: &str) -> Result<(), String> {
    if Uuid::try_parse(id).is_ok() { Ok(()) } else { Err(format!("the 'tenantId' '{id}' is not a GUID")) }
}

fn check_domain(name: &str) -> Result<(), String> {
    if is_domain(name) { Ok(()) } else { Err(format!("the 'domainName' '{name}' is no domain")) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_type_is_shown_as_it_came() {
        let tenant = "72f988bf-86f1-41af-91ab-2d7cd011db47";
        for source in [
            json!({ "@odata.type": "#microsoft.graph.azureActiveDirectoryTenant", "tenantId": tenant, "displayName": "Wingtip" }),
            json!({ "@odata.type": "#microsoft.graph.crossCloudAzureActiveDirectoryTenant", "cloudInstance": "microsoftonline.us",
                "tenantId": tenant, "displayName": null }),
            json!({ "@odata.type": "#microsoft.graph.domainIdentitySource", "domainName": "example.com", "displayName": "x" }),
            json!({ "@odata.type": "#microsoft.graph.externalDomainFederation", "issuerUri": "urn:issuer",
                "domainName": "example.com", "displayName": null }),
            json!({ "@odata.type": "#microsoft.graph.socialIdentitySource", "socialIdentitySourceType": "facebook",
                "displayName": null }),
        ] {
            assert_eq!(json!(IdentitySource::read(source.clone()).unwrap()), source);
            let mut bare = source.clone();
            bare["@odata.type"] = json!(source["@odata.type"].as_str().unwrap().trim_start_matches('#'));
            assert_eq!(json!(IdentitySource::read(bare).unwrap()), source);
        }
    }

    #[test]
    fn what_no_source_is_is_refused() {
        let domain = |name: &str| json!({ "@odata.type": "#microsoft.graph.domainIdentitySource", "domainName": name });
        for source in [
            json!({}),
            json!("x"),
            json!({ "@odata.type": "#microsoft.graph.user" }),
            json!({ "@odata.type": "#microsoft.graph.azureActiveDirectoryTenant", "tenantId": "x" }),
            json!({ "@odata.type": "#microsoft.graph.socialIdentitySource", "socialIdentitySourceType": "x" }),
            json!({ "@odata.type": "#microsoft.graph.domainIdentitySource", "domainName": "a.b", "tenantId": "x" }),
            domain("localhost"),
            domain("a b.example"),
            domain("-a.example"),
            domain(".example"),
            domain(&format!("{}.example", "a".repeat(250))),
        ] {
            assert!(IdentitySource::read(source.clone()).is_err(), "{source}");
        }
    }
}
