//! The bearer check: which token is good, and whose it is (graph-contract 5).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, StatusCode, header};
use secrecy::ExposeSecret;
use serde_json::Value;

use super::caller::Caller;
use super::envelope::ApiError;
use super::secrets;
use super::shared::Shared;
use crate::domain::ids::sha256_hex;

/// How long a token is good for, in real time.
pub(super) const LIFETIME: Duration = Duration::from_secs(3599);

/// The tokens that are good, by their digest, and whose they are; they do not outlive the process.
#[derive(Default)]
pub(super) struct Tokens(Mutex<HashMap<String, (Instant, Caller)>>);

impl Tokens {
    /// A new token; `None` where the operating system has no random bytes to give.
    pub(super) fn issue(&self, caller: Caller) -> Option<String> {
        let token = secrets::random_hex()?;
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.retain(|_, (issued, _)| issued.elapsed() < LIFETIME);
        tokens.insert(sha256_hex(token.as_bytes()), (Instant::now(), caller));
        Some(token)
    }

    fn holder(&self, token: &str) -> Option<Caller> {
        let tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, caller) =
            tokens.get(&sha256_hex(token.as_bytes())).filter(|(issued, _)| issued.elapsed() < LIFETIME)?;
        Some(caller.clone())
    }
}

/// Who makes the call: the holder of a good token, the application for the developer token, and for
/// `<developer token>+<sign-in name or object id>` that user.
///
/// # Errors
/// 401 `InvalidAuthenticationToken` for any other token, and for a user who is gone or blocked.
pub(super) fn check(shared: &Shared, headers: &HeaderMap) -> Result<Caller, ApiError> {
    let token = credentials(headers, "bearer").unwrap_or_default();
    let refused = |message: &str| ApiError::new(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", message);
    if token.is_empty() {
        return Err(refused("Access token is empty."));
    }
    let caller = shared.tokens.holder(token).or_else(|| developer(shared, token));
    // A token of somebody who has left opens nothing.
    let caller = caller.and_then(|caller| match caller {
        Caller::User(name) => present_user(shared, &name).map(Caller::User),
        application => Some(application),
    });
    caller.ok_or_else(|| refused("Access token validation failure."))
}

/// What follows the scheme in the call's `Authorization`.
pub(super) fn credentials<'h>(headers: &'h HeaderMap, scheme: &str) -> Option<&'h str> {
    let (given, credentials) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    given.eq_ignore_ascii_case(scheme).then(|| credentials.trim())
}

fn developer(shared: &Shared, token: &str) -> Option<Caller> {
    let expected = shared.developer_token.as_ref()?.expose_secret();
    let (given, user) = token.split_at_checked(expected.len())?;
    if !secrets::same(given, expected) {
        return None;
    }
    if user.is_empty() {
        Some(Caller::Application)
    } else {
        user.strip_prefix('+').map(|user| Caller::User(user.into()))
    }
}

/// The object id of a user who is there and may sign in.
fn present_user(shared: &Shared, id_or_name: &str) -> Option<String> {
    shared.with_tenant_now(|tenant, _| {
        let user = tenant.user(id_or_name)?;
        let blocked = user.properties.get("accountEnabled").and_then(Value::as_bool) == Some(false);
        (!blocked).then(|| user.id.clone())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_issued_tokens_are_good() {
        let tokens = Tokens::default();
        let token = tokens.issue(Caller::User("u".to_owned())).unwrap();
        assert_eq!(tokens.holder(&token), Some(Caller::User("u".to_owned())));
        assert_eq!((tokens.holder(""), tokens.holder(&token[1..])), (None, None));
    }
}
