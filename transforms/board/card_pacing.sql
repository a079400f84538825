-- work.card_pacing: cards about when in the week the minutes fell.
-- Grain: student x week x platform
-- Columns:
--   student_id    id     student
--   week_start    date   Monday of the last of the weeks
--   rule_id       id     work_lands_at_end
--   platform      id     platform
--   item_id       id     NULL: a week has none
--   item_title    text   NULL
--   value         ratio  mean pacing: +1 all on the first school day, -1 all on the last
--   reference     ratio  the classmates' in the same weeks
--   n             count  weeks
--   window_start  date   Monday of the first week
--   window_end    date   Sunday of the last week
--   data_through  date   last day of the last week the files tell of
SELECT
    student_id,
    week_start,
    'work_lands_at_end' AS rule_id,
    platform,
    CAST(NULL AS VARCHAR) AS item_id,
    CAST(NULL AS VARCHAR) AS item_title,
    pacing AS value,
    class_pacing AS reference,
    weeks_counted AS n,
    first_week AS window_start,
    week_start + 6 AS window_end,
    data_through
FROM work.pacing_run
WHERE work_lands_at_end
