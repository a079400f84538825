-- work.newest_account: each account as the newest files that list it write it.
-- Each feed may know a part (numbers here, names there): what the newest leaves out is taken from
-- the newest of another feed.
-- Grain: platform account
-- Columns:
--   platform      id    platform
--   account_key   id    the platform's own account
--   account_kind  text  what the key is
--   sis_id        id    SIS or state id, where told
--   email         text  e-mail address, where told
--   username      text  sign-in name, where told
--   given_name    text  given name, where told
--   family_name   text  family name, where told
--   full_name     text  whole name, where the platform does not part it
--   grade_level   text  grade as written
--   school_name   text  school as written
--   class_key     id    the platform's class, where the account exists only within one
--   source_file   hash  file the row came from
WITH latest AS (
    -- Found first on its own, so that the wide rows of all older files are only read past.
    SELECT platform, account_key, feed, max(exported_on) AS exported_on
    FROM lake.account
    WHERE is_current
    GROUP BY platform, account_key, feed
),

listed AS (
    SELECT
        account.*,
        row_number() OVER (
            PARTITION BY account.platform, account.account_key
            ORDER BY account.exported_on, account.feed, account.source_file
        ) AS place
    FROM lake.account AS account
    JOIN latest
        ON latest.platform = account.platform
        AND latest.account_key = account.account_key
        AND latest.feed = account.feed
        AND latest.exported_on = account.exported_on
    WHERE account.is_current
)

SELECT
    platform,
    account_key,
    max_by(account_kind, place) FILTER (WHERE account_kind IS NOT NULL) AS account_kind,
    max_by(sis_id, place) FILTER (WHERE sis_id IS NOT NULL) AS sis_id,
    max_by(email, place) FILTER (WHERE email IS NOT NULL) AS email,
    max_by(username, place) FILTER (WHERE username IS NOT NULL) AS username,
    max_by(given_name, place) FILTER (WHERE given_name IS NOT NULL) AS given_name,
    max_by(family_name, place) FILTER (WHERE family_name IS NOT NULL) AS family_name,
    max_by(full_name, place) FILTER (WHERE full_name IS NOT NULL) AS full_name,
    max_by(grade_level, place) FILTER (WHERE grade_level IS NOT NULL) AS grade_level,
    max_by(school_name, place) FILTER (WHERE school_name IS NOT NULL) AS school_name,
    max_by(class_key, place) FILTER (WHERE class_key IS NOT NULL) AS class_key,
    max_by(source_file, place) AS source_file
FROM listed
GROUP BY platform, account_key
