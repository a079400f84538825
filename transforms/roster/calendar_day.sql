-- roster.calendar_day: which days are school days, for every school and every day.
-- Grain: school x day
-- Columns:
--   school_id      id    school; NULL = the district's general calendar, for students whose
--         school the roster does not tell
--   date           date  local day
--   is_school_day  bool  children are expected: the school's own row, else the row for every
--         school, else Monday to Friday
--   note           text  holiday's name or the like
WITH days AS (
    SELECT first_day + CAST(offset_days AS INTEGER) AS date
    FROM (
        SELECT
            first_day,
            unnest(generate_series(0, date_diff('day', first_day, last_day))) AS offset_days
        FROM work.as_of
    ) AS numbered
),

schools AS (
    SELECT school_id FROM roster.school
    UNION ALL
    SELECT CAST(NULL AS VARCHAR)
),

told AS (
    SELECT
        school_id,
        date,
        is_school_day,
        note,
        row_number() OVER (
            PARTITION BY school_id, date
            ORDER BY exported_on DESC NULLS LAST, source_file DESC NULLS LAST
        ) AS newest
    FROM lake.calendar_day
    WHERE is_current AND is_school_day IS NOT NULL
)

SELECT
    schools.school_id,
    days.date,
    coalesce(
        own.is_school_day,
        everyone.is_school_day,
        date_diff('day', CAST(date_trunc('week', days.date) AS DATE), days.date) < 5
    ) AS is_school_day,
    coalesce(own.note, everyone.note) AS note
FROM days
CROSS JOIN schools
LEFT JOIN told AS own
    ON own.school_id = schools.school_id AND own.date = days.date AND own.newest = 1
LEFT JOIN told AS everyone
    ON everyone.school_id IS NULL AND everyone.date = days.date AND everyone.newest = 1
