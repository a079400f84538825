-- work.as_of: the day up to which anything at all is known, and the span of days worth a calendar.
-- Grain: one row, none where neither a coverage nor a roster exists
-- Columns:
--   as_of      date  latest day any activity or assignment file tells of; without such files the
--         day of the newest roster
--   first_day  date  Monday of the earliest week a file tells of
--   last_day   date  Sunday of the week of as_of
WITH known AS (
    SELECT covers_from AS first_day, covers_to AS last_day, 1 AS source
    FROM lake.coverage
    WHERE is_current AND of IN ('activity', 'assignments')
    UNION ALL
    SELECT exported_on, exported_on, 2 FROM lake.person
),

span AS (
    SELECT
        coalesce(
            max(CASE WHEN source = 1 THEN last_day END), max(CASE WHEN source = 2 THEN last_day END)
        ) AS as_of,
        coalesce(
            min(CASE WHEN source = 1 THEN first_day END),
            max(CASE WHEN source = 2 THEN first_day END)
        ) AS first_day
    FROM known
)

SELECT
    as_of,
    CAST(date_trunc('week', first_day) AS DATE) AS first_day,
    CAST(date_trunc('week', as_of) AS DATE) + 6 AS last_day
FROM span
WHERE as_of IS NOT NULL AND first_day IS NOT NULL
