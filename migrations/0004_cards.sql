-- The uuid of the card that a run's worker was given; none: the processor.
ALTER TABLE runs ADD COLUMN card TEXT;
