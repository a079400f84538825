-- facts.coverage: which days the files tell of, and what a missing row means there.
-- Grain: file x class
-- Columns:
--   platform         id    platform
--   feed             id    feed of that platform
--   class_key        id    the platform's class; NULL = all
--   class_id         id    class of the roster; NULL = all or not resolved
--   covers_from      date  first day
--   covers_to        date  last day
--   of               text  activity, assignments, assessments or roster
--   absence_is_zero  bool  no row means nothing was done; false = not observed
--   source_file      hash  the file
SELECT
    coverage.platform,
    coverage.feed,
    coverage.class_key,
    class.class_id,
    coverage.covers_from,
    coverage.covers_to,
    coverage.of,
    coverage.absence_is_zero,
    coverage.source_file
FROM lake.coverage AS coverage
LEFT JOIN work.class_of_key AS class
    ON class.platform = coverage.platform AND class.class_key = coverage.class_key
WHERE coverage.is_current
