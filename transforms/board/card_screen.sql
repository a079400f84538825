-- work.card_screen: weeks with more time on all platforms than the ceiling. There is one only where
-- every platform the student is rostered on tells of the whole week.
-- Grain: student x week
-- Columns:
--   student_id    id       student
--   week_start    date     Monday of the week
--   rule_id       id       screen_time
--   platform      id       NULL: it is of all platforms
--   item_id       id       NULL: a week has none
--   item_title    text     NULL
--   value         minutes  on all platforms
--   reference     minutes  the ceiling
--   n             count    weeks
--   window_start  date     Monday
--   window_end    date     Sunday
--   data_through  date     day up to which the files of all these platforms tell
-- Measures:
--   screen_time: A lot of screen time
--         formula  minutes of all platforms in the week > the ceiling ($screen_minutes minutes)
--         from     1 week that counts on every platform
--         caution  off until a ceiling is set; says nothing about the work
--         source   Homeroom
--         version  1
--         unit     minutes
SELECT
    student_id,
    week_start,
    'screen_time' AS rule_id,
    CAST(NULL AS VARCHAR) AS platform,
    CAST(NULL AS VARCHAR) AS item_id,
    CAST(NULL AS VARCHAR) AS item_title,
    screen_minutes AS value,
    $screen_minutes AS reference,
    CAST(1 AS BIGINT) AS n,
    week_start AS window_start,
    week_start + 6 AS window_end,
    data_through
FROM views.weekly_summary
WHERE screen_minutes > $screen_minutes
