-- work.card_test: what a test gives occasion to say, in the week it was taken.
-- Only of valid tests that count; a retest that the platform sets aside says nothing of its own.
-- Grain: test event x rule
-- Columns:
--   student_id    id     student
--   week_start    date   Monday of the week of the test
--   rule_id       id     score_may_understate, grew_more_than_projected
--   platform      id     platform
--   item_id       id     test event
--   item_title    text   test
--   value         ratio  percent of answers too fast to have been read; observed growth in points
--   reference     ratio  $rapid_guess_percent percent; projected growth in points
--   n             count  tests that it rests on: 1, for growth 2
--   window_start  date   day of the test; for growth of the earlier one, where the files have it
--   window_end    date   day of the test
--   data_through  date   last day that the platform's test files tell of
--
-- Measures:
--   grew_more_than_projected: Grew more than projected
--         unit     points
--         formula  observed growth minus its standard error is above the projected growth
--         from     2 tests, with the standard error told
--         caution  the projection is the middle of like students in the publisher's norms
--         source   NWEA MAP Growth norms
--         version  1
WITH told AS (
    SELECT
        *,
        'score_may_understate' AS rule_id,
        rapid_guess_percent AS value,
        CAST($rapid_guess_percent AS DOUBLE) AS reference,
        1 AS n,
        taken_on AS window_start
    FROM work.subject_test
    WHERE score_may_understate
    UNION ALL
    SELECT
        *,
        'grew_more_than_projected',
        observed_growth,
        projected_growth,
        2,
        coalesce(from_taken_on, taken_on)
    FROM work.subject_test
    WHERE growth_story = 'more than projected'
)

SELECT
    student_id,
    CAST(date_trunc('week', taken_on) AS DATE) AS week_start,
    rule_id,
    platform,
    result_id AS item_id,
    test_name AS item_title,
    value,
    reference,
    CAST(n AS BIGINT) AS n,
    window_start,
    taken_on AS window_end,
    data_through
FROM told
WHERE counts
