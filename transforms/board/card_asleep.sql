-- work.card_asleep: cards that a team answered with "we know why": they sleep for $sleep_weeks
-- weeks, from the week of the answer on. Other answers leave a card where it is.
-- Grain: board's week x rule x platform x student, or class for a card of the whole class
-- Columns:
--   week_start  date  Monday of the board's week
--   rule_id     id    rule
--   platform    id    platform; empty = of several
--   student_id  id    student; empty = the whole class
--   class_id    id    class; empty for a student's card, which sleeps on every board
SELECT DISTINCT
    week.week_start,
    action.rule_id,
    coalesce(action.platform, '') AS platform,
    coalesce(action.student_id, '') AS student_id,
    CASE WHEN action.student_id IS NULL THEN action.class_id ELSE '' END AS class_id
FROM notes.card_action AS action
JOIN work.board_week AS week
    ON week.age = 0
    AND date_diff('day', action.week_start, week.week_start) >= 0
    AND date_diff('day', action.week_start, week.week_start) < 7 * $sleep_weeks
WHERE action.action = 'we_know_why'
