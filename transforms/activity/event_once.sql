-- work.event_once: every event once, however many files tell of it; events that were taken back
-- (action voided) are left out, and so are the events that say so.
-- Grain: event
-- Columns:
--   account_number  count    account, see work.event_account
--   happened_at     instant  when it happened (UTC)
--   date            date     local day of that
--   class_key       id       the platform's class, where told
--   correct         bool     whether the answer was right; NULL = no answer, or not told
--   answered_id     id       what the answer was given to; NULL = no answer, or not told
--   source_file     hash     file the row came from, the newest of several
WITH repeated AS (
    SELECT platform, event_id
    FROM lake.event
    WHERE is_current
    GROUP BY platform, event_id
    HAVING count(*) > 1
),

voided AS (
    SELECT DISTINCT platform, object_id AS event_id
    FROM lake.event
    WHERE is_current AND action = 'voided'
),

told AS (
    SELECT event.*, repeated.event_id IS NOT NULL AS is_told_twice
    FROM lake.event AS event
    LEFT JOIN repeated
        ON repeated.platform = event.platform AND repeated.event_id = event.event_id
    LEFT JOIN voided
        ON voided.platform = event.platform AND voided.event_id = event.event_id
    WHERE event.is_current AND event.action IS DISTINCT FROM 'voided' AND voided.event_id IS NULL
),

once AS (
    SELECT *, 1 AS newest FROM told WHERE NOT is_told_twice
    UNION ALL
    -- Copies are equal but where a platform has corrected one; then the newest file counts.
    SELECT
        *,
        row_number() OVER (
            PARTITION BY platform, event_id
            ORDER BY
                exported_on DESC NULLS LAST,
                source_file DESC NULLS LAST,
                happened_at NULLS LAST,
                account_key NULLS LAST,
                class_key NULLS LAST
        )
    FROM told
    WHERE is_told_twice
)

SELECT
    account.account_number,
    once.happened_at,
    once.date,
    once.class_key,
    once.correct,
    CASE WHEN once.correct IS NOT NULL THEN once.object_id END AS answered_id,
    once.source_file
FROM once
JOIN work.event_account AS account
    ON account.platform = once.platform AND account.account_key = once.account_key
WHERE once.newest = 1
