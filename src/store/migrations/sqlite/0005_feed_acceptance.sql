-- Which delivery of a feed a person has accepted, until the next pass takes it, or another delivery comes.

CREATE TABLE feed_acceptance (
    feed TEXT NOT NULL PRIMARY KEY, record TEXT NOT NULL
) STRICT;
