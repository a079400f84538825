-- views.licence_use: licences of each school on each platform, and how many were used in a week.
-- Cells of 1 to 9 students are not shown; where a single cell of a split is hidden, its next
-- smallest is too.
-- Grain: school x platform x week (Monday to Sunday)
-- Columns:
--   school_id     id     school of the students
--   platform      id     platform
--   week_start    date   Monday
--   licensed      count  students on the current roster with an account or licence there; NULL
--         under 10
--   used          count  of these, those with any minutes, units, items or events in the week
--   unused        count  of these, those without, in a week the files can know all of
--   unknown       count  of these, those without, where files are missing or end before the week
--   used_share    ratio  used / (used + unused)
--   status        text   ok; too_few under 10 licences; no_feed where nothing is known of anybody
--   data_through  date   last day of the week the platform's files tell of
-- Measures:
--   used_share: Part of a school's licences that were used
--         formula  students with any work on the platform in the week / those of whom the week is
--               known
--         from     10 students who used it, or none, and the same of those who did not and of those
--               of whom nothing is known
--         caution  used is not learning; a week on paper or without school counts as unused
--         source   Homeroom
--         version  1
WITH held AS (
    SELECT
        student.school_id,
        week.platform,
        week.week_start,
        week.status,
        week.data_through,
        coalesce(week.minutes, 0) > 0
        OR coalesce(week.observed_minutes, 0) > 0
        OR coalesce(week.units_completed, 0) > 0
        OR coalesce(week.items_attempted, 0) > 0
        OR coalesce(week.events, 0) > 0 AS is_used
    FROM views.student_platform_week AS week
    JOIN roster.student AS student ON student.student_id = week.student_id
    WHERE student.active AND student.school_id IS NOT NULL AND week.status <> 'not_rostered'
),

gathered AS (
    SELECT
        school_id,
        platform,
        week_start,
        count(*) AS licensed,
        count(CASE WHEN is_used THEN 1 END) AS used,
        count(CASE WHEN NOT is_used AND status IN ('no_feed', 'partial_week') THEN 1 END)
            AS unknown,
        count(CASE WHEN NOT is_used AND status NOT IN ('no_feed', 'partial_week') THEN 1 END)
            AS unused,
        max(data_through) AS data_through
    FROM held
    GROUP BY school_id, platform, week_start
),

split AS (
    SELECT *, [used, unused, unknown] AS cells FROM gathered
),

shown AS (
    SELECT
        *,
        @shown(used, cells) AS used_shown,
        @shown(unused, cells) AS unused_shown,
        @shown(unknown, cells) AS unknown_shown
    FROM split
)

SELECT
    school_id,
    platform,
    week_start,
    @of_enough(licensed, licensed) AS licensed,
    used_shown AS used,
    unused_shown AS unused,
    unknown_shown AS unknown,
    CASE
        WHEN used_shown >= 0 AND unused_shown >= 0 AND unknown_shown >= 0
            THEN CAST(used AS DOUBLE) / nullif(used + unused, 0)
    END AS used_share,
    CASE
        WHEN licensed < 10 THEN 'too_few'
        WHEN unknown = licensed THEN 'no_feed'
        ELSE 'ok'
    END AS status,
    data_through
FROM shown
