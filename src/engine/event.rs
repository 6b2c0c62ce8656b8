//! The event names of the log: an API, listed in the README and held by a test.

/// One kind of log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The daemon is up.
    Started,
    /// A stop was asked for.
    Stopping,
    /// The daemon has stopped.
    Stopped,
    /// The documents in force changed.
    DocumentsLoaded,
    /// A document goes on under another name.
    DocumentsRenamed,
    /// Two documents wish the opposite for somebody.
    DocumentsConflict,
    /// Folders cannot be watched; passes come by the schedule alone.
    FoldersUnwatched,
    /// A document has a mistake; its last good text stays in force.
    DocumentsProblem,
    /// The documents in force can be followed, but are probably not what was meant.
    DocumentsWarning,
    /// The folder lost too much at once; everything stays in force.
    DocumentsKept,
    /// A delivery is in force.
    FeedAccepted,
    /// A delivery was refused; the last accepted one stays in force.
    FeedRefused,
    /// People of a delivery were set aside.
    FeedSetAside,
    /// A delivery could not be archived or moved.
    FeedTrouble,
    /// The delivery in force is older than its feed's document wants.
    FeedStale,
    /// All users were read, and not just what had changed.
    DirectoryReadInFull,
    /// A group could not be read.
    GroupUnreadable,
    /// An operator's wish that a workflow runs for somebody is durable.
    WorkflowActivated,
    /// A plan with something in it is durable.
    PlanCommitted,
    /// A part of a plan waits for a person.
    HoldRaised,
    /// A subject is skipped for a reason that a person should look at.
    ActionSkipped,
    /// A request was accepted by the service.
    ActionSubmitted,
    /// A request came to its end.
    ActionSettled,
    /// The service refused a request.
    ActionRefused,
    /// The service did not take a request; it is sent again later.
    ActionDeferred,
    /// The answer to a request was lost.
    ActionAmbiguous,
    /// A request whose answer was lost was found.
    ActionAdopted,
    /// A request's state could not be read; it is asked after again.
    RequestUnreadable,
    /// Two requests carry one tag.
    RequestDoubled,
    /// A pass is over.
    PassCompleted,
    /// A pass could not be done.
    PassFailed,
}

impl Event {
    /// Every event.
    pub const ALL: [Self; 31] = [
        Self::Started,
        Self::Stopping,
        Self::Stopped,
        Self::DocumentsLoaded,
        Self::DocumentsRenamed,
        Self::DocumentsConflict,
        Self::FoldersUnwatched,
        Self::DocumentsProblem,
        Self::DocumentsWarning,
        Self::DocumentsKept,
        Self::FeedAccepted,
        Self::FeedRefused,
        Self::FeedSetAside,
        Self::FeedTrouble,
        Self::FeedStale,
        Self::DirectoryReadInFull,
        Self::GroupUnreadable,
        Self::WorkflowActivated,
        Self::PlanCommitted,
        Self::HoldRaised,
        Self::ActionSkipped,
        Self::ActionSubmitted,
        Self::ActionSettled,
        Self::ActionRefused,
        Self::ActionDeferred,
        Self::ActionAmbiguous,
        Self::ActionAdopted,
        Self::RequestUnreadable,
        Self::RequestDoubled,
        Self::PassCompleted,
        Self::PassFailed,
    ];

    /// The name in the `event` field.
    pub fn name(self) -> &'static str {
        match self {
            Self::Started => "usherd.started",
            Self::Stopping => "usherd.stopping",
            Self::Stopped => "usherd.stopped",
            Self::DocumentsLoaded => "documents.loaded",
            Self::DocumentsRenamed => "documents.renamed",
            Self::DocumentsConflict => "documents.conflict",
            Self::FoldersUnwatched => "folders.unwatched",
            Self::DocumentsProblem => "documents.problem",
            Self::DocumentsWarning => "documents.warning",
            Self::DocumentsKept => "documents.kept",
            Self::FeedAccepted => "feed.accepted",
            Self::FeedRefused => "feed.refused",
            Self::FeedSetAside => "feed.setAside",
            Self::FeedTrouble => "feed.trouble",
            Self::FeedStale => "feed.stale",
            Self::DirectoryReadInFull => "directory.readInFull",
            Self::GroupUnreadable => "group.unreadable",
            Self::WorkflowActivated => "workflow.activated",
            Self::PlanCommitted => "plan.committed",
            Self::HoldRaised => "hold.raised",
            Self::ActionSkipped => "action.skipped",
            Self::ActionSubmitted => "action.submitted",
            Self::ActionSettled => "action.settled",
            Self::ActionRefused => "action.refused",
            Self::ActionDeferred => "action.deferred",
            Self::ActionAmbiguous => "action.ambiguous",
            Self::ActionAdopted => "action.adopted",
            Self::RequestUnreadable => "request.unreadable",
            Self::RequestDoubled => "request.doubled",
            Self::PassCompleted => "pass.completed",
            Self::PassFailed => "pass.failed",
        }
    }
}

/// An error with its whole chain, for the one place that logs it.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
