-- facts.submission: what an account handed in, as its newest export tells it.
-- Grain: assignment x account
-- Columns:
--   platform          id       platform
--   account_key       id       account
--   student_id        id       student; NULL = not resolved
--   assignment_id     id       assignment
--   class_key         id       the platform's class
--   class_id          id       class of the roster; NULL = not resolved
--   due_at            instant  when it is due for this student (UTC); NULL = as the assignment
--   due_on            date     local day of that
--   started_at        instant  when work began (UTC); NULL = unknown
--   submitted_at      instant  when it was handed in (UTC); where only a day is told, the due time
--         moved by whole days, so that late means a later day than the due day
--   submitted_on      date     local day of handing in, where told
--   submitted_basis   text     instant or day: what submitted_at rests on; NULL = neither told
--   timing            text     on_time, late or not_submitted where the platform tells only that;
--         missing where it says so itself; unknown where no hand-in is told and none may have been
--         asked for
--   worked_after_due  bool     work went on after the due time; NULL = unknown
--   score             points   of the best attempt
--   score_percent     percent  unrounded; from the points where the platform tells no percent
--   score_at_due      points   at the due time
--   scored_on         date     local day on which the score was given; NULL = not told
--   attempts          count    attempts
--   excused           bool     not counted for this student
--   data_through      date     last day the file can know of; NULL = as the assignment says
--   complete_through  date     last day of which it surely knows all
--   source_file       hash     file the row came from
WITH overlap AS (
    -- Assignments told by one part alone need no choice between exports.
    SELECT platform, assignment_id
    FROM lake.submission
    WHERE is_current
    GROUP BY platform, assignment_id
    HAVING
        min(source_file) <> max(source_file)
        OR min(feed) <> max(feed)
        OR min(scope) <> max(scope)
),

by_feed AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY platform, feed, assignment_id, account_key
            ORDER BY
                -- A list of scores without times gives way to one that knows the hand-ins.
                data_through IS NULL,
                exported_on DESC NULLS LAST,
                source_file DESC NULLS LAST
        ) AS newest_of_feed
    FROM lake.submission AS submission
    SEMI JOIN overlap
        ON overlap.platform = submission.platform
        AND overlap.assignment_id = submission.assignment_id
    WHERE is_current
),

newest AS (
    SELECT *, 1 AS newest_of_feed, 1 AS newest
    FROM lake.submission AS submission
    ANTI JOIN overlap
        ON overlap.platform = submission.platform
        AND overlap.assignment_id = submission.assignment_id
    WHERE is_current
    UNION ALL
    SELECT
        *,
        -- Of two feeds the one that tells when goes before a newer one that does not.
        row_number() OVER (
            PARTITION BY platform, assignment_id, account_key
            ORDER BY
                data_through IS NULL,
                CASE
                    WHEN timing IS NULL AND submitted_at IS NULL AND submitted_on IS NULL
                        AND submitted_day IS NULL
                        THEN 1
                    ELSE 0
                END,
                exported_on DESC NULLS LAST,
                source_file DESC NULLS LAST
        )
    FROM by_feed
    WHERE newest_of_feed = 1
),

dated AS (
    SELECT
        submission.*,
        assignment.class_key,
        assignment.class_id,
        coalesce(submission.due_at, assignment.due_at) AS due_time,
        coalesce(submission.due_on, assignment.due_on) AS due_day,
        assignment.points_possible,
        coalesce(
            submission.submitted_on,
            assignment.class_starts_on + CAST(submission.submitted_day AS INTEGER)
        ) AS day_handed_in
    FROM newest AS submission
    LEFT JOIN facts.assignment AS assignment
        ON assignment.platform = submission.platform
        AND assignment.assignment_id = submission.assignment_id
    WHERE submission.newest = 1
)

SELECT
    dated.platform,
    dated.account_key,
    link.student_id,
    dated.assignment_id,
    dated.class_key,
    dated.class_id,
    dated.due_at,
    dated.due_on,
    dated.started_at,
    coalesce(
        dated.submitted_at,
        dated.due_time + date_diff('day', dated.due_day, dated.day_handed_in) * INTERVAL 1 DAY
    ) AS submitted_at,
    dated.day_handed_in AS submitted_on,
    CASE
        WHEN dated.submitted_at IS NOT NULL THEN 'instant'
        WHEN dated.day_handed_in IS NOT NULL THEN 'day'
    END AS submitted_basis,
    dated.timing,
    dated.worked_after_due,
    dated.score,
    coalesce(
        dated.score_percent,
        CASE WHEN dated.points_possible > 0 THEN 100.0 * dated.score / dated.points_possible END
    ) AS score_percent,
    dated.score_at_due,
    dated.scored_on,
    dated.attempts,
    dated.excused,
    dated.data_through,
    CASE WHEN dated.exported_on > dated.data_through
        THEN dated.data_through ELSE dated.data_through - 1 END AS complete_through,
    dated.source_file
FROM dated
LEFT JOIN work.account_student AS link
    ON link.platform = dated.platform AND link.account_key = dated.account_key
