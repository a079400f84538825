-- work.board_member: who is on which class's board. A student counts in a class of a week who is
-- in it on that week's Friday.
-- Grain: class x board's week x student
-- Columns:
--   class_id    id     class
--   week_start  date   Monday of the board's week
--   is_latest   bool   the latest board
--   student_id  id     student
--   name_order  count  place of the student A to Z: family name, given name, id
WITH named AS (
    SELECT
        student_id,
        row_number() OVER (
            ORDER BY
                lower(trim(coalesce(family_name, ''))),
                lower(trim(coalesce(given_name, ''))),
                student_id
        ) AS name_order
    FROM roster.student
    WHERE active
)

SELECT DISTINCT
    member.class_id,
    week.week_start,
    week.is_latest,
    member.student_id,
    named.name_order
FROM work.class_member AS member
JOIN named ON named.student_id = member.student_id
JOIN work.board_week AS week
    ON week.age = 0
    AND member.first_day <= week.week_start + 4
    AND member.last_day >= week.week_start + 4
