-- work.shared_dip: weeks in which much of a class was well under its usual on a platform. One note
-- of the class then stands in place of the students' own cards.
-- Grain: class x platform x board's week
-- Columns:
--   class_id      id     class
--   platform      id     platform
--   week_start    date   Monday
--   students      count  students of the class with a share of their usual
--   dipped        count  of these, at most $shared_dip_level of it
--   data_through  date   day up to which the files of all of them tell
-- Measures:
--   shared_dip: Many quieter than usual
--         formula  students with share_of_usual <= $shared_dip_level / students with a
--                  share_of_usual, of the class, on one platform, in one week: at least
--                  $shared_share
--         from     5 students with a share of their usual
--         caution  replaces the students' own cards "quieter than own usual" on that class's board
--         source   Homeroom
--         version  1
--         unit     count
WITH counted AS (
    SELECT
        member.class_id,
        week.platform,
        week.week_start,
        count(*) AS students,
        -- Half of a usual between two weeks may be a hair more than half: see 30.3 of 60.6.
        count(CASE WHEN week.share_of_usual <= $shared_dip_level + 1e-9 THEN 1 END) AS dipped,
        min(week.data_through) AS data_through
    FROM work.board_member AS member
    JOIN views.student_platform_week AS week
        ON week.student_id = member.student_id AND week.week_start = member.week_start
    WHERE week.share_of_usual IS NOT NULL
    GROUP BY member.class_id, week.platform, week.week_start
)

SELECT class_id, platform, week_start, students, dipped, data_through
FROM counted
WHERE students >= 5 AND CAST(dipped AS DOUBLE) / nullif(students, 0) >= $shared_share
