-- work.platform: the platforms whose files tell of activity, and what they measure.
-- Grain: platform
-- Columns:
--   platform      id    platform
--   first_week    date  Monday of the first week its files tell of
--   has_days      bool  tells days, not only weeks
--   has_minutes   bool  measures time
--   has_units     bool  counts units
WITH told AS (
    SELECT
        platform,
        TRUE AS has_days,
        count(minutes) > 0 AS has_minutes,
        count(units_completed) > 0 AS has_units
    FROM facts.daily_activity
    GROUP BY platform
    UNION ALL
    SELECT platform, FALSE, count(minutes) > 0, count(units_completed) > 0
    FROM facts.usage_week
    GROUP BY platform
),

measured AS (
    SELECT
        platform,
        bool_or(has_days) AS has_days,
        bool_or(has_minutes) AS has_minutes,
        bool_or(has_units) AS has_units
    FROM told
    GROUP BY platform
),

covered AS (
    SELECT platform, CAST(date_trunc('week', min(covers_from)) AS DATE) AS first_week
    FROM facts.coverage
    WHERE of = 'activity' AND covers_to >= covers_from
    GROUP BY platform
)

SELECT
    covered.platform,
    covered.first_week,
    coalesce(measured.has_days, FALSE) AS has_days,
    coalesce(measured.has_minutes, FALSE) AS has_minutes,
    coalesce(measured.has_units, FALSE) AS has_units
FROM covered
LEFT JOIN measured ON measured.platform = covered.platform
