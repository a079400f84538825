-- work.school_week: the school days of each week. Days are bits: Monday 1, Tuesday 2, Sunday 64.
-- Grain: school x week
-- Columns:
--   school_key       id    school; empty = the general calendar
--   week_start       date  Monday
--   school_mask      bits  school days
--   school_days      days  how many
--   last_school_day  date  the last of them
SELECT
    coalesce(school_id, '') AS school_key,
    CAST(date_trunc('week', date) AS DATE) AS week_start,
    bit_or(
        CASE
            WHEN is_school_day
                THEN 1 << CAST(
                    date_diff('day', CAST(date_trunc('week', date) AS DATE), date) AS INTEGER
                )
            ELSE 0
        END
    ) AS school_mask,
    CAST(sum(CASE WHEN is_school_day THEN 1 ELSE 0 END) AS BIGINT) AS school_days,
    max(CASE WHEN is_school_day THEN date END) AS last_school_day
FROM roster.calendar_day
GROUP BY coalesce(school_id, ''), CAST(date_trunc('week', date) AS DATE)
