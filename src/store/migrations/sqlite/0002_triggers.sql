-- Triggers beside dates, task runs, and actions on groups. Instants are milliseconds since 1970 in UTC.

-- A package's id, or a group's behind `group:`.
ALTER TABLE action RENAME COLUMN package TO resource;

-- How far each task is, as JSON; `held_by` names the gate that holds all a run does.
ALTER TABLE run ADD COLUMN held_by TEXT;
ALTER TABLE run ADD COLUMN reason TEXT;
ALTER TABLE run ADD COLUMN tasks TEXT NOT NULL DEFAULT '[]';
UPDATE run SET held_by = 'backfill' WHERE backfill;
ALTER TABLE run DROP COLUMN backfill;

CREATE TABLE watched (
    subject TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, before TEXT, changes INTEGER NOT NULL, since INTEGER NOT NULL,
    PRIMARY KEY (subject, key)
) STRICT;

CREATE TABLE watched_since (key TEXT PRIMARY KEY, since INTEGER NOT NULL) STRICT;

CREATE TABLE schedule_reached (document TEXT PRIMARY KEY, instant INTEGER NOT NULL) STRICT;

CREATE TABLE activation (
    id TEXT PRIMARY KEY, workflow TEXT NOT NULL, subject TEXT NOT NULL, requested INTEGER NOT NULL, requested_by TEXT NOT NULL,
    taken INTEGER
) STRICT;
