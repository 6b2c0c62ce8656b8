//! What a token request claims, and whether it is so: the application, its proof, the user, the scope (graph-contract 5).

use std::collections::HashMap;

use axum::http::{HeaderMap, StatusCode, header};

use super::password;
use super::refusal::Refusal;
use crate::clock::Clock;
use crate::sandbox::base64::base64;
use crate::sandbox::bearer::{Holder, credentials};
use crate::sandbox::caller::Caller;
use crate::sandbox::records::Profile;
use crate::sandbox::scopes::Scopes;
use crate::sandbox::secrets;
use crate::sandbox::shared::Shared;

/// The type of an assertion that is a JWT (RFC 7523, section 2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A token request.
pub(super) struct Claim {
    tenant: String,
    form: HashMap<String, String>,
    /// Client id and secret of HTTP Basic.
    basic: (String, String),
    /// The caller's own name for this host.
    host: String,
}

impl Claim {
    /// The request for a token of `tenant` that a form and its headers make.
    pub(super) fn read(tenant: String, form: HashMap<String, String>, headers: &HeaderMap) -> Self {
        let basic = credentials(headers, "basic").and_then(basic_pair).unwrap_or_default();
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default().to_owned();
        Self { tenant, form, basic, host }
    }

    /// A parameter of the form; empty where it is missing.
    pub(super) fn parameter(&self, name: &str) -> &str {
        self.form.get(name).map(String::as_str).unwrap_or_default()
    }

    /// Whose token is to be made, with which permissions.
    ///
    /// # Errors
    /// The real service's refusals, in its order: tenant, application, proof, user, scope.
    pub(super) fn check(&self, shared: &Shared) -> Result<Holder, Refusal> {
        shared.with_tenant_now(|tenant, _| {
            let profile = &tenant.profile;
            if !is_tenant(profile, &self.tenant) {
                return Err(Refusal::unknown_tenant(&self.tenant));
            }
            self.check_application(profile)?;
            let caller = match self.parameter("grant_type") {
                "client_credentials" => {
                    self.check_proof(profile, shared)?;
                    Caller::Application
                }
                "password" => {
                    // The application may be a public client here, with no proof of its own.
                    if self.assertion().is_some() || !self.secret().is_empty() {
                        self.check_proof(profile, shared)?;
                    }
                    password::user(self, tenant)?
                }
                other => {
                    let message = format!("The app requested an unsupported grant type '{other}'.");
                    return Err(Refusal::bad("unsupported_grant_type", 70003, message));
                }
            };
            let scopes = self.scopes(&caller, shared)?;
            Ok(Holder { caller, scopes })
        })
    }

    fn check_application(&self, profile: &Profile) -> Result<(), Refusal> {
        let id = self.form.get("client_id").unwrap_or(&self.basic.0);
        if id.is_empty() {
            return Err(Refusal::missing("client_id"));
        }
        if !id.eq_ignore_ascii_case(&profile.client_id) {
            let message = format!("Application with identifier '{id}' was not found in the directory.");
            return Err(Refusal::bad("unauthorized_client", 700_016, message));
        }
        Ok(())
    }

    fn check_proof(&self, profile: &Profile, shared: &Shared) -> Result<(), Refusal> {
        let Profile { client_id, client_secret, credentials, .. } = profile;
        let proven = match self.assertion() {
            Some(assertion) => {
                let endpoint =
                    |authority: &str| format!("{}://{authority}/{}/oauth2/v2.0/token", shared.scheme, self.tenant);
                let endpoints = [endpoint(&shared.authority), endpoint(&self.host)];
                credentials.check(assertion, client_id, &endpoints, shared.clock.real_now())
            }
            None if secrets::same(self.secret(), client_secret) => Ok(()),
            None => Err((7_000_215, format!("Invalid client secret provided for app '{client_id}'."))),
        };
        proven.map_err(|(number, message)| Refusal(StatusCode::UNAUTHORIZED, "invalid_client", number, message))
    }

    fn assertion(&self) -> Option<&str> {
        let is_jwt = self.parameter("client_assertion_type") == JWT_BEARER;
        self.form.get("client_assertion").filter(|_| is_jwt).map(String::as_str)
    }

    fn secret(&self) -> &str {
        self.form.get("client_secret").unwrap_or(&self.basic.1)
    }

    /// An application asks for all that it has; a user may ask for less.
    fn scopes(&self, caller: &Caller, shared: &Shared) -> Result<Scopes, Refusal> {
        let own = |authority: &str| format!("{}://{authority}", shared.scheme);
        let resources = [own(&shared.authority), own(&self.host), "https://graph.microsoft.com".to_owned()];
        let scope = self.parameter("scope");
        let scopes = match caller {
            Caller::User(_) => Scopes::read(scope, &resources),
            Caller::Application | Caller::ScopedApplication => {
                resources.iter().any(|resource| scope == format!("{resource}/.default")).then_some(Scopes::ALL)
            }
        };
        scopes.ok_or_else(|| {
            let message =
                format!("The provided request must include a valid 'scope'. The scope '{scope}' is not valid.");
            Refusal::bad("invalid_scope", 70011, message)
        })
    }
}

/// Whether the name is the tenant's id or domain.
pub(super) fn is_tenant(profile: &Profile, name: &str) -> bool {
    [&profile.tenant_id, &profile.domain].iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Client id and secret of HTTP Basic, each form-encoded first (RFC 6749, section 2.3.1).
fn basic_pair(credentials: &str) -> Option<(String, String)> {
    let text = String::from_utf8(base64(credentials)?).ok()?;
    let (id, secret) = text.split_once(':')?;
    let decoded = |text: &str| url::form_urlencoded::parse(text.as_bytes()).map(|(name, _)| name.into_owned()).next();
    Some((decoded(id).unwrap_or_default(), decoded(secret).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_are_read_as_the_rfc_writes_them() {
        // printf 'my app:s%%2Bcret' | base64
        assert_eq!(basic_pair("bXkrYXBwOnMlMkJjcmV0"), Some(("my app".into(), "s+cret".into())));
        assert_eq!(basic_pair("bm9jb2xvbg=="), None);
        assert_eq!(basic_pair("***"), None);
    }
}
