//! Signing a user in without a browser: `grant_type=password` (RFC 6749, section 4.3). Everybody's password is the
//! application's client secret, so that no user of a rehearsal needs one of their own.

use super::claim::Claim;
use super::refusal::Refusal;
use crate::sandbox::caller::Caller;
use crate::sandbox::secrets;
use crate::sandbox::tenant::Tenant;

/// The user who signs in.
///
/// # Errors
/// Refuses an unknown name, a wrong password and a blocked account.
pub(super) fn user(claim: &Claim, tenant: &Tenant) -> Result<Caller, Refusal> {
    let name = claim.parameter("username");
    if let Some(missing) = ["username", "password"].into_iter().find(|name| claim.parameter(name).is_empty()) {
        return Err(Refusal::missing(missing));
    }
    let refused = |number, message: String| Refusal::bad("invalid_grant", number, message);
    let user = tenant.user(name).ok_or_else(|| {
        let directory = &tenant.profile.name;
        refused(50034, format!("The user account '{name}' does not exist in the {directory} directory."))
    })?;
    if !secrets::same(claim.parameter("password"), &tenant.profile.client_secret) {
        return Err(refused(50126, "Error validating credentials due to invalid username or password.".to_owned()));
    }
    if user.is_blocked() {
        return Err(refused(50057, "The user account is disabled.".to_owned()));
    }
    Ok(Caller::User(user.id.clone()))
}
