-- work.card_usage: cards about the minutes of a week: quieter and busier than the own usual, and
-- the own target reached. Only weeks that count (ok, zero) have any; a week whose files are not
-- complete has none.
-- Grain: student x week x rule x platform
-- Columns:
--   student_id    id       student
--   week_start    date     Monday of the week the card is about
--   rule_id       id       quieter_than_usual, busier_than_usual, target_reached
--   platform      id       platform
--   item_id       id       NULL: a week has none
--   item_title    text     NULL
--   value         minutes  of the week
--   reference     minutes  own usual of the two weeks; for target_reached the own target
--   n             count    weeks of the usual; 1 for target_reached
--   window_start  date     Monday of the first week judged
--   window_end    date     Sunday of the week
--   data_through  date     last day of the week the files tell of
-- Measures:
--   target_reached: Own target reached
--         formula  minutes of the week >= the student's own target of the week, where the eligible
--                  week before had fewer minutes than that, or there is none
--         from     1 week with a target
--         caution  told when it is news; minutes are time on the platform, not learning
--         source   Homeroom
--         version  1
--         unit     minutes
WITH flagged AS (
    SELECT
        student_id,
        platform,
        week_start,
        minutes,
        target_minutes,
        judged_usual,
        judged_weeks,
        eligible_rank,
        quieter_than_usual,
        busier_than_usual,
        data_through
    FROM views.student_platform_week
    WHERE status IN ('ok', 'zero') AND (quieter_than_usual OR busier_than_usual)
),

judged AS (
    -- The first of the two weeks is the eligible one before; breaks may lie between them.
    SELECT flagged.*, earlier.week_start AS first_week
    FROM flagged
    JOIN views.student_platform_week AS earlier
        ON earlier.student_id = flagged.student_id
        AND earlier.platform = flagged.platform
        AND earlier.eligible_rank = flagged.eligible_rank + 1
)

SELECT
    student_id,
    week_start,
    CASE WHEN quieter_than_usual THEN 'quieter_than_usual' ELSE 'busier_than_usual' END AS rule_id,
    platform,
    CAST(NULL AS VARCHAR) AS item_id,
    CAST(NULL AS VARCHAR) AS item_title,
    minutes AS value,
    judged_usual AS reference,
    judged_weeks AS n,
    first_week AS window_start,
    week_start + 6 AS window_end,
    data_through
FROM judged
UNION ALL
SELECT
    student_id,
    week_start,
    'target_reached',
    platform,
    CAST(NULL AS VARCHAR),
    CAST(NULL AS VARCHAR),
    minutes,
    target_minutes,
    1,
    week_start,
    week_start + 6,
    data_through
FROM views.student_platform_week
WHERE
    status IN ('ok', 'zero')
    AND target_minutes > 0
    AND minutes >= target_minutes
    AND coalesce(previous_minutes < target_minutes, TRUE)
