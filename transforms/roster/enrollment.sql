-- roster.enrollment: who is in which class, as the current roster tells.
-- Grain: class x person x role x begin
-- Columns:
--   class_id    id    class
--   person_id   id    student or adult
--   role        text  student, teacher, aide, ... in lower case
--   begin_date  date  first day in the class; NULL = from the start
--   end_date    date  last day in the class; NULL = still there
SELECT DISTINCT class_id, person_id, lower(trim(role)) AS role, begin_date, end_date
FROM lake.enrollment
WHERE is_current
