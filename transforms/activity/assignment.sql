-- facts.assignment: work with a due date, as its newest export tells it.
-- Grain: assignment
-- Columns:
--   platform          id       platform
--   assignment_id     id       the platform's id, else made of class, title and due day
--   class_key         id       the platform's class
--   class_id          id       class of the roster; NULL = not resolved
--   title             text     title
--   kind              text     exercise, quiz, ... as the platform names it
--   assigned_at       instant  when it opened (UTC); NULL = unknown
--   due_at            instant  when it is due (UTC)
--   due_on            date     local day on which it is due
--   points_possible   points   points possible
--   listed_only       bool     only students listed in the file have it
--   class_starts_on   date     first day of the class, where days are counted from it
--   data_through      date     last day the file can know of
--   complete_through  date     last day of which it surely knows all
--   closed            bool     the file was made after the due day, so that nothing handed in means
--         missing; NULL = no due date, or not known
--   withdrawn         bool     the platform says that it is deleted or not published
--   source_file       hash     file the row came from
WITH newest AS (
    SELECT
        *,
        coalesce(due_on, CAST(due_at AS DATE)) AS due_day,
        -- A file made on the very last day it tells of may have been made before that day's end.
        CASE WHEN exported_on > data_through THEN data_through ELSE data_through - 1 END
            AS complete_through,
        row_number() OVER (
            PARTITION BY platform, assignment_id
            ORDER BY
                data_through DESC NULLS LAST,
                exported_on DESC NULLS LAST,
                source_file DESC NULLS LAST
        ) AS newest
    FROM lake.assignment
    WHERE is_current
)

SELECT
    assignment.platform,
    assignment.assignment_id,
    assignment.class_key,
    class.class_id,
    assignment.title,
    assignment.kind,
    assignment.assigned_at,
    assignment.due_at,
    assignment.due_day AS due_on,
    assignment.points_possible,
    assignment.listed_only,
    assignment.class_starts_on,
    assignment.data_through,
    assignment.complete_through,
    assignment.due_day <= assignment.complete_through AS closed,
    coalesce(assignment.withdrawn, FALSE) AS withdrawn,
    assignment.source_file
FROM newest AS assignment
LEFT JOIN work.class_of_key AS class
    ON class.platform = assignment.platform AND class.class_key = assignment.class_key
WHERE assignment.newest = 1
