-- work.board_adult: the students of the latest board with their last check-in in words and their
-- adult.
-- Grain: class x student
-- Columns:
--   class_id             id     class
--   week_start           date   Monday of the latest board's week
--   student_id           id     student
--   name_order           count  place of the student A to Z
--   as_of                date   day up to which the days are counted
--   last_check_in        date   day of the last check-in; NULL = never
--   days_since_check_in  days   since then; NULL = never
--   check_in_due         bool   not seen lately
--   check_ins            count  check-ins noted
--   staff_id             id     the student's adult; NULL = none known
--   adult_order          count  place of the adult A to Z; the last for none
--   sentence             text   what is known of the last check-in
WITH adult AS (
    SELECT
        staff_id,
        row_number() OVER (
            ORDER BY
                lower(trim(coalesce(family_name, ''))),
                lower(trim(coalesce(given_name, ''))),
                staff_id
        ) AS adult_order
    FROM roster.staff
)

SELECT
    member.class_id,
    member.week_start,
    member.student_id,
    member.name_order,
    seen.as_of,
    seen.last_check_in,
    seen.days_since_check_in,
    seen.check_in_due,
    seen.check_ins,
    seen.staff_id,
    coalesce(adult.adult_order, 9999999) AS adult_order,
    CASE
        WHEN seen.last_check_in IS NULL THEN 'No check-in noted so far.'
        ELSE 'Last check-in on ' || CAST(day(seen.last_check_in) AS VARCHAR) || ' '
        || month_of.name || ', ' || CAST(seen.days_since_check_in AS VARCHAR)
        || CASE WHEN seen.days_since_check_in = 1 THEN ' day' ELSE ' days' END
        || ' before the latest data.'
    END AS sentence
FROM work.board_member AS member
JOIN views.student_check_in AS seen ON seen.student_id = member.student_id
LEFT JOIN adult ON adult.staff_id = seen.staff_id
LEFT JOIN work.month_name AS month_of ON month_of.month = month(seen.last_check_in)
WHERE member.is_latest
