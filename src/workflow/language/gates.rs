//! What waits for a person, and which deliveries are refused, by the words that holds and logs show.

/// Every plan gate and what it holds; a test holds the list to `plan::Gate`.
pub const PLAN_GATES: &[(&str, &str)] = &[
    ("backfill", "What a new document's `backfill` found."),
    ("firstRemovals", "The removals of the first plan after a document began to enforce."),
    ("groupShrunk", "Removals that rest on a group that went to nobody, or lost more than max(5, 30 %) at once."),
    ("retirement", "The removal of what a document granted that was retired with `--remove`."),
    ("adoption", "Assignments that `usherd adopt` makes a document's own."),
    (
        "lastGuestAssignment",
        "The end of a guest's last assignment, after which the service blocks and deletes the guest.",
    ),
    (
        "documentRemovals",
        "Removals of one document in one plan for more than max(5, 5 %) people of its base, or half or more of 4 or more, or all of 2 or more.",
    ),
    ("tenantRemovals", "Removals of all documents in one plan for more than max(10, 2 %) people, or more than 500."),
    ("documentAdditions", "Additions of one document in one plan for more than max(50, 20 %) people of its base."),
];

/// Every rule of the feed gate and what it refuses; a test holds the list to `feed`.
pub const FEED_GATES: &[(&str, &str)] = &[
    ("unreadable", "The file cannot be read, or is no file; or no connection to the service can be prepared."),
    ("tooLarge", "The file, a page or a record is larger than usherd reads."),
    ("undecodable", "A byte that the declared encoding cannot decode."),
    ("malformed", "Not CSV (a quote that does not close, or closes in the middle of a value), or not JSON."),
    ("halfWritten", "The file ends in the middle of a line or a value, or a service's answer breaks off."),
    ("zeroRows", "No rows, or none that can be used."),
    ("headerChanged", "Another header than the last accepted delivery's, the feed's document being the same."),
    (
        "columnMissing",
        "A column that the document maps is not there; in JSON, in no record, unless it says `absent: empty`.",
    ),
    ("columnRepeated", "A column that the document maps is there twice."),
    ("tooManyColumns", "More columns than usherd reads."),
    ("raggedRow", "A row with more or fewer values than the header."),
    ("memberRepeated", "A JSON object with a member twice."),
    ("tooDeep", "JSON with more levels than usherd reads."),
    ("recordsMissing", "No list of records where the document says it is, or something else than a record in it."),
    ("secretUnreadable", "A secret in the folder feed-secrets cannot be read."),
    ("unauthorized", "The service does not accept what it is shown, or gives no token for it."),
    ("unreachable", "The service gives no answer."),
    ("timedOut", "The delivery takes longer than `timeout`."),
    ("throttled", "The service answers 429 or 503, for longer than the delivery may take."),
    ("serviceFailed", "The service answers with another HTTP status than 200."),
    ("redirected", "The service answers with a redirect, which is not followed."),
    ("tooManyPages", "More pages than usherd reads."),
    ("totalMissing", "A page does not say how many records there are in all."),
    ("totalDiffers", "Not as many records come as the service says that it has."),
    ("totalChanged", "The number of records changes while they are read."),
    ("pagesShifted", "A record comes on two pages, so that another may come on none."),
    ("pageRepeated", "A page leads to one that was read before."),
    ("pageMissing", "A page is not the one that was asked for, or empty although there is more."),
    ("morePages", "The answer leads to a further page, and the document names no `paging`."),
    ("foreignLink", "A page leads to another service, where the credentials must not go."),
    ("notScim", "The answer is not that of a SCIM 2.0 service."),
    ("filterUnsupported", "The SCIM service says that it ignores filters, and the document has one."),
    ("badKeys", "More than max(2, 0.5 %) rows without a usable key, or keys with different records."),
    ("badColumn", "More than max(2, 0.5 %) rows in which a mapped column cannot be read."),
    (
        "rowsLost",
        "More than max(3, 10 %) fewer rows than usual, or people of the last accepted delivery who are not in it.",
    ),
    ("leaversSurge", "More than max(3, 2 %) people get a leave date that has already passed."),
    ("leaveDatesCleared", "More than max(3, 1 %) of the leave dates that lie ahead are cleared."),
    ("attributeSurge", "An attribute changes for more than max(9, 30 %) of the people."),
];
