-- facts.check_in: conversations of adults with students, from the portal and from the district's
-- own file. Families may read every word. A line of the file whose day lies after the day the file
-- was made is a plan and no check-in; it is left out.
-- Grain: check-in
-- Columns:
--   student_id  id    student
--   staff_id    id    the adult; NULL = not told, or not on the roster
--   date        date  local day
--   topic       text  what it was about
--   note        text  what the student said, or the adult learned
--   next_step   text  what was agreed
--   owner       id    the adult who does it; NULL = nobody, or not on the roster
--   due_date    date  until when
--   source      text  portal or file
SELECT
    student.student_id,
    adult.staff_id,
    told.date,
    told.topic,
    told.note,
    told.next_step,
    keeper.staff_id AS owner,
    told.due_date,
    'portal' AS source
FROM notes.check_in AS told
JOIN roster.student AS student ON student.student_id = told.student_id
LEFT JOIN roster.staff AS adult ON adult.staff_id = told.staff_id
LEFT JOIN roster.staff AS keeper ON keeper.staff_id = told.owner_id
WHERE told.date IS NOT NULL
UNION ALL
SELECT
    student.student_id,
    adult.staff_id,
    told.date,
    told.topic,
    told.note,
    told.next_step,
    keeper.staff_id,
    told.due_date,
    'file'
FROM lake.check_in AS told
JOIN work.student_number AS student ON student.number = told.student_sis_id
LEFT JOIN work.staff_number AS adult ON adult.number = told.staff_id
LEFT JOIN work.staff_number AS keeper ON keeper.number = told.owner_id
WHERE told.is_current AND coalesce(told.date <= told.exported_on, TRUE)
