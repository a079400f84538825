-- work.class_pacing: when the minutes of a class's students fell.
-- Grain: platform x class x week
-- Columns:
--   platform    id     platform
--   class_id    id     class of the roster, see work.platform_class
--   week_start  date   Monday
--   pacing_sum  ratio  sum of the students' pacing
--   students    count  students with pacing
SELECT
    class.platform,
    class.class_id,
    week.week_start,
    sum(week.pacing) AS pacing_sum,
    count(*) AS students
FROM views.student_platform_week AS week
JOIN work.platform_class AS class
    ON class.student_id = week.student_id
    AND class.platform = week.platform
    AND week.week_start >= class.first_week
    AND week.week_start <= class.last_week
WHERE week.pacing IS NOT NULL
GROUP BY class.platform, class.class_id, week.week_start
