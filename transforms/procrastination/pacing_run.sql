-- work.pacing_run: the means over each run of 4 weeks in which it is known when a student's minutes
-- fell, beside those of the classmates in the same weeks.
-- Grain: student x platform x week with pacing, the last of its run
-- Columns:
--   student_id          id     student
--   platform            id     platform
--   week_start          date   Monday of the run's last week
--   first_week          date   Monday of the run's first week
--   recency             count  1 = the student's latest week with pacing
--   weeks_counted       weeks  weeks of the run, at most 4
--   mean_day            day    mean of the middle of the minutes
--   pacing              ratio  mean; +1 first school day, -1 last
--   last_day_share      ratio  mean; NULL where no week's is known
--   class_pacing        ratio  mean over the classmates in the same weeks, without the student
--   class_pacing_weeks  count  classmates' weeks in that mean
--   work_lands_at_end   bool   pacing at most $end_pacing while the classmates' is above
--         $class_end_pacing; NULL under 4 weeks or without classmates
--   data_through        date   last day of the week the files tell of
WITH beside AS (
    SELECT
        week.student_id,
        week.platform,
        week.week_start,
        week.mean_day,
        week.pacing,
        week.last_day_share,
        week.data_through,
        mates.pacing_sum - week.pacing AS mates_sum,
        mates.students - 1 AS mates
    FROM views.student_platform_week AS week
    LEFT JOIN work.platform_class AS class
        ON class.student_id = week.student_id
        AND class.platform = week.platform
        AND week.week_start >= class.first_week
        AND week.week_start <= class.last_week
    LEFT JOIN work.class_pacing AS mates
        ON mates.platform = class.platform
        AND mates.class_id = class.class_id
        AND mates.week_start = week.week_start
    WHERE week.pacing IS NOT NULL
),

run AS (
    SELECT
        student_id,
        platform,
        week_start,
        data_through,
        min(week_start) OVER latest AS first_week,
        count(*) OVER latest AS weeks_counted,
        sum(mean_day) OVER latest AS mean_day,
        sum(pacing) OVER latest AS pacing,
        sum(last_day_share) OVER latest AS last_day_share,
        count(last_day_share) OVER latest AS last_days,
        sum(mates_sum) OVER latest AS mates_sum,
        sum(mates) OVER latest AS mates,
        row_number() OVER (PARTITION BY student_id, platform ORDER BY week_start DESC) AS recency
    FROM beside
    WINDOW latest AS (
        PARTITION BY student_id, platform ORDER BY week_start
        ROWS BETWEEN 3 PRECEDING AND CURRENT ROW
    )
),

meant AS (
    SELECT
        student_id,
        platform,
        week_start,
        first_week,
        recency,
        weeks_counted,
        mean_day / nullif(weeks_counted, 0) AS mean_day,
        pacing / nullif(weeks_counted, 0) AS pacing,
        last_day_share / nullif(last_days, 0) AS last_day_share,
        mates_sum / nullif(mates, 0) AS class_pacing,
        CAST(coalesce(mates, 0) AS BIGINT) AS class_pacing_weeks,
        data_through
    FROM run
)

SELECT
    student_id,
    platform,
    week_start,
    first_week,
    recency,
    weeks_counted,
    mean_day,
    pacing,
    last_day_share,
    class_pacing,
    class_pacing_weeks,
    CASE
        WHEN weeks_counted < 4 THEN NULL
        -- Means and their last digits: exactly at the threshold counts.
        WHEN pacing > $end_pacing + 1e-9 THEN FALSE
        ELSE class_pacing > $class_end_pacing + 1e-9
    END AS work_lands_at_end,
    data_through
FROM meant
