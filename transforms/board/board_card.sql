-- work.board_card: the students' cards that stand on the boards, each with its sentence. A student
-- has one card of a rule and platform on a board: of several tasks, tests or skills the newest, and
-- the sentence says how many more there are. Cards that sleep are left out.
-- Grain: board's week x student x rule x platform
-- Columns:
--   week_start        date   Monday of the board's week
--   student_id        id     student
--   rule_id           id     rule
--   platform          id     platform; NULL = of several
--   item_id           id     assignment, skill or test; NULL = none
--   value             count  see views.card
--   n                 count  see views.card
--   window_start      date   see views.card
--   window_end        date   see views.card
--   data_through      date   see views.card
--   rule_version      text   see views.card
--   block             text   celebrate or starter
--   kind              text   kind of card
--   kind_order        count  place of the kind
--   question          text   question to start from; empty where there is none
--   else_it_could_be  text   what else it could be
--   sentence          text   what was seen: number, n and dates, without a name
WITH standing AS (
    SELECT
        card.*,
        week.week_start AS board_week,
        rule.block,
        rule.kind,
        rule.kind_order,
        rule.stays,
        rule.question,
        rule.else_it_could_be
    FROM views.card AS card
    JOIN work.board_week AS week ON week.card_week = card.week_start
    JOIN work.card_rule AS rule ON rule.rule_id = card.rule_id AND week.age <= rule.stays
    LEFT JOIN work.card_asleep AS asleep
        ON asleep.week_start = week.week_start
        AND asleep.rule_id = card.rule_id
        AND asleep.platform = coalesce(card.platform, '')
        AND asleep.student_id = card.student_id
    WHERE asleep.rule_id IS NULL
),

staying AS (
    -- Cards about a week are the only ones of their rule and platform.
    SELECT *, 1 AS newest, 0 AS more
    FROM standing
    WHERE stays = 0
    UNION ALL
    SELECT
        *,
        row_number() OVER (
            PARTITION BY board_week, student_id, rule_id, platform
            ORDER BY
                window_end DESC,
                week_start DESC,
                coalesce(item_title, ''),
                coalesce(item_id, '')
        ),
        count(*) OVER (PARTITION BY board_week, student_id, rule_id, platform) - 1
    FROM standing
    WHERE stays > 0
),

usage AS (
    SELECT card.student_id, card.platform, card.week_start, week.previous_minutes
    FROM standing AS card
    JOIN views.student_platform_week AS week
        ON week.student_id = card.student_id
        AND week.platform = card.platform
        AND week.week_start = card.week_start
    WHERE card.rule_id IN ('quieter_than_usual', 'busier_than_usual')
),

worded AS (
    -- Numbers and days as sentences say them. Percents are cut, not rounded: 64.995 is below 65.
    SELECT
        staying.*,
        coalesce(title.title, staying.platform, 'all platforms') AS on_platform,
        coalesce(staying.item_title, 'A task') AS item,
        CAST(CAST(floor(staying.value + 0.5) AS BIGINT) AS VARCHAR) AS whole_value,
        CAST(CAST(floor(staying.reference + 0.5) AS BIGINT) AS VARCHAR) AS whole_reference,
        CASE
            WHEN staying.value = 1 THEN '1 try'
            ELSE CAST(CAST(floor(staying.value + 0.5) AS BIGINT) AS VARCHAR) || ' tries'
        END AS tries,
        CASE WHEN staying.value < 0 THEN 'minus ' ELSE '' END
        || CAST(CAST(floor(abs(staying.value)) AS BIGINT) AS VARCHAR)
        || CASE
            WHEN floor(abs(staying.value) * 10) = floor(abs(staying.value)) * 10 THEN ''
            ELSE '.' || CAST(
                CAST(
                    floor(floor(abs(staying.value) * 10) - floor(abs(staying.value)) * 10) AS BIGINT
                ) AS VARCHAR
            )
        END AS cut_value,
        CASE WHEN staying.reference < 0 THEN 'minus ' ELSE '' END
        || CAST(CAST(floor(abs(staying.reference)) AS BIGINT) AS VARCHAR)
        || CASE
            WHEN floor(abs(staying.reference) * 10) = floor(abs(staying.reference)) * 10 THEN ''
            ELSE '.' || CAST(
                CAST(
                    floor(floor(abs(staying.reference) * 10) - floor(abs(staying.reference)) * 10) AS BIGINT
                ) AS VARCHAR
            )
        END AS cut_reference,
        CAST(CAST(floor((1 - staying.value) * 50 + 0.5) AS BIGINT) AS VARCHAR) AS way_through,
        CAST(CAST(floor((1 - staying.reference) * 50 + 0.5) AS BIGINT) AS VARCHAR)
            AS mates_through,
        CAST(CAST(floor(usage.previous_minutes + 0.5) AS BIGINT) AS VARCHAR) AS previous_minutes,
        CAST(day(staying.week_start) AS VARCHAR) || ' ' || month_of_week.name AS week_words,
        CAST(day(staying.window_start) AS VARCHAR) || ' ' || month_of_start.name AS start_words,
        CAST(day(staying.window_end) AS VARCHAR) || ' ' || month_of_end.name AS end_words,
        CASE
            WHEN staying.more = 0 THEN ''
            ELSE ' And ' || CAST(staying.more AS VARCHAR) || ' more in these weeks.'
        END AS more_words
    FROM staying
    LEFT JOIN roster.platform AS title ON title.platform = staying.platform
    LEFT JOIN usage
        ON usage.student_id = staying.student_id
        AND usage.platform = staying.platform
        AND usage.week_start = staying.week_start
    LEFT JOIN work.month_name AS month_of_week ON month_of_week.month = month(staying.week_start)
    LEFT JOIN work.month_name AS month_of_start
        ON month_of_start.month = month(staying.window_start)
    LEFT JOIN work.month_name AS month_of_end ON month_of_end.month = month(staying.window_end)
    WHERE staying.newest = 1
)

SELECT
    board_week AS week_start,
    student_id,
    rule_id,
    platform,
    item_id,
    value,
    n,
    window_start,
    window_end,
    data_through,
    rule_version,
    block,
    kind,
    kind_order,
    question,
    else_it_could_be,
    CASE rule_id
        WHEN 'quieter_than_usual'
            THEN previous_minutes || ' and ' || whole_value || ' minutes on ' || on_platform
            || ' in the weeks of ' || start_words || ' and ' || week_words || '; own usual '
            || whole_reference || ', from ' || CAST(n AS VARCHAR) || ' weeks.'
        WHEN 'busier_than_usual'
            THEN previous_minutes || ' and ' || whole_value || ' minutes on ' || on_platform
            || ' in the weeks of ' || start_words || ' and ' || week_words || '; own usual '
            || whole_reference || ', from ' || CAST(n AS VARCHAR) || ' weeks.'
        WHEN 'target_reached'
            THEN whole_value || ' minutes on ' || on_platform || ' in the week of ' || week_words
            || '; own target ' || whole_reference || '.'
        WHEN 'work_lands_at_end'
            THEN 'The middle of the minutes on ' || on_platform || ' came ' || way_through
            || ' percent of the way through the school week, over ' || CAST(n AS VARCHAR)
            || ' weeks from ' || start_words || ' to ' || end_words || '; classmates: '
            || mates_through || ' percent.'
        WHEN 'below_threshold'
            THEN cut_value || ' percent on "' || item || '" on ' || on_platform
            || CASE
                WHEN window_start = window_end THEN ', due ' || end_words || '.'
                ELSE ', handed in in the week of ' || week_words || '.'
            END
        WHEN 'all_on_time'
            THEN 'All ' || CAST(n AS VARCHAR) || ' tasks due on ' || on_platform
            || ' in the weeks of ' || start_words || ' to ' || week_words
            || ' were handed in on time.'
        WHEN 'screen_time'
            THEN whole_value || ' minutes on all platforms in the week of ' || week_words
            || '; the ceiling is ' || whole_reference || '.'
        WHEN 'score_may_understate'
            THEN whole_value || ' percent of the answers in "' || item
            || '" came too fast to have been read (' || end_words
            || '); the score may understate what the student can do.'
        WHEN 'grew_more_than_projected'
            THEN cut_value || ' points of growth in "' || item || '"'
            || CASE WHEN window_start < window_end THEN ' from ' || start_words ELSE '' END
            || ' to ' || end_words || '; projected: ' || cut_reference || '.'
        WHEN 'stuck_skill'
            THEN '"' || item || '" on ' || on_platform || ': '
            || coalesce(tries || ', ', '') || 'not mastered yet by ' || end_words
            || ' (told on ' || CAST(n AS VARCHAR) || CASE WHEN n = 1 THEN ' day' ELSE ' days' END
            || ').'
        WHEN 'skill_mastered'
            THEN 'Mastered "' || item || '" on ' || on_platform
            || coalesce(' after ' || tries, '') || ' by ' || end_words || '.'
    END || more_words AS sentence
FROM worded
