//! Who makes a call: the application, or a user who signed in (graph-contract 1.1).

use axum::http::StatusCode;

use super::envelope::ApiError;
use super::tenant::Tenant;

/// Who makes a call; every call under `/v1.0` carries it as an extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Caller {
    /// The application, with every permission.
    Application,
    /// An application with only catalog-scoped roles: it must name one access package when it lists assignments or requests.
    ScopedApplication,
    /// A signed-in user, by object id.
    User(String),
}

impl Caller {
    /// The signed-in user's object id.
    ///
    /// # Errors
    /// Entitlement management's 403 for applications, which no self-service takes.
    pub(super) fn user(&self) -> Result<&str, ApiError> {
        match self {
            Self::User(id) => Ok(id),
            Self::Application | Self::ScopedApplication => Err(unauthorized()),
        }
    }

    /// Lets applications and administrators through.
    ///
    /// # Errors
    /// Entitlement management's 403 for users who administer nothing.
    pub(super) fn require_administrator(&self, tenant: &Tenant) -> Result<(), ApiError> {
        match self {
            Self::User(id) if !tenant.is_administrator(id) => Err(unauthorized()),
            Self::User(_) | Self::Application | Self::ScopedApplication => Ok(()),
        }
    }
}

/// Entitlement management's 403 (graph-contract 1.13).
pub(super) fn unauthorized() -> ApiError {
    let message = "User is not authorized to perform the operation. Reason: Unauthorized";
    ApiError::entitlement(StatusCode::FORBIDDEN, "UnAuthorized", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_signed_in_user_is_one() {
        assert_eq!(Caller::User("u".to_owned()).user(), Ok("u"));
        for application in [Caller::Application, Caller::ScopedApplication] {
            assert_eq!(application.user().unwrap_err().status, StatusCode::FORBIDDEN);
        }
    }
}
