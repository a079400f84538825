-- work.card_rule: what a card of each rule is on the board: its block, its question and how long it
-- stays. Cards about a week stand on the board of that week; cards about an event (a task, a test,
-- a skill) stay for two weeks more, because results arrive late.
-- Grain: rule
-- Columns:
--   rule_id           id     the rule, a measure of the dictionary
--   block             text   block of the board; a starter beyond the most of a week moves to
--         starter_more
--   kind              text   kind of card, as people call it
--   kind_order        count  place of the kind within the blocks
--   stays             weeks  how many weeks after its own the card stays on the board
--   question          text   the question to start from; empty where there is none
--   else_it_could_be  text   what else it could be
WITH rule AS (
    SELECT rule_id, block, kind, kind_order, stays, question, else_it_could_be
    FROM (
        VALUES
        (
            'skill_mastered', 'celebrate', 'skill mastered', 1, 2,
            '',
            'The platform says so; ask the student to show it.'
        ),
        (
            'grew_more_than_projected', 'celebrate', 'grew more than projected', 2, 2,
            '',
            'Test scores have an error; a hurried first test makes growth look larger.'
        ),
        (
            'target_reached', 'celebrate', 'own target reached', 3, 0,
            '',
            'The target may have changed; minutes are time on the platform, not learning.'
        ),
        (
            'all_on_time', 'celebrate', 'everything on time', 4, 0,
            '',
            'Only tasks with a due date that the platform knows are counted.'
        ),
        (
            'busier_than_usual', 'celebrate', 'busier than own usual', 5, 0,
            '',
            'Time made up after an absence, a changed timetable, or somebody else on the account.'
        ),
        (
            'quieter_than_usual', 'starter', 'quieter than own usual', 11, 0,
            'Has something changed?',
            'Absence, a changed timetable, a broken device, work on paper, or a short file.'
        ),
        (
            'stuck_skill', 'starter', 'stuck, may need teaching', 12, 2,
            'What would help with this skill?',
            'The skill may not have been taught yet, or the tasks may be hard to read.'
        ),
        (
            'work_lands_at_end', 'starter', 'work lands at the end', 13, 0,
            'When in the week is there time for this?',
            'The timetable, days away, shared devices at home, or other duties early in the week.'
        ),
        (
            'below_threshold', 'starter', 'below % on a task', 14, 2,
            'What was hard about this task?',
            'Not taught yet, not finished, or the score may still change.'
        ),
        (
            'score_may_understate', 'starter', 'score may understate', 15, 2,
            'Does this score show what the student can do?',
            'A noisy room, a tired day, or questions that were easy and answered quickly.'
        ),
        (
            'screen_time', 'starter', 'a lot of screen time', 16, 0,
            'Is this the amount of screen time we want?',
            'Work made up after an absence, or a program left open.'
        ),
        (
            'shared_dip', 'whole_class', 'many quieter than usual', 21, 0,
            '',
            'A changed timetable, a trip, tests, devices out of order, or a short file.'
        ),
        (
            'shared_late', 'whole_class', 'many late on one task', 22, 2,
            '',
            'The due date, the instructions, a day without school, or hand-ins on paper.'
        ),
        (
            'shared_stuck', 'whole_class', 'many stuck on one skill', 23, 0,
            '',
            'The skill may not have been taught yet.'
        )
    ) AS told (rule_id, block, kind, kind_order, stays, question, else_it_could_be)
)

SELECT
    rule_id,
    block,
    replace(
        kind,
        '%',
        CASE
            WHEN floor($below_percent) = $below_percent
                THEN CAST(CAST(floor($below_percent) AS BIGINT) AS VARCHAR)
            ELSE CAST($below_percent AS VARCHAR)
        END
    ) AS kind,
    CAST(kind_order AS BIGINT) AS kind_order,
    CAST(stays AS BIGINT) AS stays,
    question,
    else_it_could_be
FROM rule
