-- work.snapshot_step: each snapshot beside its neighbours in the same week.
-- Grain: account x export day
-- Columns:
--   account_number    count    see work.snapshot_account
--   week_start        date     Monday
--   date              date     day of the export, at most the week's Sunday
--   previous_date     date     day of the snapshot before; NULL = the first of the week
--   previous_minutes  minutes  week_minutes of the snapshot before
--   previous_units    units    week_units of the snapshot before
--   week_minutes      minutes  since Monday
--   week_units        units    since Monday
--   today_minutes     minutes  of the export's day; NULL = not told
--   today_units       units    of the export's day; NULL = not told
--   target_minutes    minutes  own weekly target; NULL = none
--   target_units      units    own weekly target; NULL = none
--   is_latest         bool     the latest snapshot of the week
--   file_number       count    see work.snapshot_file
WITH snapshot AS (
    SELECT
        account.account_number,
        usage.week_start,
        least(usage.date, usage.week_start + 6) AS date,
        usage.week_minutes,
        usage.week_units,
        usage.today_minutes,
        usage.today_units,
        usage.target_minutes,
        usage.target_units,
        files.file_number
    FROM lake.usage_snapshot AS usage
    JOIN work.snapshot_file AS files ON files.source_file = usage.source_file
    JOIN work.snapshot_account AS account
        ON account.platform = usage.platform AND account.account_key = usage.account_key
    WHERE usage.is_current AND (usage.week_minutes IS NOT NULL OR usage.week_units IS NOT NULL)
)

SELECT
    account_number,
    week_start,
    date,
    lag(date) OVER (
        PARTITION BY account_number, week_start ORDER BY date, week_minutes, week_units
    ) AS previous_date,
    lag(week_minutes) OVER (
        PARTITION BY account_number, week_start ORDER BY date, week_minutes, week_units
    ) AS previous_minutes,
    lag(week_units) OVER (
        PARTITION BY account_number, week_start ORDER BY date, week_minutes, week_units
    ) AS previous_units,
    week_minutes,
    week_units,
    today_minutes,
    today_units,
    target_minutes,
    target_units,
    lead(date) OVER (
        PARTITION BY account_number, week_start ORDER BY date, week_minutes, week_units
    ) IS NULL AS is_latest,
    file_number
FROM snapshot
