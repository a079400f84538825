-- work.current_enrollment: who is in which class on the day the roster speaks of.
-- Grain: class x person x role x begin
-- Columns:
--   class_id   id    class
--   person_id  id    student or adult
--   role       text  student, teacher, ... in lower case
SELECT enrollment.class_id, enrollment.person_id, enrollment.role
FROM roster.enrollment AS enrollment
CROSS JOIN work.as_of AS as_of
WHERE
    coalesce(enrollment.begin_date, as_of.as_of) <= as_of.as_of
    AND coalesce(enrollment.end_date, as_of.as_of) >= as_of.as_of
