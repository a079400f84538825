-- work.productivity: units per hour over a student's latest 8 eligible weeks, beside the class's.
-- Grain: student x platform with units and minutes
-- Columns:
--   student_id   id     student
--   platform     id     platform
--   units        units  finished in these weeks
--   hours        hours  spent in these weeks
--   class_units  units  of the class in the same weeks; NULL = no class known
--   class_hours  hours  of the class in the same weeks
SELECT
    week.student_id,
    week.platform,
    sum(week.units_completed) AS units,
    sum(week.minutes) / 60 AS hours,
    sum(rate.units) AS class_units,
    sum(rate.hours) AS class_hours
FROM views.student_platform_week AS week
LEFT JOIN work.platform_class AS class
    ON class.student_id = week.student_id
    AND class.platform = week.platform
    AND week.week_start >= class.first_week
    AND week.week_start <= class.last_week
LEFT JOIN work.class_rate AS rate
    ON rate.platform = class.platform
    AND rate.class_id = class.class_id
    AND rate.week_start = week.week_start
WHERE
    week.eligible_rank <= 8 AND week.units_completed IS NOT NULL AND week.minutes IS NOT NULL
GROUP BY week.student_id, week.platform
