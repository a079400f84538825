-- work.board_class: the notes on whole classes that stand on the boards, each with its sentence.
-- Grain: class x board's week x rule x platform x item
-- Columns:
--   class_id          id     class
--   week_start        date   Monday of the board's week
--   rule_id           id     shared_dip, shared_late, shared_stuck
--   platform          id     platform
--   item_id           id     assignment or skill; NULL = none
--   item_title        text   its title
--   value             count  students it is true of
--   n                 count  students it is told of
--   window_start      date   first day of what was looked at
--   window_end        date   last day
--   data_through      date   last day the files tell of
--   kind              text   kind of card
--   kind_order        count  place of the kind
--   else_it_could_be  text   what else it could be
--   sentence          text   what was seen
WITH told AS (
    SELECT
        class_id,
        week_start,
        week_start AS board_week,
        'shared_dip' AS rule_id,
        platform,
        CAST(NULL AS VARCHAR) AS item_id,
        CAST(NULL AS VARCHAR) AS item_title,
        dipped AS value,
        students AS n,
        week_start AS window_start,
        week_start + 6 AS window_end,
        data_through
    FROM work.shared_dip
    UNION ALL
    SELECT
        late.class_id,
        late.week_start,
        week.week_start,
        'shared_late',
        late.platform,
        late.assignment_id,
        late.title,
        late.late,
        late.students,
        late.due_on,
        late.due_on,
        late.data_through
    FROM work.shared_late AS late
    JOIN work.card_rule AS rule ON rule.rule_id = 'shared_late'
    JOIN work.board_week AS week ON week.card_week = late.week_start AND week.age <= rule.stays
    UNION ALL
    SELECT
        class_id,
        week_start,
        week_start,
        'shared_stuck',
        platform,
        skill_id,
        skill_name,
        students,
        members,
        window_start,
        window_end,
        data_through
    FROM work.shared_stuck
),

worded AS (
    SELECT
        told.*,
        rule.kind,
        rule.kind_order,
        rule.else_it_could_be,
        coalesce(title.title, told.platform) AS on_platform,
        CAST(told.value AS VARCHAR) || ' of ' || CAST(told.n AS VARCHAR) || ' students' AS counted,
        CAST(day(told.week_start) AS VARCHAR) || ' ' || month_of_week.name AS week_words,
        CAST(day(told.window_end) AS VARCHAR) || ' ' || month_of_end.name AS end_words,
        CAST(CAST(floor($shared_dip_level * 100 + 0.5) AS BIGINT) AS VARCHAR) AS level_words
    FROM told
    JOIN work.card_rule AS rule ON rule.rule_id = told.rule_id
    LEFT JOIN roster.platform AS title ON title.platform = told.platform
    LEFT JOIN work.month_name AS month_of_week ON month_of_week.month = month(told.week_start)
    LEFT JOIN work.month_name AS month_of_end ON month_of_end.month = month(told.window_end)
    LEFT JOIN work.card_asleep AS asleep
        ON asleep.week_start = told.board_week
        AND asleep.rule_id = told.rule_id
        AND asleep.platform = told.platform
        AND asleep.class_id = told.class_id
    WHERE asleep.rule_id IS NULL
)

SELECT
    class_id,
    board_week AS week_start,
    rule_id,
    platform,
    item_id,
    item_title,
    value,
    n,
    window_start,
    window_end,
    data_through,
    kind,
    kind_order,
    else_it_could_be,
    CASE rule_id
        WHEN 'shared_dip'
            THEN counted || ' had at most ' || level_words
            || ' percent of their own usual minutes on ' || on_platform
            || ' in the week of ' || week_words || '.'
        WHEN 'shared_late'
            THEN counted || ' handed in "' || coalesce(item_title, 'a task') || '" on '
            || on_platform || ' late or not at all (due ' || end_words || ').'
        WHEN 'shared_stuck'
            THEN counted || ' have not mastered "' || coalesce(item_title, 'a skill') || '" on '
            || on_platform || ' yet and may need teaching (by ' || end_words || ').'
    END AS sentence
FROM worded
