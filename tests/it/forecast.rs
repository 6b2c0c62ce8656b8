//! The forecast: what later happens is what was foretold, except for what changes from outside.

#![cfg(test)]

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use usherd::plan::forecast::{Change, Foreseen, Outlook};

use crate::context::TestContext;
use crate::context::company::{self, auto_assignment, joiner, leaver};
use crate::context::process::Process;

const DAYS: u16 = 30;

/// A company with something in store for almost every week, at rest on its first morning.
async fn company() -> TestContext {
    let marketing = "{ rule: \"department eq 'Marketing'\" }";
    let grace = "{ remove: after, gracePeriod: P7D }";
    let mut builder = TestContext::builder()
        .document("joiner.yaml", joiner("Basics", "Direct assignment"))
        .document("leaver.yaml", leaver(&["Basics", "Campaign"]))
        .document("campaign.yaml", auto_assignment("campaign", "Campaign", marketing, grace))
        .holding("E09", "Basics")
        .hr(|hr| {
            for (employee, hired, zone) in [
                ("E05", "2026-11-25", "Europe/Amsterdam"),
                ("E06", "2026-12-01", "Asia/Tokyo"),
                ("E07", "2026-12-23", "Europe/Amsterdam"),
                // A day after the forecast's end.
                ("E08", "2026-12-24", "Europe/Amsterdam"),
            ] {
                let person = hr.person(employee);
                (person.hired, person.zone) = (hired, zone);
            }
            hr.person("E05").last_day = "2026-12-15";
            let person = hr.person("E09");
            (person.last_day, person.zone) = ("2026-12-04", "America/New_York");
            for employee in ["E01", "E02", "E03", "E04", "E10"] {
                hr.person(employee).department = "Marketing";
            }
            hr.person("E04").last_day = "2026-12-18";
        });
    // So many leave on one day that a person is asked.
    for employee in ["E13", "E14", "E15", "E16", "E17", "E18"] {
        builder = builder.holding(employee, "Basics").hr(|hr| hr.person(employee).last_day = "2026-12-20");
    }
    let mut context = builder.start().await;
    context.settle_all().await;
    context.hr.person("E10").department = "Sales";
    context.deliver();
    context.settle_all().await;
    context
}

fn morning(day: u16) -> Timestamp {
    let start: Timestamp = company::START.parse().unwrap();
    start + SignedDuration::from_hours(24 * i64::from(day))
}

/// What the forecast says, as `day 2 adminAdd E05 Basics`; a change shows on the first morning after it.
async fn foretold(context: &mut TestContext) -> (BTreeSet<String>, usize) {
    let (forecast, observed) = context.app().engine.forecast(DAYS).await.unwrap();
    let line = |foreseen: &Foreseen| {
        let day = (0..=DAYS + 1).find(|day| foreseen.at <= morning(*day)).unwrap();
        let request = if foreseen.change == Change::Gains { "adminAdd" } else { "adminRemove" };
        let package = observed.packages.iter().find(|known| Some(&known.id) == foreseen.resource.package()).unwrap();
        let employee = foreseen.subject.as_str().strip_prefix("person:").unwrap();
        format!("day {day} {request} {employee} {}", package.display_name)
    };
    let of = |outlook| forecast.changes.iter().filter(move |foreseen| foreseen.outlook == outlook);
    let requested: Vec<String> = of(Outlook::Requested).map(line).collect();
    let distinct: BTreeSet<String> = requested.iter().cloned().collect();
    assert_eq!(distinct.len(), requested.len(), "nothing is foretold twice");
    (distinct, of(Outlook::Held).count())
}

/// What happens, day by day; on the tenth HR tells something new.
async fn lived(context: &mut TestContext, news: impl Fn(&mut TestContext)) -> BTreeSet<String> {
    let mut seen = context.requests().len();
    let mut happened = BTreeSet::new();
    for day in 1..=DAYS {
        context.clock.set(morning(day));
        if day == 10 {
            news(context);
        }
        context.settle_all().await;
        let requests = context.requests();
        happened.extend(requests[seen..].iter().map(|request| format!("day {day} {request}")));
        seen = requests.len();
    }
    happened
}

#[tokio::test]
async fn thirty_days_go_as_they_were_foretold() {
    let mut context = company().await;
    let (foretold, held) = foretold(&mut context).await;
    assert!(foretold.len() >= 7, "{foretold:#?}");
    assert!(context.holds().is_empty() && held == 6);
    assert_eq!(lived(&mut context, |_| {}).await, foretold);
    let items: usize = context.holds().iter().map(|hold| hold.items.len()).sum();
    assert_eq!(items, held);
    context.finish().await;
}

#[tokio::test]
async fn only_what_is_new_differs_from_the_forecast() {
    let mut context = company().await;
    let (foretold, _) = foretold(&mut context).await;
    let happened = lived(&mut context, |context| {
        context.hr.person("E06").last_day = "2026-12-17";
        context.deliver();
    })
    .await;
    let news: Vec<&String> = happened.symmetric_difference(&foretold).collect();
    assert_eq!(news, ["day 25 adminRemove E06 Basics"]);
    context.finish().await;
}

#[tokio::test]
async fn a_forecast_is_a_table_json_or_a_calendar_and_leaves_no_trace() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let forecast = async |output: &str, days: &str| {
        Process::run(folder, &["forecast", "--sandbox", "--output", output, "--days", days]).await
    };
    let json = forecast("json", "14").await;
    assert_eq!(json.code, Some(0), "{}", json.err);
    let told: Value = serde_json::from_str(&json.out).unwrap();
    let changes = told["changes"].as_array().unwrap();
    assert!(changes.len() > 20, "{}", json.out);
    let outlooks: BTreeSet<&str> = changes.iter().map(|change| change["outlook"].as_str().unwrap()).collect();
    assert_eq!(outlooks, BTreeSet::from(["held", "requested"]));

    let people = std::fs::read_to_string(folder.join("usherd-sandbox/feeds/hr.csv")).unwrap();
    let mails = people.lines().skip(1).filter_map(|row| row.split(';').find(|field| field.contains('@')));
    assert!(mails.count() > 100 && !json.out.contains('@') && !json.out.contains("Europe/"), "ids only");

    let text = forecast("text", "14").await;
    assert_eq!(text.out.lines().filter(|line| line.contains("(person:")).count(), changes.len(), "{}", text.out);
    assert!(text.out.contains("(held: backfill)") && text.out.contains("employeeHireDate 20"), "{}", text.out);
    let calendar = forecast("ical", "14").await;
    assert_eq!(calendar.out.matches("BEGIN:VEVENT\r\n").count(), changes.len());
    assert!(calendar.out.starts_with("BEGIN:VCALENDAR\r\n") && calendar.out.ends_with("END:VCALENDAR\r\n"));

    for days in ["0", "401", "x"] {
        assert_eq!(forecast("text", days).await.code, Some(2), "{days}");
    }
    let store = usherd::app::open_ledger(&usherd::app::home::config(&folder.join("usherd-sandbox")).unwrap()).await;
    let ledger = store.unwrap().ledger().await.unwrap();
    assert!(ledger.documents.is_empty() && ledger.actions.is_empty());
}
