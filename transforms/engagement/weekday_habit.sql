-- work.weekday_habit: whether a student's work falls on the same days each week. Of the latest 8
-- weeks that count, those whose days are known are compared with each other, if they are 4.
-- Grain: student x platform with at least 4 such weeks
-- Columns:
--   pair           count  student and platform, see work.student_platform
--   weekday_habit  ratio  mean over pairs of weeks of the active days they share / the larger number
--         of active days; two weeks without any are no pair
-- Measures:
--   weekday_habit: Same days each week
--         formula  mean over all pairs of weeks of the active school days that both share / the
--               larger of their two numbers of active days; of the latest 8 weeks that count
--         from     4 weeks with known days, one of them with work
--         caution  a timetable with fixed lab days makes the same days; a habit is no merit
--         source   Boroujeni et al. 2016 (similarity of the days worked, week by week)
--         version  1
WITH recent AS (
    SELECT
        week.pair,
        list(week.active_mask) AS masks,
        count(CASE WHEN week.active_mask <> 0 THEN 1 END) AS with_itself
    FROM work.usual_week AS usual
    JOIN work.student_week AS week
        ON week.pair = usual.pair AND week.week_start = usual.week_start
    WHERE usual.eligible_rank <= 8 AND week.active_mask IS NOT NULL
    GROUP BY week.pair
    HAVING count(*) >= 4
),

one AS (
    SELECT pair, with_itself, masks, unnest(masks) AS mask FROM recent
),

both AS (
    SELECT pair, with_itself, mask, unnest(masks) AS other FROM one
),

compared AS (
    SELECT
        pair,
        with_itself,
        CAST(bit_count(mask & other) AS DOUBLE)
        / nullif(greatest(bit_count(mask), bit_count(other)), 0) AS alike
    FROM both
)

-- Here each pair stands twice, and each week beside itself, where it is alike by 1.
SELECT
    pair,
    (sum(alike) - with_itself) / nullif(count(alike) - with_itself, 0) AS weekday_habit
FROM compared
GROUP BY pair, with_itself
