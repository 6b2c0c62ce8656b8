-- The ledger. Instants are milliseconds since 1970 in UTC; ids and words are text.

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE document (
    name TEXT PRIMARY KEY, kind TEXT NOT NULL, hash TEXT NOT NULL, mode TEXT NOT NULL, first_seen INTEGER NOT NULL,
    writes_since INTEGER, observed_before INTEGER NOT NULL, first_removals_held INTEGER NOT NULL, in_force INTEGER NOT NULL,
    base_hash TEXT, base INTEGER
) STRICT;

CREATE TABLE document_text (file TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT;

CREATE TABLE subject (key TEXT PRIMARY KEY, complete_since INTEGER NOT NULL) STRICT;

CREATE TABLE run (
    workflow TEXT NOT NULL, subject TEXT NOT NULL, trigger_name TEXT NOT NULL, value TEXT NOT NULL, status TEXT NOT NULL,
    document_hash TEXT NOT NULL, category TEXT NOT NULL, backfill INTEGER NOT NULL, begun INTEGER NOT NULL, changed INTEGER NOT NULL,
    PRIMARY KEY (workflow, subject, trigger_name, value)
) STRICT;

CREATE TABLE claim (
    document TEXT NOT NULL, subject TEXT NOT NULL, package TEXT NOT NULL, granted INTEGER NOT NULL,
    leaving_since INTEGER, missing_since INTEGER, PRIMARY KEY (document, subject, package)
) STRICT;

CREATE TABLE episode (
    document TEXT NOT NULL, subject TEXT NOT NULL, package TEXT NOT NULL, episode INTEGER NOT NULL,
    PRIMARY KEY (document, subject, package)
) STRICT;

CREATE TABLE bar (
    workflow TEXT NOT NULL, subject TEXT NOT NULL, trigger_name TEXT NOT NULL, value TEXT NOT NULL, package TEXT NOT NULL,
    user TEXT NOT NULL, document_hash TEXT NOT NULL, set_at INTEGER NOT NULL,
    PRIMARY KEY (workflow, subject, trigger_name, value, package, user)
) STRICT;

CREATE TABLE pin (name TEXT PRIMARY KEY, id TEXT NOT NULL, pinned INTEGER NOT NULL) STRICT;

CREATE TABLE group_size (name TEXT PRIMARY KEY, size INTEGER NOT NULL) STRICT;

CREATE TABLE action (
    id TEXT PRIMARY KEY, body TEXT NOT NULL, kind TEXT NOT NULL, category_order INTEGER NOT NULL, document TEXT NOT NULL,
    subject TEXT NOT NULL, user TEXT NOT NULL, package TEXT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL,
    submitted INTEGER, request TEXT, detail TEXT NOT NULL, created INTEGER NOT NULL, changed INTEGER NOT NULL
) STRICT;

CREATE INDEX action_by_state ON action (state);

-- At most one action of a user and a package is on its way (design.md section 3, 2).
CREATE UNIQUE INDEX action_alone ON action (user, package)
    WHERE state IN ('held', 'ready', 'submitting', 'ambiguous', 'submitted');

CREATE TABLE hold (
    hash TEXT PRIMARY KEY, gate TEXT NOT NULL, why TEXT NOT NULL, items TEXT NOT NULL, raised INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'approved', 'rejected', 'closed')), decided_by TEXT, decided INTEGER
) STRICT;

CREATE TABLE hold_decision (
    action TEXT PRIMARY KEY, document TEXT NOT NULL, hash TEXT NOT NULL, approved INTEGER NOT NULL, decided_by TEXT NOT NULL, decided INTEGER NOT NULL
) STRICT;

CREATE TABLE feed_delivery (
    number INTEGER PRIMARY KEY AUTOINCREMENT, feed TEXT NOT NULL, accepted INTEGER NOT NULL, record TEXT NOT NULL
) STRICT;

CREATE INDEX feed_delivery_by_feed ON feed_delivery (feed, accepted, number);

CREATE TABLE feed_person (
    feed TEXT NOT NULL, key TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (feed, key)
) STRICT;

-- Append-only: what was done, by ids and words.
CREATE TABLE history (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, event TEXT NOT NULL, subject TEXT, action TEXT, detail TEXT NOT NULL
) STRICT;
