-- work.snapshot_account: a short number for each account with snapshots, for windows and joins.
-- Grain: platform account with snapshots
-- Columns:
--   account_number  count  its number
--   platform        id     platform
--   account_key     id     account
--   student_id      id     student; NULL = not resolved
--   school_key      id     school whose calendar holds; empty = the general calendar
SELECT
    row_number() OVER (ORDER BY usage.platform, usage.account_key) AS account_number,
    usage.platform,
    usage.account_key,
    link.student_id,
    coalesce(link.school_key, '') AS school_key
FROM (
    SELECT DISTINCT platform, account_key FROM lake.usage_snapshot WHERE is_current
) AS usage
LEFT JOIN work.account_student AS link
    ON link.platform = usage.platform AND link.account_key = usage.account_key
