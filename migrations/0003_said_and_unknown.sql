-- A run whose worker belongs to another machine is unknown: neither live here nor over. A column's CHECK can't be
-- changed, so the column is made anew.
DROP INDEX runs_state;
ALTER TABLE runs RENAME COLUMN state TO state_before;
ALTER TABLE runs ADD COLUMN state TEXT NOT NULL DEFAULT 'queued'
    CHECK (state IN ('queued', 'starting', 'running', 'stopping', 'completed', 'stopped', 'failed', 'unknown'));
UPDATE runs SET state = state_before;
ALTER TABLE runs DROP COLUMN state_before;
CREATE INDEX runs_state ON runs (state, queue_position);

-- The code and arguments of `message`, by which the board says it in the person's language.
ALTER TABLE runs ADD COLUMN code TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN args TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(args));

-- 1: deleted; no list shows it, and its events and points are taken out bit by bit.
ALTER TABLE runs ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1));

-- The checkpoint folder a resume was asked to go on from; without one, the newest.
ALTER TABLE runs ADD COLUMN resume_from TEXT;
