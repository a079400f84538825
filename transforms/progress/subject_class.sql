-- work.subject_class: a student's class assignments in a subject: those of the last 8 weeks, of the
-- classes whose subject the roster tells. A homeroom has none, so its assignments are left out.
-- Grain: student x subject with an assignment due in these weeks
-- Columns:
--   student_id      id       student
--   subject         text     subject, see facts.subject_name
--   closed_count    count    closed, not excused
--   on_time_count   count    of these, on time
--   score_count     count    closed with a score, not excused
--   score_median    percent  median of these scores; NULL = none
--   class_from      date     first due day
--   class_through   date     last due day
--   class_story     text     middle score at the threshold or above, middle score below it; NULL
--         under 3 scores
--   class_reached   bool     the middle score is $below_percent or more; NULL under 3 scores
--   class_status    text     ok, too_few under 3 scores
--   data_through    date     last day up to which all of these files tell
WITH item AS (
    SELECT
        timing.student_id,
        named.subject,
        timing.due_on,
        timing.data_through,
        timing.state,
        CASE WHEN timing.state IS DISTINCT FROM 'excused' THEN timing.score_percent END AS score
    FROM views.assignment_timing AS timing
    JOIN roster.class_section AS section ON section.class_id = timing.class_id
    JOIN facts.subject_name AS named ON named.written = section.subject AND named.is_known
    CROSS JOIN work.as_of AS as_of
    WHERE timing.closed AND timing.due_on > as_of.as_of - 56 AND timing.due_on <= as_of.as_of
),

counted AS (
    SELECT
        student_id,
        subject,
        count(CASE WHEN state IN ('on_time', 'late', 'missing') THEN 1 END) AS closed_count,
        count(CASE WHEN state = 'on_time' THEN 1 END) AS on_time_count,
        count(score) AS score_count,
        median(score) AS score_median,
        min(due_on) AS class_from,
        max(due_on) AS class_through,
        min(data_through) AS data_through
    FROM item
    GROUP BY student_id, subject
)

SELECT
    student_id,
    subject,
    closed_count,
    on_time_count,
    score_count,
    score_median,
    class_from,
    class_through,
    CASE
        WHEN score_count < 3 THEN NULL
        WHEN score_median >= $below_percent THEN 'middle score at the threshold or above'
        ELSE 'middle score below the threshold'
    END AS class_story,
    CASE WHEN score_count >= 3 THEN score_median >= $below_percent END AS class_reached,
    CASE WHEN score_count >= 3 THEN 'ok' ELSE 'too_few' END AS class_status,
    data_through
FROM counted
