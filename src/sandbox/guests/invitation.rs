//! The account of somebody invited: what the directory's guest user looks like.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::sandbox::organizations;
use crate::sandbox::records::User;
use crate::sandbox::subjects::{Lifecycle, Subject};
use crate::sandbox::tenant::Tenant;

/// Makes the awaited person a guest of the directory under the object id set aside for them, governed from now on; who
/// belongs to no connected organization gets a proposed one. Does nothing for anybody who is not awaited.
pub(in crate::sandbox) fn invite_guest(tenant: &mut Tenant, target_id: &str, now: Timestamp) {
    let Some(mut subject) = tenant.subject_of(target_id).filter(|subject| subject.is_awaited).cloned() else { return };
    let email = subject.email.clone().unwrap_or_default();
    let properties = properties(tenant, &subject, &email, now);
    tenant.put_user(User { id: target_id.to_owned(), properties, manager: None, access_pass: None });
    let known = organizations::organization_of(tenant, &email).map(|organization| organization.id.clone());
    subject.connected_organization_id = known.or_else(|| organizations::propose(tenant, &email, now));
    tenant.put_subject(Subject { is_awaited: false, lifecycle: Lifecycle::Governed, ..subject });
}

fn properties(tenant: &Tenant, subject: &Subject, email: &str, now: Timestamp) -> Map<String, Value> {
    let alias = format!("{}#EXT#", email.replace('@', "_"));
    let name = |number: usize| {
        let number = if number == 0 { String::new() } else { number.to_string() };
        format!("{}{number}#EXT#@{}", email.replace('@', "_"), tenant.profile.domain)
    };
    let name = (0..).map(name).find(|name| tenant.user(name).is_none());
    let display_name = subject.display_name.as_deref().or_else(|| email.split('@').next());
    let properties = json!({
        "id": subject.target_id, "createdDateTime": now, "accountEnabled": true, "creationType": "Invitation",
        "displayName": display_name, "externalUserState": "PendingAcceptance", "externalUserStateChangeDateTime": now,
        "mail": email, "mailNickname": alias, "otherMails": [email], "proxyAddresses": [format!("SMTP:{email}")],
        "signInSessionsValidFromDateTime": now, "userPrincipalName": name, "userType": "Guest",
    });
    match properties {
        Value::Object(properties) => properties,
        _ => Map::new(),
    }
}
