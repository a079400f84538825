-- work.student_through: how far the files tell of each student on each platform.
-- Grain: student x platform with an account
-- Columns:
--   pair           count student and platform, see work.student_platform
--   student_id     id    student
--   platform       id    platform
--   data_through   date  last day the platform's files tell of
--   seen_through   date  last day they tell of this student
--   rostered_now   bool  the newest covered week still has the student
--   latest_status  text  status of the newest week
WITH newest AS (
    SELECT
        pair,
        max(week_start) AS week_start,
        max(data_through) AS data_through,
        max(CASE WHEN status NOT IN ('no_feed', 'not_rostered') THEN data_through END)
            AS seen_through,
        max(CASE WHEN status <> 'no_feed' THEN week_start END) AS covered_week,
        max(CASE WHEN status NOT IN ('no_feed', 'not_rostered') THEN week_start END) AS seen_week
    FROM work.student_week
    GROUP BY pair
)

SELECT
    newest.pair,
    pair.student_id,
    pair.platform,
    newest.data_through,
    newest.seen_through,
    coalesce(newest.seen_week = newest.covered_week, FALSE) AS rostered_now,
    week.status AS latest_status
FROM newest
JOIN work.student_platform AS pair ON pair.pair = newest.pair
JOIN work.student_week AS week
    ON week.pair = newest.pair AND week.week_start = newest.week_start
