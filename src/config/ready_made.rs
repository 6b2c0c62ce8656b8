//! A ready-made usherd.yaml, such as the sandbox prints for those who want to point a daemon at it.

use serde::Serialize;

/// What a configuration for a sandbox says.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadyMade {
    /// `tenant`
    pub tenant: Tenant,
    /// `credentials`
    pub credentials: Credentials,
    /// `state`
    pub state: Folder,
    /// `documents`
    pub documents: Folder,
    /// `schedule`
    pub schedule: Schedule,
    /// `safety`
    pub safety: Safety,
}

/// `tenant`
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tenant {
    /// The tenant id.
    pub id: String,
    /// The Graph root.
    pub graph: String,
    /// The sign-in root.
    pub login: String,
    /// The IANA zone of those who have none.
    pub time_zone: String,
    /// `sandbox`: the daemon takes the tenant's clock.
    pub clock: &'static str,
}

/// `credentials`
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Credentials {
    /// The application's id.
    pub client_id: String,
    /// The file that holds its secret.
    pub client_secret_file: String,
}

/// A folder.
#[derive(Debug, Serialize)]
pub struct Folder {
    /// Its path, from the configuration's own folder.
    pub folder: String,
}

/// `schedule`
#[derive(Debug, Serialize)]
pub struct Schedule {
    /// When passes come at the latest: six-field cron.
    pub pass: &'static str,
}

/// `safety`
#[derive(Debug, Serialize)]
pub struct Safety {
    /// The mode ceiling.
    pub mode: &'static str,
}

impl ReadyMade {
    /// A configuration for the sandbox at `url`, with everything beside it in folders of its own.
    pub fn for_sandbox(url: &str, tenant_id: &str, client_id: &str, client_secret_file: &str) -> Self {
        let address = url.trim_end_matches('/').to_owned();
        Self {
            tenant: Tenant {
                id: tenant_id.to_owned(),
                graph: address.clone(),
                login: address,
                time_zone: "Europe/Amsterdam".to_owned(),
                clock: "sandbox",
            },
            credentials: Credentials {
                client_id: client_id.to_owned(),
                client_secret_file: client_secret_file.to_owned(),
            },
            state: Folder { folder: "state".to_owned() },
            documents: Folder { folder: "workflows".to_owned() },
            schedule: Schedule { pass: "*/10 * * * * *" },
            safety: Safety { mode: "enforce" },
        }
    }

    /// The YAML text.
    ///
    /// # Errors
    /// Fails only if a value cannot be written as YAML.
    pub fn to_yaml(&self) -> Result<String, serde_yaml::Error> {
        serde_yaml::to_string(self)
    }
}
