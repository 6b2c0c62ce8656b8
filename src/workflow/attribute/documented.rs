//! What Lifecycle Workflows documents of the attributes of a `ruleBasedSubjectSet`
//! (<https://learn.microsoft.com/graph/api/resources/identitygovernance-rulebasedsubjectset>).

use super::AttributeType;

/// A list's elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ElementType {
    /// Texts.
    Text,
    /// Service plans, of which a rule asks for the [`PLAN_PROPERTIES`].
    AssignedPlan,
}

pub(super) const TEXTS: [&str; 40] = [
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
pub(super) const BOOLS: [&str; 2] = ["accountEnabled", "onPremisesSyncEnabled"];
/// The date attributes of Lifecycle Workflows' `timeBasedAttributeTrigger`.
pub(super) const DATES: [&str; 3] = ["employeeHireDate", "employeeLeaveDateTime", "createdDateTime"];
/// Lists of texts.
const TEXT_LISTS: [&str; 2] = ["otherMails", "proxyAddresses"];
const ASSIGNED_PLANS: &str = "assignedPlans";
/// What a rule may ask of an assigned plan.
pub const PLAN_PROPERTIES: [&str; 3] = ["capabilityStatus", "service", "servicePlanId"];
/// Texts that `startsWith` does not take.
const COMPARED_AS_A_WHOLE: [&str; 6] = [
    "employeeId",
    "employeeOrgData/costCenter",
    "employeeOrgData/division",
    "employeeType",
    "onPremisesSecurityIdentifier",
    "userType",
];
const EXTENSION_ATTRIBUTES: &str = "onPremisesExtensionAttributes/";

/// The type Graph gives an attribute, if usherd knows it and it is one value.
pub fn documented_type(name: &str) -> Option<AttributeType> {
    [(&TEXTS[..], AttributeType::Text), (&BOOLS, AttributeType::Bool), (&DATES, AttributeType::Date)]
        .into_iter()
        .find_map(|(names, kind)| names.contains(&name).then_some(kind))
}

/// What the directory documents, by type, for the reference.
pub fn documented() -> [(&'static str, &'static [&'static str]); 5] {
    [
        ("text", &TEXTS),
        ("bool", &BOOLS),
        ("date (triggers and templates alone)", &DATES),
        ("list of texts (`any(…)` alone)", &TEXT_LISTS),
        ("list of service plans (`any(…)` alone)", &[ASSIGNED_PLANS]),
    ]
}

/// What a list of the directory holds.
pub fn documented_list(name: &str) -> Option<ElementType> {
    match name {
        ASSIGNED_PLANS => Some(ElementType::AssignedPlan),
        _ => TEXT_LISTS.contains(&name).then_some(ElementType::Text),
    }
}

/// Every list of the directory.
pub(super) fn lists() -> impl Iterator<Item = &'static str> {
    TEXT_LISTS.into_iter().chain([ASSIGNED_PLANS])
}

/// Whether the directory has the attribute, one value or a list; directory extensions are the tenant's own.
pub fn is_documented(name: &str) -> bool {
    documented_type(name).is_some() || documented_list(name).is_some()
}

/// Whether `startsWith` takes a text attribute.
pub(super) fn takes_starts_with(name: &str) -> bool {
    !COMPARED_AS_A_WHOLE.contains(&name) && !name.starts_with(EXTENSION_ATTRIBUTES)
}

/// `extension_<application id without dashes>_<name>`.
pub(super) fn is_directory_extension(name: &str) -> bool {
    name.strip_prefix("extension_").and_then(|rest| rest.split_once('_')).is_some_and(|(application, name)| {
        application.len() == 32
            && application.bytes().all(|byte| byte.is_ascii_hexdigit())
            && !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}
