-- work.class_rate: units and hours of each class's students, from their eligible weeks.
-- Grain: platform x class x week
-- Columns:
--   platform    id     platform
--   class_id    id     class of the roster, see work.platform_class
--   week_start  date   Monday
--   units       units  finished by all of them
--   hours       hours  spent by all of them
SELECT
    class.platform,
    class.class_id,
    week.week_start,
    sum(week.units_completed) AS units,
    sum(week.minutes) / 60 AS hours
FROM views.student_platform_week AS week
JOIN work.platform_class AS class
    ON class.student_id = week.student_id
    AND class.platform = week.platform
    AND week.week_start >= class.first_week
    AND week.week_start <= class.last_week
WHERE
    week.status IN ('ok', 'zero')
    AND week.units_completed IS NOT NULL
    AND week.minutes IS NOT NULL
GROUP BY class.platform, class.class_id, week.week_start
