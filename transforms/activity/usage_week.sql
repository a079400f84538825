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
WITH parts AS (
    SELECT DISTINCT platform, week_start, feed, scope, source_file
    FROM lake.usage_week
    WHERE is_current
),

overlap AS (
    -- Weeks told by one part alone need no choice between exports.
    SELECT platform, week_start, count(*) AS parts
    FROM parts
    GROUP BY platform, week_start
),

told AS (
    SELECT
        usage.platform,
        usage.account_key,
        usage.week_start,
        usage.through,
        usage.minutes,
        usage.units_completed,
        usage.target_minutes,
        usage.target_units,
        usage.source_file,
        usage.exported_on,
        overlap.parts
    FROM lake.usage_week AS usage
    JOIN overlap ON overlap.platform = usage.platform AND overlap.week_start = usage.week_start
    WHERE usage.is_current
),

ranked AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY platform, account_key, week_start
            ORDER BY
                through DESC NULLS LAST, exported_on DESC NULLS LAST, source_file DESC NULLS LAST
        ) AS newest
    FROM told
    WHERE parts > 1
),

single AS (
    SELECT
        platform,
        account_key,
        week_start,
        through,
        minutes,
        units_completed,
        target_minutes,
        target_units,
        source_file
    FROM told
    WHERE parts = 1
    UNION ALL
    SELECT
        platform,
        account_key,
        week_start,
        through,
        minutes,
        units_completed,
        target_minutes,
        target_units,
        source_file
    FROM ranked
    WHERE newest = 1
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
FROM single AS usage
LEFT JOIN work.account_student AS link
    ON link.platform = usage.platform AND link.account_key = usage.account_key
