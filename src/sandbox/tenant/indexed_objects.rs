//! What users and groups are found by: the properties that filters are documented for (graph-contract 2.1).

use super::index::Property::{self, Keyed};
use crate::sandbox::expression::inner_value;
use crate::sandbox::records::{Group, User};

macro_rules! properties {
    (
        plain: [$($plain_path:literal = $plain:literal),* $(,)?],
        instants: [$($instant_path:literal = $instant:literal),* $(,)?],
        inner: [$($inner_path:literal = $inner:literal / $part:literal),* $(,)?],
        elements: [$($list_path:literal = $list:literal $(/ $member:literal)?),* $(,)?],
        $($more:expr)?
    ) => {
        &[
            $(Keyed($plain_path, |object, keys| keys.value(object.properties.get($plain))),)*
            $(Keyed($instant_path, |object, keys| keys.instant(object.properties.get($instant))),)*
            $(Keyed($inner_path, |object, keys| {
                keys.value(object.properties.get($inner).map(|inner| inner_value(inner, $part)).as_ref());
            }),)*
            $(Keyed($list_path, |object, keys| {
                keys.elements(object.properties.get($list), [$($member)?].first().copied());
            }),)*
            $($more)?
        ]
    };
}

/// See [`User`].
pub(in crate::sandbox) const USER: &[Property<User>] = properties! {
    plain: [
        "accountenabled" = "accountEnabled", "city" = "city", "companyname" = "companyName", "country" = "country",
        "department" = "department", "displayname" = "displayName", "employeeid" = "employeeId",
        "employeetype" = "employeeType", "externaluserstate" = "externalUserState", "givenname" = "givenName",
        "jobtitle" = "jobTitle", "mail" = "mail", "mailnickname" = "mailNickname", "officelocation" = "officeLocation",
        "onpremisessyncenabled" = "onPremisesSyncEnabled", "state" = "state", "surname" = "surname",
        "usagelocation" = "usageLocation", "userprincipalname" = "userPrincipalName", "usertype" = "userType",
    ],
    instants: [
        "createddatetime" = "createdDateTime", "employeehiredate" = "employeeHireDate",
        "employeeleavedatetime" = "employeeLeaveDateTime",
    ],
    inner: [
        "employeeorgdata/costcenter" = "employeeOrgData" / "costCenter",
        "employeeorgdata/division" = "employeeOrgData" / "division",
    ],
    elements: [
        "assignedlicenses/skuid" = "assignedLicenses" / "skuId", "othermails" = "otherMails",
        "proxyaddresses" = "proxyAddresses",
    ],
    Keyed("manager/id", |user, keys| user.manager.iter().for_each(|manager| keys.text(manager)))
};

/// See [`Group`].
pub(in crate::sandbox) const GROUP: &[Property<Group>] = properties! {
    plain: [
        "displayname" = "displayName", "mail" = "mail", "mailenabled" = "mailEnabled", "mailnickname" = "mailNickname",
        "onpremisessyncenabled" = "onPremisesSyncEnabled", "securityenabled" = "securityEnabled",
    ],
    instants: ["createddatetime" = "createdDateTime"],
    inner: [],
    elements: ["grouptypes" = "groupTypes", "proxyaddresses" = "proxyAddresses"],
    Keyed("owners/id", |group, keys| group.owners.iter().for_each(|owner| keys.text(owner)))
};
