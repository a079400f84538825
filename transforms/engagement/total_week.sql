-- work.total_week: figures a platform gives for the week so far, from snapshots and weekly files.
-- Grain: student x platform x week
-- Columns:
--   pair             count    student and platform, see work.student_platform
--   week_start       date     Monday
--   through          date     last day the figures cover
--   minutes          minutes  in the week
--   units_completed  units    finished in the week
--   target_minutes   minutes  own weekly target; NULL = none
--   target_units     units    own weekly target; NULL = none
--   weekly_active    date     last day of figures that give no days and are above zero
WITH told AS (
    SELECT
        pair.pair,
        step.week_start,
        step.date AS through,
        step.week_minutes AS minutes,
        step.week_units AS units_completed,
        step.target_minutes,
        step.target_units,
        CAST(NULL AS DATE) AS weekly_active
    FROM work.snapshot_step AS step
    JOIN work.snapshot_account AS account ON account.account_number = step.account_number
    JOIN work.student_platform AS pair
        ON pair.student_id = account.student_id AND pair.platform = account.platform
    WHERE step.is_latest
    UNION ALL
    SELECT
        pair.pair,
        usage.week_start,
        CASE
            WHEN usage.through > usage.week_start + 6 THEN usage.week_start + 6
            ELSE usage.through
        END,
        usage.minutes,
        usage.units_completed,
        usage.target_minutes,
        usage.target_units,
        CASE
            WHEN usage.minutes > 0 OR usage.units_completed > 0
                THEN least(coalesce(usage.through, usage.week_start + 6), usage.week_start + 6)
        END
    FROM facts.usage_week AS usage
    JOIN work.student_platform AS pair
        ON pair.student_id = usage.student_id AND pair.platform = usage.platform
)

SELECT
    pair,
    week_start,
    max(through) AS through,
    sum(minutes) AS minutes,
    sum(units_completed) AS units_completed,
    max(target_minutes) AS target_minutes,
    max(target_units) AS target_units,
    max(weekly_active) AS weekly_active
FROM told
GROUP BY pair, week_start
