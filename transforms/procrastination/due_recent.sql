-- work.due_recent: counts over a student's assignments with due dates.
-- Grain: student x platform with an assignment
-- Columns:
--   student_id          id     student
--   platform            id     platform
--   start_delay_median  ratio  median; NULL under 4 items
--   started_count       count  items whose start delay is known
--   on_time_count       count  closed items handed in on time
--   late_count          count  closed items handed in late
--   missing_count       count  closed items not handed in
--   closed_count        count  all of these
--   compared_count      count  closed items that others have too
--   compared_late       count  of these, late
--   expected_late       count  sum of the others' late rates on these
--   recent_count        count  the latest of these, at most 8
--   recent_late         count  of these, late
--   recent_expected     count  sum of the others' late rates on these
--   data_through        date   last day the files can know of
WITH item AS (
    SELECT
        student_id,
        platform,
        start_delay,
        data_through,
        state,
        closed AND state IN ('on_time', 'late', 'missing') AS counted,
        class_late_rate_others,
        row_number() OVER (
            PARTITION BY
                student_id,
                platform,
                closed
                AND coalesce(state IN ('on_time', 'late', 'missing'), FALSE)
                AND class_late_rate_others IS NOT NULL
            ORDER BY due_at DESC NULLS LAST, due_on DESC NULLS LAST, assignment_id DESC
        ) AS recency
    FROM views.assignment_timing
)

SELECT
    student_id,
    platform,
    CASE WHEN count(start_delay) >= 4 THEN median(start_delay) END AS start_delay_median,
    count(start_delay) AS started_count,
    count(CASE WHEN counted AND state = 'on_time' THEN 1 END) AS on_time_count,
    count(CASE WHEN counted AND state = 'late' THEN 1 END) AS late_count,
    count(CASE WHEN counted AND state = 'missing' THEN 1 END) AS missing_count,
    count(CASE WHEN counted THEN 1 END) AS closed_count,
    count(CASE WHEN counted THEN class_late_rate_others END) AS compared_count,
    count(
        CASE WHEN counted AND state = 'late' THEN class_late_rate_others END
    ) AS compared_late,
    sum(CASE WHEN counted THEN class_late_rate_others END) AS expected_late,
    count(CASE WHEN counted AND recency <= 8 THEN class_late_rate_others END) AS recent_count,
    count(
        CASE WHEN counted AND recency <= 8 AND state = 'late' THEN class_late_rate_others END
    ) AS recent_late,
    sum(CASE WHEN counted AND recency <= 8 THEN class_late_rate_others END) AS recent_expected,
    max(data_through) AS data_through
FROM item
GROUP BY student_id, platform
