//! Warnings: what the documents say can be done to the letter, but is probably not what was meant.
//!
//! An error keeps its file out of force; a warning never does.

use std::fmt;

macro_rules! warnings {
    ($($(#[doc = $meaning:literal])+ $name:ident = $code:literal,)+) => {
        /// What a warning is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Warning {
            $($(#[doc = $meaning])+ $name,)+
        }

        impl Warning {
            /// Every kind of warning.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The stable word for machines.
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)+
                }
            }

            /// What it means, in a sentence for people.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($meaning,)+).trim_ascii(),)+
                }
            }
        }
    };
}

warnings! {
    /// Nobody can ever satisfy the rule, or nobody for whom the trigger is due can be in scope.
    NeverHolds = "neverHolds",
    /// The rule holds for everybody whose attributes were read: it leaves nobody out.
    AlwaysHolds = "alwaysHolds",
    /// A condition of a rule changes nothing: the rule says the same without it.
    DeadCondition = "deadCondition",
    /// A workflow takes a package from people to whom an auto assignment gives it. A leaver's bar at the end of the employment is no fight.
    Fight = "fight",
    /// The same package or group is given and taken on one occasion, by one workflow or by two with the same trigger.
    GivenAndTaken = "givenAndTaken",
    /// Documents change, in a circle, the groups by whose members they go: by tasks or, as only the tenant can tell, through packages.
    GroupCircle = "groupCircle",
    /// Two packages that exclude each other in the tenant are given to the same people.
    Incompatible = "incompatible",
    /// The tenant has no access package of this name or id.
    PackageNotFound = "packageNotFound",
    /// The package has no assignment policy of this name or id.
    PolicyNotFound = "policyNotFound",
    /// The directory has no group of this name or id.
    GroupNotFound = "groupNotFound",
    /// More than one package, policy or group of the tenant has this name: the id would say which one is meant.
    NameAmbiguous = "nameAmbiguous",
    /// The policy asks a question that must be answered, and `answers` does not answer it.
    AnswerMissing = "answerMissing",
    /// `answers` answers a question that the policy does not ask.
    QuestionNotFound = "questionNotFound",
    /// The answer is not one of those that may be chosen.
    ChoiceNotFound = "choiceNotFound",
    /// Requests by the policy wait for an approver, and come to nothing where none decides.
    NeedsApproval = "needsApproval",
    /// The service itself assigns by the policy: usherd never touches its assignments.
    ServiceManaged = "serviceManaged",
}

impl Warning {
    /// Whether only the tenant can tell, so that it is not looked for while the tenant cannot be asked.
    pub fn needs_tenant(self) -> bool {
        self >= Self::Incompatible
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_warning_has_a_word_of_its_own_and_a_sentence() {
        let codes: std::collections::BTreeSet<_> = Warning::ALL.iter().map(|warning| warning.code()).collect();
        assert_eq!(codes.len(), Warning::ALL.len());
        for warning in Warning::ALL {
            assert!(warning.meaning().ends_with('.') && !warning.meaning().starts_with(' '), "{warning}");
        }
        assert!(Warning::PackageNotFound.needs_tenant() && !Warning::GroupCircle.needs_tenant());
    }
}
