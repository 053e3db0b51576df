-- A run that was taken in from files that don't say how it ended is untold. A column's CHECK can't be changed, so the column
-- is made anew.
DROP INDEX runs_state;
ALTER TABLE runs RENAME COLUMN state TO state_before;
ALTER TABLE runs ADD COLUMN state TEXT NOT NULL DEFAULT 'queued'
    CHECK (state IN ('queued', 'starting', 'running', 'stopping', 'completed', 'stopped', 'failed', 'untold', 'unknown'));
UPDATE runs SET state = state_before;
ALTER TABLE runs DROP COLUMN state_before;
CREATE INDEX runs_state ON runs (state, queue_position);
