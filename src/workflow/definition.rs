//! Checked definitions: what the documents say, with no value left unvalidated.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Time;
use serde::{Deserialize, Serialize};

use crate::domain::action::Category;
use crate::domain::cron::Cron;
use crate::domain::entitlement::Expiration;
use crate::domain::ids::{DocumentHash, DocumentName, FeedName};
use crate::domain::member_path::MemberPath;

use super::rule::{Literal, Rule};
use super::template::Template;

mod feed_limits;
mod remote;
mod row_filter;

pub use feed_limits::{FeedLimit, FeedLimits};
pub use remote::{Credentials, HttpSource, Paging, ScimSource, SecretPlace, Total, Visits};
pub use row_filter::RowFilter;

/// Every definition in force.
#[derive(Debug, Clone, Default)]
pub struct Definitions {
    /// Sorted by name.
    pub workflows: Vec<Workflow>,
    /// Sorted by name.
    pub auto_assignments: Vec<AutoAssignment>,
    /// Sorted by name.
    pub feeds: Vec<Feed>,
}

impl Definitions {
    /// The attributes that documents name, repeated as there.
    pub fn attributes(&self) -> impl Iterator<Item = &str> {
        let of_workflows = self.workflows.iter().flat_map(|workflow| {
            let of_tasks = workflow.tasks.iter().filter_map(|task| match &task.kind {
                TaskKind::RequestAssignment(requested) => Some(requested.attributes()),
                _ => None,
            });
            workflow.trigger.attributes().chain(of_tasks.flatten())
        });
        let of_auto_assignments = self.auto_assignments.iter().flat_map(|auto| auto.requested.attributes());
        self.rules().flat_map(Rule::attributes).chain(of_workflows).chain(of_auto_assignments)
    }

    /// The rules of all documents.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        let of_scopes = self.workflows.iter().filter_map(|workflow| workflow.scope.rule.as_ref());
        let sources = self.auto_assignments.iter().flat_map(|auto| &auto.any_of);
        of_scopes.chain(sources.filter_map(|source| match source {
            MemberSource::Rule(rule) => Some(rule),
            MemberSource::Group { .. } | MemberSource::Feed(_) => None,
        }))
    }

    /// The packages that documents give or take, by the names they give, repeated as there.
    pub fn packages(&self) -> impl Iterator<Item = &str> {
        let of_tasks = self.workflows.iter().flat_map(|workflow| &workflow.tasks).filter_map(|task| match &task.kind {
            TaskKind::RequestAssignment(requested) => Some(requested.access_package.as_str()),
            TaskKind::RemoveAssignment { access_package, .. } => Some(access_package.as_str()),
            TaskKind::AddToGroups { .. } | TaskKind::RemoveFromGroups { .. } => None,
        });
        self.auto_assignments.iter().map(|auto| auto.requested.access_package.as_str()).chain(of_tasks)
    }

    /// The groups that documents name, each with whether nesting is followed, repeated as there.
    pub fn groups(&self) -> impl Iterator<Item = (&str, bool)> {
        let of_workflows = self.workflows.iter().flat_map(|workflow| {
            let watched = match &workflow.trigger {
                Trigger::MembershipChange { group, transitive, .. } => Some((group.as_str(), *transitive)),
                _ => None,
            };
            let changed = workflow.tasks.iter().flat_map(|task| task.kind.groups());
            watched.into_iter().chain(workflow.scope.groups.iter().chain(changed).map(|group| (group.as_str(), false)))
        });
        of_workflows.chain(self.auto_assignments.iter().flat_map(AutoAssignment::groups))
    }
}

/// How far a document may go. The order is that of reach, so that a ceiling is a minimum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Mode {
    /// Only says what it would do.
    Observe,
    /// Adds, and lets removals wait.
    GrantOnly,
    /// Adds and removes.
    Enforce,
}

impl Mode {
    /// The word of the YAML.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::GrantOnly => "grantOnly",
            Self::Enforce => "enforce",
        }
    }

    /// Reads the word of the YAML.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Observe, Self::GrantOnly, Self::Enforce].into_iter().find(|mode| mode.as_str() == word)
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What every document has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Unique over all kinds.
    pub name: DocumentName,
    /// For people.
    pub description: Option<String>,
    /// How far it may go; always given, never defaulted.
    pub mode: Mode,
    /// The hash of the document's text: its version.
    pub hash: DocumentHash,
    /// The file it came from, relative to the documents folder.
    pub file: String,
    /// Names it had before, whose occasions and claims are its own.
    pub formerly: Vec<DocumentName>,
}

/// Something that happens once per subject per occasion.
#[derive(Debug, Clone)]
pub struct Workflow {
    /// Name, mode, version.
    pub header: Header,
    /// Joiner, mover or leaver.
    pub category: Category,
    /// `isEnabled`, true unless said otherwise.
    pub is_enabled: bool,
    /// When it is due.
    pub trigger: Trigger,
    /// How late it may still run; a schedule says so itself.
    pub catch_up: CatchUp,
    /// For whom.
    pub scope: Scope,
    /// What happens, in order.
    pub tasks: Vec<Task>,
}

/// When a workflow is due for a subject.
#[derive(Debug, Clone, PartialEq)]
pub enum Trigger {
    /// A date attribute comes near (Lifecycle Workflows' `timeBasedAttributeTrigger`).
    Time(TimeTrigger),
    /// An attribute changes (`attributeChangeTrigger`).
    AttributeChange(AttributeChange),
    /// A group's membership changes (`membershipChangeTrigger`).
    MembershipChange {
        /// The group's display name or id.
        group: String,
        /// Whether nesting is followed.
        transitive: bool,
        /// Whether somebody came or went.
        change: Change,
    },
    /// A person comes into a feed or goes out of it.
    FeedChange {
        /// The feed.
        feed: FeedName,
        /// Whether somebody came or went.
        change: Change,
    },
    /// Civil times come round, for everybody in scope at that moment.
    Schedule(Schedule),
    /// Only an operator starts it (`onDemandExecutionOnly`).
    OnDemand,
}

impl Trigger {
    /// The attributes it goes by.
    pub fn attributes(&self) -> impl Iterator<Item = &str> {
        let (date, changing) = match self {
            Self::Time(trigger) => (Some(trigger.attribute.as_str()), &[][..]),
            Self::AttributeChange(change) => (None, change.attributes.as_slice()),
            _ => (None, &[][..]),
        };
        date.into_iter().chain(changing.iter().map(String::as_str))
    }
}

/// Which way something changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// `added`, `appeared`
    Came,
    /// `removed`, `disappeared`
    Went,
}

/// A trigger by a date attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeTrigger {
    /// The date attribute, such as `employeeHireDate`.
    pub attribute: String,
    /// Days before (negative) or after the date.
    pub offset_in_days: i32,
    /// The local time of day; without it, midnight or, for an inclusive date, the end of the day.
    pub at: Option<Time>,
    /// The IANA zone; without it, the person's own.
    pub time_zone: Option<String>,
    /// How many days a new document looks back beyond its catch-up; all it finds is one hold.
    pub backfill_days: Option<i32>,
}

/// A trigger by the change of one of some attributes.
#[derive(Debug, Clone, PartialEq)]
pub struct AttributeChange {
    /// The attributes; a change of any of them is an occasion.
    pub attributes: Vec<String>,
    /// What the one attribute must have held before; without it, anything.
    pub from: Option<Vec<Literal>>,
    /// What the one attribute must hold now; without it, anything.
    pub to: Option<Vec<Literal>>,
}

/// A trigger by civil times.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// Which minutes.
    pub cron: Cron,
    /// The IANA zone; without it, the tenant's.
    pub time_zone: Option<String>,
    /// What happens with the times that went by while usherd was not running.
    pub missed: Missed,
    /// How far back missed times are looked for.
    pub window: jiff::SignedDuration,
}

/// What happens with times of a schedule that were missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missed {
    /// They are let go.
    None,
    /// The last one is made up for.
    One,
    /// Each one is made up for.
    All,
}

/// How late a due occasion may still run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CatchUp {
    /// Only on the day it is due.
    None,
    /// Up to this many seconds late.
    Within(jiff::SignedDuration),
    /// However late (leavers by default).
    Always,
}

/// For whom a workflow is.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The rule; without it, everybody the groups allow.
    pub rule: Option<Rule>,
    /// Groups by display name or id; where there are any, the subject must be a direct member of one of them, and the rule must hold too.
    pub groups: Vec<String>,
    /// Sign-in names, mail addresses, object ids or employee ids that stay untouched.
    pub except: Vec<String>,
}

/// One step of a workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its name, by which later tasks may name it.
    pub name: Option<String>,
    /// What it does.
    pub kind: TaskKind,
    /// Whether the later tasks go on when it fails.
    pub continue_on_error: bool,
    /// The places (from 0) of the earlier tasks it waits for; the one before it where the document says nothing.
    pub depends_on: Vec<usize>,
}

/// What a task does, by the names of Lifecycle Workflows' own tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskKind {
    /// `requestAccessPackageAssignment`
    RequestAssignment(RequestedAssignment),
    /// `removeAccessPackageAssignment`
    RemoveAssignment {
        /// The package's display name or id.
        access_package: String,
        /// Whether only assignments that usherd made are removed.
        owned_only: bool,
    },
    /// `addUserToGroups`
    AddToGroups {
        /// Display names or ids.
        groups: Vec<String>,
    },
    /// `removeUserFromGroups`
    RemoveFromGroups {
        /// Display names or ids.
        groups: Vec<String>,
    },
}

impl TaskKind {
    /// The word of the YAML.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::RequestAssignment(_) => "requestAccessPackageAssignment",
            Self::RemoveAssignment { .. } => "removeAccessPackageAssignment",
            Self::AddToGroups { .. } => "addUserToGroups",
            Self::RemoveFromGroups { .. } => "removeUserFromGroups",
        }
    }

    /// Whether it takes something away.
    pub fn is_removal(&self) -> bool {
        matches!(self, Self::RemoveAssignment { .. } | Self::RemoveFromGroups { .. })
    }

    /// The groups it changes, by the names the document gives.
    pub fn groups(&self) -> &[String] {
        match self {
            Self::AddToGroups { groups } | Self::RemoveFromGroups { groups } => groups,
            Self::RequestAssignment(_) | Self::RemoveAssignment { .. } => &[],
        }
    }
}

/// A package to be asked for, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestedAssignment {
    /// The package's display name or id.
    pub access_package: String,
    /// The policy's display name or id; always explicit.
    pub assignment_policy: String,
    /// How long the assignment lasts; without it the policy says.
    pub expiration: Option<Expiration>,
    /// Answers by the text or id of the policy's question, sorted.
    pub answers: BTreeMap<String, Template>,
    /// Kept with the request.
    pub justification: Option<Template>,
}

impl RequestedAssignment {
    /// The attributes its templates show.
    pub fn attributes(&self) -> impl Iterator<Item = &str> {
        self.answers.values().chain(&self.justification).flat_map(Template::attributes)
    }
}

/// A standing equality: the holders of a package are the members of a set.
#[derive(Debug, Clone)]
pub struct AutoAssignment {
    /// Name, mode, version.
    pub header: Header,
    /// The package, and how it is asked for.
    pub requested: RequestedAssignment,
    /// Who is a member: anybody of any of these.
    pub any_of: Vec<MemberSource>,
    /// Sign-in names, mail addresses, object ids or employee ids that stay untouched.
    pub except: Vec<String>,
    /// What happens when somebody stops being a member.
    pub when_member_leaves: WhenMemberLeaves,
    /// Whether assignments usherd did not grant are the document's own too.
    pub adopt: bool,
    /// Its own limit on removals; it can tighten the tenant's, never loosen it.
    pub removal_limit: Option<RemovalLimit>,
}

impl AutoAssignment {
    /// The groups its members come from, each with whether nesting is followed.
    pub fn groups(&self) -> impl Iterator<Item = (&str, bool)> {
        self.any_of.iter().filter_map(|source| match source {
            MemberSource::Group { group, transitive } => Some((group.as_str(), *transitive)),
            _ => None,
        })
    }
}

/// Where members come from.
#[derive(Debug, Clone)]
pub enum MemberSource {
    /// The members of a directory group, by display name or id.
    Group {
        /// Display name or id.
        group: String,
        /// Whether nesting is followed.
        transitive: bool,
    },
    /// Everybody a rule holds for.
    Rule(Rule),
    /// Everybody in a feed.
    Feed(FeedName),
}

/// What happens when somebody stops being a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenMemberLeaves {
    /// The access stays.
    Never,
    /// The access goes with the next pass.
    Immediately,
    /// The access goes after this grace period.
    After(jiff::SignedDuration),
}

/// A limit on how many people a document may remove in one plan: the greater of the two counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovalLimit {
    /// People.
    pub count: u32,
    /// Percent of the base, 0 to 100.
    pub percent: u32,
}

/// A source of HR records.
#[derive(Debug, Clone, PartialEq)]
pub struct Feed {
    /// Its name, unique over all kinds.
    pub name: FeedName,
    /// Its document's version.
    pub hash: DocumentHash,
    /// The file the document came from.
    pub file: String,
    /// Names it had before, whose deliveries are its own.
    pub formerly: Vec<DocumentName>,
    /// Where the records are.
    pub source: FeedSource,
    /// How the records are written.
    pub format: FeedFormat,
    /// The column that tells people apart.
    pub key: String,
    /// The person's zone.
    pub time_zone: FeedZone,
    /// The mapped columns by attribute name.
    pub attributes: BTreeMap<String, ColumnMapping>,
    /// How old a delivery, and the snapshot in force, may be.
    pub max_age: Option<jiff::SignedDuration>,
    /// The limits of the feed gate.
    pub limits: FeedLimits,
    /// Which rows are the feed's own; all where it does not say.
    pub rows: Option<RowFilter>,
}

/// Where a feed's records are. Relative paths start at the folder of `usherd.yaml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedSource {
    /// Watched in place.
    File(String),
    /// A folder whose files are consumed.
    Drop(String),
    /// A list that a service answers in JSON, page by page.
    Http(Box<HttpSource>),
    /// The users of a SCIM 2.0 service.
    Scim(Box<ScimSource>),
}

impl FeedSource {
    /// The path as the document gives it; `None` for what does not lie on this machine.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::File(path) | Self::Drop(path) => Some(path),
            Self::Http(_) | Self::Scim(_) => None,
        }
    }
}

/// How a feed's records are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedFormat {
    /// Separated values with a header; columns are named by it.
    Csv(CsvFormat),
    /// One JSON document that holds the list of records; columns are member names or JSON Pointers.
    Json {
        /// Where the list is.
        records: MemberPath,
    },
    /// A JSON object a line; columns as in [`Json`](Self::Json).
    JsonLines {
        /// Whether the last line must end with a line end (a sign that the file is whole).
        last_line_end_required: bool,
    },
    /// What usherd itself keeps of a remote source: a JSON object a line, each member named exactly as a column.
    Projected,
}

/// How a CSV feed is written; nothing is guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CsvFormat {
    /// The delimiter, one ASCII character.
    pub delimiter: u8,
    /// The encoding; a byte that it cannot decode is an error.
    pub encoding: FeedEncoding,
    /// Whether the last line must end with a line end (a sign that the file is whole).
    pub last_line_end_required: bool,
}

/// Encodings a feed may declare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedEncoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// UTF-16 with a byte order mark, or little-endian without.
    Utf16,
    /// Windows-1252.
    Windows1252,
}

/// Where a person's zone comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedZone {
    /// The column that names it.
    pub column: Option<String>,
    /// The IANA zone where the column is absent or empty.
    pub default: String,
}

/// One mapped column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnMapping {
    /// The column's header.
    pub column: String,
    /// How its text is read.
    pub value: ColumnType,
    /// Texts that mean "empty", beside the empty text itself.
    pub none: Vec<String>,
    /// Texts that say that somebody has left; the feed gate counts who gets one.
    pub leavers: Vec<String>,
    /// What a record says that does not speak of it, which only JSON can.
    pub when_absent: WhenAbsent,
}

/// What it means that a record lacks a column's member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenAbsent {
    /// Nothing: the last known value stays.
    Keep,
    /// That it is empty.
    Empty,
}

/// How a column's text is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnType {
    /// As it is.
    Text,
    /// A civil date.
    Date {
        /// A strptime format, such as `%d.%m.%Y`.
        format: String,
        /// Whether the day itself still counts (a last working day).
        inclusive: bool,
    },
    /// A truth value by the words given.
    Bool {
        /// Words for true.
        truthy: Vec<String>,
        /// Words for false.
        falsy: Vec<String>,
    },
    /// One of the texts given.
    Enum {
        /// The texts.
        values: Vec<String>,
    },
}
