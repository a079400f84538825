-- roster.mentor: each student's one consistent adult.
-- Grain: student x adult x begin
-- Columns:
--   student_id  id    student
--   staff_id    id    adult, known to the roster
--   begin_date  date  first day; NULL = from the start
--   end_date    date  last day; NULL = still
SELECT DISTINCT student.student_id, staff.staff_id, mentor.begin_date, mentor.end_date
FROM lake.mentor AS mentor
JOIN work.student_number AS student ON student.number = mentor.student_sis_id
JOIN work.staff_number AS staff ON staff.number = mentor.staff_id
WHERE mentor.is_current
