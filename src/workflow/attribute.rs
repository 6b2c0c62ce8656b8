//! The attributes that rules and triggers may name.
//!
//! A rule may use what Lifecycle Workflows documents for `ruleBasedSubjectSet`
//! (<https://learn.microsoft.com/graph/api/resources/identitygovernance-rulebasedsubjectset>), directory extensions, and what a feed maps.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::problem::{Complaint, quoted};
use super::rule::{Literal, Predicate, Rule, RuleError, Test, is_attribute_name};

/// What an attribute holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeType {
    /// Text.
    Text,
    /// A truth value.
    Bool,
    /// A civil date.
    Date,
}

impl AttributeType {
    /// The word of a feed's `type`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Bool => "bool",
            Self::Date => "date",
        }
    }
}

const TEXTS: [&str; 40] = [
    "city",
    "companyName",
    "country",
    "department",
    "displayName",
    "employeeId",
    "employeeOrgData/costCenter",
    "employeeOrgData/division",
    "employeeType",
    "faxNumber",
    "givenName",
    "jobTitle",
    "mail",
    "mailNickname",
    "mobilePhone",
    "officeLocation",
    "onPremisesExtensionAttributes/extensionAttribute1",
    "onPremisesExtensionAttributes/extensionAttribute2",
    "onPremisesExtensionAttributes/extensionAttribute3",
    "onPremisesExtensionAttributes/extensionAttribute4",
    "onPremisesExtensionAttributes/extensionAttribute5",
    "onPremisesExtensionAttributes/extensionAttribute6",
    "onPremisesExtensionAttributes/extensionAttribute7",
    "onPremisesExtensionAttributes/extensionAttribute8",
    "onPremisesExtensionAttributes/extensionAttribute9",
    "onPremisesExtensionAttributes/extensionAttribute10",
    "onPremisesExtensionAttributes/extensionAttribute11",
    "onPremisesExtensionAttributes/extensionAttribute12",
    "onPremisesExtensionAttributes/extensionAttribute13",
    "onPremisesExtensionAttributes/extensionAttribute14",
    "onPremisesExtensionAttributes/extensionAttribute15",
    "onPremisesSecurityIdentifier",
    "postalCode",
    "preferredLanguage",
    "state",
    "streetAddress",
    "surname",
    "usageLocation",
    "userPrincipalName",
    "userType",
];
const BOOLS: [&str; 2] = ["accountEnabled", "onPremisesSyncEnabled"];
/// The date attributes of Lifecycle Workflows' `timeBasedAttributeTrigger`.
const DATES: [&str; 3] = ["employeeHireDate", "employeeLeaveDateTime", "createdDateTime"];
/// Attributes that a rule can only ask for with `any(…)`.
const LISTS: [&str; 3] = ["assignedPlans", "otherMails", "proxyAddresses"];

/// The type Graph gives an attribute, if usherd knows it.
pub fn documented_type(name: &str) -> Option<AttributeType> {
    [(&TEXTS[..], AttributeType::Text), (&BOOLS, AttributeType::Bool), (&DATES, AttributeType::Date)]
        .into_iter()
        .find_map(|(names, kind)| names.contains(&name).then_some(kind))
}

/// What the directory documents, by type, for the reference.
pub fn documented() -> [(&'static str, &'static [&'static str]); 3] {
    [("text", &TEXTS), ("bool", &BOOLS), ("date (triggers and templates alone)", &DATES)]
}

/// Whether a feed may map a column to this name.
///
/// # Errors
/// Names that no rule could ask for, and lists.
pub fn check_name(name: &str) -> Result<(), Complaint> {
    if LISTS.contains(&name) {
        return Err(Complaint::new(format!("{} is a list, which a feed cannot give", quoted(name))));
    }
    if !is_attribute_name(name) || name.len() > 128 {
        let complaint = Complaint::new(format!("{} cannot name an attribute", quoted(name)));
        return Err(complaint.hint("use letters, digits and `_`, not beginning with a digit, and no keyword of rules"));
    }
    Ok(())
}

/// The attributes of a set of documents.
#[derive(Debug, Clone, Default)]
pub struct AttributeCatalogue {
    of_feeds: BTreeMap<String, AttributeType>,
}

impl AttributeCatalogue {
    /// Adds a feed's attribute; all feeds and Graph must agree on its type.
    ///
    /// # Errors
    /// Another type than before or than Graph's.
    pub fn add(&mut self, name: &str, kind: AttributeType) -> Result<(), Complaint> {
        let known = documented_type(name).or_else(|| self.of_feeds.get(name).copied());
        self.of_feeds.entry(name.to_owned()).or_insert(known.unwrap_or(kind));
        match known {
            Some(known) if known != kind => {
                let whose = if documented_type(name).is_some() { "the directory" } else { "another feed" };
                let message = format!("{} is {} here and {} in {whose}", quoted(name), kind.as_str(), known.as_str());
                Err(Complaint::new(message).hint(format!("say `type: {}`", known.as_str())))
            }
            _ => Ok(()),
        }
    }

    /// Whether a trigger may go by this attribute.
    ///
    /// # Errors
    /// Attributes that are unknown or no dates.
    pub fn check_trigger(&self, name: &str) -> Result<(), Complaint> {
        match self.of_feeds.get(name).copied().or_else(|| documented_type(name)) {
            Some(AttributeType::Date) => Ok(()),
            Some(other) => {
                let complaint = Complaint::new(format!("{} is no date but {}", quoted(name), other.as_str()));
                Err(complaint.hint("a feed makes it a date with `type: date`"))
            }
            None => {
                let of_feeds = self.of_feeds.iter().filter(|(_, kind)| **kind == AttributeType::Date);
                let dates = of_feeds.map(|(name, _)| name.as_str()).chain(DATES);
                Err(Complaint::new(format!("unknown date attribute {}", quoted(name))).suggest(name, dates))
            }
        }
    }

    /// Whether the change of this attribute may trigger a workflow: texts, truth values, and what a feed maps.
    ///
    /// # Errors
    /// Attributes that are unknown, and lists.
    pub fn check_watched(&self, name: &str) -> Result<(), Complaint> {
        self.type_in_rule(name).map(|_| ())
    }

    /// Whether a template may show this attribute: what a rule may ask for, and every date.
    ///
    /// # Errors
    /// Attributes that are unknown, and lists.
    pub fn check_shown(&self, name: &str) -> Result<(), Complaint> {
        if DATES.contains(&name) { Ok(()) } else { self.check_watched(name) }
    }

    /// Everything in a rule that cannot be: unknown attributes, and values of another type than their attribute.
    pub fn check(&self, rule: &Rule) -> Vec<RuleError> {
        rule.predicates().into_iter().flat_map(|predicate| self.check_predicate(predicate)).collect()
    }

    fn check_predicate(&self, predicate: &Predicate) -> Vec<RuleError> {
        let name = &predicate.attribute.value;
        let kind = match self.type_in_rule(name) {
            Ok(Some(kind)) => kind,
            Ok(None) => return Vec::new(),
            Err(complaint) => return vec![RuleError { complaint, span: predicate.attribute.span.clone() }],
        };
        let literals = match &predicate.test {
            Test::Equal(literal) | Test::NotEqual(literal) => std::slice::from_ref(literal),
            Test::OneOf(literals) => literals,
            Test::StartsWith(_) if kind == AttributeType::Text => &[],
            Test::StartsWith(prefix) => {
                let message = format!("`startsWith` needs text, but {} is {}", quoted(name), kind.as_str());
                return vec![RuleError { complaint: Complaint::new(message), span: prefix.span.clone() }];
            }
        };
        let wrong = literals.iter().filter_map(|literal| {
            let complaint = mismatch(name, kind, &literal.value)?;
            Some(RuleError { complaint, span: literal.span.clone() })
        });
        wrong.collect()
    }

    /// The attribute's type; `None` for a directory extension, whose type only the tenant knows.
    fn type_in_rule(&self, name: &str) -> Result<Option<AttributeType>, Complaint> {
        let of_feed = self.of_feeds.get(name).copied();
        match of_feed.or_else(|| documented_type(name).filter(|kind| *kind != AttributeType::Date)) {
            Some(kind) => Ok(Some(kind)),
            None if is_directory_extension(name) => Ok(None),
            None if LISTS.contains(&name) => {
                Err(Complaint::new(format!("{} is a list; `any(…)` is not supported by this version", quoted(name))))
            }
            None if DATES.contains(&name) => {
                let complaint = Complaint::new(format!("no rule can ask for {}", quoted(name)));
                Err(complaint.hint("unless a feed maps a column to it"))
            }
            None => {
                let known = self.of_feeds.keys().map(String::as_str).chain(TEXTS).chain(BOOLS);
                Err(Complaint::new(format!("unknown attribute {}", quoted(name))).suggest(name, known))
            }
        }
    }
}

fn mismatch(name: &str, kind: AttributeType, literal: &Literal) -> Option<Complaint> {
    match (kind, literal) {
        (_, Literal::Null) | (AttributeType::Text, Literal::Text(_)) | (AttributeType::Bool, Literal::Bool(_)) => None,
        (AttributeType::Date, Literal::Text(text)) if is_date(text) => None,
        (AttributeType::Bool, _) => {
            Some(Complaint::new(format!("{} is true, false or null", quoted(name))).hint("without quotes"))
        }
        (AttributeType::Date, _) => {
            Some(Complaint::new(format!("{} is a date", quoted(name))).hint("write it as in '2026-12-31'"))
        }
        (AttributeType::Text, Literal::Bool(_)) => {
            Some(Complaint::new(format!("{} is text", quoted(name))).hint("put the value in single quotes"))
        }
    }
}

fn is_date(text: &str) -> bool {
    text.len() == "2026-12-31".len() && text.parse::<Date>().is_ok_and(|date| date.to_string() == text)
}

/// `extension_<application id without dashes>_<name>`.
fn is_directory_extension(name: &str) -> bool {
    name.strip_prefix("extension_").and_then(|rest| rest.split_once('_')).is_some_and(|(application, name)| {
        application.len() == 32
            && application.bytes().all(|byte| byte.is_ascii_hexdigit())
            && !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue() -> AttributeCatalogue {
        let mut catalogue = AttributeCatalogue::default();
        catalogue.add("probationEnd", AttributeType::Date).unwrap();
        catalogue.add("isManager", AttributeType::Bool).unwrap();
        catalogue
    }

    #[track_caller]
    fn check(rule: &str, expected: &[&str]) {
        let shown = |error: &RuleError| {
            let hint = error.complaint.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
            format!("{}: {error}{hint}", rule.get(error.span.clone()).unwrap())
        };
        let found: Vec<_> = catalogue().check(&Rule::parse(rule).unwrap()).iter().map(shown).collect();
        assert_eq!(found, expected, "{rule}");
    }

    #[test]
    fn known_attributes_pass() {
        check("department eq 'x' and accountEnabled eq true and employeeOrgData/costCenter in ('1', null)", &[]);
        check("probationEnd eq '2026-12-31' or isManager ne false or startsWith(city,'A')", &[]);
        check("extension_0123456789abcdef0123456789ABCDEF_cost_center eq true", &[]);
    }

    #[test]
    fn unknown_attributes_and_wrong_types_are_all_named() {
        check(
            "departmnt eq 'x' or zzz eq 'y'",
            &["departmnt: unknown attribute `departmnt` (did you mean `department`?)", "zzz: unknown attribute `zzz`"],
        );
        check("accountEnabled eq 'true'", &["'true': `accountEnabled` is true, false or null (without quotes)"]);
        check("city in ('x', true)", &["true: `city` is text (put the value in single quotes)"]);
        check(
            "probationEnd eq '31.12.2026'",
            &["'31.12.2026': `probationEnd` is a date (write it as in '2026-12-31')"],
        );
        check("startsWith(isManager, 't')", &["'t': `startsWith` needs text, but `isManager` is bool"]);
        check("otherMails eq 'x'", &["otherMails: `otherMails` is a list; `any(…)` is not supported by this version"]);
        check("extension_12_x eq 'x'", &["extension_12_x: unknown attribute `extension_12_x`"]);
        check(
            "employeeHireDate eq '2026-12-31'",
            &["employeeHireDate: no rule can ask for `employeeHireDate` (unless a feed maps a column to it)"],
        );
    }

    #[test]
    fn triggers_go_by_dates() {
        assert!(catalogue().check_trigger("employeeLeaveDateTime").is_ok());
        assert!(catalogue().check_trigger("probationEnd").is_ok());
        assert_eq!(catalogue().check_trigger("department").unwrap_err().message, "`department` is no date but text");
        assert_eq!(
            catalogue().check_trigger("employeehiredate").unwrap_err(),
            Complaint::new("unknown date attribute `employeehiredate`").hint("did you mean `employeeHireDate`?")
        );
    }

    #[test]
    fn a_type_is_the_same_everywhere() {
        assert!(catalogue().add("department", AttributeType::Text).is_ok());
        assert!(catalogue().add("department", AttributeType::Bool).is_err());
        assert!(catalogue().add("probationEnd", AttributeType::Text).is_err());
        assert!(check_name("in").is_err() && check_name("a b").is_err() && check_name("otherMails").is_err());
        assert!(check_name("shift_2").is_ok());
    }
}
