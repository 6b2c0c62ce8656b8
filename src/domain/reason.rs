//! Reasons: why the plan does not act, or holds back, for a subject and a document.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::action::ActionState;
use super::ids::{DocumentName, PackageId};

/// Why nothing is sent for a subject and a document in this pass. Every skip has one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "code")]
pub enum Reason {
    /// The rule was read and does not hold.
    NotInScope,
    /// The rule, a group or a feed it needs could not be read: neither added nor removed.
    Unknown {
        /// What could not be read.
        what: String,
    },
    /// Named in `except`: untouched.
    Excepted,
    /// The workflow is switched off (`isEnabled: false`).
    Disabled,
    /// The HR record matches no directory user yet.
    NoUser,
    /// More than one user or record carries the join key.
    AmbiguousJoin,
    /// Another account carries the same employee id, so that the HR record may mean either.
    SharesEmployeeId,
    /// The service said that usherd lacks the permission; tried again within the hour.
    Forbidden,
    /// The trigger's date attribute is empty.
    NoDate,
    /// The date ended an earlier employment; the person is hired again.
    HiredAgain,
    /// Nothing has happened yet that the trigger waits for.
    NoOccasion,
    /// What made it due is no longer so: the date moved, the change was taken back, or another one followed.
    NoLongerDue,
    /// The trigger's instant lies ahead.
    NotYetDue {
        /// When it is due (UTC).
        due: Timestamp,
    },
    /// The catch-up window is over.
    TooLate {
        /// When it was due (UTC).
        due: Timestamp,
    },
    /// Due before the document was in force, further back than it looks.
    BeforeDocument {
        /// When it was due (UTC).
        due: Timestamp,
    },
    /// Due while the document was only observing.
    ModeChanged {
        /// When it was due (UTC).
        due: Timestamp,
    },
    /// The document's mode is `observe`: this would be done.
    Observing,
    /// The document's mode is `grantOnly`: this removal would be done.
    GrantOnly,
    /// The subject already holds the package, and this document's grant stands.
    Satisfied,
    /// The subject already held the package; usherd did not grant it.
    AlreadySatisfiedUnowned,
    /// There is nothing to remove.
    NothingToRemove,
    /// The subject is in the group already.
    AlreadyMember,
    /// The subject is not in the group.
    NotAMember,
    /// The subject holds, or is getting, a package that cannot be held together with this one, and nothing takes that away.
    Incompatible {
        /// The other package.
        with: PackageId,
    },
    /// The occasion was dealt with.
    Done,
    /// An action of the same user and package is on its way.
    InFlight {
        /// How far it is.
        state: ActionState,
    },
    /// A request that usherd did not make is open for this user and package.
    OpenRequest,
    /// The package is going; the add waits until it is gone.
    WaitsForRemoval,
    /// An earlier task of the same run is not done yet.
    WaitsForTask {
        /// The earlier task, counted from 1.
        task: usize,
    },
    /// An earlier task of the same run failed, and it does not say `continueOnError`.
    EarlierTaskFailed {
        /// The earlier task, counted from 1.
        task: usize,
    },
    /// The same cause ended badly before; it is not tried again until the document, the episode or an operator changes it.
    Sticks {
        /// How it ended.
        state: ActionState,
    },
    /// A person rejected it when it was held.
    Rejected,
    /// A leaver's bar keeps the package away.
    Barred,
    /// The bar ends when the person's new employment begins.
    BarredUntil {
        /// When that is (UTC).
        begins: Timestamp,
    },
    /// Another document already does the same in this pass.
    SameAs {
        /// That document.
        document: DocumentName,
    },
    /// A removal task of another document took it while this one wanted it; it is given again once the subject was no longer a member.
    OutrankedBy {
        /// That document.
        document: DocumentName,
    },
    /// Two documents of equal rank wish the opposite: neither is done until a person changes one of them.
    Conflict {
        /// The document that wants the subject to hold it.
        gives: DocumentName,
        /// The document that wants the subject not to hold it.
        takes: DocumentName,
    },
    /// The member left; the access stays until the grace period is over.
    InGracePeriod {
        /// When it is over (UTC); absent when it begins with this pass.
        until: Option<Timestamp>,
    },
    /// The document never removes.
    NeverRemoves,
    /// Another document still wants the subject to hold the package.
    KeptBy {
        /// That document.
        document: DocumentName,
    },
    /// Not granted by usherd, and the document does not adopt.
    NotOwned,
    /// The assignment belongs to a policy by which the service itself assigns.
    ServiceManaged,
    /// The subject lost the package outside usherd; two readings must agree before it is given again.
    LossUnconfirmed,
    /// A removal waits for the feed's delivery to be accepted by a person.
    FeedRemovalsWait,
    /// The document that granted it is gone; the access stays until the document is retired.
    Orphaned,
    /// The access package is not in the tenant.
    PackageNotFound {
        /// The name or id the document gives.
        name: String,
    },
    /// The group is not in the directory.
    GroupNotFound {
        /// The name or id the document gives.
        name: String,
    },
    /// Nobody can be put into the group or taken out: a rule, the local directory or Exchange keeps its members.
    GroupIsFixed {
        /// The name or id the document gives.
        name: String,
    },
    /// The policy is not one of the package's.
    PolicyNotFound {
        /// The name or id the document gives.
        name: String,
    },
    /// The policy asks no such question.
    QuestionNotFound {
        /// The text or id the document gives.
        name: String,
    },
    /// The policy requires an answer that the document does not give, or that is empty for this subject.
    AnswerMissing {
        /// The question's text.
        question: String,
    },
    /// The answer is none of those that the policy lets one choose from.
    AnswerNotAChoice {
        /// The question's text.
        question: String,
    },
    /// More than one object carries the name.
    NameAmbiguous {
        /// The name the document gives.
        name: String,
    },
    /// The name now belongs to another object than the one pinned; a person must decide.
    PinChanged {
        /// The name the document gives.
        name: String,
        /// The id it stood for.
        pinned: String,
        /// The id it stands for now.
        found: String,
    },
    /// The attribute's value cannot be dated (a zone that is not known, a date outside the calendar).
    BadDate {
        /// What is wrong.
        problem: String,
    },
}

impl Reason {
    /// The stable word for logs, counts and machines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotInScope => "notInScope",
            Self::Unknown { .. } => "unknown",
            Self::Excepted => "excepted",
            Self::Disabled => "disabled",
            Self::NoUser => "noUser",
            Self::AmbiguousJoin => "ambiguousJoin",
            Self::SharesEmployeeId => "sharesEmployeeId",
            Self::Forbidden => "forbidden",
            Self::NoDate => "noDate",
            Self::HiredAgain => "hiredAgain",
            Self::NoOccasion => "noOccasion",
            Self::NoLongerDue => "noLongerDue",
            Self::NotYetDue { .. } => "notYetDue",
            Self::TooLate { .. } => "tooLate",
            Self::BeforeDocument { .. } => "beforeDocument",
            Self::ModeChanged { .. } => "modeChanged",
            Self::Observing => "observing",
            Self::GrantOnly => "grantOnly",
            Self::Satisfied => "satisfied",
            Self::AlreadySatisfiedUnowned => "alreadySatisfiedUnowned",
            Self::NothingToRemove => "nothingToRemove",
            Self::AlreadyMember => "alreadyMember",
            Self::NotAMember => "notAMember",
            Self::Incompatible { .. } => "incompatible",
            Self::Done => "done",
            Self::InFlight { .. } => "inFlight",
            Self::OpenRequest => "openRequest",
            Self::WaitsForRemoval => "waitsForRemoval",
            Self::WaitsForTask { .. } => "waitsForTask",
            Self::EarlierTaskFailed { .. } => "earlierTaskFailed",
            Self::Sticks { .. } => "sticks",
            Self::Rejected => "rejected",
            Self::Barred => "barred",
            Self::BarredUntil { .. } => "barredUntil",
            Self::SameAs { .. } => "sameAs",
            Self::OutrankedBy { .. } => "outrankedBy",
            Self::Conflict { .. } => "conflict",
            Self::InGracePeriod { .. } => "inGracePeriod",
            Self::NeverRemoves => "neverRemoves",
            Self::KeptBy { .. } => "keptBy",
            Self::NotOwned => "notOwned",
            Self::ServiceManaged => "serviceManaged",
            Self::LossUnconfirmed => "lossUnconfirmed",
            Self::FeedRemovalsWait => "feedRemovalsWait",
            Self::Orphaned => "orphaned",
            Self::PackageNotFound { .. } => "packageNotFound",
            Self::GroupNotFound { .. } => "groupNotFound",
            Self::GroupIsFixed { .. } => "groupIsFixed",
            Self::PolicyNotFound { .. } => "policyNotFound",
            Self::QuestionNotFound { .. } => "questionNotFound",
            Self::AnswerMissing { .. } => "answerMissing",
            Self::AnswerNotAChoice { .. } => "answerNotAChoice",
            Self::NameAmbiguous { .. } => "nameAmbiguous",
            Self::PinChanged { .. } => "pinChanged",
            Self::BadDate { .. } => "badDate",
        }
    }

    /// When the verdict will change by time alone, where that is known.
    pub fn changes_at(&self) -> Option<Timestamp> {
        match self {
            Self::NotYetDue { due } | Self::BarredUntil { begins: due } => Some(*due),
            Self::InGracePeriod { until } => *until,
            _ => None,
        }
    }

    /// Whether packages or policies as they were read may be what it comes from, so that reading them again may help.
    pub fn doubts_the_catalog(&self) -> bool {
        matches!(
            self,
            Self::PackageNotFound { .. }
                | Self::PolicyNotFound { .. }
                | Self::QuestionNotFound { .. }
                | Self::AnswerMissing { .. }
                | Self::AnswerNotAChoice { .. }
                | Self::Incompatible { .. }
                | Self::NameAmbiguous { .. }
                | Self::PinChanged { .. }
        )
    }

    /// Whether a person should look at it, since it will not come right by itself.
    pub fn needs_attention(&self) -> bool {
        matches!(
            self,
            Self::AmbiguousJoin
                | Self::Forbidden
                | Self::Sticks { .. }
                | Self::OutrankedBy { .. }
                | Self::Conflict { .. }
                | Self::Orphaned
                | Self::FeedRemovalsWait
                | Self::PackageNotFound { .. }
                | Self::GroupNotFound { .. }
                | Self::GroupIsFixed { .. }
                | Self::PolicyNotFound { .. }
                | Self::QuestionNotFound { .. }
                | Self::AnswerMissing { .. }
                | Self::AnswerNotAChoice { .. }
                | Self::Incompatible { .. }
                | Self::NameAmbiguous { .. }
                | Self::PinChanged { .. }
                | Self::BadDate { .. }
        )
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotInScope => f.write_str("not in scope"),
            Self::Unknown { what } => write!(f, "{what} could not be read, so nothing is added or removed"),
            Self::Excepted => f.write_str("excepted: untouched by this document"),
            Self::Disabled => f.write_str("the workflow is switched off"),
            Self::NoUser => f.write_str("no directory user has this employee id yet"),
            Self::AmbiguousJoin => f.write_str("more than one user or record carries this employee id"),
            Self::SharesEmployeeId => f.write_str("another account carries the same employee id"),
            Self::Forbidden => f.write_str("usherd lacks the permission; tried again within the hour"),
            Self::NoDate => f.write_str("the trigger's date is empty"),
            Self::HiredAgain => f.write_str("left before, and is hired again"),
            Self::NoOccasion => f.write_str("nothing has happened yet that makes it due"),
            Self::NoLongerDue => f.write_str("what made it due is no longer so"),
            Self::NotYetDue { due } => write!(f, "due at {due}"),
            Self::TooLate { due } => write!(f, "was due at {due}; the catch-up window is over"),
            Self::BeforeDocument { due } => write!(f, "was due at {due}, before the document was in force"),
            Self::ModeChanged { due } => write!(f, "was due at {due}, while the document only observed"),
            Self::Observing => f.write_str("observed only: would be done in mode enforce"),
            Self::GrantOnly => f.write_str("mode grantOnly: the removal would be done in mode enforce"),
            Self::Satisfied => f.write_str("holds the package as wished"),
            Self::AlreadySatisfiedUnowned => f.write_str("already held the package; not granted by usherd"),
            Self::NothingToRemove => f.write_str("does not hold the package"),
            Self::AlreadyMember => f.write_str("is in the group as wished"),
            Self::NotAMember => f.write_str("is not in the group"),
            Self::Incompatible { with } => {
                write!(f, "cannot be held together with package {with}, which nothing takes away")
            }
            Self::Done => f.write_str("done before"),
            Self::InFlight { state } => write!(f, "on its way ({state})"),
            Self::OpenRequest => f.write_str("a request of somebody else is open"),
            Self::WaitsForRemoval => f.write_str("waits until the package is gone"),
            Self::WaitsForTask { task } => write!(f, "waits for task {task}"),
            Self::EarlierTaskFailed { task } => write!(f, "task {task} failed"),
            Self::Sticks { state } => write!(f, "ended as {state} before; not tried again for the same cause"),
            Self::Rejected => f.write_str("rejected by a person when it was held"),
            Self::Barred => f.write_str("barred: left the company"),
            Self::BarredUntil { begins } => write!(f, "barred until the new employment begins at {begins}"),
            Self::SameAs { document } => write!(f, "done by {document} in the same pass"),
            Self::OutrankedBy { document } => {
                write!(f, "taken by {document}; given again once no longer a member and then one again")
            }
            Self::Conflict { gives, takes } => {
                write!(f, "{gives} gives what {takes} takes; neither is done until one of them is changed")
            }
            Self::InGracePeriod { until: Some(until) } => write!(f, "in the grace period until {until}"),
            Self::InGracePeriod { until: None } => f.write_str("the grace period begins"),
            Self::NeverRemoves => f.write_str("left, but the document never removes"),
            Self::KeptBy { document } => write!(f, "kept by {document}"),
            Self::NotOwned => f.write_str("not granted by usherd"),
            Self::ServiceManaged => f.write_str("assigned by the service's own policy"),
            Self::LossUnconfirmed => f.write_str("lost the package outside usherd; waiting for a second reading"),
            Self::FeedRemovalsWait => {
                f.write_str("the feed's first delivery looks too small; removals wait for a person")
            }
            Self::Orphaned => f.write_str("the document is gone; its access stays until it is retired"),
            Self::PackageNotFound { name } => write!(f, "no access package '{name}' in the tenant"),
            Self::GroupNotFound { name } => write!(f, "no group '{name}' in the directory"),
            Self::GroupIsFixed { name } => {
                write!(f, "the members of group '{name}' are kept by a rule, the local directory or Exchange")
            }
            Self::PolicyNotFound { name } => write!(f, "the package has no assignment policy '{name}'"),
            Self::QuestionNotFound { name } => write!(f, "the policy asks no question '{name}'"),
            Self::AnswerMissing { question } => write!(f, "the policy requires an answer to '{question}'"),
            Self::AnswerNotAChoice { question } => {
                write!(f, "the answer to '{question}' is none of the policy's choices")
            }
            Self::NameAmbiguous { name } => write!(f, "more than one object is called '{name}'"),
            Self::PinChanged { name, pinned, found } => {
                write!(
                    f,
                    "'{name}' stood for {pinned} and now stands for {found}; a person must decide: the document may name the id"
                )
            }
            Self::BadDate { problem } => write!(f, "{problem}"),
        }
    }
}
