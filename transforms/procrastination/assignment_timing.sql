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
