-- facts.assessment_result: tests taken.
-- Grain: test event
-- Columns:
--   platform             id       platform
--   account_key          id       account
--   student_id           id       student; NULL = not resolved
--   result_id            id       the platform's test id, or the key it documents
--   term                 text     term as written
--   school_year          text     school year as written
--   subject              text     subject
--   course               text     course
--   test_name            text     test
--   taken_at             instant  start of the test (UTC)
--   taken_on             date     local day of the test
--   duration_minutes     minutes  time taken
--   score                points   scale score (RIT)
--   standard_error       points   its standard error
--   percentile           count    percentile within the publisher's norms
--   rapid_guess_percent  percent  items answered too fast to have been read; NULL = unknown
--   growth_measure       bool     the test that counts for growth
--   source_file          hash     file the row came from
SELECT
    result.platform,
    result.account_key,
    link.student_id,
    result.result_id,
    result.term,
    result.school_year,
    result.subject,
    result.course,
    result.test_name,
    result.taken_at,
    result.taken_on,
    result.duration_minutes,
    result.score,
    result.standard_error,
    result.percentile,
    result.rapid_guess_percent,
    result.growth_measure,
    result.source_file
FROM lake.assessment_result AS result
LEFT JOIN work.account_student AS link
    ON link.platform = result.platform AND link.account_key = result.account_key
WHERE result.is_current
