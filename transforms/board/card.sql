-- views.card: every card of the year, in the week in which it happened: what was seen, what it is
-- held against, and the version of its rule. The boards are made of these.
-- Grain: student x week x rule x platform x item
-- Columns:
--   student_id    id     OneRoster sourcedId of the student
--   week_start    date   Monday of the week the card is about
--   rule_id       id     the rule, a measure of the dictionary
--   platform      id     platform; NULL = of several
--   item_id       id     assignment, skill or test; NULL = none
--   item_title    text   its title; NULL = none
--   value         -      what was seen; unit as the dictionary tells of the rule
--   reference     -      what it is held against; NULL = nothing
--   n             count  how many weeks, tasks or tries it rests on
--   window_start  date   first day of what was looked at
--   window_end    date   last day
--   data_through  date   last day the files tell of
--   rule_version  text   version of the rule, with the thresholds that the district has set
WITH told AS (
    SELECT * FROM work.card_usage
    UNION ALL SELECT * FROM work.card_pacing
    UNION ALL SELECT * FROM work.card_task
    UNION ALL SELECT * FROM work.card_screen
    UNION ALL SELECT * FROM work.card_test
    UNION ALL SELECT * FROM work.card_skill
)

SELECT
    told.student_id,
    told.week_start,
    told.rule_id,
    told.platform,
    told.item_id,
    told.item_title,
    told.value,
    told.reference,
    told.n,
    told.window_start,
    told.window_end,
    told.data_through,
    rule.version AS rule_version
FROM told
LEFT JOIN views.measure_dictionary AS rule ON rule.measure = told.rule_id
