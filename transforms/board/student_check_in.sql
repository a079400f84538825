-- views.student_check_in: when somebody last talked with each student, and who the student's adult
-- is: the mentor, else a teacher of the homeroom, else a teacher of another class.
-- Grain: student on the current roster
-- Columns:
--   student_id           id     OneRoster sourcedId of the student
--   as_of                date   latest day any activity or assignment file tells of
--   last_check_in        date   day of the last check-in by anyone; NULL = never
--   days_since_check_in  days   from then to as_of; 0 where it came after; NULL = never
--   check_in_due         bool   $check_in_days days or more since, or never
--   check_ins            count  check-ins noted
--   staff_id             id     the student's adult; NULL = none known
--   adult_reason         text   mentor, homeroom_teacher or class_teacher
-- Measures:
--   days_since_check_in: Days since the last check-in
--         formula  as_of minus the day of the last check-in by anyone
--         from     1 check-in
--         caution  only what was written down is known
--         source   Homeroom
--         version  1
--   check_ins: Check-ins noted
--         formula  conversations with the student that anyone noted, of all time
--         from     every student
--         caution  only what was written down is known
--         source   Homeroom
--         version  1
--   check_in_due: Not seen lately
--         formula  days_since_check_in >= $check_in_days, or no check-in ever
--         from     no minimum
--         caution  only what was written down is known
--         source   Homeroom
--         version  1
WITH seen AS (
    SELECT student_id, max(date) AS last_check_in, count(*) AS check_ins
    FROM facts.check_in
    GROUP BY student_id
),

current_mentor AS (
    SELECT mentor.student_id, mentor.staff_id, mentor.begin_date
    FROM roster.mentor AS mentor
    CROSS JOIN work.as_of AS as_of
    WHERE
        coalesce(mentor.begin_date, as_of.as_of) <= as_of.as_of
        AND coalesce(mentor.end_date, as_of.as_of) >= as_of.as_of
),

teacher AS (
    -- One teacher for each class: the first by id.
    SELECT enrollment.class_id, min(enrollment.person_id) AS staff_id
    FROM roster.enrollment AS enrollment
    JOIN roster.staff AS staff ON staff.staff_id = enrollment.person_id
    CROSS JOIN work.as_of AS as_of
    WHERE
        enrollment.role = 'teacher'
        AND coalesce(enrollment.begin_date, as_of.as_of) <= as_of.as_of
        AND coalesce(enrollment.end_date, as_of.as_of) >= as_of.as_of
    GROUP BY enrollment.class_id
),

candidate AS (
    SELECT
        student_id,
        staff_id,
        'mentor' AS reason,
        1 AS preference,
        -date_diff(
            'day', CAST('1900-01-01' AS DATE), coalesce(begin_date, CAST('1900-01-01' AS DATE))
        ) AS newest,
        '' AS class_id
    FROM current_mentor
    UNION ALL
    SELECT
        member.student_id,
        teacher.staff_id,
        CASE WHEN section.class_type = 'homeroom' THEN 'homeroom_teacher' ELSE 'class_teacher' END,
        CASE WHEN section.class_type = 'homeroom' THEN 2 ELSE 3 END,
        0,
        member.class_id
    FROM work.class_member AS member
    JOIN teacher ON teacher.class_id = member.class_id
    CROSS JOIN work.as_of AS as_of
    LEFT JOIN roster.class_section AS section ON section.class_id = member.class_id
    WHERE member.first_day <= as_of.as_of AND member.last_day >= as_of.as_of
),

adult AS (
    SELECT
        student_id,
        staff_id,
        reason,
        row_number() OVER (
            PARTITION BY student_id ORDER BY preference, newest, class_id, staff_id
        ) AS choice
    FROM candidate
),

joined AS (
    SELECT
        student.student_id,
        as_of.as_of,
        seen.last_check_in,
        CASE
            WHEN seen.last_check_in > as_of.as_of THEN 0
            ELSE date_diff('day', seen.last_check_in, as_of.as_of)
        END AS days_since,
        coalesce(seen.check_ins, 0) AS check_ins,
        adult.staff_id,
        adult.reason
    FROM roster.student AS student
    CROSS JOIN work.as_of AS as_of
    LEFT JOIN seen ON seen.student_id = student.student_id
    LEFT JOIN adult ON adult.student_id = student.student_id AND adult.choice = 1
    WHERE student.active
)

SELECT
    student_id,
    as_of,
    last_check_in,
    CAST(days_since AS BIGINT) AS days_since_check_in,
    coalesce(days_since >= $check_in_days, TRUE) AS check_in_due,
    check_ins,
    staff_id,
    reason AS adult_reason
FROM joined
