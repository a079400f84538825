-- work.coverage_week: the days of each week the activity files tell of. Days are bits, Monday 1.
-- Grain: platform x platform class x week
-- Columns:
--   platform    id    platform
--   class_key   id    the platform's class; empty = all
--   week_start  date  Monday
--   zero_mask   bits  days on which no row means nothing was done
--   seen_mask   bits  days any file tells of
--   last_day    date  the last of these days
WITH cumulative AS (
    -- Figures since Monday tell of the whole week so far, whatever day they were exported.
    SELECT DISTINCT platform, feed FROM lake.usage_snapshot WHERE is_current
    UNION
    SELECT DISTINCT platform, feed FROM lake.usage_week WHERE is_current
),

spans AS (
    SELECT DISTINCT
        coverage.platform,
        coalesce(coverage.class_key, '') AS class_key,
        greatest(
            CASE
                WHEN cumulative.feed IS NOT NULL AND NOT coverage.absence_is_zero
                    THEN CAST(date_trunc('week', coverage.covers_from) AS DATE)
                ELSE coverage.covers_from
            END,
            as_of.first_day
        ) AS covers_from,
        least(coverage.covers_to, as_of.last_day) AS covers_to,
        coalesce(coverage.absence_is_zero, FALSE) AS absence_is_zero
    FROM facts.coverage AS coverage
    CROSS JOIN work.as_of AS as_of
    LEFT JOIN cumulative
        ON cumulative.platform = coverage.platform AND cumulative.feed = coverage.feed
    WHERE coverage.of = 'activity' AND coverage.covers_from <= coverage.covers_to
),

days AS (
    SELECT platform, class_key, absence_is_zero, covers_from + CAST(step AS INTEGER) AS date
    FROM (
        SELECT
            *,
            unnest(generate_series(0, date_diff('day', covers_from, covers_to))) AS step
        FROM spans
        WHERE covers_from <= covers_to
    ) AS stepped
),

bits AS (
    SELECT
        platform,
        class_key,
        absence_is_zero,
        date,
        CAST(date_trunc('week', date) AS DATE) AS week_start,
        1 << CAST(date_diff('day', CAST(date_trunc('week', date) AS DATE), date) AS INTEGER)
            AS day_bit
    FROM days
)

SELECT
    platform,
    class_key,
    week_start,
    bit_or(CASE WHEN absence_is_zero THEN day_bit ELSE 0 END) AS zero_mask,
    bit_or(day_bit) AS seen_mask,
    max(date) AS last_day
FROM bits
GROUP BY platform, class_key, week_start
