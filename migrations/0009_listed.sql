-- What runs are searched, filtered and sorted by, so that a page of them is found without reading all of them.
CREATE TABLE listed (
    run   INTEGER PRIMARY KEY REFERENCES runs (key) ON DELETE CASCADE,
    -- 1: the run has changed since; it is made anew before the next look
    stale INTEGER NOT NULL DEFAULT 1 CHECK (stale IN (0, 1)),
    -- what a word of a search is looked for in, a line each, in small letters
    words TEXT NOT NULL DEFAULT '',
    -- JSONB: what each column says of the run, numbers as they are and words in small letters
    cells BLOB NOT NULL DEFAULT (jsonb('{}'))
) STRICT;
CREATE INDEX listed_stale ON listed (run) WHERE stale = 1;
INSERT INTO listed (run) SELECT key FROM runs;

-- Whatever changes a run, its row here is noticed by: no writer has to think of it.
CREATE TRIGGER listed_new AFTER INSERT ON runs BEGIN
    INSERT INTO listed (run) VALUES (NEW.key);
END;
CREATE TRIGGER listed_run AFTER UPDATE ON runs BEGIN
    UPDATE listed SET stale = 1 WHERE run = NEW.key AND stale = 0;
END;
CREATE TRIGGER listed_summary AFTER UPDATE ON summaries BEGIN
    UPDATE listed SET stale = 1 WHERE run = NEW.run AND stale = 0;
END;
CREATE TRIGGER listed_tag AFTER INSERT ON tags BEGIN
    UPDATE listed SET stale = 1 WHERE run = NEW.run AND stale = 0;
END;
CREATE TRIGGER listed_no_tag AFTER DELETE ON tags BEGIN
    UPDATE listed SET stale = 1 WHERE run = OLD.run AND stale = 0;
END;

-- The newest first, a page at a time.
CREATE INDEX runs_created ON runs (created, key) WHERE deleted = 0;
