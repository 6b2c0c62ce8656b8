//! Checked definitions: what the documents say, with no value left unvalidated.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Time;
use serde::{Deserialize, Serialize};

use crate::domain::action::Category;
use crate::domain::ids::{DocumentHash, DocumentName, FeedName};

use super::rule::Rule;

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
    pub trigger: TimeTrigger,
    /// For whom.
    pub scope: Scope,
    /// What happens, in order.
    pub tasks: Vec<Task>,
}

/// A trigger by a date attribute (Lifecycle Workflows' `timeBasedAttributeTrigger`).
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
    /// How late it may still run.
    pub catch_up: CatchUp,
    /// How many days a new document looks back beyond its catch-up; all it finds is one hold.
    pub backfill_days: Option<i32>,
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
    /// The rule; without it, everybody.
    pub rule: Option<Rule>,
    /// Sign-in names, mail addresses, object ids or employee ids that stay untouched.
    pub except: Vec<String>,
}

/// One step of a workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// What it does.
    pub kind: TaskKind,
    /// Whether the later tasks go on when it fails.
    pub continue_on_error: bool,
}

/// What a task does, by the names of Lifecycle Workflows' own tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskKind {
    /// `requestAccessPackageAssignment`
    RequestAssignment {
        /// The package's display name or id.
        access_package: String,
        /// The policy's display name or id; always explicit.
        assignment_policy: String,
        /// Kept with the request.
        justification: Option<String>,
    },
    /// `removeAccessPackageAssignment`
    RemoveAssignment {
        /// The package's display name or id.
        access_package: String,
    },
}

impl TaskKind {
    /// The package the task is about, by the name the document gives.
    pub fn access_package(&self) -> &str {
        match self {
            Self::RequestAssignment { access_package, .. } | Self::RemoveAssignment { access_package } => {
                access_package
            }
        }
    }
}

/// A standing equality: the holders of a package are the members of a set.
#[derive(Debug, Clone)]
pub struct AutoAssignment {
    /// Name, mode, version.
    pub header: Header,
    /// The package's display name or id.
    pub access_package: String,
    /// The policy's display name or id; always explicit.
    pub assignment_policy: String,
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
    /// Where the records are.
    pub source: FeedSource,
    /// How the CSV is written.
    pub format: CsvFormat,
    /// The header of the key column.
    pub key: String,
    /// The person's zone.
    pub time_zone: FeedZone,
    /// The mapped columns by attribute name.
    pub attributes: BTreeMap<String, ColumnMapping>,
}

/// Where a feed's records are. Relative paths start at the folder of `usherd.yaml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedSource {
    /// Watched in place.
    File(String),
    /// A folder whose files are consumed.
    Drop(String),
}

impl FeedSource {
    /// The path as the document gives it.
    pub fn path(&self) -> &str {
        match self {
            Self::File(path) | Self::Drop(path) => path,
        }
    }
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
}
