-- work.pacing_recent: means over a student's latest 4 weeks with pacing, beside the classmates'.
-- Grain: student x platform with pacing
-- Columns:
--   student_id         id     student
--   platform           id     platform
--   weeks_counted      weeks  how many weeks, at most 4
--   mean_day           day    mean
--   pacing             ratio  mean
--   last_day_share     ratio  mean; NULL where no week's is known
--   class_pacing       ratio  mean over the classmates in the same weeks, without the student
--   class_pacing_weeks count  classmates' weeks in that mean
--   data_through       date   last day the files tell of
SELECT
    week.student_id,
    week.platform,
    count(*) AS weeks_counted,
    sum(week.mean_day) / count(*) AS mean_day,
    sum(week.pacing) / count(*) AS pacing,
    sum(week.last_day_share) / nullif(count(week.last_day_share), 0) AS last_day_share,
    sum(mates.pacing_sum - week.pacing) / nullif(sum(mates.students - 1), 0) AS class_pacing,
    CAST(coalesce(sum(mates.students - 1), 0) AS BIGINT) AS class_pacing_weeks,
    max(week.data_through) AS data_through
FROM work.pacing_week AS week
LEFT JOIN work.platform_class AS class
    ON class.student_id = week.student_id AND class.platform = week.platform
LEFT JOIN work.class_pacing AS mates
    ON mates.platform = class.platform
    AND mates.class_id = class.class_id
    AND mates.week_start = week.week_start
GROUP BY week.student_id, week.platform
