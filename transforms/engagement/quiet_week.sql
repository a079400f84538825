-- work.quiet_week: school days present since the student last did anything on any platform.
-- Days count only as far as the files of every platform the student is rostered on tell; where no
-- work is known at all, they count from the first week the files tell of the student.
-- Grain: student x week, every week of views.student_platform_week
-- Columns:
--   student_id         id    student
--   week_start         date  Monday
--   quiet_school_days  days  as of the week's end; NULL = rostered nowhere now
WITH capped AS (
    SELECT student_id, min(seen_through) AS through
    FROM work.student_through
    WHERE rostered_now
    GROUP BY student_id
),

told AS (
    SELECT
        pair.student_id,
        week.week_start,
        week.last_active,
        CASE
            WHEN week.status IN ('no_feed', 'not_rostered') THEN 0
            ELSE week.present_mask
        END AS present_mask
    FROM work.student_week AS week
    JOIN work.student_platform AS pair ON pair.pair = week.pair
    UNION ALL
    SELECT pair.student_id, week.week_start, CAST(NULL AS DATE), 0
    FROM work.student_platform AS pair
    JOIN work.school_week AS week
        ON week.school_key = pair.school_key
        AND week.week_start >= pair.first_week
        AND week.week_start <= pair.last_week
    WHERE NOT pair.has_account
),

weekly AS (
    SELECT
        student_id,
        week_start,
        max(present_mask) AS present_mask,
        max(last_active) AS last_active
    FROM told
    GROUP BY student_id, week_start
),

daily AS (
    SELECT
        weekly.student_id,
        weekly.week_start,
        weekly.last_active,
        CASE WHEN capped.through IS NULL THEN FALSE ELSE TRUE END AS rostered,
        weekly.present_mask,
        CAST(date_diff('day', weekly.week_start, weekly.last_active) AS INTEGER) AS active_day,
        CASE
            WHEN capped.through >= weekly.week_start + 6 THEN 6
            ELSE CAST(date_diff('day', weekly.week_start, capped.through) AS INTEGER)
        END AS through_day
    FROM weekly
    LEFT JOIN capped ON capped.student_id = weekly.student_id
),

running AS (
    SELECT
        *,
        coalesce(
            sum(bit_count(present_mask)) OVER (
                PARTITION BY student_id ORDER BY week_start
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ),
            0
        ) AS days_before
    FROM daily
),

numbered AS (
    SELECT
        *,
        CASE
            WHEN through_day >= 0
                THEN days_before + bit_count(present_mask & ((2 << through_day) - 1))
        END AS day_through,
        CASE
            WHEN active_day IS NOT NULL
                THEN days_before + bit_count(present_mask & ((2 << active_day) - 1))
        END AS day_active
    FROM running
),

latest AS (
    SELECT
        student_id,
        week_start,
        rostered,
        max(day_through) OVER (
            PARTITION BY student_id ORDER BY week_start
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS day_through,
        coalesce(
            max(day_active) OVER (
                PARTITION BY student_id ORDER BY week_start
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ),
            0
        ) AS day_active
    FROM numbered
)

SELECT
    student_id,
    week_start,
    CASE
        WHEN rostered AND day_through > day_active THEN CAST(day_through - day_active AS BIGINT)
        WHEN rostered AND day_through IS NOT NULL THEN 0
    END AS quiet_school_days
FROM latest
