-- work.assignment_rate: how many students an assignment counts for, and how many were late.
-- Grain: assignment
-- Columns:
--   platform       id     platform
--   assignment_id  id     assignment
--   students       count  students for whom it is closed and counted
--   late_students  count  of these, late
SELECT
    platform,
    assignment_id,
    count(*) AS students,
    count(CASE WHEN state = 'late' THEN 1 END) AS late_students
FROM work.assignment_item
WHERE counted
GROUP BY platform, assignment_id
