-- Runs, what their workers told, and what the tables and charts show of it.

-- What people decide about a run. `key` is the compact number that the large tables refer to.
CREATE TABLE runs (
    key            INTEGER PRIMARY KEY,
    id             TEXT NOT NULL UNIQUE,
    name           TEXT NOT NULL UNIQUE,
    state          TEXT NOT NULL CHECK (state IN ('queued', 'starting', 'running', 'stopping', 'completed', 'stopped', 'failed')),
    queue_position INTEGER,
    -- 1: the next start goes on from the newest checkpoint
    resume         INTEGER NOT NULL DEFAULT 0 CHECK (resume IN (0, 1)),
    -- 'save' or 'now', once asked
    stop_asked     TEXT CHECK (stop_asked IN ('save', 'now')),
    config         TEXT NOT NULL CHECK (json_valid(config)),
    directory      TEXT NOT NULL UNIQUE,
    note           TEXT NOT NULL DEFAULT '',
    archived       INTEGER NOT NULL DEFAULT 0 CHECK (archived IN (0, 1)),
    parent         TEXT,
    created        INTEGER NOT NULL,
    ended          INTEGER,
    message        TEXT NOT NULL DEFAULT '',
    -- the worker that was started: a pid means nothing without its start time and the boot
    worker_pid     INTEGER,
    worker_start   INTEGER,
    worker_boot    TEXT,
    peak_memory    INTEGER
) STRICT;
CREATE INDEX runs_state ON runs (state, queue_position);

CREATE TABLE tags (
    run INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    PRIMARY KEY (run, tag)
) STRICT, WITHOUT ROWID;

-- Data sets a run trains or evaluates on, by their names in dataset_info.json.
CREATE TABLE run_datasets (
    run     INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
    dataset TEXT NOT NULL,
    PRIMARY KEY (run, dataset)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_datasets_by_name ON run_datasets (dataset);

-- Models a run starts from (base, adapters, reference), as written in its config.
CREATE TABLE run_models (
    run   INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
    model TEXT NOT NULL,
    PRIMARY KEY (run, model)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_models_by_name ON run_models (model);

-- How far events.jsonl was read, and the newest state it describes: what the runs table shows without a look at points.
CREATE TABLE summaries (
    run      INTEGER PRIMARY KEY REFERENCES runs (key) ON DELETE CASCADE,
    seq      INTEGER NOT NULL DEFAULT 0,
    bytes    INTEGER NOT NULL DEFAULT 0,
    progress TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(progress))
) STRICT;

-- The lines of events.jsonl, as they are.
CREATE TABLE events (
    run  INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
    seq  INTEGER NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL CHECK (json_valid(body)),
    PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX events_rare ON events (run, kind, seq) WHERE kind IN ('started', 'notice', 'data', 'checkpoint', 'finished');

CREATE TABLE metrics (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- One value of one metric. A resumed run replaces the points after the step it goes on from.
CREATE TABLE points (
    run    INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
    metric INTEGER NOT NULL REFERENCES metrics (id),
    step   INTEGER NOT NULL,
    time   INTEGER NOT NULL,
    value  REAL NOT NULL,
    PRIMARY KEY (run, metric, step)
) STRICT, WITHOUT ROWID;

-- The least and the greatest point of each 4^level steps: a chart of any length costs the same to read.
CREATE TABLE buckets (
    run       INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
    level     INTEGER NOT NULL,
    metric    INTEGER NOT NULL REFERENCES metrics (id),
    bucket    INTEGER NOT NULL,
    low_step  INTEGER NOT NULL,
    low_time  INTEGER NOT NULL,
    low       REAL NOT NULL,
    high_step INTEGER NOT NULL,
    high_time INTEGER NOT NULL,
    high      REAL NOT NULL,
    PRIMARY KEY (run, level, metric, bucket)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoints (
    run     INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
    step    INTEGER NOT NULL,
    path    TEXT NOT NULL,
    best    INTEGER NOT NULL CHECK (best IN (0, 1)),
    eval    TEXT NOT NULL CHECK (json_valid(eval)),
    bytes   INTEGER NOT NULL,
    created INTEGER NOT NULL,
    PRIMARY KEY (run, step)
) STRICT, WITHOUT ROWID;

-- Run directories whose run was deleted without its files: they are not taken up again by themselves.
CREATE TABLE forgotten (
    directory TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
