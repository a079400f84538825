-- facts.assessment_result: tests taken, each as the newest file that lists it tells it.
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
WITH told AS (
    SELECT
        *,
        -- Files that stand beside each other (schools, months) may list a test twice; rows of one
        -- file never differ in their key.
        dense_rank() OVER (
            PARTITION BY platform, account_key, result_id
            ORDER BY exported_on DESC NULLS LAST, source_file DESC NULLS LAST
        ) AS newest
    FROM lake.assessment_result
    WHERE is_current
)

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
FROM told AS result
LEFT JOIN work.account_student AS link
    ON link.platform = result.platform AND link.account_key = result.account_key
WHERE result.newest = 1
