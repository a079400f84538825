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
--   subject               text     subject, see facts.subject_name; the course tells it where the
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
--   tests_before          count    the student's earlier tests of platform and subject that count
--   is_latest             bool     the latest of those that count
--   data_through          date     last day that the platform's test files tell of
WITH told AS (
    SELECT
        *,
        CASE
            WHEN
                projected_growth IS NULL
                OR observed_growth IS NULL
                OR observed_growth_se IS NULL
                THEN 0
            WHEN from_term = to_term THEN 1
            WHEN from_term = 'fall' THEN 3
            ELSE 2
        END AS choice
    FROM facts.assessment_growth
),

pair AS (
    SELECT
        platform,
        account_key,
        result_id,
        count(observed_growth) AS observed,
        max_by(from_term, choice) FILTER (WHERE choice > 0) AS from_term,
        max_by(projected_growth, choice) FILTER (WHERE choice > 0) AS projected_growth,
        max_by(observed_growth, choice) FILTER (WHERE choice > 0) AS observed_growth,
        max_by(observed_growth_se, choice) FILTER (WHERE choice > 0) AS observed_growth_se
    FROM told
    GROUP BY platform, account_key, result_id
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
        coalesce(pair.observed, 0) AS observed,
        coalesce(through.data_through, result.taken_on) AS data_through
    FROM facts.assessment_result AS result
    JOIN facts.subject_name AS named ON named.written = result.subject
    LEFT JOIN facts.subject_name AS course ON course.written = result.course
    LEFT JOIN roster.platform AS title ON title.platform = result.platform
    LEFT JOIN through ON through.platform = result.platform
    LEFT JOIN pair
        ON pair.platform = result.platform
        AND pair.account_key = result.account_key
        AND pair.result_id = result.result_id
    WHERE result.student_id IS NOT NULL AND result.taken_on IS NOT NULL
),

seasoned AS (
    SELECT
        *,
        CASE
            WHEN NOT counts THEN NULL
            WHEN lower(term) LIKE 'fall %' THEN 'fall'
            WHEN lower(term) LIKE 'winter %' THEN 'winter'
            WHEN lower(term) LIKE 'spring %' THEN 'spring'
        END AS season
    FROM test
),

begun AS (
    SELECT
        *,
        max(CASE WHEN season = 'fall' THEN taken_on END) OVER before AS fall_on,
        max(CASE WHEN season = 'winter' THEN taken_on END) OVER before AS winter_on,
        max(CASE WHEN season = 'spring' THEN taken_on END) OVER before AS spring_on,
        count(CASE WHEN counts THEN 1 END) OVER before AS tests_before,
        count(CASE WHEN counts THEN 1 END) OVER after AS tests_after
    FROM seasoned
    WINDOW
        before AS (
            PARTITION BY student_id, platform, subject
            ORDER BY taken_on, result_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ),
        after AS (
            PARTITION BY student_id, platform, subject
            ORDER BY taken_on, result_id
            ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
        )
)

SELECT
    platform,
    account_key,
    result_id,
    student_id,
    subject,
    term,
    test_name,
    taken_on,
    test_scale,
    counts,
    tells_growth,
    score,
    standard_error,
    percentile,
    rapid_guess_percent,
    rapid_guess_percent >= $rapid_guess_percent AS score_may_understate,
    from_term,
    CASE from_term WHEN 'fall' THEN fall_on WHEN 'winter' THEN winter_on WHEN 'spring' THEN spring_on
    END AS from_taken_on,
    projected_growth,
    observed_growth,
    observed_growth_se,
    CASE
        -- Decimal fractions are not exact: 7.2 - 5 is a little more than 2.2.
        WHEN abs(observed_growth - projected_growth) <= observed_growth_se + 1e-9
            THEN 'too close to call'
        WHEN observed_growth > projected_growth THEN 'more than projected'
        WHEN observed_growth < projected_growth THEN 'less than projected'
    END AS growth_story,
    CASE
        WHEN observed_growth IS NOT NULL THEN 'ok'
        WHEN tells_growth AND observed = 0 THEN 'not_enough_history'
        ELSE 'no_feed'
    END AS growth_status,
    tests_before,
    counts AND tests_after = 0 AS is_latest,
    data_through
FROM begun
