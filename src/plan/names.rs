//! The ids that names in documents stand for: resolved once, then pinned.

use crate::domain::entitlement::{AccessPackage, AssignmentPolicy};
use crate::domain::ids::PackageId;
use crate::domain::reason::Reason;

use super::groups::{self, GroupName, Reading};
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

    /// The reading of the group that the name (display name or id) stands for.
    ///
    /// # Errors
    /// The reason why it stands for none, or for another one than before, or could not be read.
    pub fn group(&mut self, group: GroupName<'_>) -> Result<Reading<'a>, Reason> {
        let reading = groups::reading(self.observed, self.ledger, group)?;
        let pin = PinKey::Group { name: group.0.to_owned() };
        if !self.ledger.pins.contains_key(&pin) {
            self.pin(pin, reading.id.as_str());
        }
        Ok(reading)
    }

    /// The pins this plan makes.
    pub fn into_pins(self) -> Vec<LedgerChange> {
        self.pins
    }

    fn pin(&mut self, pin: PinKey, id: &str) {
        let change = LedgerChange::Pinned { pin, id: id.to_owned() };
        if !self.pins.contains(&change) {
            self.pins.push(change);
        }
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
                    self.pin(pin, id(one));
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
