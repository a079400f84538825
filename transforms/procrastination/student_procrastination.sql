-- views.student_procrastination: when each student's work happens, by due dates and within weeks.
-- Says when, never why. Counts are of all closed, not excused items; show them from 3 on.
-- Grain: student x platform with minutes placed on days or assignments, as of the latest data
-- Columns:
--   student_id          id     OneRoster sourcedId of the student
--   platform            id     platform
--   as_of               date   latest day any activity or assignment file tells of
--   weeks_counted       weeks  latest weeks with pacing, at most 4
--   mean_day            day    mean over these weeks of the middle of the minutes
--   pacing              ratio  mean over these weeks; +1 first school day, -1 last
--   last_day_share      ratio  mean over these weeks of the share on the last school day
--   class_pacing        ratio  mean over the classmates in the same weeks, without the student
--   class_pacing_weeks  count  classmates' weeks in that mean
--   work_lands_at_end   bool   pacing at most $end_pacing while the classmates' is above
--         $class_end_pacing; NULL under 4 weeks or without classmates
--   pacing_status       text   ok, too_few without any such week
--   start_delay_median  ratio  part of the time to the due time that passes before work begins;
--         NULL under 4 items
--   started_count       count  items whose start delay is known
--   on_time_count       count  handed in on time
--   late_count          count  handed in late
--   missing_count       count  closed, nothing handed in
--   closed_count        count  all of these
--   late_low            ratio  lower end of the 95 % interval (Wilson) of the late share, for 3
--         to 9 items
--   late_high           ratio  upper end
--   compared_count      count  closed items that other students have too
--   compared_late       count  of these, late; the number to hold against expected_late
--   expected_late       count  sum over these of the other students' late rate; NULL under 3
--   often_late          bool   over the latest 8 of these, late at least $often_late_by more often
--         than expected; NULL under 3
--   due_status          text   ok, too_few under 3 closed items
--   status              text   ok where either part is, else too_few
--   data_through        date   day up to which the files of both parts tell
WITH pair AS (
    SELECT student_id, platform FROM work.pacing_run WHERE recency = 1
    UNION
    SELECT student_id, platform FROM work.due_recent
),

joined AS (
    SELECT
        pair.student_id,
        pair.platform,
        as_of.as_of,
        coalesce(pacing.weeks_counted, 0) AS weeks_counted,
        pacing.mean_day,
        pacing.pacing,
        pacing.last_day_share,
        pacing.class_pacing,
        coalesce(pacing.class_pacing_weeks, 0) AS class_pacing_weeks,
        pacing.work_lands_at_end,
        due.start_delay_median,
        coalesce(due.started_count, 0) AS started_count,
        coalesce(due.on_time_count, 0) AS on_time_count,
        coalesce(due.late_count, 0) AS late_count,
        coalesce(due.missing_count, 0) AS missing_count,
        coalesce(due.closed_count, 0) AS closed_count,
        coalesce(due.compared_count, 0) AS compared_count,
        coalesce(due.compared_late, 0) AS compared_late,
        due.expected_late,
        due.recent_count,
        due.recent_late,
        due.recent_expected,
        CASE
            WHEN due.data_through < through.data_through OR through.data_through IS NULL
                THEN due.data_through
            WHEN pacing.student_id IS NULL AND due.data_through IS NOT NULL THEN due.data_through
            ELSE through.data_through
        END AS data_through,
        CAST(due.late_count AS DOUBLE) / nullif(due.closed_count, 0) AS late_share
    FROM pair
    CROSS JOIN work.as_of AS as_of
    LEFT JOIN work.pacing_run AS pacing
        ON pacing.student_id = pair.student_id
        AND pacing.platform = pair.platform
        AND pacing.recency = 1
    LEFT JOIN work.due_recent AS due
        ON due.student_id = pair.student_id AND due.platform = pair.platform
    LEFT JOIN work.student_through AS through
        ON through.student_id = pair.student_id AND through.platform = pair.platform
),

wilson AS (
    -- 3.841458820694124 is the square of the normal quantile 1.959963984540054.
    SELECT
        *,
        late_share + 3.841458820694124 / (2 * nullif(closed_count, 0)) AS centre,
        1.959963984540054 * sqrt(
            late_share * (1 - late_share) / nullif(closed_count, 0)
            + 3.841458820694124 / (4 * nullif(closed_count * closed_count, 0))
        ) AS reach,
        1 + 3.841458820694124 / nullif(closed_count, 0) AS width
    FROM joined
)

SELECT
    student_id,
    platform,
    as_of,
    weeks_counted,
    mean_day,
    pacing,
    last_day_share,
    class_pacing,
    class_pacing_weeks,
    work_lands_at_end,
    CASE WHEN weeks_counted > 0 THEN 'ok' ELSE 'too_few' END AS pacing_status,
    start_delay_median,
    started_count,
    on_time_count,
    late_count,
    missing_count,
    closed_count,
    CASE WHEN closed_count BETWEEN 3 AND 9 THEN (centre - reach) / width END AS late_low,
    CASE WHEN closed_count BETWEEN 3 AND 9 THEN (centre + reach) / width END AS late_high,
    compared_count,
    compared_late,
    CASE WHEN compared_count >= 3 THEN expected_late END AS expected_late,
    CASE WHEN recent_count >= 3 THEN recent_late - recent_expected >= $often_late_by END AS often_late,
    CASE WHEN closed_count >= 3 THEN 'ok' ELSE 'too_few' END AS due_status,
    CASE WHEN weeks_counted > 0 OR closed_count >= 3 THEN 'ok' ELSE 'too_few' END AS status,
    data_through
FROM wilson
