-- What the mean of a bucket's points is worked out of. Buckets of before have none: of their runs, means are read from the points.
ALTER TABLE buckets ADD COLUMN count INTEGER;
ALTER TABLE buckets ADD COLUMN step_sum REAL;
ALTER TABLE buckets ADD COLUMN time_sum REAL;
ALTER TABLE buckets ADD COLUMN value_sum REAL;
