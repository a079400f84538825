-- work.subject_test: the tests of each student by subject, with the growth that a test ends.
-- The growth is of the school year where it can be (fall, else winter, to this term), else over a
-- year from the same season. Observed growth and its standard error make an interval; where it
-- holds the projection, the growth is too close to call.
-- Grain: test event of a student with a known subject
-- Columns:
--   platform              id       platform
--   account_key           id       account
--   result_id             id       test event
--   student_id            id       student
--   subject               text     subject, see work.subject_name; the course tells it where the
--         test is called Language Arts
--   term                  text     term as written
--   test_name             text     test
--   taken_on              date     local day of the test
--   test_scale            text     scale of the score; empty = the platform's own, without a name
--   counts                bool     valid, and not a retest that the platform sets aside
--   tells_growth          bool     the platform says which of several tests counts for growth
--   score                 points   in that scale; NULL = no valid score
--   standard_error        points   its standard error
--   percentile            count    within the publisher's norms
--   rapid_guess_percent   percent  items answered too fast to have been read; NULL = unknown
--   score_may_understate  bool     that is $rapid_guess_percent or more; NULL = unknown
--   from_term             text     season of the test that the growth begins with
--   from_taken_on         date     day of that test; NULL = it is not in the files
--   projected_growth      points   projected by the norms
--   observed_growth       points   observed
--   observed_growth_se    points   its standard error
--   growth_story          text     more than projected, less than projected, too close to call;
--         NULL = not known
--   growth_status         text     ok; not_enough_history = no earlier test to grow from; no_feed =
--         the files do not tell of growth
--   data_through          date     last day that the platform's test files tell of
WITH pair AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY platform, account_key, result_id
            ORDER BY
                CASE
                    WHEN
                        projected_growth IS NOT NULL
                        AND observed_growth IS NOT NULL
                        AND observed_growth_se IS NOT NULL
                        THEN 0
                    ELSE 1
                END,
                CASE WHEN from_term = to_term THEN 2 WHEN from_term = 'fall' THEN 0 ELSE 1 END,
                from_term,
                to_term
        ) AS place
    FROM facts.assessment_growth
),

through AS (
    SELECT platform, max(covers_to) AS data_through
    FROM facts.coverage
    WHERE of = 'assessments'
    GROUP BY platform
),

test AS (
    SELECT
        result.platform,
        result.account_key,
        result.result_id,
        result.student_id,
        CASE
            WHEN named.subject = 'Language Arts' AND course.is_known THEN course.subject
            ELSE named.subject
        END AS subject,
        result.term,
        result.test_name,
        result.taken_on,
        coalesce(title.test_scale, '') AS test_scale,
        result.status = 'valid' AND coalesce(result.growth_measure, TRUE) AS counts,
        result.growth_measure IS NOT NULL AS tells_growth,
        result.score,
        result.standard_error,
        result.percentile,
        result.rapid_guess_percent,
        pair.from_term,
        pair.projected_growth,
        pair.observed_growth,
        pair.observed_growth_se,
        coalesce(through.data_through, result.taken_on) AS data_through
    FROM facts.assessment_result AS result
    JOIN work.subject_name AS named ON named.written = result.subject
    LEFT JOIN work.subject_name AS course ON course.written = result.course
    LEFT JOIN work.platform_title AS title ON title.platform = result.platform
    LEFT JOIN through ON through.platform = result.platform
    LEFT JOIN pair
        ON pair.platform = result.platform
        AND pair.account_key = result.account_key
        AND pair.result_id = result.result_id
        AND pair.place = 1
    WHERE result.student_id IS NOT NULL AND result.taken_on IS NOT NULL
),

begun AS (
    SELECT later.platform, later.account_key, later.result_id, max(earlier.taken_on) AS taken_on
    FROM test AS later
    JOIN test AS earlier
        ON earlier.platform = later.platform
        AND earlier.account_key = later.account_key
        AND earlier.subject = later.subject
    WHERE
        earlier.counts
        AND earlier.taken_on < later.taken_on
        AND lower(earlier.term) LIKE later.from_term || ' %'
    GROUP BY later.platform, later.account_key, later.result_id
)

SELECT
    test.platform,
    test.account_key,
    test.result_id,
    test.student_id,
    test.subject,
    test.term,
    test.test_name,
    test.taken_on,
    test.test_scale,
    test.counts,
    test.tells_growth,
    test.score,
    test.standard_error,
    test.percentile,
    test.rapid_guess_percent,
    test.rapid_guess_percent >= $rapid_guess_percent AS score_may_understate,
    test.from_term,
    begun.taken_on AS from_taken_on,
    test.projected_growth,
    test.observed_growth,
    test.observed_growth_se,
    CASE
        -- Decimal fractions are not exact: 7.2 - 5 is a little more than 2.2.
        WHEN abs(test.observed_growth - test.projected_growth) <= test.observed_growth_se + 1e-9
            THEN 'too close to call'
        WHEN test.observed_growth_se IS NULL THEN NULL
        WHEN test.observed_growth > test.projected_growth THEN 'more than projected'
        WHEN test.observed_growth < test.projected_growth THEN 'less than projected'
    END AS growth_story,
    CASE
        WHEN
            test.observed_growth IS NOT NULL
            AND test.projected_growth IS NOT NULL
            AND test.observed_growth_se IS NOT NULL
            THEN 'ok'
        WHEN test.tells_growth AND test.observed_growth IS NULL THEN 'not_enough_history'
        ELSE 'no_feed'
    END AS growth_status,
    test.data_through
FROM test
LEFT JOIN begun
    ON begun.platform = test.platform
    AND begun.account_key = test.account_key
    AND begun.result_id = test.result_id
