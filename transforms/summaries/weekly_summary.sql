-- views.weekly_summary: each student's week over all platforms, one set of columns per platform.
-- Grain: student x week (Monday to Sunday)
-- Columns:
--   student_id            id       OneRoster sourcedId of the student
--   week_start            date     Monday
--   school_id             id       school of the student
--   grade_level           text     grade
-- /*+ each platform */
--   @platform_status      text     status of the week on @platform
--   @platform_minutes     minutes  on @platform
--   @platform_dosage      ratio    minutes / own target on @platform
--   @platform_units       units    finished on @platform
-- /*+ end */
--   targets_met           count    platforms on which the student's own target was met
--   targets_with_data     count    platforms with a target and a week that counts
--   change_z_combined     ratio    median over the platforms of the units' distance from usual
--   change_z_platforms    count    how many platforms that is
--   agreement             text     agree: up, agree: down, agree: steady, mostly up, mostly down,
--         different stories, one source only
--   quiet_school_days     days     school days present since the last work on any platform, as of
--         the week's end
--   assignments_closed    count    due in the week, closed and not excused
--   assignments_on_time   count    of these, on time
--   assignments_late      count    of these, late
--   assignments_missing   count    of these, not handed in
--   checkins              count    conversations noted in the week
--   screen_minutes        minutes  of all platforms; NULL unless every platform the student is
--         rostered on counts that week and measures time
--   data_through          date     day up to which the files of all these platforms tell
-- Measures:
--   @platform_minutes: Minutes on one platform
--       formula  minutes of student_platform_week; one column for each platform, such as
--                lexia_minutes
--       from     a week that counts: status ok or zero
--       caution  never add up platforms as merit
--       source   see minutes
--       version  1
--       unit     minutes
--   @platform_dosage: Minutes of those aimed for, on one platform
--       formula  dosage of student_platform_week; one column for each platform
--       from     a week that counts: status ok or zero, and a target above 0
--       source   see dosage
--       version  1
--       unit     ratio
--   @platform_units: Units finished on one platform
--       formula  units_completed of student_platform_week; one column for each platform
--       from     a week that counts: status ok or zero
--       caution  a unit of one platform is not a unit of another
--       source   see units_completed
--       version  1
--       unit     units
--   targets_met: Targets met
--       formula  platforms on which minutes reached the student's own target
--       from     every student
--       caution  say k of n (targets_with_data); never an average of ratios
--       source   Homeroom
--       version  1
--   targets_with_data: Platforms with a target
--       formula  platforms with a dosage in that week
--       from     every student
--       source   Homeroom
--       version  1
--   change_z_combined: Distance from the own usual over all platforms (for analysts)
--       formula  median of the platforms' units_change_z
--       from     1 platform with 6 weeks of units
--       caution  with one or two platforms it is one number or the middle of two
--       source   median absolute deviation, made comparable with a standard deviation by 1.4826
--       version  1
--   change_z_platforms: How many platforms that is
--       formula  platforms with units_change_z in that week
--       from     every student
--       source   Homeroom
--       version  1
--   agreement: Whether the platforms tell one story
--       formula  each platform is up (units_change_z >= 1), down (<= -1) or steady; one platform:
--                one source only; up and down: different stories; all the same: agree: up, agree:
--                down, agree: steady; else mostly up or mostly down
--       from     1 platform with units_change_z
--       caution  steady is where most weeks are
--       source   Homeroom
--       version  1
--   assignments_closed: Assignments due
--       formula  closed, not excused assignments that were due in the week
--       from     every student
--       source   Homeroom
--       version  1
--   assignments_on_time: Of these, on time
--       formula  of assignments_closed, those of state on_time
--       from     every student
--       source   Homeroom
--       version  1
--   assignments_late: Of these, late
--       formula  of assignments_closed, those of state late
--       from     every student
--       source   Homeroom
--       version  1
--   assignments_missing: Of these, missing
--       formula  of assignments_closed, those of state missing
--       from     every student
--       caution  work on paper can look missing
--       source   Homeroom
--       version  1
--   checkins: Conversations noted
--       formula  conversations with the student noted in the week
--       from     every student
--       caution  what nobody noted is not here
--       source   Homeroom
--       version  1
--   screen_minutes: Minutes on all platforms
--       formula  sum of the minutes of every platform the student is on
--       from     every platform the student is on counts that week and measures time
--       caution  time before a screen, not a sum of merit; other screens are not in it
--       source   Homeroom
--       version  1
WITH gathered AS (
    SELECT
        grid.student_id,
        grid.week_start,
        grid.quiet_school_days,
        /*+ each platform */
        @platform.status AS @platform_status,
        @platform.minutes AS @platform_minutes,
        @platform.dosage AS @platform_dosage,
        @platform.units_completed AS @platform_units,
        @platform.units_change_z AS @platform_z,
        /*+ end */
        /*+ each platform */
        CASE WHEN @platform.minutes >= @platform.target_minutes AND @platform.dosage IS NOT NULL
            THEN 1 ELSE 0 END + /*+ end */ 0 AS targets_met,
        /*+ each platform */
        CASE WHEN @platform.dosage IS NOT NULL THEN 1 ELSE 0 END + /*+ end */ 0
            AS targets_with_data,
        -- One platform the student is on without minutes that count makes the sum unknown.
        /*+ each platform */
        CASE
            WHEN @platform.status IS NULL OR @platform.status = 'not_rostered' THEN 0
            ELSE @platform.minutes
        END + /*+ end */ CAST(0 AS DOUBLE) AS screen_minutes,
        /*+ each platform */
        CASE WHEN @platform.minutes IS NOT NULL THEN 1 ELSE 0 END + /*+ end */ 0 AS minutes_known,
        least(
            /*+ each platform */
            CASE WHEN @platform.status <> 'not_rostered' THEN @platform.data_through END, /*+ end */
            CAST(NULL AS DATE), CAST(NULL AS DATE)
        ) AS data_through
    FROM work.quiet_week AS grid
    /*+ each platform */
    LEFT JOIN views.student_platform_week AS @platform
        ON @platform.platform = '@platform'
        AND @platform.student_id = grid.student_id
        AND @platform.week_start = grid.week_start
    /*+ end */
    WHERE TRUE /* in parts of student_id: grid.student_id */
),

compared AS (
    SELECT
        *,
        -- What is not known is sorted to the end as a number no one reaches.
        list_sort([
            /*+ each platform */ coalesce(@platform_z, 1e300), /*+ end */
            1e300
        ]) AS z,
        /*+ each platform */
        CASE WHEN @platform_z IS NULL THEN 0 ELSE 1 END + /*+ end */ 0 AS sources,
        /*+ each platform */
        CASE WHEN @platform_z >= 1 THEN 1 ELSE 0 END + /*+ end */ 0 AS up,
        /*+ each platform */
        CASE WHEN @platform_z <= -1 THEN 1 ELSE 0 END + /*+ end */ 0 AS down
    FROM gathered
),

activity AS (
    SELECT
        *,
        CASE sources
            WHEN 1 THEN z[1]
            WHEN 2 THEN (z[1] + z[2]) / 2
            WHEN 3 THEN z[2]
            WHEN 4 THEN (z[2] + z[3]) / 2
            WHEN 5 THEN z[3]
            WHEN 6 THEN (z[3] + z[4]) / 2
            WHEN 7 THEN z[4]
            WHEN 8 THEN (z[4] + z[5]) / 2
            WHEN 9 THEN z[5]
            WHEN 10 THEN (z[5] + z[6]) / 2
        END AS median_z
    FROM compared
),

due AS (
    SELECT student_id, week_start, closed, on_time, late, missing
    FROM work.assignment_week
    WHERE TRUE /* in parts of student_id: student_id */
),

talked AS (
    SELECT
        student_id,
        CAST(date_trunc('week', date) AS DATE) AS week_start,
        count(*) AS check_ins
    FROM facts.check_in
    GROUP BY student_id, CAST(date_trunc('week', date) AS DATE)
)

SELECT
    student.student_id,
    coalesce(activity.week_start, due.week_start) AS week_start,
    student.school_id,
    student.grade_level,
    /*+ each platform */
    activity.@platform_status,
    activity.@platform_minutes,
    activity.@platform_dosage,
    activity.@platform_units,
    /*+ end */
    CAST(coalesce(activity.targets_met, 0) AS BIGINT) AS targets_met,
    CAST(coalesce(activity.targets_with_data, 0) AS BIGINT) AS targets_with_data,
    activity.median_z AS change_z_combined,
    CAST(coalesce(activity.sources, 0) AS BIGINT) AS change_z_platforms,
    CASE
        WHEN activity.sources = 1 THEN 'one source only'
        WHEN activity.up > 0 AND activity.down > 0 THEN 'different stories'
        WHEN activity.up = activity.sources AND activity.up > 0 THEN 'agree: up'
        WHEN activity.down = activity.sources AND activity.down > 0 THEN 'agree: down'
        WHEN activity.up > 0 THEN 'mostly up'
        WHEN activity.down > 0 THEN 'mostly down'
        WHEN activity.sources > 1 THEN 'agree: steady'
    END AS agreement,
    activity.quiet_school_days,
    coalesce(due.closed, 0) AS assignments_closed,
    coalesce(due.on_time, 0) AS assignments_on_time,
    coalesce(due.late, 0) AS assignments_late,
    coalesce(due.missing, 0) AS assignments_missing,
    coalesce(talked.check_ins, 0) AS checkins,
    CASE WHEN activity.minutes_known > 0 THEN activity.screen_minutes END AS screen_minutes,
    activity.data_through
FROM activity
FULL JOIN due
    ON due.student_id = activity.student_id AND due.week_start = activity.week_start
JOIN roster.student AS student
    ON student.student_id = coalesce(activity.student_id, due.student_id)
LEFT JOIN talked
    ON talked.student_id = coalesce(activity.student_id, due.student_id)
    AND talked.week_start = coalesce(activity.week_start, due.week_start)
