-- facts.daily_activity: what an account did on a day, as exported, taken from snapshots, or summed
-- from events.
-- Grain: account x day x class where the platform tells the class; a row that could not be placed
-- on one day spans earliest_date to date. A day that several files tell of is taken from the newest.
-- Columns:
--   platform         id       platform
--   account_key      id       account
--   student_id       id       student; NULL = not resolved
--   class_key        id       the platform's class, where told
--   class_id         id       class of the roster; NULL = not resolved
--   earliest_date    date     first day on which the minutes can have happened; date where exact
--   date             date     local day, the last one possible
--   minutes          minutes  time; NULL where the platform does not measure it
--   minutes_basis    text     exported, differenced, sessionised or clicks
--   items_attempted  count    items tried
--   items_correct    count    items right
--   units_completed  units    units (lessons, skills) finished
--   events           count    clicks or other events
--   source_file      hash     file the row came from
WITH parts AS (
    SELECT DISTINCT platform, feed, date, source_file
    FROM lake.daily_activity
    WHERE is_current
),

overlap AS (
    SELECT platform, feed, date
    FROM parts
    GROUP BY platform, feed, date
    HAVING count(*) > 1
),

told AS (
    SELECT activity.*, overlap.platform IS NOT NULL AS is_told_twice
    FROM lake.daily_activity AS activity
    LEFT JOIN overlap
        ON overlap.platform = activity.platform
        AND overlap.feed = activity.feed
        AND overlap.date = activity.date
    WHERE activity.is_current
),

daily AS (
    SELECT *, 1 AS newest FROM told WHERE NOT is_told_twice
    UNION ALL
    SELECT
        *,
        dense_rank() OVER (
            PARTITION BY platform, feed, account_key, date, class_key
            ORDER BY exported_on DESC NULLS LAST, source_file DESC NULLS LAST
        )
    FROM told
    WHERE is_told_twice
),

clean AS (
    SELECT
        step.account_number,
        step.week_start,
        step.date,
        step.previous_date,
        step.week_minutes - coalesce(step.previous_minutes, 0) AS minutes,
        step.week_units - coalesce(step.previous_units, 0) AS units,
        step.today_minutes,
        step.today_units,
        step.file_number
    FROM work.snapshot_step AS step
    LEFT JOIN work.snapshot_glitch AS glitch
        ON glitch.account_number = step.account_number AND glitch.week_start = step.week_start
    WHERE glitch.account_number IS NULL
    UNION ALL
    SELECT
        account_number,
        week_start,
        date,
        previous_date,
        week_minutes - coalesce(previous_minutes, 0),
        week_units - coalesce(previous_units, 0),
        today_minutes,
        today_units,
        file_number
    FROM work.snapshot_gain
),

parted AS (
    SELECT
        clean.week_start,
        clean.date,
        clean.minutes,
        clean.units,
        account.platform,
        account.account_key,
        account.student_id,
        files.source_file,
        coalesce(week.school_mask, 31) AS school_mask,
        CAST(date_diff('day', clean.week_start, clean.date) AS INTEGER) AS day,
        CAST(coalesce(date_diff('day', clean.week_start, clean.previous_date), -1) AS INTEGER)
            AS previous_day,
        -- A told day above the gain is capped; a difference below a second is a rounding error.
        CASE
            WHEN clean.today_minutes >= clean.minutes - 0.01 THEN clean.minutes
            ELSE clean.today_minutes
        END AS day_minutes,
        CASE
            WHEN clean.today_minutes IS NULL THEN NULL
            WHEN clean.today_units >= clean.units THEN clean.units
            ELSE clean.today_units
        END AS day_units
    FROM clean
    JOIN work.snapshot_account AS account ON account.account_number = clean.account_number
    JOIN work.snapshot_file AS files ON files.file_number = clean.file_number
    LEFT JOIN work.school_week AS week
        ON week.school_key = account.school_key AND week.week_start = clean.week_start
),

remainder AS (
    SELECT
        *,
        minutes - coalesce(day_minutes, 0) AS rest_minutes,
        units - coalesce(day_units, 0) AS rest_units,
        -- Without the day's own minutes the export's day itself may hold the gain. With them only
        -- the days between may; where there are none, the evening after the export before.
        CASE
            WHEN day_minutes IS NULL THEN least(previous_day + 1, day)
            WHEN previous_day + 1 < day THEN previous_day + 1
            WHEN previous_day >= 0 THEN previous_day
            ELSE day
        END AS first_day,
        CASE
            WHEN day_minutes IS NULL THEN day
            WHEN previous_day + 1 < day THEN day - 1
            WHEN previous_day >= 0 THEN previous_day
            ELSE day
        END AS last_day
    FROM parted
    WHERE
        day_minutes IS NULL
        OR minutes > day_minutes
        OR units > coalesce(day_units, 0)
),

ranged AS (
    SELECT
        *,
        -- School days that can hold it; the weekend only where no school day can.
        school_mask & ((1 << (last_day + 1)) - (1 << first_day)) AS school_range
    FROM remainder
)

SELECT
    activity.platform,
    activity.account_key,
    link.student_id,
    activity.class_key,
    class.class_id,
    activity.date AS earliest_date,
    activity.date,
    activity.minutes,
    activity.minutes_basis,
    activity.items_attempted,
    activity.items_correct,
    activity.units_completed,
    activity.events,
    activity.source_file
FROM daily AS activity
LEFT JOIN work.account_student AS link
    ON link.platform = activity.platform AND link.account_key = activity.account_key
LEFT JOIN work.class_of_key AS class
    ON class.platform = activity.platform AND class.class_key = activity.class_key
WHERE activity.newest = 1
UNION ALL
SELECT
    event.platform,
    event.account_key,
    link.student_id,
    event.class_key,
    class.class_id,
    event.date,
    event.date,
    event.minutes,
    'sessionised',
    event.items_attempted,
    event.items_correct,
    CAST(NULL AS DOUBLE),
    event.events,
    event.source_file
FROM work.event_day AS event
LEFT JOIN work.account_student AS link
    ON link.platform = event.platform AND link.account_key = event.account_key
LEFT JOIN work.class_of_key AS class
    ON class.platform = event.platform AND class.class_key = event.class_key
UNION ALL
SELECT
    platform,
    account_key,
    student_id,
    CAST(NULL AS VARCHAR),
    CAST(NULL AS VARCHAR),
    date,
    date,
    day_minutes,
    'exported',
    CAST(NULL AS BIGINT),
    CAST(NULL AS BIGINT),
    day_units,
    CAST(NULL AS BIGINT),
    source_file
FROM parted
WHERE day_minutes IS NOT NULL
UNION ALL
SELECT
    platform,
    account_key,
    student_id,
    CAST(NULL AS VARCHAR),
    CAST(NULL AS VARCHAR),
    week_start
    + CASE
        WHEN school_range = 0 OR first_day = last_day THEN first_day
        ELSE CAST(bit_count((school_range & -school_range) - 1) AS INTEGER)
    END,
    week_start
    + CASE
        WHEN school_range = 0 OR first_day = last_day THEN last_day
        WHEN school_range >= 64 THEN 6
        WHEN school_range >= 32 THEN 5
        WHEN school_range >= 16 THEN 4
        WHEN school_range >= 8 THEN 3
        WHEN school_range >= 4 THEN 2
        WHEN school_range >= 2 THEN 1
        ELSE 0
    END,
    rest_minutes,
    'differenced',
    CAST(NULL AS BIGINT),
    CAST(NULL AS BIGINT),
    rest_units,
    CAST(NULL AS BIGINT),
    source_file
FROM ranged
