-- roster.mentor: each student's one consistent adult.
-- Grain: student x adult x begin
-- Columns:
--   student_id  id    student
--   staff_id    id    adult, known to the roster
--   begin_date  date  first day; NULL = from the start
--   end_date    date  last day; NULL = still
WITH candidate AS (
    SELECT sis_id AS number, staff_id, 1 AS preference
    FROM roster.staff
    WHERE sis_id IS NOT NULL
    UNION ALL
    SELECT staff_id, staff_id, 2 FROM roster.staff
),

best AS (
    SELECT number, min(preference) AS preference
    FROM candidate
    GROUP BY number
),

staff AS (
    SELECT best.number, min(candidate.staff_id) AS staff_id
    FROM best
    JOIN candidate ON candidate.number = best.number AND candidate.preference = best.preference
    GROUP BY best.number
    HAVING count(DISTINCT candidate.staff_id) = 1
)

SELECT DISTINCT student.student_id, staff.staff_id, mentor.begin_date, mentor.end_date
FROM lake.mentor AS mentor
JOIN work.student_number AS student ON student.number = mentor.student_sis_id
JOIN staff ON staff.number = mentor.staff_id
WHERE mentor.is_current
