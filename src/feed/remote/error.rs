//! Why a service gave no whole delivery. Messages hold no address, no secret and no content.

use std::time::Duration;

use crate::feed::encoding::EncodingError;
use crate::feed::json::JsonError;
use crate::http::connection::ConnectionError;
use crate::http::secret_file::SecretFileError;

/// Why a service gave no whole delivery.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// The feed is a file.
    #[error("the feed lies on this machine")]
    NotRemote,
    /// No client for the address can be made.
    #[error("the connection could not be prepared")]
    Prepare(#[source] ConnectionError),
    /// The secret cannot be read.
    #[error("the secret '{name}' in the folder feed-secrets cannot be used")]
    Secret {
        /// The file's name.
        name: String,
        /// What happened.
        #[source]
        source: SecretFileError,
    },
    /// The token service gave no token.
    #[error(
        "the token service answered with HTTP status {status} and no token; check tokenUrl, clientId, scope and the client secret"
    )]
    NoToken {
        /// The status.
        status: u16,
    },
    /// The service does not accept what it is shown.
    #[error(
        "the service answered with HTTP status {status}; check `auth` in the feed's document and the secret's file"
    )]
    Unauthorized {
        /// The status.
        status: u16,
    },
    /// No connection, or no answer.
    #[error("the service gave no answer")]
    Unreachable(#[source] reqwest::Error),
    /// The answer ended early.
    #[error("the answer broke off before its end")]
    Cut(#[source] reqwest::Error),
    /// The delivery took longer than it may.
    #[error(
        "the delivery took longer than {seconds} s; ask the service why, or raise `timeout` in the feed's document"
    )]
    TimedOut {
        /// The longest it may take.
        seconds: f64,
    },
    /// The service asks to come back later than can be waited for.
    #[error("the service answered with HTTP status {status}: it is asked too much, or cannot answer now")]
    Throttled {
        /// The status.
        status: u16,
        /// How long it asks to wait.
        retry_after: Option<Duration>,
    },
    /// It failed, or has nothing at that address.
    #[error("the service answered with HTTP status {status}; check the address, and ask the service")]
    Failed {
        /// The status.
        status: u16,
    },
    /// It answers from another address.
    #[error(
        "the service answered with HTTP status {status}, a redirect, which is not followed: write the address it leads to"
    )]
    Redirected {
        /// The status.
        status: u16,
    },
    /// More bytes than a delivery may have.
    #[error("the delivery has more than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// More pages than a delivery may have.
    #[error("the delivery has more than {limit} pages; let a page hold more")]
    TooManyPages {
        /// The limit.
        limit: usize,
    },
    /// A page is not UTF-8.
    #[error("page {page} cannot be decoded")]
    Undecodable {
        /// The page, from 1.
        page: usize,
        /// What is wrong.
        #[source]
        source: EncodingError,
    },
    /// A page is not the JSON that was expected.
    #[error("page {page} cannot be read")]
    Page {
        /// The page, from 1.
        page: usize,
        /// What is wrong.
        #[source]
        source: JsonError,
    },
    /// The total that the document names is not in a page.
    #[error("page {page} does not say how many records there are in all; check `total` in the feed's document")]
    TotalMissing {
        /// The page, from 1.
        page: usize,
    },
    /// What came is not what was announced.
    #[error("{found} records came where the service says that it has {total}; a part of a list is none")]
    TotalDiffers {
        /// Records that came.
        found: u64,
        /// Records announced.
        total: u64,
    },
    /// The total changed between two pages.
    #[error(
        "the service said that it has {before} records, and on page {page} that it has {total}: the list changed while it was read"
    )]
    TotalChanged {
        /// The total before.
        before: u64,
        /// The total now.
        total: u64,
        /// The page, from 1.
        page: usize,
    },
    /// A record came on two pages, so that another may have come on none.
    #[error(
        "a record of page {page} came before on another page: the list shifted while it was read, or the service does not page as the document says"
    )]
    PagesShifted {
        /// The page, from 1.
        page: usize,
    },
    /// A page leads to one that was read.
    #[error("page {page} leads to a page that was read before")]
    PageRepeated {
        /// The page, from 1.
        page: usize,
    },
    /// A page is not the one that was asked for.
    #[error("page {page} is not the one that was asked for, or empty although there is more")]
    PageMissing {
        /// The page, from 1.
        page: usize,
    },
    /// There are more pages than the document knows of.
    #[error("the answer leads to a further page, and the feed's document names no `paging`")]
    MorePages,
    /// A page leads to another service.
    #[error("page {page} leads to another service, where the credentials must not go")]
    ForeignLink {
        /// The page, from 1.
        page: usize,
    },
    /// The answer is not SCIM's.
    #[error("{0}; check that the feed's `url` is the base address of a SCIM 2.0 service")]
    NotScim(&'static str),
    /// The service cannot filter.
    #[error("the service says that it does not support filters, so `filter` would be ignored; remove it")]
    FilterUnsupported,
}

impl RemoteError {
    /// The stable word of the rule that refuses such a delivery.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::NotRemote | Self::Prepare(_) => "unreadable",
            Self::Secret { .. } => "secretUnreadable",
            Self::NoToken { .. } | Self::Unauthorized { .. } => "unauthorized",
            Self::Unreachable(_) => "unreachable",
            Self::Cut(_) => "halfWritten",
            Self::TimedOut { .. } => "timedOut",
            Self::Throttled { .. } => "throttled",
            Self::Failed { .. } => "serviceFailed",
            Self::Redirected { .. } => "redirected",
            Self::TooLarge { .. } => "tooLarge",
            Self::TooManyPages { .. } => "tooManyPages",
            Self::Undecodable { .. } => "undecodable",
            Self::Page { source, .. } => source.rule(),
            Self::TotalMissing { .. } => "totalMissing",
            Self::TotalDiffers { .. } => "totalDiffers",
            Self::TotalChanged { .. } => "totalChanged",
            Self::PagesShifted { .. } => "pagesShifted",
            Self::PageRepeated { .. } => "pageRepeated",
            Self::PageMissing { .. } => "pageMissing",
            Self::MorePages => "morePages",
            Self::ForeignLink { .. } => "foreignLink",
            Self::NotScim(_) => "notScim",
            Self::FilterUnsupported => "filterUnsupported",
        }
    }

    /// Whether the same request may well be answered in a moment.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Cut(_) | Self::Throttled { .. } => true,
            Self::Failed { status } => *status == 408 || *status >= 500,
            _ => false,
        }
    }

    /// How long the service asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Throttled { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}
