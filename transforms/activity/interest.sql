-- facts.interest: what students said they like and what they want to reach, from the district's own
-- file. A line whose day lies after the day the file was made is left out.
-- Grain: student x day x words
-- Columns:
--   student_id  id    student
--   date        date  local day it was said; NULL = not told
--   said        text  in the student's own words
SELECT DISTINCT student.student_id, told.date, told.said
FROM lake.interest AS told
JOIN work.student_number AS student ON student.number = told.student_sis_id
WHERE told.is_current AND told.said IS NOT NULL AND coalesce(told.date <= told.exported_on, TRUE)
