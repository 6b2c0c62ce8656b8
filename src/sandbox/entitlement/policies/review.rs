//! A policy's access reviews: read strictly, kept and shown; reviews are not carried out (graph-contract 1.3).

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::payload::refused;
use super::people;
use crate::sandbox::envelope::ApiError;
use crate::sandbox::records::{Expiration, SubjectSet};
use crate::sandbox::tenant::Tenant;

/// Graph's `accessPackageAssignmentReviewSettings`, in its wire's shape.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ReviewSettings {
    #[serde(default)]
    is_enabled: bool,
    #[serde(default)]
    expiration_behavior: ExpirationBehavior,
    #[serde(default)]
    is_recommendation_enabled: bool,
    #[serde(default)]
    is_reviewer_justification_required: bool,
    #[serde(default)]
    is_self_review: bool,
    schedule: Option<ReviewSchedule>,
    #[serde(default)]
    primary_reviewers: Vec<SubjectSet>,
    #[serde(default)]
    fallback_reviewers: Vec<SubjectSet>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum ExpirationBehavior {
    #[default]
    KeepAccess,
    RemoveAccess,
    AcceptAccessRecommendation,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ReviewSchedule {
    start_date_time: Option<Timestamp>,
    expiration: Option<Expiration>,
    recurrence: Option<Recurrence>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Recurrence {
    pattern: Pattern,
    range: Range,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Pattern {
    r#type: PatternType,
    #[serde(default)]
    interval: i32,
    #[serde(default)]
    month: i32,
    #[serde(default)]
    day_of_month: i32,
    #[serde(default)]
    days_of_week: Vec<Weekday>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_day_of_week: Option<Weekday>,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<WeekIndex>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum PatternType {
    Daily,
    Weekly,
    AbsoluteMonthly,
    RelativeMonthly,
    AbsoluteYearly,
    RelativeYearly,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Weekday {
    Sunday,
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum WeekIndex {
    First,
    Second,
    Third,
    Fourth,
    Last,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Range {
    r#type: RangeType,
    #[serde(default)]
    number_of_occurrences: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    recurrence_time_zone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_date: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_date: Option<Date>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum RangeType {
    EndDate,
    NoEnd,
    Numbered,
}

impl ReviewSettings {
    /// The settings as they are kept.
    ///
    /// # Errors
    /// 400 for enabled reviews that nobody carries out, 404 for reviewers unknown.
    pub(super) fn checked(mut self, tenant: &Tenant) -> Result<Value, ApiError> {
        if self.is_enabled && !self.is_self_review && self.primary_reviewers.is_empty() {
            return Err(refused("InvalidModel", "An access review needs 'primaryReviewers'.".to_owned()));
        }
        people::check(tenant, "primaryReviewers", &mut self.primary_reviewers, people::is_named_or_related)?;
        people::check(tenant, "fallbackReviewers", &mut self.fallback_reviewers, people::is_named)?;
        Ok(json!(self))
    }
}
