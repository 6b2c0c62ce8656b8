//! The bearer check: which token is good, and whose it is (graph-contract 5).

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, StatusCode, header};
use secrecy::ExposeSecret;

use super::caller::Caller;
use super::envelope::ApiError;
use super::scopes::Scopes;
use super::secrets;
use super::shared::Shared;
use crate::domain::ids::sha256_hex;

/// How long a token is good for, in real time.
pub(super) const LIFETIME: Duration = Duration::from_secs(3599);

/// Whose token it is, and what it opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Holder {
    pub(super) caller: Caller,
    pub(super) scopes: Scopes,
}

/// The tokens that are good, by their digest, and whose they are; they do not outlive the process.
#[derive(Default)]
pub(super) struct Tokens {
    issued: Mutex<HashMap<String, (Instant, Holder)>>,
    catalog_scoped: AtomicBool,
}

impl Tokens {
    /// A new token; `None` where the operating system has no random bytes to give.
    pub(super) fn issue(&self, holder: Holder) -> Option<String> {
        let token = secrets::random_hex()?;
        let mut tokens = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.retain(|_, (issued, _)| issued.elapsed() < LIFETIME);
        tokens.insert(sha256_hex(token.as_bytes()), (Instant::now(), holder));
        Some(token)
    }

    fn holder(&self, token: &str) -> Option<Holder> {
        let tokens = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        let known = tokens.get(&sha256_hex(token.as_bytes()));
        known.filter(|(issued, _)| issued.elapsed() < LIFETIME).map(|(_, holder)| holder.clone())
    }

    /// Whether the application counts as one with only catalog-scoped roles from now on.
    pub(super) fn set_catalog_scoped(&self, on: bool) {
        self.catalog_scoped.store(on, Ordering::Relaxed);
    }
}

/// Who makes the call, and with which permissions: the holder of a good token, the application for the developer token,
/// and for `<developer token>+<sign-in name or object id>` that user.
///
/// # Errors
/// 401 `InvalidAuthenticationToken` for any other token, and for a user who is gone or blocked.
pub(super) fn check(shared: &Shared, headers: &HeaderMap) -> Result<Holder, ApiError> {
    let refused = |message: &str| ApiError::new(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", message);
    let token = credentials(headers, "bearer").unwrap_or_default();
    if token.is_empty() {
        return Err(refused("Access token is empty."));
    }
    let invalid = || refused("Access token validation failure.");
    let known = shared.tokens.holder(token).or_else(|| developer(shared, token));
    let Holder { caller, scopes } = known.ok_or_else(invalid)?;
    let caller = match caller {
        // A token of somebody who has left opens nothing.
        Caller::User(name) => Caller::User(present_user(shared, &name).ok_or_else(invalid)?),
        Caller::Application if shared.tokens.catalog_scoped.load(Ordering::Relaxed) => Caller::ScopedApplication,
        application => application,
    };
    Ok(Holder { caller, scopes })
}

/// What follows the scheme in the call's `Authorization`.
pub(super) fn credentials<'h>(headers: &'h HeaderMap, scheme: &str) -> Option<&'h str> {
    let (given, credentials) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    given.eq_ignore_ascii_case(scheme).then(|| credentials.trim())
}

fn developer(shared: &Shared, token: &str) -> Option<Holder> {
    let expected = shared.developer_token.as_ref()?.expose_secret();
    let (given, user) = token.split_at_checked(expected.len())?;
    if !secrets::same(given, expected) {
        return None;
    }
    let caller = if user.is_empty() { Caller::Application } else { Caller::User(user.strip_prefix('+')?.to_owned()) };
    Some(Holder { caller, scopes: Scopes::ALL })
}

/// The object id of a user who is there and may sign in.
fn present_user(shared: &Shared, id_or_name: &str) -> Option<String> {
    shared.with_tenant_now(|tenant, _| {
        let user = tenant.user(id_or_name).filter(|user| !user.is_blocked())?;
        Some(user.id.clone())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_issued_tokens_are_good() {
        let tokens = Tokens::default();
        let holder = Holder { caller: Caller::User("u".to_owned()), scopes: Scopes::ALL };
        let token = tokens.issue(holder.clone()).unwrap();
        assert_eq!(tokens.holder(&token), Some(holder));
        assert_eq!((tokens.holder(""), tokens.holder(&token[1..])), (None, None));
    }
}
