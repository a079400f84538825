-- work.class_coverage_week: what class files tell of a student. A day counts where the files of
-- all the student's classes that tell of the week tell of the day.
-- Grain: student x platform x week, for platforms whose coverage is by class
-- Columns:
--   student_id  id    student
--   platform    id    platform
--   week_start  date  Monday
--   zero_mask   bits  days on which no row means nothing was done
--   seen_mask   bits  days the files tell of
WITH by_class AS (
    SELECT DISTINCT platform FROM work.coverage_week WHERE class_key <> ''
),

membership AS (
    SELECT account.platform, account.student_id, account.class_key
    FROM facts.account AS account
    JOIN by_class ON by_class.platform = account.platform
    WHERE account.student_id IS NOT NULL AND account.class_key IS NOT NULL
    UNION
    SELECT activity.platform, activity.student_id, activity.class_key
    FROM facts.daily_activity AS activity
    JOIN by_class ON by_class.platform = activity.platform
    WHERE activity.student_id IS NOT NULL AND activity.class_key IS NOT NULL
    UNION
    SELECT class.platform, enrollment.person_id, class.class_key
    FROM work.class_of_key AS class
    JOIN by_class ON by_class.platform = class.platform
    JOIN roster.enrollment AS enrollment
        ON enrollment.class_id = class.class_id AND enrollment.role = 'student'
)

SELECT
    membership.student_id,
    membership.platform,
    coverage.week_start,
    bit_and(coverage.zero_mask) AS zero_mask,
    bit_and(coverage.seen_mask) AS seen_mask
FROM membership
JOIN work.coverage_week AS coverage
    ON coverage.platform = membership.platform AND coverage.class_key = membership.class_key
GROUP BY membership.student_id, membership.platform, coverage.week_start
