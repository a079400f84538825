-- views.class_week: each class's week on each platform, for eyes beyond its team. Cells of 1 to 9
-- students are not shown; where a single cell of a split is hidden, its next smallest is too.
-- Grain: class x platform x week (Monday to Sunday)
-- Columns:
--   class_id               id       OneRoster sourcedId of the class
--   platform               id       platform
--   week_start             date     Monday
--   students               count    students in the class on the week's Friday of whom a week is
--         expected or seen; NULL under 10
--   with_data              count    of these, those with a week of status ok or zero; NULL where
--         they or the others are 1 to 9
--   minutes_median         minutes  median of the students' minutes; like every median from 10
--         students with a value on
--   units_median           units    median of the units finished
--   active_day_rate_median ratio    median of active_day_rate
--   pacing_median          ratio    median of pacing
--   share_of_usual_median  ratio    median of share_of_usual
--   dosage_median          ratio    median of dosage
--   with_target            count    of with_data, those with a target of their own; split: target
--         met, not met, without
--   target_met             count    of these, those with minutes at least the target
--   target_met_share       ratio    target_met / with_target
--   with_usual             count    of with_data, those with a usual to be judged by; split:
--         quieter, busier, neither, without
--   quieter                count    of these, those quieter than usual
--   busier                 count    of these, those busier than usual
--   status                 text     ok; too_few under 10 students, or under 10 with data; without
--         any data the status that all students share
--   data_through           date     last day of the week the platform's files tell of
-- Measures:
--   minutes_median: A class's middle of minutes
--         formula  median of the minutes of the class's students in the week
--         from     10 students with a week that counts
--         caution  students in more than one class count in each
--         source   Homeroom
--         version  1
--   target_met_share: Part of a class that met its targets
--         formula  students whose minutes reached their own target / students with a target
--         from     10 students who met it, or none, and the same of those who did not and of those
--               without a target
--         caution  missing where a cell is small: not shown is not zero
--         source   Homeroom
--         version  1
WITH gathered AS (
    SELECT
        span.class_id,
        week.platform,
        week.week_start,
        count(*) AS students,
        count(week.eligible_rank) AS with_data,
        median(week.minutes) AS minutes_median,
        count(week.minutes) AS minutes_n,
        median(week.units_completed) AS units_median,
        count(week.units_completed) AS units_n,
        median(week.active_day_rate) AS rate_median,
        count(week.active_day_rate) AS rate_n,
        median(week.pacing) AS pacing_median,
        count(week.pacing) AS pacing_n,
        median(week.share_of_usual) AS share_median,
        count(week.share_of_usual) AS share_n,
        median(week.dosage) AS dosage_median,
        count(week.dosage) AS with_target,
        count(CASE WHEN week.minutes >= week.target_minutes AND week.dosage IS NOT NULL THEN 1 END)
            AS target_met,
        count(week.quieter_than_usual) AS with_usual,
        count(CASE WHEN week.quieter_than_usual THEN 1 END) AS quieter,
        count(CASE WHEN week.busier_than_usual THEN 1 END) AS busier,
        min(week.status) AS first_status,
        max(week.status) AS last_status,
        max(week.data_through) AS data_through
    FROM views.student_platform_week AS week
    JOIN work.class_span AS span
        ON span.student_id = week.student_id
        AND week.week_start >= span.first_week
        AND week.week_start <= span.last_week
    GROUP BY span.class_id, week.platform, week.week_start
),

split AS (
    SELECT
        *,
        students - with_data AS without_data,
        [with_data, students - with_data] AS by_data,
        with_data - with_target AS without_target,
        with_target - target_met AS target_unmet,
        [target_met, with_target - target_met, with_data - with_target] AS by_target,
        with_data - with_usual AS without_usual,
        [quieter, busier, with_usual - quieter - busier, with_data - with_usual] AS by_usual
    FROM gathered
),

cells AS (
    -- A split is told only where its whole is: what is hidden there is hidden here.
    SELECT
        *,
        @shown(with_data, by_data) AS data_shown,
        @shown(without_target, by_target) AS without_target_shown,
        @shown(target_met, by_target) AS met_shown,
        @shown(target_unmet, by_target) AS unmet_shown,
        @shown(without_usual, by_usual) AS without_usual_shown,
        @shown(quieter, by_usual) AS quieter_shown,
        @shown(busier, by_usual) AS busier_shown
    FROM split
)

SELECT
    class_id,
    platform,
    week_start,
    @of_enough(students, students) AS students,
    data_shown AS with_data,
    @of_enough(minutes_median, minutes_n) AS minutes_median,
    @of_enough(units_median, units_n) AS units_median,
    @of_enough(rate_median, rate_n) AS active_day_rate_median,
    @of_enough(pacing_median, pacing_n) AS pacing_median,
    @of_enough(share_median, share_n) AS share_of_usual_median,
    @of_enough(dosage_median, with_target) AS dosage_median,
    CASE WHEN data_shown >= 0 AND without_target_shown >= 0 THEN with_target END AS with_target,
    CASE WHEN data_shown >= 0 THEN met_shown END AS target_met,
    CASE
        WHEN data_shown >= 0 AND met_shown >= 0 AND unmet_shown >= 0
            THEN CAST(target_met AS DOUBLE) / nullif(with_target, 0)
    END AS target_met_share,
    CASE WHEN data_shown >= 0 AND without_usual_shown >= 0 THEN with_usual END AS with_usual,
    CASE WHEN data_shown >= 0 THEN quieter_shown END AS quieter,
    CASE WHEN data_shown >= 0 THEN busier_shown END AS busier,
    CASE
        WHEN students < 10 THEN 'too_few'
        WHEN with_data >= 10 THEN 'ok'
        WHEN with_data = 0 AND first_status = last_status THEN first_status
        ELSE 'too_few'
    END AS status,
    data_through
FROM cells
