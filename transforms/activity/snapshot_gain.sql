-- work.snapshot_gain: the repaired steps of the weeks in work.snapshot_glitch. A snapshot above a
-- later one of its week was wrong and is left out; what it claimed too early is not counted twice.
-- Grain: account x export day kept, in weeks with a glitch
-- Columns:
--   account_number    count    see work.snapshot_account
--   week_start        date     Monday
--   date              date     day of the export
--   previous_date     date     day of the kept snapshot before; NULL = the first of the week
--   previous_minutes  minutes  its minutes
--   previous_units    units    units of which the whole week up to it is sure
--   week_minutes      minutes  since Monday
--   week_units        units    since Monday, at most what a later snapshot shows
--   today_minutes     minutes  of the export's day; NULL = not told
--   today_units       units    of the export's day; NULL = not told
--   file_number       count    see work.snapshot_file
WITH floored AS (
    SELECT
        step.account_number,
        step.week_start,
        step.date,
        step.week_minutes,
        step.today_minutes,
        step.today_units,
        step.file_number,
        min(step.week_minutes) OVER (
            PARTITION BY step.account_number, step.week_start
            ORDER BY step.date, step.week_minutes, step.week_units
            ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
        ) AS minutes_floor,
        min(step.week_units) OVER (
            PARTITION BY step.account_number, step.week_start
            ORDER BY step.date, step.week_minutes, step.week_units
            ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
        ) AS units_floor
    FROM work.snapshot_step AS step
    JOIN work.snapshot_glitch AS glitch
        ON glitch.account_number = step.account_number AND glitch.week_start = step.week_start
)

SELECT
    account_number,
    week_start,
    date,
    lag(date) OVER (
        PARTITION BY account_number, week_start ORDER BY date, week_minutes, units_floor
    ) AS previous_date,
    max(week_minutes) OVER (
        PARTITION BY account_number, week_start ORDER BY date, week_minutes, units_floor
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS previous_minutes,
    max(units_floor) OVER (
        PARTITION BY account_number, week_start ORDER BY date, week_minutes, units_floor
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS previous_units,
    week_minutes,
    units_floor AS week_units,
    today_minutes,
    today_units,
    file_number
FROM floored
WHERE week_minutes IS NULL OR week_minutes <= minutes_floor
