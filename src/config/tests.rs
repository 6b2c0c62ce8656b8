//! Mistakes in usherd.yaml, each at its place and with advice.

use super::*;

const GOOD: &str = "tenant: { id: t, timeZone: Europe/Amsterdam }
credentials: { clientId: c, clientSecretFile: secret }
state: { folder: state }
documents: { folder: workflows }
schedule: { pass: \"0 */5 * * * *\" }
";

#[track_caller]
fn check(from: &str, to: &str, expected: &[&str]) {
    assert_eq!(GOOD.matches(from).count(), 1, "{from} must be unique");
    let found = match parse("usherd.yaml", &GOOD.replace(from, to), Path::new("/etc/usherd")) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    };
    assert_eq!(found, expected, "{to}");
}

#[test]
fn a_schedule_that_is_none_is_found_when_the_configuration_is_read() {
    let hint = "(write it as in \"0 */5 * * * *\": second, minute, hour, day, month, weekday, in UTC)";
    let refused = |cron: &str, why: &str| {
        let problem = format!("usherd.yaml:5:19: '{cron}' {why} {hint}");
        check("0 */5 * * * *", cron, &[&problem]);
    };
    let no_cron = "is not a cron expression of six fields (second minute hour day month weekday)";
    refused("*/5 * * * *", &format!("{no_cron}: it has 5 fields"));
    refused("0 61 * * * *", &format!("{no_cron}: '61' is no minute"));
    refused("99 0 * * * *", no_cron);
    refused("every minute", &format!("{no_cron}: it has 2 fields"));
    refused("0 0 0 31 2 *", "is a cron expression that no day ever fits");
    for good in ["*/10 * * * * *", "0 0 6 L * *", "0 0 6 * * MON-FRI", "0 0 0 1 1 *"] {
        check("0 */5 * * * *", good, &[]);
    }
}

#[test]
fn an_unknown_time_zone_brings_the_nearest_one() {
    let zone = |name: &str, hint: &str| {
        let problem = format!("usherd.yaml:1:28: unknown time zone `{name}` ({hint})");
        check("Europe/Amsterdam", name, &[&problem]);
    };
    zone("Europe/Amsterdm", "did you mean `Europe/Amsterdam`?");
    zone("Amsterdam", "did you mean `Europe/Amsterdam`?");
    zone("New York", "did you mean `America/New_York`?");
    zone("Middle Earth/Hobbiton", "write a name of the IANA database, such as Europe/Amsterdam or UTC");
}

#[test]
fn mistakes_are_counted_in_words() {
    let error = |count| ConfigError::Mistakes { count, rendered: "…".to_owned() }.to_string();
    assert_eq!(error(1), "the configuration has 1 mistake\n…");
    assert_eq!(error(2), "the configuration has 2 mistakes\n…");
}

#[test]
fn everything_is_read_at_least_twice_a_day() {
    let schedule = "schedule: { pass: \"0 */5 * * * *\" }";
    let with = |full: &str| format!("{schedule}\nobserve: {{ full: {full} }}");
    check(schedule, &with("PT12H"), &[]);
    let problem =
        "usherd.yaml:6:18: everything has to be read at least every PT12H: no removal may rest on an older reading";
    check(schedule, &with("P1D"), &[problem]);
}
