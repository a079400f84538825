-- work.pacing_week: the latest 4 weeks in which it is known when a student's minutes fell.
-- Grain: student x platform x week, at most 4 weeks
-- Columns:
--   student_id      id     student
--   platform        id     platform
--   week_start      date   Monday
--   mean_day        day    the middle of the minutes
--   pacing          ratio  +1 first day, -1 last day
--   last_day_share  ratio  share on the last school day
--   data_through    date   last day of the week the files tell of
WITH ranked AS (
    SELECT
        student_id,
        platform,
        week_start,
        mean_day,
        pacing,
        last_day_share,
        data_through,
        row_number() OVER (PARTITION BY student_id, platform ORDER BY week_start DESC) AS recency
    FROM views.student_platform_week
    WHERE pacing IS NOT NULL
)

SELECT student_id, platform, week_start, mean_day, pacing, last_day_share, data_through
FROM ranked
WHERE recency <= 4
