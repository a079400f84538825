-- work.assignment_week: closed assignments by the week in which they were due.
-- Grain: student x week with a closed assignment
-- Columns:
--   student_id   id     student
--   week_start   date   Monday
--   closed       count  closed, not excused, state known
--   on_time      count  handed in on time
--   late         count  handed in late
--   missing      count  not handed in
SELECT
    student_id,
    CAST(date_trunc('week', due_on) AS DATE) AS week_start,
    count(*) AS closed,
    count(CASE WHEN state = 'on_time' THEN 1 END) AS on_time,
    count(CASE WHEN state = 'late' THEN 1 END) AS late,
    count(CASE WHEN state = 'missing' THEN 1 END) AS missing
FROM work.assignment_item
WHERE counted AND due_on IS NOT NULL
GROUP BY student_id, CAST(date_trunc('week', due_on) AS DATE)
