-- work.event_account: a short number for each account with events, for windows and joins.
-- Grain: platform account with events
-- Columns:
--   account_number  count  its number
--   platform        id     platform
--   account_key     id     account
SELECT
    row_number() OVER (ORDER BY platform, account_key) AS account_number,
    platform,
    account_key
FROM (SELECT DISTINCT platform, account_key FROM lake.event WHERE is_current) AS told
