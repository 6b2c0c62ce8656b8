-- The users of the directory as they were read last, and where the next delta round begins; both change in one transaction.

CREATE TABLE directory_reading (
    what TEXT NOT NULL PRIMARY KEY, record TEXT NOT NULL
) STRICT;

CREATE TABLE directory_user (
    id TEXT NOT NULL PRIMARY KEY, record TEXT NOT NULL
) STRICT, WITHOUT ROWID;
