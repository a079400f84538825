-- work.platform_class: the class in which a student uses a platform, week by week: of the classes
-- the student is in at the end of the week (Friday) the one with the largest share of students on
-- the platform; a homeroom before others, then by id. A student counts in a class only while in it.
-- Grain: student x platform with an account x span of weeks; spans do not overlap
-- Columns:
--   student_id  id    student
--   platform    id    platform
--   class_id    id    class of the roster
--   first_week  date  Monday of the first week
--   last_week   date  Monday of the last week
WITH member AS (
    SELECT
        pair.student_id,
        pair.platform,
        member.class_id,
        member.first_week,
        member.last_week
    FROM work.student_platform AS pair
    JOIN work.class_span AS member ON member.student_id = pair.student_id
    WHERE pair.has_account
),

member_count AS (
    SELECT platform, class_id, count(DISTINCT student_id) AS students
    FROM member
    GROUP BY platform, class_id
),

class_size AS (
    SELECT class_id, count(DISTINCT student_id) AS students
    FROM work.class_span
    GROUP BY class_id
),

shared AS (
    SELECT
        member_count.platform,
        member_count.class_id,
        row_number() OVER (
            ORDER BY
                CAST(member_count.students AS DOUBLE) / nullif(class_size.students, 0) DESC,
                CASE WHEN section.class_type = 'homeroom' THEN 0 ELSE 1 END,
                member_count.class_id,
                member_count.platform
        ) AS choice
    FROM member_count
    JOIN class_size ON class_size.class_id = member_count.class_id
    LEFT JOIN roster.class_section AS section ON section.class_id = member_count.class_id
),

ranked AS (
    SELECT
        member.student_id,
        member.platform,
        member.class_id,
        member.first_week,
        member.last_week,
        shared.choice,
        min(shared.choice) OVER (PARTITION BY member.student_id, member.platform) AS best,
        min(member.first_week) OVER (PARTITION BY member.student_id, member.platform) AS earliest,
        max(member.last_week) OVER (PARTITION BY member.student_id, member.platform) AS latest
    FROM member
    JOIN shared ON shared.platform = member.platform AND shared.class_id = member.class_id
),

settled AS (
    -- The best class covers all weeks in which the student is in any: nearly every student.
    SELECT student_id, platform, min(class_id) AS class_id, first_week, last_week
    FROM ranked
    WHERE choice = best AND first_week = earliest AND last_week = latest
    GROUP BY student_id, platform, first_week, last_week
),

moving AS (
    SELECT
        ranked.student_id,
        ranked.platform,
        week.week_start,
        min(ranked.choice) AS choice
    FROM ranked
    LEFT JOIN settled
        ON settled.student_id = ranked.student_id AND settled.platform = ranked.platform
    JOIN work.school_week AS week
        ON week.school_key = ''
        AND week.week_start >= ranked.first_week
        AND week.week_start <= ranked.last_week
    WHERE settled.student_id IS NULL
    GROUP BY ranked.student_id, ranked.platform, week.week_start
)

SELECT student_id, platform, class_id, first_week, last_week
FROM settled
UNION ALL
SELECT moving.student_id, moving.platform, shared.class_id, moving.week_start, moving.week_start
FROM moving
JOIN shared ON shared.platform = moving.platform AND shared.choice = moving.choice
