-- work.shared_late: tasks that much of a class handed in late or not at all. A task counts in its
-- own class; where that is not known, in every class of the students who have it.
-- Grain: class x task
-- Columns:
--   class_id       id     class
--   platform       id     platform
--   assignment_id  id     task
--   title          text   its title
--   week_start     date   Monday of the week in which it was due
--   due_on         date   the day; the latest where it differs between students
--   students       count  students of the class for whom it is closed and not excused
--   late           count  of these, late or missing
--   data_through   date   last day the files of all of them can know of
-- Measures:
--   shared_late: Many late on one task
--         formula  students late or missing / students for whom the task is closed, of the
--                  class: at least $shared_share
--         from     5 students for whom the task is closed
--         caution  says more about the task than about the students
--         source   Homeroom
--         version  1
--         unit     count
WITH span AS (
    SELECT min(card_week) AS first_week, max(card_week) AS last_week FROM work.board_week
),

item AS (
    SELECT
        timing.*,
        CAST(date_trunc('week', timing.due_on) AS DATE) AS week_start
    FROM views.assignment_timing AS timing
    CROSS JOIN span
    WHERE
        timing.closed
        AND timing.state IN ('on_time', 'late', 'missing')
        AND timing.due_on >= span.first_week
        AND timing.due_on <= span.last_week + 6
),

counted AS (
    SELECT
        member.class_id,
        item.platform,
        item.assignment_id,
        max(item.title) AS title,
        item.week_start,
        max(item.due_on) AS due_on,
        count(DISTINCT item.student_id) AS students,
        count(DISTINCT CASE WHEN item.state <> 'on_time' THEN item.student_id END) AS late,
        min(item.data_through) AS data_through
    FROM item
    JOIN work.class_member AS member
        ON member.student_id = item.student_id
        AND member.class_id = coalesce(item.class_id, member.class_id)
        AND member.first_day <= item.week_start + 4
        AND member.last_day >= item.week_start + 4
    GROUP BY member.class_id, item.platform, item.assignment_id, item.week_start
)

SELECT
    class_id,
    platform,
    assignment_id,
    title,
    week_start,
    due_on,
    students,
    late,
    data_through
FROM counted
WHERE students >= 5 AND CAST(late AS DOUBLE) / students >= $shared_share
