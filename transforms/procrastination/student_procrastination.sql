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
-- Measures:
--   weeks_counted: Weeks looked at
--       formula  latest weeks with pacing, at most 4
--       from     every student
--       source   Homeroom
--       version  1
--   class_pacing: When the class's work happens
--       formula  sum of the classmates' pacing in the same weeks / how many weeks of classmates that
--                is, without the student
--       from     1 classmate
--       source   Homeroom
--       version  1
--   class_pacing_weeks: Classmates' weeks in that mean
--       formula  weeks of classmates with pacing in the same weeks
--       from     every student
--       source   Homeroom
--       version  1
--   work_lands_at_end: Work lands at the end of the week
--       formula  pacing over 4 weeks at most $end_pacing while class_pacing is above
--                $class_end_pacing
--       from     4 weeks with pacing; classmates where the own is that late
--       caution  when, never why: a bus, a job, a lab day or one shared device look the same; where
--                the whole class works at the end it is the timetable, and this is no
--       source   Homeroom; what delay does not tell: Cormack, Eagle and Davies 2020, Sabnis, Yu and
--                Kizilcec 2022
--       version  1
--   start_delay_median: Time that usually passes before work begins
--       formula  median of start_delay
--       from     4 items
--       caution  not begun items are not in it
--       source   start-based delay: Agnihotri, Baker and Stalzer 2020; what delay does not tell:
--                Cormack, Eagle and Davies 2020, Sabnis, Yu and Kizilcec 2022
--       version  1
--   started_count: Items whose begin is known
--       formula  items with a start_delay
--       from     every student
--       source   Homeroom
--       version  1
--   on_time_count: Handed in on time
--       formula  closed, not excused items of state on_time
--       from     show from 3 closed items, as k of n
--       source   Homeroom
--       version  1
--   late_count: Handed in late
--       formula  closed, not excused items of state late
--       from     show from 3 closed items, as k of n
--       caution  hold it against the class on the same items: expected_late
--       source   Homeroom; what delay does not tell: Cormack, Eagle and Davies 2020, Sabnis, Yu and
--                Kizilcec 2022
--       version  1
--   missing_count: Not handed in
--       formula  closed, not excused items of state missing
--       from     show from 3 closed items, as k of n
--       caution  work on paper can look missing
--       source   Homeroom
--       version  1
--   closed_count: Closed items
--       formula  closed, not excused items of state on_time, late or missing
--       from     every student
--       source   Homeroom
--       version  1
--   late_low: Share late, at least
--       formula  lower end of the 95 % interval of late_count / closed_count: (s + z*z/2n - z x
--                root(s(1 - s)/n + z*z/4n*n)) / (1 + z*z/n), s the share, n closed_count, z =
--                1.959963984540054
--       from     3 to 9 closed items
--       caution  wide, because the items are few
--       source   Wilson 1927
--       version  1
--   late_high: Share late, at most
--       formula  upper end of the same interval: + in place of - before z x root
--       from     3 to 9 closed items
--       caution  wide, because the items are few
--       source   Wilson 1927
--       version  1
--   compared_count: Closed items that others have too
--       formula  closed, not excused items with class_late_rate_others
--       from     every student
--       source   Homeroom
--       version  1
--   compared_late: Of these, handed in late
--       formula  of compared_count, those of state late
--       from     every student
--       caution  hold this, not late_count, against expected_late
--       source   Homeroom
--       version  1
--   expected_late: Late items to be expected
--       formula  sum of class_late_rate_others over compared_count: how many would be late if the
--                student were late as often as others on the same items
--       from     3 items
--       caution  an item half the class handed in late says little about one child
--       source   Homeroom
--       version  1
--   often_late: Late more often than others on the same items
--       formula  over the latest 8 closed items that others have too: late items - sum of
--                class_late_rate_others, at least $often_late_by
--       from     3 items
--       caution  when, never why: a bus, a job, a lab day or one shared device look the same
--       source   Homeroom; how well it does on real behaviour: docs/evidence.md
--       version  1
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
