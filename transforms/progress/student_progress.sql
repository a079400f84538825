-- views.student_progress: what the own path and the class say of each student in a subject, side by
-- side and never merged. The path is units against the own target; the class is growth between two
-- tests and scores in class assignments. The test is the latest one that counts, of the last 12
-- months before older ones, of a platform that tells growth before others.
-- Grain: student x subject with a test, a path or class assignments, as of the latest data
-- Columns:
--   student_id            id       OneRoster sourcedId of the student
--   subject               text     subject
--   as_of                 date     latest day any activity or assignment file tells of
--   test_platform         id       platform of the test
--   test_id               id       result_id of the test, see facts.assessment_result
--   test_name             text     test
--   test_scale            text     scale of its score; NULL or empty = no name told
--   term                  text     term as written
--   taken_on              date     local day of the test
--   tests_counted         count    valid tests of the subject that count, of all years
--   rit_score             points   score where it is on the RIT scale
--   rit_standard_error    points   its standard error
--   test_score            points   score in the test's own scale
--   test_standard_error   points   its standard error
--   percentile            count    within the publisher's norms, never among classmates
--   rapid_guess_percent   percent  items answered too fast to have been read; NULL = unknown
--   score_may_understate  bool     that is $rapid_guess_percent or more; NULL = unknown
--   test_status           text     ok; too_few = tested, without a valid score; no_feed = no test
--   from_term             text     season of the test that the growth begins with
--   from_taken_on         date     day of that test; NULL = it is not in the files
--   observed_growth       points   observed growth
--   observed_growth_se    points   its standard error
--   projected_growth      points   projected by the publisher's norms
--   growth_story          text     more than projected, less than projected, too close to call;
--         NULL = not known
--   growth_status         text     ok; not_enough_history = no earlier test to grow from; no_feed =
--         the files do not tell of growth
--   path_platform         id       the platform of the own path; of several one, see path_platforms
--   path_platforms        count    platforms that teach the subject and tell of these weeks
--   units_completed       units    finished on it in the latest 4 eligible weeks of the last 8
--   units_target          units    the own targets of these weeks; NULL = none
--   path_weeks            weeks    how many weeks these two are of
--   path_from             date     Monday of the first of them
--   path_through          date     last day of the last of them that the files tell of
--   path_story            text     own target reached, under the own target; NULL = not known
--   path_status           text     ok; too_few under 4 weeks with a target; target_na without a
--         target; else the status of the newest week
--   class_closed_count    count    class assignments of the last 8 weeks, closed and not excused
--   class_on_time_count   count    of these, on time
--   class_score_count     count    of the assignments, those with a score
--   class_score_median    percent  median of these scores
--   class_from            date     first due day of these
--   class_through         date     last due day of these
--   class_story           text     middle score at the threshold or above, or below the threshold;
--         NULL under 3 scores
--   class_status          text     ok, too_few under 3 scores, no_feed without assignments
--   agreement             text     agree, two stories, too close to call, one source only; NULL
--         where neither path nor class tells a story
--   stories               count    how many stories that rests on: path, growth, class, at most 3
--   status                text     ok where there is any story or a test, else too_few
--   data_through          date     day up to which the files of all parts tell
--
-- Measures:
--   rit_score: Test score (RIT)
--         formula  score of the latest valid test that counts, on the RIT scale
--         from     1 test; of the last 12 months before older ones
--         caution  the true score lies within about one standard error two times in three
--         source   NWEA MAP Growth
--         version  1
--   rit_standard_error: Standard error of the test score (RIT)
--         formula  as exported with the test, where its score is on the RIT scale
--         from     1 test that tells it
--         caution  the same student would score otherwise on another day; two times in three within
--                  this much
--         source   NWEA MAP Growth
--         version  1
--   test_score: Test score
--         formula  score of the latest valid test that counts, in the test's own scale
--         from     1 test; of the last 12 months before older ones
--         caution  scores of different tests are not compared with each other
--         source   the publisher of the test
--         version  1
--   test_standard_error: Standard error of the test score
--         formula  as exported with the test, in its own scale
--         from     1 test that tells it
--         source   the publisher of the test
--         version  1
--   tests_counted: Tests of the subject
--         formula  valid tests of the subject, of all platforms and years, without retests that a
--                  platform sets aside
--         from     every student with a test, a path or class assignments
--         caution  tests of a subject that the file names in a word of its own are a subject of
--                  their own
--         source   Homeroom
--         version  1
--   percentile: Percentile in the publisher's norms
--         formula  as exported with the test
--         from     1 test
--         caution  among the publisher's norm group, never among classmates
--         source   NWEA MAP Growth; the publisher of the test
--         version  1
--   rapid_guess_percent: Answers too fast to have been read
--         formula  rapid answers / items x 100, as exported with the test
--         from     1 test; blank = unknown
--         source   Wise and Kong 2005 (response-time effort)
--         version  1
--   score_may_understate: Score may understate
--         formula  rapid_guess_percent at $rapid_guess_percent or more
--         from     1 test with a known share of rapid answers
--         caution  a long day, a short sitting or a technical problem looks the same; ask, or test
--                  again
--         source   Wise and Kong 2005 (response-time effort)
--         version  1
--   observed_growth: Growth between two tests
--         formula  as exported with the later test: fall, else winter, to its term, else over a year
--         from     2 tests
--         caution  both scores have an error; a hurried first test makes growth look larger
--         source   NWEA MAP Growth
--         version  1
--   observed_growth_se: Standard error of the growth
--         formula  as exported with the later test
--         from     2 tests
--         source   NWEA MAP Growth
--         version  1
--   projected_growth: Projected growth
--         formula  as exported with the later test, between the same two terms
--         from     2 tests
--         caution  the middle of like students in the publisher's norms; no aim of this student
--         source   NWEA MAP Growth norms
--         version  1
--   growth_story: Growth against the projection
--         formula  observed growth minus and plus its standard error, held against the projected
--                  growth: above it, below it, or too close to call where the interval holds it
--         from     2 tests, with the standard error told
--         caution  within the error nobody can tell; the projection is the middle of like students
--         source   NWEA MAP Growth norms
--         version  1
--   units_completed: Units on the own path
--         formula  units finished in the latest 4 eligible weeks of the last 8, on one platform;
--                  where some of the weeks have a target, in those
--         from     1 eligible week that tells units
--         caution  units of different platforms are of different sizes and are never added
--         source   Homeroom
--         version  1
--   units_target: Units aimed for on the own path
--         formula  sum of the own targets in units of the same weeks
--         from     1 eligible week with a target
--         caution  the platform sets the target; absences and missing files shorten the weeks
--         source   Homeroom
--         version  1
--   path_weeks: Weeks of the own path
--         formula  how many weeks units_completed is of, at most 4
--         from     every student with a test, a path or class assignments
--         source   Homeroom
--         version  1
--   path_story: Own path against own target
--         formula  units finished / own targets in units, over the latest 4 eligible weeks of the
--                  last 8, on one platform: reached from 1 on
--         from     4 weeks with a target
--         caution  the platform sets the target; absences and missing files shorten the weeks
--         source   Homeroom
--         version  1
--   class_closed_count: Class assignments closed
--         formula  closed assignments, not excused, due in the last 8 weeks, of classes whose
--                  subject the roster tells
--         from     every student with a test, a path or class assignments
--         caution  assignments of a homeroom have no subject and are not here
--         source   Homeroom
--         version  1
--   class_on_time_count: Of these, on time
--         formula  of class_closed_count, those of state on_time
--         from     every student with a test, a path or class assignments
--         caution  work on paper can look missing
--         source   Homeroom
--         version  1
--   class_score_count: Class assignments with a score
--         formula  closed assignments with a score, not excused, due in the last 8 weeks, of classes
--                  whose subject the roster tells
--         from     every student with a test, a path or class assignments
--         source   Homeroom
--         version  1
--   class_score_median: Middle score in class assignments
--         formula  median of the unrounded scores that class_score_count counts
--         from     1 score
--         caution  tasks differ in how hard they are
--         source   Homeroom
--         version  1
--   class_story: Scores in class assignments
--         formula  median of the unrounded scores of closed assignments due in the last 8 weeks,
--                  held against $below_percent percent
--         from     3 scores in classes whose subject the roster tells
--         caution  tasks differ in how hard they are
--         source   Homeroom
--         version  1
--   agreement: Path and class side by side
--         formula  two stories where path and class scope (growth, class scores) differ; agree
--                  where they do not; too close to call where growth is all the class tells and
--                  is too close; one source only where path or class tells none. Growth enters
--                  for half a year after the test
--         from     a path story and one of the class
--         caution  path and class may be about different content
--         source   Homeroom
--         version  1
--   stories: How many stories that is
--         formula  how many of three tell a story: the own path, the growth for half a year after
--                  the test, the scores in class
--         from     every student with a test, a path or class assignments
--         source   Homeroom
--         version  1
WITH ranked AS (
    SELECT
        test.*,
        as_of.as_of,
        sum(test.tests_before + 1) OVER (PARTITION BY test.student_id, test.subject) AS tests,
        row_number() OVER (
            PARTITION BY test.student_id, test.subject
            ORDER BY
                CASE WHEN test.taken_on > as_of.as_of - 365 THEN 0 ELSE 1 END,
                CASE WHEN test.tells_growth THEN 0 ELSE 1 END,
                test.taken_on DESC,
                test.standard_error NULLS LAST,
                test.platform,
                test.account_key,
                test.result_id
        ) AS place
    FROM work.subject_test AS test
    CROSS JOIN work.as_of AS as_of
    WHERE test.is_latest
),

pair AS (
    SELECT student_id, subject, max(tested) AS tested
    FROM (
        SELECT student_id, subject, 1 AS tested FROM work.subject_test
        UNION ALL
        SELECT student_id, subject, 0 FROM work.subject_path
        UNION ALL
        SELECT student_id, subject, 0 FROM work.subject_class
    ) AS told
    GROUP BY student_id, subject
),

joined AS (
    SELECT
        pair.student_id,
        pair.subject,
        pair.tested,
        as_of.as_of,
        test.platform AS test_platform,
        test.result_id AS test_id,
        test.test_name,
        test.term,
        test.taken_on,
        test.tests,
        test.test_scale,
        test.score,
        test.standard_error,
        test.percentile,
        test.rapid_guess_percent,
        test.score_may_understate,
        test.from_term,
        test.from_taken_on,
        test.observed_growth,
        test.observed_growth_se,
        test.projected_growth,
        test.growth_story,
        test.growth_status,
        test.data_through AS test_through,
        CASE WHEN test.taken_on > as_of.as_of - 182 THEN test.growth_story END AS growth_now,
        path.platform AS path_platform,
        path.platforms AS path_platforms,
        path.units_completed,
        path.units_target,
        path.path_weeks,
        path.path_from,
        path.path_through,
        path.path_story,
        path.path_reached,
        path.path_status,
        class.closed_count,
        class.on_time_count,
        class.score_count,
        class.score_median,
        class.class_from,
        class.class_through,
        class.class_story,
        class.class_reached,
        class.class_status,
        class.data_through AS items_through
    FROM pair
    CROSS JOIN work.as_of AS as_of
    LEFT JOIN ranked AS test
        ON test.student_id = pair.student_id AND test.subject = pair.subject AND test.place = 1
    LEFT JOIN work.subject_path AS path
        ON path.student_id = pair.student_id AND path.subject = pair.subject
    LEFT JOIN work.subject_class AS class
        ON class.student_id = pair.student_id AND class.subject = pair.subject
),

told AS (
    SELECT
        *,
        CASE WHEN path_story IS NULL THEN 0 ELSE 1 END AS path_told,
        CASE WHEN growth_now IS NULL THEN 0 ELSE 1 END AS growth_told,
        CASE WHEN class_story IS NULL THEN 0 ELSE 1 END AS class_told
    FROM joined
)

SELECT
    student_id,
    subject,
    as_of,
    test_platform,
    test_id,
    test_name,
    test_scale,
    term,
    taken_on,
    CAST(coalesce(tests, 0) AS BIGINT) AS tests_counted,
    CASE WHEN test_scale = 'RIT' THEN score END AS rit_score,
    CASE WHEN test_scale = 'RIT' THEN standard_error END AS rit_standard_error,
    score AS test_score,
    standard_error AS test_standard_error,
    percentile,
    rapid_guess_percent,
    score_may_understate,
    CASE WHEN taken_on IS NOT NULL THEN 'ok' WHEN tested = 1 THEN 'too_few' ELSE 'no_feed' END
        AS test_status,
    from_term,
    from_taken_on,
    observed_growth,
    observed_growth_se,
    projected_growth,
    growth_story,
    coalesce(growth_status, 'no_feed') AS growth_status,
    path_platform,
    coalesce(path_platforms, 0) AS path_platforms,
    units_completed,
    units_target,
    coalesce(path_weeks, 0) AS path_weeks,
    path_from,
    path_through,
    path_story,
    coalesce(path_status, 'no_feed') AS path_status,
    coalesce(closed_count, 0) AS class_closed_count,
    coalesce(on_time_count, 0) AS class_on_time_count,
    coalesce(score_count, 0) AS class_score_count,
    score_median AS class_score_median,
    class_from,
    class_through,
    class_story,
    coalesce(class_status, 'no_feed') AS class_status,
    CASE
        WHEN path_told + growth_told + class_told = 0 THEN NULL
        WHEN path_told = 0 OR growth_told + class_told = 0 THEN 'one source only'
        WHEN
            path_reached <> class_reached
            OR (path_reached AND growth_now = 'less than projected')
            OR (NOT path_reached AND growth_now = 'more than projected')
            THEN 'two stories'
        WHEN growth_now = 'too close to call' AND class_told = 0 THEN 'too close to call'
        ELSE 'agree'
    END AS agreement,
    CAST(path_told + growth_told + class_told AS BIGINT) AS stories,
    CASE
        WHEN taken_on IS NOT NULL OR path_told + class_told > 0 THEN 'ok'
        ELSE 'too_few'
    END AS status,
    -- Only the parts that there are have a say; the year 9999 stands for a part that is not there.
    nullif(
        least(
            coalesce(test_through, CAST('9999-12-31' AS DATE)),
            coalesce(path_through, CAST('9999-12-31' AS DATE)),
            coalesce(items_through, CAST('9999-12-31' AS DATE))
        ),
        CAST('9999-12-31' AS DATE)
    ) AS data_through
FROM told
