-- views.collaboration_board: the page that a class's team talks over, week by week. Blocks in this
-- order: celebrate, whole_class, not_seen_lately (by adult), starter (at most $starters),
-- starter_more (the rest, by name), two_stories, everyone (A to Z). not_seen_lately, two_stories
-- and everyone are about today and stand on the latest board only; the others are kept for
-- $board_weeks weeks.
-- The latest board is of the latest week for which anything is complete. Nothing is ordered by a
-- measure. Sentences hold no names. Whom a reader may see is in views.student_access.
-- Grain: class x week x card
-- Columns:
--   class_id          id     class of the roster
--   week_start        date   Monday of the board's week
--   block             text   see above
--   block_order       count  place of the block
--   position          count  place within the block, from 1; starters are grouped by question, and
--         within it longest since a check-in first, then A to Z
--   student_id        id     OneRoster sourcedId of the student; NULL = the whole class
--   kind              text   kind of card
--   question          text   question to start from; empty where there is none
--   platform          id     platform; NULL = of several, or none
--   sentence          text   what was seen: number, n and dates, without a name
--   else_it_could_be  text   what else it could be
--   value             -      what was seen; unit as the dictionary tells of the rule
--   n                 count  how many weeks, tasks, tries or students it rests on
--   window_start      date   first day of what was looked at
--   window_end        date   last day
--   staff_id          id     the student's adult, for not_seen_lately and everyone
--   rule_id           id     the rule, a measure of the dictionary
--   rule_version      text   its version, with the thresholds that the district has set
--   data_through      date   last day the files tell of
--   card_id           id     class, week, student, rule, platform and item
WITH card AS (
    SELECT
        member.class_id,
        member.week_start,
        'celebrate' AS block,
        1 AS block_order,
        row_number() OVER (
            PARTITION BY member.class_id, member.week_start
            ORDER BY card.kind_order, member.name_order, coalesce(card.platform, '')
        ) AS position,
        card.student_id,
        card.kind,
        card.question,
        card.platform,
        card.sentence,
        card.else_it_could_be,
        card.value,
        card.n,
        card.window_start,
        card.window_end,
        CAST(NULL AS VARCHAR) AS staff_id,
        card.rule_id,
        card.rule_version,
        card.data_through,
        card.item_id
    FROM work.board_card AS card
    JOIN work.board_member AS member
        ON member.student_id = card.student_id AND member.week_start = card.week_start
    WHERE card.block = 'celebrate'
    UNION ALL
    SELECT
        note.class_id,
        note.week_start,
        'whole_class',
        2,
        row_number() OVER (
            PARTITION BY note.class_id, note.week_start
            ORDER BY
                note.kind_order,
                note.platform,
                coalesce(note.item_title, ''),
                coalesce(note.item_id, '')
        ),
        CAST(NULL AS VARCHAR),
        note.kind,
        '',
        note.platform,
        note.sentence,
        note.else_it_could_be,
        CAST(note.value AS DOUBLE),
        note.n,
        note.window_start,
        note.window_end,
        CAST(NULL AS VARCHAR),
        note.rule_id,
        rule.version,
        note.data_through,
        note.item_id
    FROM work.board_class AS note
    LEFT JOIN views.measure_dictionary AS rule ON rule.measure = note.rule_id
    UNION ALL
    SELECT
        student.class_id,
        student.week_start,
        'not_seen_lately',
        3,
        row_number() OVER (
            PARTITION BY student.class_id
            ORDER BY
                student.adult_order,
                coalesce(student.last_check_in, CAST('0001-01-01' AS DATE)),
                student.name_order
        ),
        student.student_id,
        'not seen lately',
        '',
        CAST(NULL AS VARCHAR),
        student.sentence,
        'Somebody may have talked with the student and not written it down.',
        CAST(student.days_since_check_in AS DOUBLE),
        student.check_ins,
        student.last_check_in,
        student.as_of,
        student.staff_id,
        'check_in_due',
        rule.version,
        student.as_of,
        CAST(NULL AS VARCHAR)
    FROM work.board_adult AS student
    LEFT JOIN views.measure_dictionary AS rule ON rule.measure = 'check_in_due'
    WHERE student.check_in_due
    UNION ALL
    SELECT
        starter.class_id,
        starter.week_start,
        CASE WHEN starter.choice <= $starters THEN 'starter' ELSE 'starter_more' END,
        CASE WHEN starter.choice <= $starters THEN 4 ELSE 5 END,
        row_number() OVER (
            PARTITION BY starter.class_id, starter.week_start, starter.choice <= $starters
            ORDER BY
                CASE WHEN starter.choice <= $starters THEN card.kind_order END,
                CASE WHEN starter.choice <= $starters THEN starter.choice END,
                starter.name_order,
                card.kind_order,
                starter.platform
        ),
        card.student_id,
        card.kind,
        card.question,
        card.platform,
        card.sentence,
        card.else_it_could_be,
        card.value,
        card.n,
        card.window_start,
        card.window_end,
        CAST(NULL AS VARCHAR),
        card.rule_id,
        card.rule_version,
        card.data_through,
        card.item_id
    FROM work.board_starter AS starter
    JOIN work.board_card AS card
        ON card.student_id = starter.student_id
        AND card.week_start = starter.week_start
        AND card.rule_id = starter.rule_id
        AND coalesce(card.platform, '') = starter.platform
    UNION ALL
    SELECT
        story.class_id,
        story.week_start,
        'two_stories',
        6,
        row_number() OVER (PARTITION BY story.class_id ORDER BY story.name_order, story.subject),
        story.student_id,
        'two stories',
        'Which of the two shows what the student can do?',
        story.platform,
        story.sentence,
        'The path and the class may be about different content.',
        story.value,
        story.n,
        story.window_start,
        story.window_end,
        CAST(NULL AS VARCHAR),
        'two_stories',
        rule.version,
        story.data_through,
        story.subject
    FROM work.board_two_stories AS story
    LEFT JOIN views.measure_dictionary AS rule ON rule.measure = 'two_stories'
    UNION ALL
    SELECT
        student.class_id,
        student.week_start,
        'everyone',
        7,
        row_number() OVER (PARTITION BY student.class_id ORDER BY student.name_order),
        student.student_id,
        'everyone',
        '',
        CAST(NULL AS VARCHAR),
        student.sentence,
        'Somebody may have talked with the student and not written it down.',
        CAST(student.days_since_check_in AS DOUBLE),
        student.check_ins,
        student.last_check_in,
        student.as_of,
        student.staff_id,
        'days_since_check_in',
        rule.version,
        student.as_of,
        CAST(NULL AS VARCHAR)
    FROM work.board_adult AS student
    LEFT JOIN views.measure_dictionary AS rule ON rule.measure = 'days_since_check_in'
)

SELECT
    class_id,
    week_start,
    block,
    CAST(block_order AS BIGINT) AS block_order,
    position,
    student_id,
    kind,
    question,
    platform,
    sentence,
    else_it_could_be,
    value,
    n,
    window_start,
    window_end,
    staff_id,
    rule_id,
    rule_version,
    data_through,
    class_id || '|' || CAST(week_start AS VARCHAR) || '|' || coalesce(student_id, '') || '|'
    || rule_id || '|' || coalesce(platform, '') || '|' || coalesce(item_id, '') AS card_id
FROM card
