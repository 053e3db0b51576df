-- Sweeps: several runs of one config with other values of some keys.
CREATE TABLE sweeps (
    id      TEXT PRIMARY KEY,
    name    TEXT NOT NULL,
    -- what its runs share, what is swept, what they are compared by
    config  TEXT NOT NULL CHECK (json_valid(config)),
    sweep   TEXT NOT NULL CHECK (json_valid(sweep)),
    target  TEXT NOT NULL CHECK (json_valid(target)),
    tags    TEXT NOT NULL CHECK (json_valid(tags)),
    -- runs that it makes in all, and has made
    runs    INTEGER NOT NULL,
    made    INTEGER NOT NULL DEFAULT 0,
    -- 1: no more are made
    stopped INTEGER NOT NULL DEFAULT 0 CHECK (stopped IN (0, 1)),
    -- why, where nobody asked for it
    said    TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(said)),
    created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE runs ADD COLUMN sweep TEXT;
-- Its place in the sweep, from 0, and its values of the swept keys.
ALTER TABLE runs ADD COLUMN sweep_index INTEGER;
ALTER TABLE runs ADD COLUMN point TEXT CHECK (point IS NULL OR json_valid(point));
-- The evaluation after which it was last held against the others.
ALTER TABLE runs ADD COLUMN rung INTEGER NOT NULL DEFAULT 0;
-- What is said of a run that was stopped early.
ALTER TABLE runs ADD COLUMN early TEXT CHECK (early IS NULL OR json_valid(early));
CREATE INDEX runs_sweep ON runs (sweep) WHERE sweep IS NOT NULL;
