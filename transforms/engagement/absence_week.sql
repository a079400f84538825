-- work.absence_week: the days of a week on which a student was absent. Days are bits, Monday 1.
-- Grain: student x week with an absence
-- Columns:
--   student_id   id    student
--   week_start   date  Monday
--   absent_mask  bits  days absent
SELECT
    student_id,
    CAST(date_trunc('week', date) AS DATE) AS week_start,
    bit_or(1 << CAST(date_diff('day', CAST(date_trunc('week', date) AS DATE), date) AS INTEGER))
        AS absent_mask
FROM roster.attendance
WHERE NOT present
GROUP BY student_id, CAST(date_trunc('week', date) AS DATE)
