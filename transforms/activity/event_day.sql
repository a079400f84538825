-- work.event_day: events gathered by day. An event earns the time to the account's next event on
-- the platform, whatever the class, where that is at most 10 minutes; a longer gap counts 0, and so
-- does the last event. The minutes belong to the day and the class of the event that earns them, so
-- a gap over midnight is of the day on which it begins. Durations that events tell of themselves do
-- not enter: there is one basis.
-- Grain: account x day x class
-- Columns:
--   platform         id       platform
--   account_key      id       account
--   date             date     local day
--   class_key        id       the platform's class, where told
--   minutes          minutes  sum of the gaps of at most 10 minutes
--   items_attempted  count    answers of which the platform tells right or wrong; NULL = none
--   items_correct    count    right ones; NULL = none told
--   events           count    events
--   source_file      hash     a file the events came from
WITH gaps AS (
    SELECT
        *,
        epoch(
            lead(happened_at) OVER (
                PARTITION BY account_number ORDER BY happened_at, class_key NULLS LAST
            )
        ) - epoch(happened_at) AS gap
    FROM work.event_once
),

days AS (
    SELECT
        account_number,
        date,
        class_key,
        sum(CASE WHEN gap <= 600 THEN gap ELSE 0 END) / 60.0 AS minutes,
        count(correct) AS answered,
        sum(CASE WHEN correct THEN 1 ELSE 0 END) AS answered_right,
        count(*) AS events,
        max(source_file) AS source_file
    FROM gaps
    GROUP BY account_number, date, class_key
)

SELECT
    account.platform,
    account.account_key,
    days.date,
    days.class_key,
    CAST(days.minutes AS DOUBLE) AS minutes,
    CASE WHEN days.answered > 0 THEN days.answered END AS items_attempted,
    CASE WHEN days.answered > 0 THEN CAST(days.answered_right AS BIGINT) END AS items_correct,
    days.events,
    days.source_file
FROM days
JOIN work.event_account AS account ON account.account_number = days.account_number
