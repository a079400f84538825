-- work.skill_day: where each student stood with a skill at the end of each day that tells of it. The
-- platform's own flag goes before the answers. What a platform tells without a state, a flag or
-- answers (a percent, a level in words) is no state of a skill.
-- Grain: student x platform x skill x day
-- Columns:
--   student_id         id     student
--   platform           id     platform
--   skill_id           id     skill, activity, or what the answers were given to
--   skill_name         text   name; NULL = none told
--   date               date   local day
--   skill_state        text   mastered, needs_instruction, spinning, spinning_then_mastered,
--         indeterminate
--   basis              text   own_flag or attempts
--   attempts           count  tries so far; NULL = not told
--   attempts_to_state  count  answers after which it was so; NULL on a platform's own flag
--   days_told          count  days so far that tell of the skill
--   since              date   first day of the unbroken run of this state
--   mastered_on        date   first day so far on which it was mastered; NULL = none
--   next_date          date   next day that tells of the skill; NULL = this is the latest
WITH flagged AS (
    SELECT
        platform,
        student_id,
        skill_id,
        date,
        max(skill_name) AS skill_name,
        max(attempts) AS attempts,
        -- Of two accounts of one student the better news counts.
        min(
            CASE
                WHEN state = 'not_started' THEN 3
                WHEN passed OR (passed IS NULL AND state = 'complete') THEN 1
                WHEN needs_instruction THEN 2
                ELSE 3
            END
        ) AS place
    FROM facts.skill_state
    WHERE
        student_id IS NOT NULL
        AND date IS NOT NULL
        AND (state IS NOT NULL OR needs_instruction IS NOT NULL OR passed IS NOT NULL)
    GROUP BY platform, student_id, skill_id, date
),

own AS (
    SELECT DISTINCT platform, skill_id FROM flagged
),

told AS (
    SELECT
        platform,
        student_id,
        skill_id,
        skill_name,
        date,
        CASE place WHEN 1 THEN 'mastered' WHEN 2 THEN 'needs_instruction' ELSE 'indeterminate' END
            AS skill_state,
        'own_flag' AS basis,
        attempts,
        CAST(NULL AS BIGINT) AS attempts_to_state
    FROM flagged
    UNION ALL
    SELECT
        answered.platform,
        answered.student_id,
        answered.skill_id,
        CAST(NULL AS VARCHAR),
        answered.date,
        answered.skill_state,
        'attempts',
        answered.attempts,
        answered.attempts_to_state
    FROM work.skill_attempt AS answered
    LEFT JOIN own ON own.platform = answered.platform AND own.skill_id = answered.skill_id
    WHERE own.platform IS NULL
),

followed AS (
    SELECT
        *,
        lag(skill_state) OVER skill AS state_before,
        lead(date) OVER skill AS next_date
    FROM told
    WINDOW skill AS (PARTITION BY student_id, skill_id, platform ORDER BY date)
)

SELECT
    student_id,
    platform,
    skill_id,
    skill_name,
    date,
    skill_state,
    basis,
    attempts,
    attempts_to_state,
    count(*) OVER so_far AS days_told,
    max(CASE WHEN state_before IS DISTINCT FROM skill_state THEN date END) OVER so_far AS since,
    min(CASE WHEN skill_state IN ('mastered', 'spinning_then_mastered') THEN date END) OVER so_far
        AS mastered_on,
    next_date
FROM followed
WINDOW so_far AS (
    PARTITION BY student_id, skill_id, platform ORDER BY date
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
)
