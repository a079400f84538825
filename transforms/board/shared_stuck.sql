-- work.shared_stuck: skills on which several students of a class are stuck. The students' own cards
-- stay: a small group needs its names.
-- Grain: class x board's week x platform x skill
-- Columns:
--   class_id      id     class
--   week_start    date   Monday of the board's week
--   platform      id     platform
--   skill_id      id     skill
--   skill_name    text   its name
--   students      count  students of the class with a card of rule stuck_skill for it
--   members       count  students of the class
--   window_start  date   first day of what these cards looked at
--   window_end    date   last day
--   data_through  date   day up to which the files of all of them tell
-- Measures:
--   shared_stuck: Many stuck on one skill
--         formula  students of the class with a card "stuck, may need teaching" for the same skill
--                  in the week or in the two weeks before
--         from     3 students
--         caution  the skill may not have been taught yet
--         source   Homeroom
--         version  1
--         unit     count
WITH size AS (
    SELECT class_id, week_start, count(*) AS members
    FROM work.board_member
    GROUP BY class_id, week_start
),

counted AS (
    SELECT
        member.class_id,
        member.week_start,
        card.platform,
        card.item_id AS skill_id,
        max(card.item_title) AS skill_name,
        count(DISTINCT card.student_id) AS students,
        min(card.window_start) AS window_start,
        max(card.window_end) AS window_end,
        min(card.data_through) AS data_through
    FROM views.card AS card
    JOIN work.board_week AS week ON week.card_week = card.week_start
    JOIN work.board_member AS member
        ON member.student_id = card.student_id AND member.week_start = week.week_start
    WHERE card.rule_id = 'stuck_skill' AND card.item_id IS NOT NULL
    GROUP BY member.class_id, member.week_start, card.platform, card.item_id
)

SELECT
    counted.class_id,
    counted.week_start,
    counted.platform,
    counted.skill_id,
    counted.skill_name,
    counted.students,
    size.members,
    counted.window_start,
    counted.window_end,
    counted.data_through
FROM counted
JOIN size ON size.class_id = counted.class_id AND size.week_start = counted.week_start
WHERE counted.students >= 3
