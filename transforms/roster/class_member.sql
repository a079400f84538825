-- work.class_member: when students are in classes, in local days.
-- Grain: class x student x span; spans of one student in one class may overlap
-- Columns:
--   class_id    id    class
--   student_id  id    student of the roster
--   first_day   date  first day in the class; the year 1 = from the start
--   last_day    date  last day in the class; the year 9999 = still there
SELECT DISTINCT
    enrollment.class_id,
    enrollment.person_id AS student_id,
    coalesce(enrollment.begin_date, CAST('0001-01-01' AS DATE)) AS first_day,
    coalesce(enrollment.end_date, CAST('9999-12-31' AS DATE)) AS last_day
FROM roster.enrollment AS enrollment
JOIN roster.student AS student ON student.student_id = enrollment.person_id
WHERE enrollment.role = 'student'
