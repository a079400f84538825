-- views.student_access: which adult may see which student, and why. No row, no access.
-- Grain: staff x student x reason
-- Columns:
--   staff_id    id    OneRoster sourcedId of the adult
--   student_id  id    OneRoster sourcedId of the student
--   reason      text  teacher_of_class, mentor or school_leader
WITH granted AS (
    SELECT
        teacher.person_id AS staff_id,
        learner.person_id AS student_id,
        'teacher_of_class' AS reason
    FROM work.current_enrollment AS teacher
    JOIN work.current_enrollment AS learner
        ON learner.class_id = teacher.class_id AND learner.role = 'student'
    WHERE teacher.role = 'teacher'
    UNION
    SELECT mentor.staff_id, mentor.student_id, 'mentor'
    FROM roster.mentor AS mentor
    CROSS JOIN work.as_of AS as_of
    WHERE
        coalesce(mentor.begin_date, as_of.as_of) <= as_of.as_of
        AND coalesce(mentor.end_date, as_of.as_of) >= as_of.as_of
    UNION
    SELECT leader.staff_id, student.student_id, 'school_leader'
    FROM roster.staff AS leader
    JOIN roster.school AS school ON school.school_id = leader.school_id
    JOIN roster.student AS student ON student.school_id = school.school_id
    WHERE leader.role IN ('administrator', 'principal')
)

SELECT granted.staff_id, granted.student_id, granted.reason
FROM granted
JOIN roster.staff AS staff ON staff.staff_id = granted.staff_id
JOIN roster.student AS student ON student.student_id = granted.student_id AND student.active
