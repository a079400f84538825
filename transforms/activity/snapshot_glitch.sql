-- work.snapshot_glitch: the weeks in which a snapshot shows less than one before it.
-- Grain: account x week with such a snapshot
-- Columns:
--   account_number  count  see work.snapshot_account
--   week_start      date   Monday
SELECT DISTINCT account_number, week_start
FROM work.snapshot_step
WHERE
    previous_date IS NOT NULL
    AND (
        coalesce(week_minutes < previous_minutes, FALSE)
        OR coalesce(week_units < previous_units, FALSE)
        -- A figure that comes and goes: the step to the one before it is not the gain.
        OR (week_minutes IS NULL) <> (previous_minutes IS NULL)
        OR (week_units IS NULL) <> (previous_units IS NULL)
    )
