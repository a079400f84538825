-- facts.assessment_result: tests taken, and those whose score is valid no longer.
-- A test that two feeds tell of is listed once. Of files that overlap, the newest one of a school
-- and term counts; one of several schools counts for all of them.
-- Grain: test event
-- Columns:
--   platform             id       platform
--   account_key          id       account
--   student_id           id       student; NULL = not resolved
--   result_id            id       the platform's test id, or the key it documents
--   term                 text     term as written
--   school_year          text     school year, such as 2013-2014; NULL = the term does not tell it
--   subject              text     subject
--   course               text     course
--   test_name            text     test
--   taken_at             instant  start of the test (UTC)
--   taken_on             date     local day of the test
--   duration_minutes     minutes  time taken
--   status               text     valid; no_valid_score = tested, but the platform gives no score, or
--         its newest export lacks the test and the student has no other of the term and subject
--   score                points   in the scale of that test; NULL = no valid score
--   standard_error       points   its standard error
--   percentile           count    percentile within the publisher's norms
--   rapid_guess_percent  percent  items answered too fast to have been read; NULL = unknown
--   growth_measure       bool     the test that counts for growth, one per account, term, subject
--         and course; NULL = not told
--   lexile               text     reading measure as written, such as 805L or BR400L
--   quantile             text     mathematics measure as written
--   source_file          hash     file the row came from
WITH file AS (
    SELECT
        platform,
        feed,
        term,
        source_file,
        max(exported_on) AS exported_on,
        count(school_name) AS told,
        CASE
            WHEN count(DISTINCT school_name) = 1 AND count(school_name) = count(*)
            THEN min(school_name)
        END AS one_school
    FROM lake.assessment_result
    WHERE is_current
    GROUP BY platform, feed, term, source_file
),

school AS (
    SELECT DISTINCT platform, feed, term, source_file, exported_on, school_name
    FROM lake.assessment_result
    WHERE is_current
),

overruled AS (
    SELECT DISTINCT school.platform, school.feed, school.term, school.source_file, school.school_name
    FROM school
    JOIN file
        ON file.platform = school.platform
        AND file.feed = school.feed
        AND file.term = school.term
        AND file.source_file <> school.source_file
    WHERE
        file.told > 0
        AND (file.one_school IS NULL OR file.one_school = school.school_name)
        AND (
            file.exported_on > school.exported_on
            OR (file.exported_on = school.exported_on AND file.source_file > school.source_file)
        )
),

marked AS (
    SELECT result.*, result.is_current AND overruled.source_file IS NULL AS stands
    FROM lake.assessment_result AS result
    LEFT JOIN overruled
        ON overruled.platform = result.platform
        AND overruled.feed = result.feed
        AND overruled.source_file = result.source_file
        AND overruled.term = result.term
        AND coalesce(overruled.school_name, '') = coalesce(result.school_name, '')
),

newest AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY platform, account_key, result_id, stands
            ORDER BY exported_on DESC NULLS LAST, source_file DESC NULLS LAST
        ) AS place
    FROM marked
),

standing AS (
    SELECT * FROM newest WHERE stands AND place = 1
),

valid AS (
    SELECT DISTINCT platform, account_key, coalesce(term, '') AS term, coalesce(subject, '') AS subject
    FROM standing
    WHERE score IS NOT NULL
),

moved AS (
    -- The same test under an account that did not have it before: an id has been rewritten.
    SELECT DISTINCT standing.platform, standing.feed, standing.result_id
    FROM standing
    LEFT JOIN newest AS older
        ON older.platform = standing.platform
        AND older.account_key = standing.account_key
        AND older.result_id = standing.result_id
        AND NOT older.stands
    WHERE older.platform IS NULL
),

lost AS (
    -- What a row that was turned away may tell of is not lost: nobody knows. Nor is it known of a
    -- student who has left, whose rows all disappear.
    SELECT older.*
    FROM newest AS older
    LEFT JOIN standing
        ON standing.platform = older.platform
        AND standing.account_key = older.account_key
        AND standing.result_id = older.result_id
    LEFT JOIN valid
        ON valid.platform = older.platform
        AND valid.account_key = older.account_key
        AND valid.term = coalesce(older.term, '')
        AND valid.subject = coalesce(older.subject, '')
    LEFT JOIN moved
        ON moved.platform = older.platform
        AND moved.feed = older.feed
        AND moved.result_id = older.result_id
    LEFT JOIN work.account_student AS link
        ON link.platform = older.platform AND link.account_key = older.account_key
    LEFT JOIN roster.student AS student ON student.student_id = link.student_id
    LEFT JOIN lake.result_unread AS unread
        ON unread.is_current
        AND unread.platform = older.platform
        AND unread.feed = older.feed
        AND coalesce(unread.result_id, older.result_id) = older.result_id
        AND coalesce(unread.account_key, older.account_key) = older.account_key
        AND coalesce(unread.term, older.term) = older.term
        AND coalesce(unread.test_name, older.test_name) = older.test_name
        AND coalesce(unread.taken_at, older.taken_at) = older.taken_at
    WHERE
        NOT older.stands
        AND older.place = 1
        AND older.lost_is_invalid
        AND standing.platform IS NULL
        AND valid.platform IS NULL
        AND moved.platform IS NULL
        AND coalesce(student.active, TRUE)
        AND unread.platform IS NULL
),

told AS (
    SELECT * FROM standing
    UNION ALL
    SELECT * FROM lost
),

ranked AS (
    SELECT
        *,
        stands AND score IS NOT NULL AS is_valid,
        dense_rank() OVER (
            PARTITION BY
                platform, account_key, term, subject, course, test_name, taken_at, score, stands
            ORDER BY feed
        ) AS feed_place
    FROM told
),

result AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY
                platform, account_key, term, subject, course, is_valid, growth_measure
            ORDER BY
                standard_error NULLS LAST,
                exported_on DESC NULLS LAST,
                taken_at NULLS LAST,
                result_id
        ) AS growth_place
    FROM ranked
    WHERE feed_place = 1
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
    CASE WHEN result.is_valid THEN 'valid' ELSE 'no_valid_score' END AS status,
    CASE WHEN result.is_valid THEN result.score END AS score,
    CASE WHEN result.is_valid THEN result.standard_error END AS standard_error,
    CASE WHEN result.is_valid THEN result.percentile END AS percentile,
    result.rapid_guess_percent,
    CASE
        WHEN result.growth_measure AND result.is_valid THEN result.growth_place = 1
        WHEN result.growth_measure IS NOT NULL THEN FALSE
    END AS growth_measure,
    CASE WHEN result.is_valid THEN result.lexile END AS lexile,
    CASE WHEN result.is_valid THEN result.quantile END AS quantile,
    result.source_file
FROM result
LEFT JOIN work.account_student AS link
    ON link.platform = result.platform AND link.account_key = result.account_key
