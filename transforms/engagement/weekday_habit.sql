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
        max(CASE WHEN usual.eligible_rank = 1 THEN week.active_mask END) AS m1,
        max(CASE WHEN usual.eligible_rank = 2 THEN week.active_mask END) AS m2,
        max(CASE WHEN usual.eligible_rank = 3 THEN week.active_mask END) AS m3,
        max(CASE WHEN usual.eligible_rank = 4 THEN week.active_mask END) AS m4,
        max(CASE WHEN usual.eligible_rank = 5 THEN week.active_mask END) AS m5,
        max(CASE WHEN usual.eligible_rank = 6 THEN week.active_mask END) AS m6,
        max(CASE WHEN usual.eligible_rank = 7 THEN week.active_mask END) AS m7,
        max(CASE WHEN usual.eligible_rank = 8 THEN week.active_mask END) AS m8,
        count(CASE WHEN week.active_mask <> 0 THEN 1 END) AS with_itself
    FROM work.usual_week AS usual
    JOIN work.student_week AS week
        ON week.pair = usual.pair AND week.week_start = usual.week_start
    WHERE usual.eligible_rank <= 8 AND week.active_mask IS NOT NULL
    GROUP BY week.pair
    HAVING count(*) >= 4
),

listed AS (
    SELECT
        pair,
        with_itself,
        list_filter([m1, m2, m3, m4, m5, m6, m7, m8], lambda mask: mask IS NOT NULL) AS masks
    FROM recent
),

one AS (
    SELECT pair, with_itself, masks, unnest(masks) AS mask FROM listed
),

beside AS (
    SELECT pair, with_itself, mask, unnest(masks) AS other FROM one
),

compared AS (
    SELECT
        pair,
        with_itself,
        CAST(bit_count(mask & other) AS DOUBLE)
        / nullif(greatest(bit_count(mask), bit_count(other)), 0) AS alike
    FROM beside
)

SELECT
    pair,
    -- Here each pair stands twice, and each week beside itself, where it is alike by 1.
    (sum(alike) - with_itself) / nullif(count(alike) - with_itself, 0) AS weekday_habit
FROM compared
GROUP BY pair, with_itself
