-- work.unplaced_week: minutes between two snapshots that may have fallen on several school days.
-- School days of the week are counted 1 to D.
-- Grain: student x platform x week with such minutes
-- Columns:
--   pair           count    student and platform, see work.student_platform
--   week_start     date     Monday
--   minutes        minutes  of school days; what only the weekend can hold is left out
--   early_moment   minutes  sum of minutes x first possible school day
--   late_moment    minutes  sum of minutes x last possible school day
--   last_minutes   minutes  that may have fallen on the week's last school day
WITH ranged AS (
    SELECT
        pair.pair,
        week.week_start,
        activity.minutes,
        bit_count(week.school_mask & ((
            2 << CAST(date_diff('day', week.week_start, activity.earliest_date) AS INTEGER)
        ) - 1)) AS first_number,
        bit_count(week.school_mask & ((
            2 << CAST(date_diff('day', week.week_start, activity.date) AS INTEGER)
        ) - 1)) AS last_number,
        week.school_days,
        week.school_mask
        & (1 << CAST(date_diff('day', week.week_start, activity.date) AS INTEGER)) AS on_school_day
    FROM facts.daily_activity AS activity
    JOIN work.student_platform AS pair
        ON pair.student_id = activity.student_id AND pair.platform = activity.platform
    JOIN work.school_week AS week
        ON week.school_key = pair.school_key
        AND week.week_start = CAST(date_trunc('week', activity.date) AS DATE)
    WHERE activity.earliest_date < activity.date AND activity.minutes > 0
)

SELECT
    pair,
    week_start,
    sum(minutes) AS minutes,
    sum(minutes * first_number) AS early_moment,
    sum(minutes * last_number) AS late_moment,
    sum(CASE WHEN last_number = school_days THEN minutes ELSE 0 END) AS last_minutes
FROM ranged
WHERE on_school_day <> 0
GROUP BY pair, week_start
