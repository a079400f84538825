-- work.snapshot_file: a short number for each snapshot file, so that windows carry no long hashes.
-- Grain: file
-- Columns:
--   source_file  hash   file
--   file_number  count  its number
SELECT source_file, row_number() OVER (ORDER BY source_file) AS file_number
FROM (SELECT DISTINCT source_file FROM lake.usage_snapshot WHERE is_current) AS files
