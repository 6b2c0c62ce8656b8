//! Delegated permissions: which scopes a user's token may be asked for, and what they open.

/// The scopes that a token can be asked for.
const KNOWN: [&str; 14] = [
    "Directory.Read.All",
    "Directory.ReadWrite.All",
    "EntitlementManagement.Read.All",
    "EntitlementManagement.ReadWrite.All",
    "Group.Read.All",
    "Group.ReadWrite.All",
    "GroupMember.Read.All",
    "GroupMember.ReadWrite.All",
    "LifecycleWorkflows.Read.All",
    "LifecycleWorkflows.ReadWrite.All",
    "User.Read",
    "User.Read.All",
    "User.ReadBasic.All",
    "User.ReadWrite.All",
];
/// Scopes of OpenID Connect, which sign-in libraries ask for and which open nothing here.
const SIGN_IN: [&str; 4] = ["email", "offline_access", "openid", "profile"];

/// The scopes of a token: one bit for each of [`KNOWN`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scopes(u32);

/// A part of the service that permissions open or close as a whole; the sandbox does not tell single properties apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Area {
    Directory,
    Entitlement,
    LifecycleWorkflows,
}

impl Area {
    /// The area of a path below the version.
    pub(super) fn of(path: &str) -> Self {
        if path.starts_with("identityGovernance/lifecycleWorkflows") {
            Self::LifecycleWorkflows
        } else if path.starts_with("identityGovernance/") {
            Self::Entitlement
        } else {
            Self::Directory
        }
    }

    fn has(self, scope: &str) -> bool {
        match self {
            Self::Directory => ["Directory.", "Group", "User."].iter().any(|known| scope.starts_with(known)),
            Self::Entitlement => scope.starts_with("EntitlementManagement."),
            Self::LifecycleWorkflows => scope.starts_with("LifecycleWorkflows."),
        }
    }
}

impl Scopes {
    /// Every scope there is.
    pub(super) const ALL: Self = Self(u32::MAX);

    /// Reads a token request's `scope`: `<resource>/.default` for all, else names of scopes, each with or without one of the
    /// `resources` before it; `None` where it names anything else, or nothing of Graph.
    pub(super) fn read(text: &str, resources: &[String]) -> Option<Self> {
        let mut scopes = Self(0);
        for written in text.split_whitespace().filter(|written| !SIGN_IN.contains(written)) {
            let within = |resource: &String| written.strip_prefix(resource.as_str())?.strip_prefix('/');
            let name = resources.iter().find_map(within).unwrap_or(written);
            if name == ".default" && name != written {
                return Some(Self::ALL);
            }
            scopes.0 |= 1 << KNOWN.iter().position(|known| known.eq_ignore_ascii_case(name))?;
        }
        (scopes.0 != 0).then_some(scopes)
    }

    /// Whether the area may be read or written.
    pub(super) fn open(self, area: Area, to_write: bool) -> bool {
        self.held().any(|scope| area.has(scope) && (!to_write || scope.contains(".ReadWrite.")))
    }

    /// The names, separated by spaces, as a token's answer gives them.
    pub(super) fn names(self) -> String {
        self.held().collect::<Vec<_>>().join(" ")
    }

    fn held(self) -> impl Iterator<Item = &'static str> {
        KNOWN.iter().enumerate().filter(move |(bit, _)| self.0 >> bit & 1 == 1).map(|(_, scope)| *scope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_by_name_and_open_their_area() {
        let read = |text: &str| Scopes::read(text, &["https://g".to_owned()]);
        assert_eq!(read("openid https://g/.default"), Some(Scopes::ALL));
        let own = read("https://g/user.read EntitlementManagement.Read.All profile").unwrap();
        assert_eq!(own.names(), "EntitlementManagement.Read.All User.Read");
        assert!(own.open(Area::Entitlement, false) && !own.open(Area::Entitlement, true));
        assert!(own.open(Area::Directory, false) && !own.open(Area::LifecycleWorkflows, false));
        for bad in ["", "openid", ".default", "https://other/.default", "https://g/Everything", "Files.Read User.Read"]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
