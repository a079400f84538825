-- work.platform_class: the class in which a student uses a platform: of the student's classes the
-- one with the largest share of students on the platform; a homeroom before others, then by id.
-- Grain: student x platform with an account
-- Columns:
--   student_id  id  student
--   platform    id  platform
--   class_id    id  class of the roster
WITH current_class AS (
    SELECT DISTINCT enrollment.person_id AS student_id, enrollment.class_id
    FROM roster.enrollment AS enrollment
    JOIN roster.student AS student
        ON student.student_id = enrollment.person_id AND student.active
    CROSS JOIN work.as_of AS as_of
    WHERE
        enrollment.role = 'student'
        AND coalesce(enrollment.begin_date, as_of.as_of) <= as_of.as_of
        AND coalesce(enrollment.end_date, as_of.as_of) >= as_of.as_of
),

class_size AS (
    SELECT class_id, count(*) AS students
    FROM current_class
    GROUP BY class_id
),

member AS (
    SELECT pair.student_id, pair.platform, current_class.class_id
    FROM work.student_platform AS pair
    JOIN current_class ON current_class.student_id = pair.student_id
    WHERE pair.has_account
),

member_count AS (
    SELECT platform, class_id, count(*) AS students
    FROM member
    GROUP BY platform, class_id
),

shared AS (
    SELECT
        member_count.platform,
        member_count.class_id,
        CAST(member_count.students AS DOUBLE) / class_size.students AS share,
        CASE WHEN section.class_type = 'homeroom' THEN 0 ELSE 1 END AS after_homeroom
    FROM member_count
    JOIN class_size ON class_size.class_id = member_count.class_id
    LEFT JOIN roster.class_section AS section ON section.class_id = member_count.class_id
),

ranked AS (
    SELECT
        member.student_id,
        member.platform,
        member.class_id,
        row_number() OVER (
            PARTITION BY member.student_id, member.platform
            ORDER BY shared.share DESC, shared.after_homeroom, member.class_id
        ) AS choice
    FROM member
    JOIN shared ON shared.platform = member.platform AND shared.class_id = member.class_id
)

SELECT student_id, platform, class_id
FROM ranked
WHERE choice = 1
