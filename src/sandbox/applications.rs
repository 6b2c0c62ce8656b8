//! Service principals: the applications whose roles packages can give, and who holds those roles.

use serde::{Deserialize, Serialize};

/// An application in the tenant; its id is the service principal's object id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Application {
    pub(super) id: String,
    pub(super) app_id: String,
    pub(super) display_name: String,
    pub(super) description: String,
    pub(super) roles: Vec<AppRole>,
}

/// Graph's `appRole`, for users.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct AppRole {
    pub(super) id: String,
    pub(super) display_name: String,
    pub(super) description: String,
    pub(super) value: Option<String>,
    pub(super) enabled: bool,
}
