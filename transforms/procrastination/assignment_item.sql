-- work.assignment_item: each student's assignments, handed in or not, and their state.
-- Of two accounts of one student the earlier hand-in counts.
-- Grain: student x assignment
-- Columns:
--   student_id       id       student
--   platform         id       platform
--   assignment_id    id       assignment
--   class_id         id       class of the roster; NULL = not resolved
--   title            text     title
--   kind             text     as the platform names it
--   assigned_at      instant  when it opened (UTC)
--   due_at           instant  when it is due (UTC)
--   due_on           date     local day on which it is due
--   started_at       instant  when work began (UTC)
--   submitted_at     instant  when it was handed in (UTC)
--   submitted_basis  text     instant or day
--   score_percent    percent  unrounded
--   excused          bool     not counted for this student
--   closed           bool     the due time is past in the file, the work came late, or the platform
--         calls it missing
--   state            text     on_time, late, missing, not_due, excused, no_due_date; NULL = not
--         knowable
--   counted          bool     closed, not excused, and the state is known
--   data_through     date     last day the file can know of
WITH several AS (
    SELECT platform, student_id
    FROM work.account_student
    GROUP BY platform, student_id
    HAVING count(*) > 1
),

candidate AS (
    SELECT
        submission.account_key,
        submission.student_id,
        submission.platform,
        submission.assignment_id,
        submission.due_at,
        submission.due_on,
        submission.started_at,
        submission.submitted_at,
        submission.submitted_on,
        submission.submitted_basis,
        submission.timing,
        submission.data_through,
        submission.complete_through,
        submission.score_percent,
        coalesce(submission.excused, FALSE) AS excused,
        submission.score IS NOT NULL
        OR submission.score_percent IS NOT NULL
        OR coalesce(submission.attempts, 0) > 0 AS worked,
        several.student_id IS NOT NULL AS has_several
    FROM facts.submission AS submission
    LEFT JOIN several
        ON several.platform = submission.platform AND several.student_id = submission.student_id
    WHERE submission.student_id IS NOT NULL
),

chosen AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY student_id, platform, assignment_id
            ORDER BY submitted_at ASC NULLS LAST, score_percent DESC NULLS LAST, account_key
        ) AS choice
    FROM candidate
    WHERE has_several
),

handed AS (
    SELECT
        student_id,
        platform,
        assignment_id,
        due_at,
        due_on,
        started_at,
        submitted_at,
        submitted_on,
        submitted_basis,
        timing,
        data_through,
        complete_through,
        score_percent,
        excused,
        worked
    FROM candidate
    WHERE NOT has_several
    UNION ALL
    SELECT
        student_id,
        platform,
        assignment_id,
        due_at,
        due_on,
        started_at,
        submitted_at,
        submitted_on,
        submitted_basis,
        timing,
        data_through,
        complete_through,
        score_percent,
        excused,
        worked
    FROM chosen
    WHERE choice = 1
),

member AS (
    -- One span for each student and class, however often the roster lists the pair.
    SELECT
        enrollment.class_id,
        enrollment.person_id AS student_id,
        CASE WHEN count(enrollment.begin_date) = count(*) THEN min(enrollment.begin_date) END
            AS begin_date,
        CASE WHEN count(enrollment.end_date) = count(*) THEN max(enrollment.end_date) END
            AS end_date
    FROM roster.enrollment AS enrollment
    JOIN roster.student AS student ON student.student_id = enrollment.person_id
    WHERE enrollment.role = 'student'
    GROUP BY enrollment.class_id, enrollment.person_id
),

expected AS (
    SELECT member.student_id, assignment.platform, assignment.assignment_id
    FROM facts.assignment AS assignment
    CROSS JOIN work.as_of AS as_of
    JOIN member ON member.class_id = assignment.class_id
    WHERE
        NOT assignment.listed_only
        AND NOT assignment.withdrawn
        AND (
            member.begin_date IS NULL
            OR member.begin_date <= coalesce(assignment.due_on, as_of.as_of)
        )
        AND (
            member.end_date IS NULL
            OR member.end_date >= coalesce(assignment.due_on, as_of.as_of)
        )
),

item AS (
    SELECT
        student_id,
        platform,
        assignment_id,
        due_at,
        due_on,
        started_at,
        submitted_at,
        submitted_on,
        submitted_basis,
        timing,
        data_through,
        complete_through,
        score_percent,
        excused,
        worked
    FROM handed
    UNION ALL
    SELECT
        expected.student_id,
        expected.platform,
        expected.assignment_id,
        CAST(NULL AS TIMESTAMP),
        CAST(NULL AS DATE),
        CAST(NULL AS TIMESTAMP),
        CAST(NULL AS TIMESTAMP),
        CAST(NULL AS DATE),
        CAST(NULL AS VARCHAR),
        CAST(NULL AS VARCHAR),
        CAST(NULL AS DATE),
        CAST(NULL AS DATE),
        CAST(NULL AS DOUBLE),
        FALSE,
        FALSE
    FROM expected
    LEFT JOIN handed
        ON handed.student_id = expected.student_id
        AND handed.platform = expected.platform
        AND handed.assignment_id = expected.assignment_id
    WHERE handed.student_id IS NULL
),

due AS (
    SELECT
        item.student_id,
        item.platform,
        item.assignment_id,
        item.started_at,
        item.submitted_at,
        item.submitted_on,
        item.submitted_basis,
        item.timing,
        item.score_percent,
        item.excused,
        item.worked,
        assignment.assignment_id IS NOT NULL AS is_known,
        assignment.class_id,
        assignment.title,
        assignment.kind,
        assignment.assigned_at,
        coalesce(item.due_at, assignment.due_at) AS due_at,
        coalesce(item.due_on, assignment.due_on) AS due_on,
        -- The file that lists the hand-ins knows what is missing; the assignment's may be newer.
        coalesce(item.due_on, assignment.due_on)
        <= coalesce(item.complete_through, assignment.complete_through) AS closed,
        coalesce(item.data_through, assignment.data_through) AS data_through
    FROM item
    LEFT JOIN facts.assignment AS assignment
        ON assignment.platform = item.platform AND assignment.assignment_id = item.assignment_id
    WHERE NOT coalesce(assignment.withdrawn, FALSE)
),

stated AS (
    SELECT
        *,
        CASE
            WHEN excused THEN 'excused'
            WHEN NOT is_known THEN NULL
            WHEN due_at IS NULL AND due_on IS NULL THEN 'no_due_date'
            WHEN timing IN ('on_time', 'late', 'missing') THEN timing
            WHEN submitted_at > due_at THEN 'late'
            WHEN submitted_at <= due_at THEN 'on_time'
            WHEN submitted_on > due_on THEN 'late'
            WHEN submitted_on <= due_on THEN 'on_time'
            -- Only a day is due and only an instant is told: on the day itself nobody can say.
            WHEN submitted_at IS NOT NULL THEN NULL
            WHEN worked AND timing IS NULL THEN NULL
            WHEN closed AND timing = 'unknown' THEN NULL
            WHEN closed THEN 'missing'
            WHEN NOT closed THEN 'not_due'
        END AS state
    FROM due
)

SELECT
    student_id,
    platform,
    assignment_id,
    class_id,
    title,
    kind,
    assigned_at,
    due_at,
    due_on,
    started_at,
    submitted_at,
    submitted_basis,
    score_percent,
    excused,
    coalesce(closed, FALSE)
    OR coalesce(state = 'late' OR (state = 'missing' AND timing = 'missing'), FALSE) AS closed,
    state,
    coalesce(
        state = 'late'
        OR (state = 'missing' AND timing = 'missing')
        OR (closed AND state IN ('on_time', 'missing')),
        FALSE
    ) AS counted,
    data_through
FROM stated
