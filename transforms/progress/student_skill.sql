-- views.student_skill: where each student stands with each skill, by the platform's own flag or, where
-- it tells only answers, by the answers.
-- Grain: student x platform x skill, as of the latest data
-- Columns:
--   student_id         id     OneRoster sourcedId of the student
--   platform           id     platform
--   skill_id           id     skill, activity, or what the answers were given to
--   skill_name         text   name; NULL = none told
--   skill_state        text   mastered; needs_instruction = the platform says so; spinning = 10 tries
--         without mastery; spinning_then_mastered = mastered after that; indeterminate
--   basis              text   own_flag or attempts
--   attempts           count  tries so far, as the platform counts them; NULL = not told
--   attempts_to_state  count  answers after which it was so; NULL on a platform's own flag
--   n                  count  days that tell of the skill
--   since              date   first day of the unbroken run of this state
--   mastered_on        date   first day on which it was mastered; NULL = none
--   last_worked        date   latest day that tells of it
--   data_through       date   last day that the platform's files tell of
--
-- Measures:
--   skill_state: How a skill is going
--         formula  the platform's own flag where it has one: complete or passed is mastered, needs
--                  instruction is said so. Else by the answers: mastered after 3 right in a row,
--                  spinning after 10 tries without it, indeterminate with fewer
--         from     1 flag, or 1 answer told as right or wrong
--         caution  guessing, a device or a hint used look the same; says what to teach next, and
--                  nothing of a child
--         source   Beck and Gong 2013 (wheel-spinning)
--         version  1
--   attempts: Tries on a skill
--         formula  as the platform counts them, on the latest day that tells of the skill; of several
--                  accounts the most. Where it tells single answers: how many there are
--         from     1 day that tells of the skill
--         caution  platforms count tries in different ways
--         source   as the platform exports it; Beck and Gong 2013 (wheel-spinning)
--         version  1
--   attempts_to_state: Tries until it was so
--         formula  answers up to the third right one in a row, else up to the tenth, else all
--         from     1 answer told as right or wrong, on a platform without a flag of its own
--         caution  guessing, a device or a hint used look the same
--         source   Beck and Gong 2013 (wheel-spinning)
--         version  1
SELECT
    skill.student_id,
    skill.platform,
    skill.skill_id,
    skill.skill_name,
    skill.skill_state,
    skill.basis,
    skill.attempts,
    skill.attempts_to_state,
    skill.days_told AS n,
    skill.since,
    skill.mastered_on,
    skill.date AS last_worked,
    through.data_through
FROM work.skill_day AS skill
JOIN work.skill_through AS through ON through.platform = skill.platform
WHERE skill.next_date IS NULL
