-- views.class_access: which adult may open which class, and why. No row, no access.
-- Grain: staff x class x reason
-- Columns:
--   staff_id  id    OneRoster sourcedId of the adult
--   class_id  id    OneRoster sourcedId of the class
--   reason    text  teacher_of_class or school_leader
WITH granted AS (
    SELECT person_id AS staff_id, class_id, 'teacher_of_class' AS reason
    FROM work.current_enrollment
    WHERE role = 'teacher'
    UNION
    SELECT leader.staff_id, section.class_id, 'school_leader'
    FROM roster.staff AS leader
    JOIN roster.class_section AS section ON section.school_id = leader.school_id
    WHERE leader.role IN ('administrator', 'principal')
)

SELECT granted.staff_id, granted.class_id, granted.reason
FROM granted
JOIN roster.staff AS staff ON staff.staff_id = granted.staff_id
JOIN roster.class_section AS section ON section.class_id = granted.class_id
