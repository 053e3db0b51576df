-- What the machine did while a run went: a bounded number of samples each, made fewer as the run gets longer.
CREATE TABLE usage (
    run  INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
    time INTEGER NOT NULL,
    body TEXT NOT NULL CHECK (json_valid(body)),
    PRIMARY KEY (run, time)
) STRICT, WITHOUT ROWID;
