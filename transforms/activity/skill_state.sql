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
WITH newest AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY platform, account_key, skill_id, date
            ORDER BY exported_on DESC NULLS LAST, source_file DESC NULLS LAST
        ) AS place
    FROM lake.skill_state
    WHERE is_current
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
FROM newest AS skill
LEFT JOIN work.account_student AS link
    ON link.platform = skill.platform AND link.account_key = skill.account_key
LEFT JOIN work.class_of_key AS class
    ON class.platform = skill.platform AND class.class_key = skill.class_key
WHERE skill.place = 1
