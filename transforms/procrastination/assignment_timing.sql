-- views.assignment_timing: when each student worked on each assignment, beside its due time.
-- Grain: student x assignment
-- Columns:
--   student_id              id       OneRoster sourcedId of the student
--   platform                id       platform
--   assignment_id           id       assignment
--   class_id                id       class of the roster; NULL = not resolved
--   title                   text     title
--   kind                    text     as the platform names it
--   assigned_at             instant  when it opened (UTC); NULL = unknown
--   due_at                  instant  when it is due (UTC)
--   due_on                  date     local day on which it is due
--   started_at              instant  when work began (UTC); NULL = unknown or not begun
--   submitted_at            instant  when it was handed in (UTC); NULL = unknown or not
--   submitted_basis         text     instant, or day where only the day was told
--   start_delay             ratio    part of the time from opening to due that passed before work
--         began, 0 to 1; NULL where begin or opening is unknown
--   lead_hours              hours    due minus handed in; negative = late; 0 is on time
--   last_24h                bool     handed in on time within the last 24 hours
--   state                   text     on_time, late, missing (closed, nothing handed in), not_due,
--         excused, no_due_date; NULL = not knowable
--   closed                  bool     the due time is past in the file, the work came late, or the
--         platform calls it missing
--   score_percent           percent  unrounded
--   below_threshold         bool     graded, not excused and below $below_percent percent before any rounding
--   class_late_rate_others  ratio    late among the other students for whom the item is closed;
--         NULL without others
--   others_counted          count    how many others that is
--   data_through            date     last day the file can know of
-- Measures:
--   start_delay: Time that passed before work began
--       formula  (started_at - assigned_at) / (due_at - assigned_at), not below 0 and not above 1
--       from     opening, begin and due time are known
--       caution  not begun is not a number, never 1; it says when work began, not why, and not how
--                good it became
--       source   start-based delay: Agnihotri, Baker and Stalzer 2020; what delay does not tell:
--                Cormack, Eagle and Davies 2020, Sabnis, Yu and Kizilcec 2022
--       version  1
--   lead_hours: Hours before the due time
--       formula  due_at - submitted_at in hours; negative is late, 0 is on time
--       from     due and handed in
--       caution  where only days are told it is whole days; handing in early is no merit of its own
--       source   Homeroom; what delay does not tell: Cormack, Eagle and Davies 2020, Sabnis, Yu and
--                Kizilcec 2022
--       version  1
--   last_24h: Handed in within the last 24 hours
--       formula  lead_hours at least 0 and under 24
--       from     due and handed in; a share from 5 items on time
--       caution  most people hand in on the last day
--       source   Homeroom; what delay does not tell: Cormack, Eagle and Davies 2020, Sabnis, Yu and
--                Kizilcec 2022
--       version  1
--   state: How it stands
--       formula  excused, if the platform says so; else no_due_date; else the platform's own word
--                on_time, late or missing; else late after the due time and on_time up to it, by the
--                instant or, where only days are told, by the day; else missing if closed, not_due
--                if not
--       from     an assignment that is known
--       caution  empty where work was done and nobody tells when; work on paper can look missing
--       source   Homeroom
--       version  1
--   score_percent: Score in percent
--       formula  points / points possible x 100, or as the platform tells it, never rounded
--       from     1 score
--       source   the platform
--       version  1
--   below_threshold: Below $below_percent percent
--       formula  score_percent < $below_percent, before any rounding
--       from     1 score, not excused
--       caution  one task on one day; offer help with the task
--       source   Homeroom
--       version  1
--   class_late_rate_others: How often others were late with it
--       formula  of the other students for whom the item is closed, those who were late / all of
--                them
--       from     1 other student
--       caution  where half the class was late, the task or the date says more than the child
--       source   Homeroom
--       version  1
--   others_counted: How many others that is
--       formula  other students for whom the item is closed and not excused
--       from     every item
--       source   Homeroom
--       version  1
SELECT
    item.student_id,
    item.platform,
    item.assignment_id,
    item.class_id,
    item.title,
    item.kind,
    item.assigned_at,
    item.due_at,
    item.due_on,
    item.started_at,
    item.submitted_at,
    item.submitted_basis,
    CASE
        WHEN item.due_at > item.assigned_at AND item.started_at IS NOT NULL
            THEN greatest(0.0, least(
                1.0,
                (epoch(item.started_at) - epoch(item.assigned_at))
                / CAST(epoch(item.due_at) - epoch(item.assigned_at) AS DOUBLE)
            ))
    END AS start_delay,
    (epoch(item.due_at) - epoch(item.submitted_at)) / 3600.0 AS lead_hours,
    epoch(item.due_at) - epoch(item.submitted_at) >= 0
    AND epoch(item.due_at) - epoch(item.submitted_at) < 86400 AS last_24h,
    item.state,
    item.closed,
    item.score_percent,
    CASE WHEN NOT item.excused THEN item.score_percent < $below_percent END AS below_threshold,
    CASE
        WHEN item.counted AND rate.students > 1
            THEN CAST(
                rate.late_students - CASE WHEN item.state = 'late' THEN 1 ELSE 0 END AS DOUBLE
            ) / (rate.students - 1)
        WHEN NOT item.counted AND rate.students > 0
            THEN CAST(rate.late_students AS DOUBLE) / rate.students
    END AS class_late_rate_others,
    coalesce(rate.students, 0) - CASE WHEN item.counted THEN 1 ELSE 0 END AS others_counted,
    item.data_through
FROM work.assignment_item AS item
LEFT JOIN work.assignment_rate AS rate
    ON rate.platform = item.platform AND rate.assignment_id = item.assignment_id
