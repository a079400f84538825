-- work.daily_week: daily activity gathered by week, one column for each day.
-- Grain: student x platform x week
-- Columns:
--   pair              count    student and platform, see work.student_platform
--   week_start        date     Monday
--   minutes           minutes  all of the week; NULL where the platform measures none
--   day_1             minutes  placed on Monday
--   day_2             minutes  placed on Tuesday
--   day_3             minutes  placed on Wednesday
--   day_4             minutes  placed on Thursday
--   day_5             minutes  placed on Friday
--   day_6             minutes  placed on Saturday
--   day_7             minutes  placed on Sunday
--   unplaced_minutes  minutes  that may have fallen on several days
--   event_mask        bits     days with something done and no minutes told
--   last_unplaced     date     last day that may hold unplaced minutes
--   items_attempted   count    items tried
--   items_correct     count    items right
--   units_completed   units    finished
--   events            count    events
WITH dated AS (
    SELECT
        pair.pair,
        CAST(date_trunc('week', activity.date) AS DATE) AS week_start,
        CASE
            WHEN activity.earliest_date = activity.date
                THEN date_diff(
                    'day', CAST(date_trunc('week', activity.date) AS DATE), activity.date
                )
            ELSE 9
        END AS day,
        activity.date,
        activity.minutes,
        activity.items_attempted,
        activity.items_correct,
        activity.units_completed,
        activity.events
    FROM facts.daily_activity AS activity
    JOIN work.student_platform AS pair
        ON pair.student_id = activity.student_id AND pair.platform = activity.platform
)

SELECT
    pair,
    week_start,
    sum(minutes) AS minutes,
    sum(CASE WHEN day = 0 THEN minutes END) AS day_1,
    sum(CASE WHEN day = 1 THEN minutes END) AS day_2,
    sum(CASE WHEN day = 2 THEN minutes END) AS day_3,
    sum(CASE WHEN day = 3 THEN minutes END) AS day_4,
    sum(CASE WHEN day = 4 THEN minutes END) AS day_5,
    sum(CASE WHEN day = 5 THEN minutes END) AS day_6,
    sum(CASE WHEN day = 6 THEN minutes END) AS day_7,
    sum(CASE WHEN day = 9 THEN minutes END) AS unplaced_minutes,
    bit_or(
        CASE
            WHEN minutes IS NULL AND (events > 0 OR items_attempted > 0 OR units_completed > 0)
                THEN 1 << CAST(date_diff('day', week_start, date) AS INTEGER)
            ELSE 0
        END
    ) AS event_mask,
    max(CASE WHEN day = 9 AND minutes > 0 THEN date END) AS last_unplaced,
    CAST(sum(items_attempted) AS BIGINT) AS items_attempted,
    CAST(sum(items_correct) AS BIGINT) AS items_correct,
    sum(units_completed) AS units_completed,
    CAST(sum(events) AS BIGINT) AS events
FROM dated
GROUP BY pair, week_start
