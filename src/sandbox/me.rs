//! `/me` and what lies below it: the signed-in user's paths under `/users`.

use axum::extract::Request;
use axum::http::{StatusCode, Uri};

use super::bearer;
use super::caller::Caller;
use super::envelope::ApiError;
use super::shared::Shared;

/// Puts the signed-in user's own path in the place of `/me`; leaves every other call as it is.
pub(super) fn resolve(shared: &Shared, request: &mut Request) {
    let Some((version, rest)) = own_path(request.uri().path()) else { return };
    let Ok(Caller::User(id)) = bearer::check(shared, request.headers()).map(|holder| holder.caller) else { return };
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    if let Ok(uri) = format!("{version}/users/{id}{rest}{query}").parse::<Uri>() {
        *request.uri_mut() = uri;
    }
}

/// Answers what [`resolve`] has left: calls of an application, which is nobody.
pub(super) async fn nobody() -> ApiError {
    let message = "/me request is only valid with delegated authentication flow.";
    ApiError::new(StatusCode::BAD_REQUEST, "BadRequest", message)
}

/// The version and what follows `/me`.
fn own_path(path: &str) -> Option<(&str, &str)> {
    let version = ["/v1.0", "/beta"].into_iter().find(|version| path.starts_with(version))?;
    let rest = path.strip_prefix(version)?.strip_prefix("/me")?;
    (rest.is_empty() || rest.starts_with('/')).then_some((version, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_me_is_me() {
        assert_eq!(own_path("/v1.0/me"), Some(("/v1.0", "")));
        assert_eq!(own_path("/beta/me/manager"), Some(("/beta", "/manager")));
        for other in ["/v1.0/messages", "/v1.0/users/me", "/me", "/v2.0/me"] {
            assert_eq!(own_path(other), None, "{other}");
        }
    }
}
