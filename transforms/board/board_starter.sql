-- work.board_starter: the order of the conversation starters of each class and week. Chosen are
-- the first $starters cards: students without a check-in first, then those whose last one is
-- longest ago as of the week's end, then A to Z; a student's cards are chosen one after the other.
-- No measure has a part in it. A class that shares a dip has no cards "quieter than own usual" for
-- it.
-- Grain: class x board's week x student x rule x platform
-- Columns:
--   class_id    id     class
--   week_start  date   Monday of the board's week
--   student_id  id     student
--   rule_id     id     rule
--   platform    id     platform; empty = of several
--   name_order  count  place of the student A to Z
--   choice      count  place in the order; up to $starters are starters
WITH placed AS (
    SELECT
        member.class_id,
        member.week_start,
        member.student_id,
        member.name_order,
        card.rule_id,
        coalesce(card.platform, '') AS platform,
        card.kind_order
    FROM work.board_card AS card
    JOIN work.board_member AS member
        ON member.student_id = card.student_id AND member.week_start = card.week_start
    LEFT JOIN work.shared_dip AS dip
        ON card.rule_id = 'quieter_than_usual'
        AND dip.class_id = member.class_id
        AND dip.platform = card.platform
        AND dip.week_start = card.week_start
    WHERE card.block = 'starter' AND dip.class_id IS NULL
),

seen AS (
    SELECT student.student_id, student.week_start, max(check_in.date) AS last_check_in
    FROM (SELECT DISTINCT student_id, week_start FROM placed) AS student
    JOIN facts.check_in AS check_in
        ON check_in.student_id = student.student_id AND check_in.date <= student.week_start + 6
    GROUP BY student.student_id, student.week_start
)

SELECT
    placed.class_id,
    placed.week_start,
    placed.student_id,
    placed.rule_id,
    placed.platform,
    placed.name_order,
    row_number() OVER (
        PARTITION BY placed.class_id, placed.week_start
        ORDER BY
            coalesce(seen.last_check_in, CAST('0001-01-01' AS DATE)),
            placed.name_order,
            placed.kind_order,
            placed.platform
    ) AS choice
FROM placed
LEFT JOIN seen ON seen.student_id = placed.student_id AND seen.week_start = placed.week_start
