-- work.account_student: the accounts that are resolved, and the calendar that holds for them.
-- Grain: platform account
-- Columns:
--   platform     id  platform
--   account_key  id  the platform's own account
--   student_id   id  student of the roster
--   school_key   id  school whose calendar holds; empty = the general calendar
SELECT
    link.platform,
    link.account_key,
    student.student_id,
    coalesce(school.school_id, '') AS school_key
FROM identity.account_link AS link
JOIN roster.student AS student ON student.student_id = link.student_id
LEFT JOIN roster.school AS school ON school.school_id = student.school_id
