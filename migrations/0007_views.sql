-- Views of the compare page that people keep: what its address has behind the question mark.
CREATE TABLE views (
    name  TEXT PRIMARY KEY,
    query TEXT NOT NULL
) STRICT, WITHOUT ROWID;
