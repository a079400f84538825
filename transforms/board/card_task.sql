-- work.card_task: cards about tasks. A task stands in the week in which it is due, as in
-- views.weekly_summary; one without a due day in the week in which it was handed in (UTC).
-- Grain: student x week x rule x platform x task; all_on_time has no task
-- Columns:
--   student_id    id     student
--   week_start    date   Monday of the week the card is about
--   rule_id       id     below_threshold, all_on_time
--   platform      id     platform
--   item_id       id     assignment; NULL for all_on_time
--   item_title    text   its title; NULL for all_on_time
--   value         count  score in percent; for all_on_time the tasks handed in on time
--   reference     count  $below_percent percent; for all_on_time the tasks due
--   n             count  tasks
--   window_start  date   the due day; without one the Monday; for all_on_time the Monday three
--         weeks before
--   window_end    date   the due day, else the Sunday
--   data_through  date   last day the file can know of
-- Measures:
--   all_on_time: Everything on time
--         formula  every task due in the week and in the three weeks before, excused ones apart,
--                  was handed in on time; told in a week with a task due
--         from     3 tasks
--         caution  a single task whose hand-in is not known keeps the card away
--         source   Homeroom
--         version  1
--         unit     count
WITH scored AS (
    SELECT
        student_id,
        platform,
        assignment_id,
        title,
        score_percent,
        due_on,
        CAST(date_trunc('week', coalesce(due_on, CAST(submitted_at AS DATE))) AS DATE)
            AS week_start,
        data_through
    FROM views.assignment_timing
    WHERE below_threshold
),

due_week AS (
    SELECT
        student_id,
        platform,
        CAST(date_trunc('week', due_on) AS DATE) AS week_start,
        count(*) AS due,
        count(CASE WHEN state = 'on_time' THEN 1 END) AS on_time,
        max(data_through) AS data_through
    FROM views.assignment_timing
    WHERE due_on IS NOT NULL AND coalesce(state, '') <> 'excused'
    GROUP BY student_id, platform, CAST(date_trunc('week', due_on) AS DATE)
),

run AS (
    SELECT
        student_id,
        platform,
        week_start,
        data_through,
        sum(due) OVER recent AS due,
        sum(on_time) OVER recent AS on_time
    FROM due_week
    WINDOW recent AS (
        PARTITION BY student_id, platform
        ORDER BY date_diff('day', CAST('2000-01-03' AS DATE), week_start)
        RANGE BETWEEN 21 PRECEDING AND CURRENT ROW
    )
)

SELECT
    student_id,
    week_start,
    'below_threshold' AS rule_id,
    platform,
    assignment_id AS item_id,
    title AS item_title,
    score_percent AS value,
    $below_percent AS reference,
    CAST(1 AS BIGINT) AS n,
    coalesce(due_on, week_start) AS window_start,
    coalesce(due_on, week_start + 6) AS window_end,
    data_through
FROM scored
WHERE week_start IS NOT NULL
UNION ALL
SELECT
    student_id,
    week_start,
    'all_on_time',
    platform,
    CAST(NULL AS VARCHAR),
    CAST(NULL AS VARCHAR),
    CAST(on_time AS DOUBLE),
    CAST(due AS DOUBLE),
    CAST(due AS BIGINT),
    week_start - 21,
    week_start + 6,
    data_through
FROM run
WHERE due >= 3 AND on_time = due
