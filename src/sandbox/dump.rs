//! A tenant as one JSON document, to be loaded by another sandbox.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::assertion::Credentials;
use super::persist::load_row;
use super::records::Profile;
use super::seed::FORMAT;
use super::tenant::{Change, Tenant};

/// Why a dump cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum DumpError {
    /// It is not a dump.
    #[error("the document is not a dump of a sandbox's tenant")]
    Unreadable(#[source] serde_json::Error),
    /// It is one of another version.
    #[error("the dump is of format {0}; this sandbox reads format {FORMAT}")]
    Format(u32),
    /// A row is not what this program writes.
    #[error("the dump's {kind} row {id} cannot be read")]
    Row {
        /// The row's kind.
        kind: String,
        /// The row's id.
        id: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The loaded tenant cannot be kept.
    #[error("the loaded tenant cannot be written to the sandbox's state file")]
    State,
}

/// The document. It holds no secret: a sandbox that loads it keeps its own application.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Dump<'d> {
    format: u32,
    name: String,
    domain: String,
    tenant_id: String,
    #[serde(borrow)]
    rows: Vec<Row<'d>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row<'d> {
    #[serde(borrow)]
    kind: Cow<'d, str>,
    #[serde(borrow)]
    id: Cow<'d, str>,
    // Read once, as what its kind says it is: a large tenant has a million rows.
    #[serde(borrow)]
    value: &'d RawValue,
}

/// What a tenant keeps when another takes its place.
pub(super) struct Application {
    client_id: String,
    client_secret: String,
    credentials: Credentials,
}

impl Application {
    /// The tenant's own.
    pub(super) fn of(profile: &Profile) -> Self {
        let Profile { client_id, client_secret, credentials, .. } = profile;
        Self { client_id: client_id.clone(), client_secret: client_secret.clone(), credentials: credentials.clone() }
    }
}

/// The tenant's document.
pub(super) fn write(tenant: &Tenant) -> Vec<u8> {
    let profile = &tenant.profile;
    let changes = tenant.rows();
    let rows = changes.iter().filter_map(|change| match change {
        Change::Put { kind, id, json } => {
            let value = serde_json::from_str(json).ok()?;
            Some(Row { kind: Cow::Borrowed(kind), id: Cow::Borrowed(id), value })
        }
        Change::Delete { .. } | Change::Clear => None,
    });
    let dump = Dump {
        format: profile.format,
        name: profile.name.clone(),
        domain: profile.domain.clone(),
        tenant_id: profile.tenant_id.clone(),
        rows: rows.collect(),
    };
    // Texts, numbers and string-keyed maps always have a JSON text.
    serde_json::to_vec(&dump).unwrap_or_default()
}

/// The tenant that the document makes, with the application `own`.
///
/// # Errors
/// Fails for what [`write`] does not write.
pub(super) fn read(document: &[u8], own: Application) -> Result<Tenant, DumpError> {
    let Dump { format, name, domain, tenant_id, rows } =
        serde_json::from_slice(document).map_err(DumpError::Unreadable)?;
    if format != FORMAT {
        return Err(DumpError::Format(format));
    }
    let Application { client_id, client_secret, credentials } = own;
    let mut tenant = Tenant::new(Profile { format, name, domain, tenant_id, client_id, client_secret, credentials });
    for Row { kind, id, value } in rows {
        load_row(&mut tenant, &kind, &id, value.get()).map_err(|source| DumpError::Row {
            kind: kind.into_owned(),
            id: id.into_owned(),
            source,
        })?;
    }
    Ok(tenant)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::date;

    use super::*;
    use crate::sandbox::guests::ExternalUserSettings;
    use crate::sandbox::subjects::by_email::subject_for_email;
    use crate::sandbox::{sample, seed};

    fn app() -> Application {
        Application {
            client_id: "app".to_owned(),
            client_secret: "secret".to_owned(),
            credentials: Credentials::default(),
        }
    }

    #[test]
    fn a_dump_makes_the_same_tenant_without_its_secret() {
        let now = "2026-11-21T00:00:00Z".parse().unwrap();
        let mut tenant = seed::build(sample::company(date(2026, 11, 21)), now).unwrap();
        tenant.begin_call(now);
        let leaver = tenant.users.iter().next().unwrap().id.clone();
        tenant.delete_object(&leaver, now);
        subject_for_email(&mut tenant, "jen@field.example", None);
        tenant.put_external_user_settings(ExternalUserSettings::default());
        let role = tenant.new_id("role");
        tenant.change_role_holder(&role, &tenant.users.iter().next().unwrap().id.clone(), true);
        let key = |change: &Change| match change {
            Change::Put { kind, id, json } => Some((*kind, id.clone(), json.clone())),
            _ => None,
        };
        let rows: BTreeSet<_> = tenant.rows().iter().filter_map(key).collect();
        let mut made = BTreeSet::new();
        for change in tenant.take_changes() {
            match change {
                Change::Put { kind, id, .. } => _ = made.insert((kind, id)),
                Change::Delete { kind, id } => _ = made.remove(&(kind, id)),
                Change::Clear => made.clear(),
            }
        }
        let ids: BTreeSet<_> = rows.iter().map(|(kind, id, _)| (*kind, id.clone())).collect();
        assert_eq!(ids, made, "a dump holds what a state file holds");

        let document = write(&tenant);
        let secret = &tenant.profile.client_secret;
        assert!(!String::from_utf8(document.clone()).unwrap().contains(secret.as_str()));
        let again = read(&document, app()).unwrap();
        assert_eq!(again.rows().iter().filter_map(key).collect::<BTreeSet<_>>(), rows);
        assert_eq!(again.profile.client_id, "app");
    }

    #[test]
    fn what_is_no_dump_is_refused() {
        let own = app;
        let head = r#""name":"n","domain":"d","tenantId":"t""#;
        assert!(matches!(read(b"{}", own()), Err(DumpError::Unreadable(_))));
        let other = format!("{{\"format\":99,{head},\"rows\":[]}}");
        assert!(matches!(read(other.as_bytes(), own()), Err(DumpError::Format(99))));
        let broken =
            format!("{{\"format\":{FORMAT},{head},\"rows\":[{{\"kind\":\"user\",\"id\":\"1\",\"value\":5}}]}}");
        assert!(matches!(read(broken.as_bytes(), own()), Err(DumpError::Row { .. })));
    }
}
