-- Which runs use a data set or a model is read from their configs; these were written and never read.
DROP TABLE run_datasets;
DROP TABLE run_models;
