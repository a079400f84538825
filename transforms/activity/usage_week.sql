-- facts.usage_week: what an account did in a week, for platforms that send weeks only, and targets.
-- Grain: account x week; where exports overlap, the one that reaches furthest
-- Columns:
--   platform         id       platform
--   account_key      id       account
--   student_id       id       student; NULL = not resolved
--   week_start       date     Monday
--   through          date     last day the figures cover
--   minutes          minutes  in the week
--   units_completed  units    finished in the week
--   target_minutes   minutes  weekly target; NULL = none
--   target_units     units    weekly target; NULL = none
--   source_file      hash     file the row came from
WITH newest AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY platform, account_key, week_start
            ORDER BY
                through DESC NULLS LAST, exported_on DESC NULLS LAST, source_file DESC NULLS LAST
        ) AS newest
    FROM lake.usage_week
    WHERE is_current
)

SELECT
    usage.platform,
    usage.account_key,
    link.student_id,
    usage.week_start,
    usage.through,
    usage.minutes,
    usage.units_completed,
    usage.target_minutes,
    usage.target_units,
    usage.source_file
FROM newest AS usage
LEFT JOIN work.account_student AS link
    ON link.platform = usage.platform AND link.account_key = usage.account_key
WHERE usage.newest = 1
