//! Tests of what rules, triggers and templates may name.

use super::*;
use crate::workflow::rule::{Rule, RuleError};

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
    check("probationEnd eq '31.12.2026'", &["'31.12.2026': `probationEnd` is a date (write it as in '2026-12-31')"]);
    check("startsWith(isManager, 't')", &["'t': `startsWith` needs text, but `isManager` is bool"]);
    check(
        "otherMails eq 'x'",
        &["otherMails: `otherMails` is a list (ask for its elements: otherMails/any(p:p eq 'x'))"],
    );
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

#[test]
fn lists_are_asked_for_by_their_elements() {
    check("otherMails/any(p:startsWith(p,'Av')) and proxyAddresses/any(x:x eq 'smtp:a@b.c' or not (x in ('y')))", &[]);
    check("assignedPlans/any(a:a/service eq 'exchange' and a/capabilityStatus eq 'Enabled')", &[]);
    check("assignedPlans/any(a:a/servicePlanId eq 9AAF7827-D63C-4B61-89C3-182F06F82E5C)", &[]);
    check(
        "assignedPlans/any(a:a/servicePlanId in ('x', '9AAF7827-D63C-4B61-89C3-182F06F82E5C'))",
        &[
            "'x': a service plan id is a GUID (with dashes and in lower case)",
            "'9AAF7827-D63C-4B61-89C3-182F06F82E5C': a service plan id is a GUID (with dashes and in lower case)",
        ],
    );
    check(
        "assignedPlans/any(a:a/servic eq 'exchange' or startsWith(a/service, 'ex') or a eq 'x')",
        &[
            "a/servic: a rule cannot ask for `a/servic` of an assigned plan (did you mean `a/service`?)",
            "'ex': `startsWith` cannot ask for `a/service` (Lifecycle Workflows compares it as a whole: a/service in ('…', '…'))",
            "a: a rule cannot ask for `a` of an assigned plan (compare a/capabilityStatus, a/service, a/servicePlanId)",
        ],
    );
    check("otherMails/any(p:p/x eq 'y')", &["p/x: `p` is text and has no `x` (compare `p` itself)"]);
    check("otherMails/any(p:p eq true)", &["true: `p` is text (put the value in single quotes)"]);
    check("department/any(p:p eq 'y')", &["department: `department` is no list (compare it without `any(…)`)"]);
}

#[test]
fn what_the_documentation_compares_as_a_whole_has_no_starts_with() {
    for name in [
        "employeeId",
        "employeeType",
        "employeeOrgData/division",
        "userType",
        "onPremisesExtensionAttributes/extensionAttribute15",
    ] {
        let errors = catalogue().check(&Rule::parse(&format!("startsWith({name},'x')")).unwrap());
        assert_eq!(errors.first().unwrap().to_string(), format!("`startsWith` cannot ask for `{name}`"));
    }
    check("startsWith(userPrincipalName,'x') and startsWith(extension_0123456789abcdef0123456789ABCDEF_site,'x')", &[]);
}
