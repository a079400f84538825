-- work.card_skill: skills that a student is stuck on, in the week the student last worked on them
-- while so, and skills mastered, in the week they first were. What was stuck and came unstuck within
-- one week is not stuck.
-- Grain: student x platform x skill x rule
-- Columns:
--   student_id    id     student
--   week_start    date   Monday of that week
--   rule_id       id     stuck_skill, skill_mastered
--   platform      id     platform
--   item_id       id     skill
--   item_title    text   name of the skill; its id where it has none
--   value         count  tries so far; NULL = not told
--   reference     count  10 tries where the answers tell it; NULL on a platform's own flag
--   n             count  days so far that tell of the skill
--   window_start  date   first day of the unbroken run of that state
--   window_end    date   last day of it in that week; mastered: that day
--   data_through  date   last day that the platform's files tell of
--
-- Measures:
--   stuck_skill: Stuck, may need teaching
--         unit     count
--         formula  the platform flags the skill as needing instruction, or 10 tries have passed
--                  without 3 right in a row; said in the week it was last worked on while so
--         from     1 flag, or 10 answers
--         caution  the platform may flag one unlucky day; look at the work before teaching
--         source   Beck and Gong 2013 (wheel-spinning)
--         version  1
--   skill_mastered: Skill mastered
--         unit     count
--         formula  the platform calls the skill complete or passed, or 3 answers in a row are
--                  right; said in the week in which it first was so
--         from     1 flag, or 3 answers
--         caution  what was mastered before the first file is dated by that file
--         source   Beck and Gong 2013 (wheel-spinning)
--         version  1
WITH stuck AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY pair ORDER BY date DESC) AS place
    FROM work.skill_day
    WHERE
        skill_state IN ('needs_instruction', 'spinning')
        AND (
            next_date IS NULL OR date_trunc('week', next_date) > date_trunc('week', date)
        )
),

told AS (
    SELECT *, 'stuck_skill' AS rule_id
    FROM stuck
    WHERE place = 1
    UNION ALL
    SELECT *, 1, 'skill_mastered'
    FROM work.skill_day
    WHERE date = mastered_on
)

SELECT
    told.student_id,
    CAST(date_trunc('week', told.date) AS DATE) AS week_start,
    told.rule_id,
    told.platform,
    told.skill_id AS item_id,
    coalesce(told.skill_name, told.skill_id) AS item_title,
    CAST(told.attempts AS DOUBLE) AS value,
    CASE WHEN told.rule_id = 'stuck_skill' AND told.basis = 'attempts' THEN CAST(10 AS DOUBLE) END
        AS reference,
    told.days_told AS n,
    told.since AS window_start,
    told.date AS window_end,
    through.data_through
FROM told
JOIN work.skill_through AS through ON through.platform = told.platform
