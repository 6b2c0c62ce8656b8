//! What filters say, and what is none.

mod properties;

use super::*;

fn ann() -> Value {
    json!({ "displayName": "Ann Lee", "mail": "ann@contoso.com", "department": null, "accountEnabled": true,
        "assignedLicenses": [{ "skuId": "05e9a617-0261-4cee-bb44-138d3ef5d965" }], "businessPhones": ["+1 555 0100"],
        "employeeHireDate": "2026-12-01T00:00:00Z", "employeeOrgData": { "division": "East" } })
}

fn holds(filter: &str) -> bool {
    let ann = ann();
    let value_of = |path: &str| path.split('/').fold(ann.clone(), |value, segment| inner_value(&value, segment));
    Expression::parse(filter).unwrap_or_else(|| panic!("{filter} is not read")).holds(&value_of)
}

#[test]
fn every_operator_of_the_directory_holds_where_it_should() {
    for filter in [
        "displayName eq 'ann lee'",
        "department ne 'Sales'",
        "not(department eq 'Sales')",
        "NOT startsWith(displayName,'Bob')",
        "startswith(displayname,'ann') and endsWith(mail,'@contoso.com')",
        "mail in ('x','ann@contoso.com')",
        "displayName ge 'A' and displayName le 'B'",
        "employeeHireDate ge 2026-11-30T00:00:00Z",
        "department eq 'Sales' or accountEnabled eq true and displayName eq 'Ann Lee'",
        "(department eq 'Sales' or accountEnabled eq true) and employeeOrgData/division eq 'East'",
        "assignedLicenses/any(x:x/skuId eq 05e9a617-0261-4cee-bb44-138d3ef5d965)",
        "businessPhones/any(p: startsWith(p,'+1 555'))",
        "assignedLicenses/any()",
        "assignedLicenses/$count ne 0",
    ] {
        assert!(holds(filter), "{filter}");
    }
    for filter in [
        "mail in ('x','y')",
        "not(mail in ('ann@contoso.com'))",
        "endsWith(mail,'ann')",
        "businessPhones/any(p:p eq 'x')",
        "assignedLicenses/$count eq 0",
        "accountEnabled eq false and displayName eq 'Ann Lee' or department eq 'Sales'",
    ] {
        assert!(!holds(filter), "{filter}");
    }
}

#[test]
fn the_index_is_needed_where_the_contract_says() {
    let is_advanced = |filter: &str| Expression::parse(filter).unwrap().is_advanced();
    for filter in ["a ne 'b'", "not(a eq 'b')", "endsWith(a,'b')", "c/$count eq 1", "a eq 'b' or a ne 'c'"] {
        assert!(is_advanced(filter), "{filter}");
    }
    for filter in ["a eq 'b' or c in ('d')", "startsWith(a,'b') and c ge 'd'", "c/any(x:x eq 'b')"] {
        assert!(!is_advanced(filter), "{filter}");
    }
}

#[test]
fn what_is_no_filter_is_not_read() {
    for filter in
        ["a in ()", "a in ('b'", "not", "a or b", "a/any(x)", "a/any(:x eq 'b')", "a/all(x:x eq 'b')", "f(a,'b')"]
    {
        assert_eq!(Expression::parse(filter), None, "{filter}");
    }
    assert_eq!(Expression::parse(&format!("{} a eq 'b'", "not ".repeat(500))), None);
}
