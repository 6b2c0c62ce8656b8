//! Feeds that a service answers: where, with which credentials, and how its pages follow each other.

use std::time::Duration;

use jiff::SignedDuration;
use url::Url;

use crate::domain::member_path::MemberPath;

/// A list that a service answers in JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpSource {
    /// The address of the first page: https, or plain http to this machine.
    pub url: Url,
    /// What the service is shown; nothing where it asks for nothing.
    pub credentials: Option<Credentials>,
    /// Where in a page the list of records is.
    pub records: MemberPath,
    /// How the next page is found; `None` where one answer holds everything.
    pub paging: Option<Paging>,
    /// Where a page says how many records there are in all.
    pub total: Option<Total>,
    /// When it is asked, and for how long.
    pub visits: Visits,
}

/// The users of a SCIM 2.0 service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScimSource {
    /// The service's base address, below which `/Users` is.
    pub url: Url,
    /// What the service is shown; nothing where it asks for nothing.
    pub credentials: Option<Credentials>,
    /// Which users, as a SCIM filter; all without.
    pub filter: Option<String>,
    /// How many users a page is to hold.
    pub page_size: u32,
    /// When it is asked, and for how long.
    pub visits: Visits,
}

/// When a service is asked, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visits {
    /// The least time between two deliveries.
    pub every: SignedDuration,
    /// The longest a whole delivery may take.
    pub timeout: Duration,
}

/// The name of a file in the folder `feed-secrets` beside `usherd.yaml`.
///
/// A document can name no other file: whoever may write documents could otherwise have any secret of the machine sent to any address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretPlace(String);

impl SecretPlace {
    /// A name without folders; `None` for anything else.
    pub fn new(name: &str) -> Option<Self> {
        let is_name = name != "." && name != ".." && !name.contains(['/', '\\', '\0']) && !name.is_empty();
        is_name.then(|| Self(name.to_owned()))
    }

    /// The file's name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a service is shown. The secrets themselves are in files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials {
    /// `Authorization: Bearer`, with a token that does not change.
    Bearer {
        /// The token.
        token: SecretPlace,
    },
    /// `Authorization: Basic`.
    Basic {
        /// The user.
        user: String,
        /// The password.
        password: SecretPlace,
    },
    /// A key in a header of its own.
    ApiKey {
        /// The header.
        header: String,
        /// The key.
        key: SecretPlace,
    },
    /// OAuth 2.0 client credentials (RFC 6749, 4.4): a fresh token for each delivery.
    ClientCredentials {
        /// Where tokens are given.
        token_url: Url,
        /// The client.
        client_id: String,
        /// Its secret.
        client_secret: SecretPlace,
        /// What the token is for.
        scope: Option<String>,
        /// Whether id and secret go in the form instead of the Authorization header.
        in_form: bool,
    },
}

/// How the next page is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paging {
    /// By the answer's `Link` header with `rel="next"` (RFC 8288).
    LinkHeader,
    /// By an address in the page.
    Link {
        /// Where it is.
        next: MemberPath,
    },
    /// By a text in the page that the next request repeats.
    Cursor {
        /// Where it is.
        next: MemberPath,
        /// The query parameter that repeats it.
        parameter: String,
    },
    /// By the page's number; a page without records is the end.
    Number {
        /// The query parameter.
        parameter: String,
        /// The first page's number.
        first: u32,
    },
    /// By how many records came before; a page without records is the end.
    Offset {
        /// The query parameter.
        parameter: String,
        /// The first record's number.
        first: u32,
    },
}

/// Where a page says how many records there are in all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Total {
    /// In the page.
    Member(MemberPath),
    /// In a header of the answer.
    Header(String),
}
