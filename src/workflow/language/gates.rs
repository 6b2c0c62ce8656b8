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
    ("unreadable", "The file cannot be read, or is no file."),
    ("tooLarge", "The file is larger than usherd reads."),
    ("undecodable", "A byte that the declared encoding cannot decode."),
    ("malformed", "Not CSV: a quote that does not close, or closes in the middle of a value."),
    ("halfWritten", "The file ends in the middle of a line."),
    ("badManifest", "The `.done` file beside the delivery cannot be read."),
    ("manifestMismatch", "Other rows, or another SHA-256, than the `.done` file beside the delivery says."),
    ("badGzip", "A gzip file that is damaged or cut, or that unpacks to far more than an HR export does."),
    ("outOfOrder", "Made before the last accepted delivery was."),
    ("stale", "Made longer ago than the document's `maxAge`."),
    ("zeroRows", "No rows, or none that can be used."),
    ("tooFewRows", "Fewer rows than the document's `leastRows`."),
    ("headerChanged", "Another header than the last accepted delivery's, the feed's document being the same."),
    ("columnMissing", "A column that the document maps is not there."),
    ("columnRepeated", "A column that the document maps is there twice."),
    ("tooManyColumns", "More columns than usherd reads."),
    ("raggedRow", "A row with more or fewer values than the header."),
    ("badKeys", "More than max(2, 0.5 %) rows without a usable key, or keys with different records."),
    ("badColumn", "More than max(2, 0.5 %) rows in which a mapped column cannot be read."),
    (
        "rowsLost",
        "More than max(3, 10 %) fewer rows than usual, or people of the last accepted delivery who are not in it.",
    ),
    (
        "leaversSurge",
        "More than max(3, 2 %) people get a leave date that has already passed, or one of the values that the document calls `leavers`.",
    ),
    ("leaveDatesCleared", "More than max(3, 1 %) of the leave dates that lie ahead are cleared."),
    ("attributeSurge", "An attribute changes for more than max(9, 30 %) of the people."),
];
