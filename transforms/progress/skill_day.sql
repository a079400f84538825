-- work.skill_day: where each student stood with a skill at the end of each day that tells of it. The
-- platform's own flag goes before the answers. What a platform tells without a state, a flag or
-- answers (a percent, a level in words) is no state of a skill.
-- Grain: student x platform x skill x day
-- Columns:
--   pair               count  student and skill, for windows and joins
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
WITH student AS (
    SELECT student_id, row_number() OVER (ORDER BY student_id) AS number
    FROM roster.student
),

named AS (
    SELECT
        platform,
        skill_id,
        max(skill_name) AS skill_name,
        bool_or(flagged) AS flagged,
        row_number() OVER (ORDER BY platform, skill_id) AS number
    FROM (
        SELECT
            platform,
            skill_id,
            max(skill_name) AS skill_name,
            count(state) + count(needs_instruction) + count(passed) > 0 AS flagged
        FROM facts.skill_state
        GROUP BY platform, skill_id
        UNION ALL
        SELECT DISTINCT platform, skill_id, CAST(NULL AS VARCHAR), FALSE
        FROM work.skill_attempt
    ) AS listed
    GROUP BY platform, skill_id
),

numbered AS (
    -- One number for student and skill, one for the state: there are many rows, and texts are slow
    -- to compare. States: 1 mastered, 2 needs instruction, 3 spinning, 4 then mastered, 5 open.
    SELECT
        student.number * 2147483648 + named.number AS pair,
        state.date,
        state.attempts,
        CASE
            WHEN state.state = 'not_started' THEN 5
            WHEN state.passed OR (state.passed IS NULL AND state.state = 'complete') THEN 1
            WHEN state.needs_instruction THEN 2
            ELSE 5
        END AS place
    FROM facts.skill_state AS state
    JOIN student ON student.student_id = state.student_id
    JOIN named ON named.platform = state.platform AND named.skill_id = state.skill_id
    WHERE
        state.date IS NOT NULL
        AND (
            state.state IS NOT NULL
            OR state.needs_instruction IS NOT NULL
            OR state.passed IS NOT NULL
        )
),

told AS (
    SELECT
        pair,
        date,
        -- Of two accounts of one student the better news counts.
        min(place) AS place,
        max(attempts) AS attempts,
        CAST(NULL AS BIGINT) AS attempts_to_state
    FROM numbered
    GROUP BY pair, date
    UNION ALL
    SELECT
        student.number * 2147483648 + named.number,
        answered.date,
        CASE answered.skill_state
            WHEN 'mastered' THEN 1
            WHEN 'spinning' THEN 3
            WHEN 'spinning_then_mastered' THEN 4
            ELSE 5
        END,
        answered.attempts,
        answered.attempts_to_state
    FROM work.skill_attempt AS answered
    JOIN student ON student.student_id = answered.student_id
    JOIN named
        ON named.platform = answered.platform
        AND named.skill_id = answered.skill_id
        AND NOT named.flagged
),

followed AS (
    SELECT
        *,
        lag(place) OVER skill AS place_before,
        lead(date) OVER skill AS next_date
    FROM told
    WINDOW skill AS (PARTITION BY pair ORDER BY date)
),

run AS (
    SELECT
        *,
        count(*) OVER so_far AS days_told,
        max(CASE WHEN place_before IS DISTINCT FROM place THEN date END) OVER so_far AS since,
        min(CASE WHEN place IN (1, 4) THEN date END) OVER so_far AS mastered_on
    FROM followed
    WINDOW so_far AS (
        PARTITION BY pair ORDER BY date ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
)

SELECT
    run.pair,
    student.student_id,
    named.platform,
    named.skill_id,
    named.skill_name,
    run.date,
    CASE run.place
        WHEN 1 THEN 'mastered'
        WHEN 2 THEN 'needs_instruction'
        WHEN 3 THEN 'spinning'
        WHEN 4 THEN 'spinning_then_mastered'
        ELSE 'indeterminate'
    END AS skill_state,
    CASE WHEN named.flagged THEN 'own_flag' ELSE 'attempts' END AS basis,
    run.attempts,
    run.attempts_to_state,
    run.days_told,
    run.since,
    run.mastered_on,
    run.next_date
FROM run
JOIN named ON named.number = run.pair % 2147483648
JOIN student ON student.number = (run.pair - run.pair % 2147483648) / 2147483648
