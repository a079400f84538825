-- roster.enrollment: who is in which class, as the current roster tells.
-- Grain: class x person x role x begin
-- Columns:
--   class_id    id    class
--   person_id   id    student or adult
--   role        text  student, teacher, aide, ... in lower case
--   begin_date  date  first day in the class; NULL = from the start
--   end_date    date  last day in the class, of several lines the last; NULL = still there
SELECT
    class_id,
    person_id,
    lower(trim(role)) AS role,
    begin_date,
    CASE WHEN count(end_date) = count(*) THEN max(end_date) END AS end_date
FROM lake.enrollment
WHERE is_current
GROUP BY class_id, person_id, lower(trim(role)), begin_date
