-- work.student_platform: every student beside every platform with activity files.
-- Grain: student x platform
-- Columns:
--   pair         count its number, for windows and joins
--   student_id   id    student
--   platform     id    platform
--   school_key   id    school whose calendar holds; empty = the general calendar
--   active       bool  on the current roster
--   has_account  bool  an account of the student is resolved
--   first_week   date  Monday from which a week is expected: the platform's first covered week,
--         or the student's first week in a class where that is later
--   last_week    date  Monday of the last week expected; for students who left, none is
WITH enrolled AS (
    SELECT
        person_id,
        CASE WHEN count(begin_date) = count(*) THEN min(begin_date) END AS first_day,
        CASE WHEN count(end_date) = count(*) THEN max(end_date) END AS last_day
    FROM roster.enrollment
    WHERE role = 'student'
    GROUP BY person_id
),

account AS (
    SELECT DISTINCT platform, student_id FROM work.account_student
)

SELECT
    row_number() OVER (ORDER BY student.student_id, platform.platform) AS pair,
    student.student_id,
    platform.platform,
    coalesce(school.school_id, '') AS school_key,
    student.active,
    account.student_id IS NOT NULL AS has_account,
    CASE
        WHEN date_trunc('week', enrolled.first_day) > platform.first_week
            THEN CAST(date_trunc('week', enrolled.first_day) AS DATE)
        ELSE platform.first_week
    END AS first_week,
    CASE
        WHEN student.active
            THEN CAST(
                date_trunc('week', CASE
                    WHEN enrolled.last_day < as_of.as_of THEN enrolled.last_day
                    ELSE as_of.as_of
                END) AS DATE)
    END AS last_week
FROM roster.student AS student
CROSS JOIN work.platform AS platform
CROSS JOIN work.as_of AS as_of
LEFT JOIN roster.school AS school ON school.school_id = student.school_id
LEFT JOIN enrolled ON enrolled.person_id = student.student_id
LEFT JOIN account
    ON account.student_id = student.student_id AND account.platform = platform.platform
