-- work.board_week: the weeks that have a board, and whose cards stand on it. The latest board is
-- of the latest week for which anything is complete: a week that counts for any student on any
-- platform, or one of at least 3 school days to whose last school day any file tells. The week
-- that is still running has no board.
-- Grain: board's week x week of the cards (the own and the two before), of the latest $board_weeks
-- weeks
-- Columns:
--   week_start  date   Monday of the board's week
--   card_week   date   Monday of the cards' week
--   age         weeks  weeks between them: 0, 1 or 2
--   is_latest   bool   the latest board
WITH complete AS (
    SELECT max(week_start) AS week_start
    FROM views.student_platform_week
    WHERE status IN ('ok', 'zero')
    UNION ALL
    SELECT max(week.week_start)
    FROM work.school_week AS week
    CROSS JOIN work.as_of AS as_of
    WHERE
        week.school_key = ''
        AND week.school_days >= 3
        AND week.last_school_day <= as_of.as_of
),

latest AS (
    SELECT max(week_start) AS week_start FROM complete
)

SELECT
    week.week_start,
    week.week_start - 7 * earlier.age AS card_week,
    CAST(earlier.age AS BIGINT) AS age,
    week.week_start = latest.week_start AS is_latest
FROM work.school_week AS week
CROSS JOIN latest
CROSS JOIN (SELECT age FROM (VALUES (0), (1), (2)) AS told (age)) AS earlier
WHERE
    week.school_key = ''
    AND week.week_start <= latest.week_start
    AND date_diff('day', week.week_start, latest.week_start) < 7 * $board_weeks
