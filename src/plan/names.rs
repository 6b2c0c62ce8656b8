//! The ids that names in documents stand for: resolved once, then pinned.

use crate::domain::entitlement::{AccessPackage, AssignmentPolicy};
use crate::domain::ids::{PackageId, PolicyId};
use crate::domain::reason::Reason;

use super::ledger::{Ledger, LedgerChange, PinKey};
use super::observed::Observed;

/// Finds packages and policies by the names the documents give, and notes new pins.
#[derive(Debug)]
pub struct Names<'a> {
    observed: &'a Observed,
    ledger: &'a Ledger,
    pins: Vec<LedgerChange>,
}

impl<'a> Names<'a> {
    /// Names of this observation under the ledger's pins.
    pub fn new(observed: &'a Observed, ledger: &'a Ledger) -> Self {
        Self { observed, ledger, pins: Vec::new() }
    }

    /// The package that `name` (display name or id) stands for.
    ///
    /// # Errors
    /// The reason why it stands for none, or for another one than before.
    pub fn package(&mut self, name: &str) -> Result<&'a AccessPackage, Reason> {
        let packages = &self.observed.packages;
        let known = |id: &str| packages.iter().find(|package| package.id.as_str().eq_ignore_ascii_case(id));
        if let Some(package) = known(name) {
            return Ok(package);
        }
        let mut named = packages.iter().filter(|package| package.display_name == name);
        let found = (named.next(), named.next());
        let pin = PinKey::Package { name: name.to_owned() };
        let missing = Reason::PackageNotFound { name: name.to_owned() };
        self.choose(pin, name, found, known, |package| package.id.as_str(), missing)
    }

    /// The policy of `package` that `name` (display name or id) stands for.
    ///
    /// # Errors
    /// The reason why it stands for none, or for another one than before.
    pub fn policy(&mut self, package: &PackageId, name: &str) -> Result<&'a AssignmentPolicy, Reason> {
        let of_package = || self.observed.policies.iter().filter(|policy| policy.package == *package);
        let known = |id: &str| of_package().find(|policy| policy.id.as_str().eq_ignore_ascii_case(id));
        if let Some(policy) = known(name) {
            return Ok(policy);
        }
        let mut named = of_package().filter(|policy| policy.display_name == name);
        let found = (named.next(), named.next());
        let pinned = self
            .ledger
            .pins
            .get(&PinKey::Policy { package: package.clone(), name: name.to_owned() })
            .and_then(|id| known(id));
        let pin = PinKey::Policy { package: package.clone(), name: name.to_owned() };
        let missing = Reason::PolicyNotFound { name: name.to_owned() };
        self.choose(pin, name, found, |_| pinned, |policy| policy.id.as_str(), missing)
    }

    /// The pins this plan makes.
    pub fn into_pins(self) -> Vec<LedgerChange> {
        self.pins
    }

    fn choose<T>(
        &mut self,
        pin: PinKey,
        name: &str,
        found: (Option<&'a T>, Option<&'a T>),
        known: impl Fn(&str) -> Option<&'a T>,
        id: impl Fn(&T) -> &str,
        missing: Reason,
    ) -> Result<&'a T, Reason> {
        let pinned = self.ledger.pins.get(&pin);
        match (pinned, found) {
            (Some(pinned), (Some(one), None)) if id(one) != pinned => {
                Err(Reason::PinChanged { name: name.to_owned(), pinned: pinned.clone(), found: id(one).to_owned() })
            }
            (_, (Some(one), None)) => {
                if pinned.is_none() {
                    let change = LedgerChange::Pinned { pin, id: id(one).to_owned() };
                    if !self.pins.contains(&change) {
                        self.pins.push(change);
                    }
                }
                Ok(one)
            }
            // The object may have been renamed: the pin still says which one was meant.
            (Some(pinned), _) => known(pinned).ok_or(missing),
            (None, (Some(_), Some(_))) => Err(Reason::NameAmbiguous { name: name.to_owned() }),
            (None, _) => Err(missing),
        }
    }
}

/// A package and the policy to give it by.
#[derive(Debug, Clone)]
pub struct Target {
    /// The package.
    pub package: PackageId,
    /// The policy, for adds.
    pub policy: Option<PolicyId>,
}

impl Names<'_> {
    /// Package and, where one is named, policy together.
    ///
    /// # Errors
    /// The reason why either stands for none.
    pub fn target(&mut self, package: &str, policy: Option<&str>) -> Result<Target, Reason> {
        let package = self.package(package)?.id.clone();
        let policy = match policy {
            Some(name) => {
                let policy = self.policy(&package, name)?;
                if policy.is_automatic {
                    return Err(Reason::ServiceManaged);
                }
                Some(policy.id.clone())
            }
            None => None,
        };
        Ok(Target { package, policy })
    }
}
