-- facts.skill_state: how far an account has come with a skill, as the platform flags it.
-- Grain: account x skill x day; the latest export wins
-- Columns:
--   platform           id       platform
--   account_key        id       account
--   student_id         id       student; NULL = not resolved
--   skill_id           id       skill or activity
--   date               date     local day of the latest work on it
--   skill_name         text     name
--   class_key          id       the platform's class, where told
--   class_id           id       class of the roster; NULL = not resolved
--   state              text     complete, in_progress or not_started
--   percent_completed  percent  of the skill's units
--   attempts           count    attempts of every kind
--   needs_instruction  bool     the platform's own flag
--   level              text     level as written
--   minutes            minutes  on it so far
--   passed             bool     whether the platform calls it passed; NULL = not told
--   score_percent      percent  right or mastered, as the platform tells it
--   source_file        hash     file the row came from
WITH account AS (
    SELECT
        platform,
        account_key,
        row_number() OVER (ORDER BY platform, account_key) AS number
    FROM (SELECT DISTINCT platform, account_key FROM lake.skill_state WHERE is_current)
),

named AS (
    SELECT platform, skill_id, row_number() OVER (ORDER BY platform, skill_id) AS number
    FROM (SELECT DISTINCT platform, skill_id FROM lake.skill_state WHERE is_current)
),

numbered AS (
    -- One number for account and skill: there are many rows, and texts are slow to compare.
    SELECT state.*, account.number * 2147483648 + named.number AS pair
    FROM lake.skill_state AS state
    JOIN account
        ON account.platform = state.platform AND account.account_key = state.account_key
    JOIN named ON named.platform = state.platform AND named.skill_id = state.skill_id
    WHERE state.is_current
),

latest AS (
    SELECT pair, date, max(exported_on) AS exported_on
    FROM numbered
    GROUP BY pair, date
)

SELECT
    skill.platform,
    skill.account_key,
    link.student_id,
    skill.skill_id,
    skill.date,
    skill.skill_name,
    skill.class_key,
    class.class_id,
    skill.state,
    skill.percent_completed,
    skill.attempts,
    skill.needs_instruction,
    skill.level,
    skill.minutes,
    skill.passed,
    skill.score_percent,
    skill.source_file
FROM numbered AS skill
JOIN latest
    ON latest.pair = skill.pair
    AND latest.date = skill.date
    AND latest.exported_on = skill.exported_on
LEFT JOIN work.account_student AS link
    ON link.platform = skill.platform AND link.account_key = skill.account_key
LEFT JOIN work.class_of_key AS class
    ON class.platform = skill.platform AND class.class_key = skill.class_key
