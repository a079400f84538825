-- roster.attendance: on which days a student was present, where the district tells it.
-- Grain: student x day
-- Columns:
--   student_id  id    student
--   date        date  local day
--   present     bool  present that day; where two rows differ, present
SELECT
    student.student_id,
    attendance.date,
    bool_or(attendance.present) AS present
FROM lake.attendance AS attendance
JOIN work.student_number AS student ON student.number = attendance.student_sis_id
WHERE attendance.is_current AND attendance.present IS NOT NULL
GROUP BY student.student_id, attendance.date
