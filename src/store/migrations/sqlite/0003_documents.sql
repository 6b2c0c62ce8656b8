-- What documents were called, how far they would go, what a person decided on those that are gone, and what outranks their claims.

ALTER TABLE document ADD COLUMN identity TEXT NOT NULL DEFAULT '';
ALTER TABLE document ADD COLUMN declared_mode TEXT NOT NULL DEFAULT '';
ALTER TABLE document ADD COLUMN retirement TEXT;
ALTER TABLE document ADD COLUMN is_adopting INTEGER NOT NULL DEFAULT 0;
UPDATE document SET identity = name, declared_mode = mode;

CREATE TABLE outranked (
    document TEXT NOT NULL, subject TEXT NOT NULL, package TEXT NOT NULL, by_document TEXT NOT NULL, since INTEGER NOT NULL,
    PRIMARY KEY (document, subject, package)
) STRICT;
