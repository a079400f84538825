-- views.student_platform_week: what each student did on each platform in each week, beside the
-- student's own usual. Measures are numbers only in weeks of status ok or zero. A student without
-- an account on the platform is not_rostered in every week.
-- Grain: student x platform x week (Monday to Sunday)
-- Columns:
--   student_id           id       OneRoster sourcedId of the student
--   platform             id       platform
--   week_start           date     Monday
--   minutes              minutes  time on the platform; NULL where it measures none
--   observed_minutes     minutes  time seen so far, whatever the status; not a measure
--   active_days          days     school days present with at least $active_minutes minutes (any event where no
--         time is measured); NULL where the files do not place the minutes on days
--   school_days          days     school days of the week
--   days_present         days     school days on which the student was not known as absent
--   active_day_rate      ratio    active_days / days_present
--   weekend_active_days  days     active days that are no school days
--   school_days_missing  days     school days no file tells of
--   target_minutes       minutes  the student's own target; NULL = none
--   dosage               ratio    minutes / target_minutes
--   dosage_status        text     status, or target_na without a target
--   target_units         units    the student's own target; NULL = none
--   units_completed      units    units finished
--   items_attempted      count    items tried
--   items_correct        count    items right
--   events               count    clicks or other events
--   usual_minutes        minutes  median of the latest 8 (at least 6) eligible weeks before
--   baseline_weeks       weeks    how many weeks that is
--   baseline_status      text     status, not_enough_history under 6 weeks, no_feed where no time
--         is measured
--   usual_scale          minutes  what change_z divides by: 1.4826 x MAD, at least 5 minutes and
--         a tenth of usual
--   share_of_usual       ratio    minutes / usual_minutes, where usual is at least
--         $usual_minutes_least
--   change_z             ratio    (minutes - usual_minutes) / usual_scale
--   usual_units          units    as usual_minutes, of units
--   usual_units_scale    units    as usual_scale, of units; at least 1 unit
--   units_change_z       ratio    as change_z, of units
--   previous_minutes     minutes  in the eligible week before
--   judged_usual         minutes  usual_minutes of the eligible week before: this week and that one
--         are judged against it together
--   judged_weeks         weeks    how many weeks that usual is of
--   judged_scale         minutes  usual_scale of the eligible week before
--   judged_share         ratio    minutes / judged_usual, where that is at least
--         $usual_minutes_least
--   previous_share       ratio    previous_minutes / judged_usual, likewise
--   quieter_than_usual   bool     both at most $quieter_share; false where judged_usual is under
--         $usual_minutes_least minutes; NULL without 6 weeks of history
--   busier_than_usual    bool     both at least $busier_share, likewise
--   evenness             ratio    how evenly the minutes fell on the school days: 0 all on one, 1
--         the same on each; from 2 active days on
--   mean_day             day      the middle of the minutes, school days counted from 1
--   pacing               ratio    +1 all on the first school day, 0 even, -1 all on the last; the
--         middle of the range where it is no wider than 0.25
--   pacing_low           ratio    unplaced minutes as late as possible
--   pacing_high          ratio    unplaced minutes as early as possible
--   last_day_share       ratio    share on the last school day
--   pacing_status        text     status, too_few under $pacing_minutes minutes or 3 school days, no_feed where
--         the files do not place the minutes closely enough
--   eligible_rank        count    1 = the student's latest eligible week on the platform
--   status               text     ok, zero, not_rostered, no_feed, excluded, break_week, absent,
--         partial_week
--   data_through         date     last day of the week the files tell of
-- Measures:
--   minutes: Minutes
--       formula  as the platform exports them; or the latest of the week's counter; or, from events,
--                the gaps of at most 10 minutes between one event and the next, a longer gap and the
--                last event count 0
--       from     a week that counts: status ok or zero
--       caution  time before the screen, not attention and not learning; platforms measure it
--                differently, so compare a child with itself on one platform only
--       source   Homeroom; that estimates of time on task differ with how they are made: Kovanovic
--                et al. 2015
--       version  1
--   active_days: Days with work
--       formula  school days present with at least $active_minutes minutes; where no time is
--                measured, with any event
--       from     a week that counts: status ok or zero, and the files place its minutes on days
--       caution  work on a day noted as absent does not count
--       source   Homeroom; regularity of work over days: Boroujeni et al. 2016
--       version  1
--   school_days: School days
--       formula  school days of the week in the district's calendar: the school's own row, else the
--                row for every school, else Monday to Friday
--       from     every week
--       source   Homeroom
--       version  1
--   days_present: Days present
--       formula  school days without an absence
--       from     every week
--       caution  everybody who is not noted as absent is taken as present
--       source   Homeroom
--       version  1
--   active_day_rate: Days with work, of those present
--       formula  active_days / days_present
--       from     a week that counts: status ok or zero, and the files place its minutes on days
--       caution  few days: 1 of 2 and 2 of 4 are the same rate
--       source   Homeroom; regularity of work over days: Boroujeni et al. 2016
--       version  1
--   weekend_active_days: Weekend days with work
--       formula  days that are no school days, with at least $active_minutes minutes or, where no
--                time is measured, any event
--       from     a week that counts: status ok or zero, and the files place its minutes on days
--       caution  holidays in the week count here too; nobody is asked to work on them
--       source   Homeroom
--       version  1
--   target_minutes: Minutes aimed for
--       formula  as the platform tells it for this student and week
--       from     a target is told
--       caution  platforms set targets by level, so children of one class have different ones
--       source   the platform
--       version  1
--   dosage: Minutes of those aimed for
--       formula  minutes / target_minutes of that week
--       from     a week that counts: status ok or zero, and a target above 0
--       caution  without a target it is target_na, never 0; reaching a target says nothing about
--                what was learnt
--       source   Homeroom
--       version  1
--   target_units: Units aimed for
--       formula  as the platform tells it for this student and week
--       from     a target is told
--       source   the platform
--       version  1
--   units_completed: Units finished
--       formula  units (lessons, skills) finished in the week, as the platform counts them
--       from     a week that counts: status ok or zero
--       caution  a unit of one platform is not a unit of another
--       source   the platform
--       version  1
--   items_attempted: Items tried
--       formula  items answered in the week
--       from     a week that counts: status ok or zero, and the files tell of items by day
--       source   the platform
--       version  1
--   items_correct: Items right
--       formula  items answered right in the week
--       from     a week that counts: status ok or zero, and the files tell of items by day
--       source   the platform
--       version  1
--   events: Events
--       formula  clicks or other events in the week
--       from     a week that counts: status ok or zero, and the files tell of events
--       caution  a count of traces in a log, not of work
--       source   the platform
--       version  1
--   usual_minutes: Own usual minutes
--       formula  median of the minutes of the latest 8 weeks before this one that count; an observed
--                zero is a week like any other. In student_engagement: of the weeks before the first
--                of the two latest, so that both are judged against one baseline
--       from     6 such weeks
--       caution  weeks of a break, an absence or a missing file are left out, not filled
--       source   Homeroom
--       version  1
--   baseline_weeks: Weeks in the own usual
--       formula  how many weeks the own usual is the median of, at most 8
--       from     a week that counts: status ok or zero
--       source   Homeroom
--       version  1
--   usual_scale: How much the minutes usually vary
--       formula  the largest of 1.4826 x median distance of the baseline's weeks from usual_minutes,
--                5 minutes, and a tenth of usual_minutes
--       from     6 weeks
--       source   median absolute deviation, made comparable with a standard deviation by 1.4826
--       version  1
--   share_of_usual: Share of the own usual
--       formula  minutes / usual_minutes
--       from     6 weeks and a usual of at least $usual_minutes_least minutes
--       caution  an absence of a day, a school trip or a changed timetable look the same as a child
--                who does less
--       source   Homeroom
--       version  1
--   change_z: Distance from the own usual (for analysts)
--       formula  (minutes - usual_minutes) / usual_scale
--       from     6 weeks
--       caution  weekly work is spread widely and stops at zero: few students can reach -2 at all,
--                so no card rests on it
--       source   median absolute deviation, made comparable with a standard deviation by 1.4826
--       version  1
--   usual_units: Own usual units
--       formula  as usual_minutes, of units_completed
--       from     6 weeks
--       source   Homeroom
--       version  1
--   usual_units_scale: How much the units usually vary
--       formula  the largest of 1.4826 x median distance of the baseline's weeks from usual_units, 1
--                unit, and a tenth of usual_units
--       from     6 weeks
--       source   median absolute deviation, made comparable with a standard deviation by 1.4826
--       version  1
--   units_change_z: Distance from the own usual, of units (for analysts)
--       formula  (units_completed - usual_units) / usual_units_scale
--       from     6 weeks
--       caution  units grow harder over the year
--       source   median absolute deviation, made comparable with a standard deviation by 1.4826
--       version  1
--   previous_minutes: Minutes in the week before that counts
--       formula  minutes of the latest week before this one that counts
--       from     one such week
--       source   Homeroom
--       version  1
--   judged_usual: Own usual for two weeks running
--       formula  usual_minutes of the week before that counts: this week and that one are held
--                against it together
--       from     6 weeks before the first of the two
--       source   Homeroom
--       version  1
--   judged_weeks: Weeks in that usual
--       formula  baseline_weeks of the week before that counts
--       from     one week before that counts
--       source   Homeroom
--       version  1
--   judged_scale: How much the minutes vary around that usual
--       formula  usual_scale of the week before that counts
--       from     6 weeks before the first of the two
--       source   median absolute deviation, made comparable with a standard deviation by 1.4826
--       version  1
--   judged_share: Share of that usual, this week
--       formula  minutes / judged_usual
--       from     6 weeks before the first of the two, and a usual of at least $usual_minutes_least
--                minutes
--       source   Homeroom
--       version  1
--   previous_share: Share of that usual, the week before
--       formula  previous_minutes / judged_usual
--       from     6 weeks before the first of the two, and a usual of at least $usual_minutes_least
--                minutes
--       source   Homeroom
--       version  1
--   quieter_than_usual: Quieter than the own usual
--       formula  judged_share and previous_share both at most $quieter_share
--       from     6 weeks before the first of the two; no where that usual is under
--                $usual_minutes_least minutes
--       caution  what else it can be: days of absence, a file that is late, a changed timetable, a
--                device that broke. A question to the child, not an answer
--       source   Homeroom; how well it does on real behaviour: docs/evidence.md
--       version  1
--   busier_than_usual: Busier than the own usual
--       formula  judged_share and previous_share both at least $busier_share
--       from     6 weeks before the first of the two; no where that usual is under
--                $usual_minutes_least minutes
--       caution  more time can be joy, catching up, or a task that is too hard
--       source   Homeroom
--       version  1
--   evenness: How evenly the minutes fell (for analysts)
--       formula  -(sum of p x ln p) / ln(D), p a school day's share of the minutes and D the school
--                days: 0 all on one day, 1 the same on each
--       from     2 days with work, and the minutes are placed on days
--       caution  a fixed lab day makes a whole class uneven
--       source   entropy of the daily shares, a measure of regularity: Boroujeni et al. 2016
--       version  1
--   mean_day: The middle of the minutes
--       formula  sum of (number of the school day x its minutes) / minutes on school days, the
--                week's school days counted from 1. Minutes that may have fallen on several days are
--                placed once as early and once as late as possible, and the middle is taken.
--                Over several weeks: mean of the latest 4 such weeks
--       from     $pacing_minutes minutes on school days, and early and late differ by at most 0.25
--                of pacing
--       caution  when, never why: a bus, a job, a lab day or one shared device look the same
--       source   area under the progress curve; what delay does not tell: Cormack, Eagle and Davies
--                2020, Sabnis, Yu and Kizilcec 2022
--       version  1
--   pacing: When work happens in the week
--       formula  (D + 1 - 2 x mean_day) / (D - 1), D the school days: +1 all on the first, 0 even,
--                -1 all on the last. Over several weeks: mean of the latest 4 such weeks
--       from     $pacing_minutes minutes on school days, and early and late differ by at most 0.25
--       caution  when, never why: a bus, a job, a lab day or one shared device look the same
--       source   area under the progress curve; what delay does not tell: Cormack, Eagle and Davies
--                2020, Sabnis, Yu and Kizilcec 2022
--       version  1
--   pacing_low: When work happens, at the latest
--       formula  pacing with the minutes that may have fallen on several days placed as late as
--                possible
--       from     $pacing_minutes minutes on school days
--       source   Homeroom
--       version  1
--   pacing_high: When work happens, at the earliest
--       formula  pacing with the minutes that may have fallen on several days placed as early as
--                possible
--       from     $pacing_minutes minutes on school days
--       source   Homeroom
--       version  1
--   last_day_share: Share on the last school day
--       formula  minutes on the week's last school day / minutes on school days; where minutes may
--                or may not have fallen on it, the middle of both. Over several weeks: mean of the
--                latest 4 weeks with pacing
--       from     $pacing_minutes minutes on school days, and the two differ by at most 0.25
--       caution  when, never why: a bus, a job, a lab day or one shared device look the same
--       source   Homeroom; what delay does not tell: Cormack, Eagle and Davies 2020, Sabnis, Yu and
--                Kizilcec 2022
--       version  1
WITH paced AS (
    SELECT
        week.*,
        usual.baseline_weeks,
        usual.usual_minutes,
        usual.usual_scale,
        usual.usual_units,
        usual.usual_units_scale,
        usual.eligible_rank,
        usual.previous_minutes,
        usual.judged_weeks,
        usual.judged_minutes,
        usual.judged_scale,
        usual.pair IS NOT NULL AS counts,
        CASE
            WHEN
                usual.pair IS NOT NULL
                AND week.school_days >= 3
                AND week.placed_minutes + coalesce(week.unplaced_minutes, 0)
                >= $pacing_minutes - 1e-9
                THEN week.placed_minutes + coalesce(week.unplaced_minutes, 0)
        END AS paced_minutes
    FROM work.student_week AS week
    LEFT JOIN work.usual_week AS usual
        ON usual.pair = week.pair AND usual.week_start = week.week_start
),

ranged AS (
    SELECT
        *,
        (placed_moment + coalesce(unplaced_late, 0)) / nullif(paced_minutes, 0) AS day_late,
        (placed_moment + coalesce(unplaced_early, 0)) / nullif(paced_minutes, 0) AS day_early,
        placed_last / nullif(paced_minutes, 0) AS last_share_low,
        (placed_last + coalesce(unplaced_last, 0)) / nullif(paced_minutes, 0) AS last_share_high
    FROM paced
),

judged AS (
    SELECT
        *,
        (school_days + 1 - 2 * day_late) / nullif(school_days - 1, 0) AS pacing_low,
        (school_days + 1 - 2 * day_early) / nullif(school_days - 1, 0) AS pacing_high,
        2 * (day_late - day_early) / nullif(school_days - 1, 0) <= 0.25 AS paced
    FROM ranged
)

SELECT
    pair.student_id,
    pair.platform,
    judged.week_start,
    CASE WHEN counts THEN minutes END AS minutes,
    minutes AS observed_minutes,
    CASE WHEN counts THEN active_days END AS active_days,
    school_days,
    days_present,
    CASE WHEN counts THEN CAST(active_days AS DOUBLE) / nullif(days_present, 0) END
        AS active_day_rate,
    CASE WHEN counts THEN weekend_active_days END AS weekend_active_days,
    school_days_missing,
    target_minutes,
    CASE WHEN counts AND target_minutes > 0 THEN minutes / target_minutes END AS dosage,
    CASE WHEN counts AND coalesce(target_minutes, 0) <= 0 THEN 'target_na' ELSE status END
        AS dosage_status,
    target_units,
    CASE WHEN counts THEN units END AS units_completed,
    CASE WHEN counts THEN items_attempted END AS items_attempted,
    CASE WHEN counts THEN items_correct END AS items_correct,
    CASE WHEN counts THEN events END AS events,
    usual_minutes,
    baseline_weeks,
    CASE
        WHEN counts AND minutes IS NULL THEN 'no_feed'
        WHEN counts AND usual_minutes IS NULL THEN 'not_enough_history'
        ELSE status
    END AS baseline_status,
    usual_scale,
    CASE WHEN usual_minutes >= $usual_minutes_least THEN minutes / nullif(usual_minutes, 0) END
        AS share_of_usual,
    (minutes - usual_minutes) / nullif(usual_scale, 0) AS change_z,
    usual_units,
    usual_units_scale,
    (units - usual_units) / nullif(usual_units_scale, 0) AS units_change_z,
    previous_minutes,
    judged_minutes AS judged_usual,
    judged_weeks,
    judged_scale,
    CASE WHEN judged_minutes >= $usual_minutes_least THEN minutes / nullif(judged_minutes, 0) END
        AS judged_share,
    CASE
        WHEN judged_minutes >= $usual_minutes_least
            THEN previous_minutes / nullif(judged_minutes, 0)
    END AS previous_share,
    -- A quotient of decimals may miss the exact third by its last digit.
    judged_minutes >= $usual_minutes_least
    AND minutes / nullif(judged_minutes, 0) <= $quieter_share + 1e-9
    AND previous_minutes / nullif(judged_minutes, 0) <= $quieter_share + 1e-9 AS quieter_than_usual,
    judged_minutes >= $usual_minutes_least
    AND minutes / nullif(judged_minutes, 0) >= $busier_share - 1e-9
    AND previous_minutes / nullif(judged_minutes, 0) >= $busier_share - 1e-9 AS busier_than_usual,
    CASE WHEN counts THEN evenness END AS evenness,
    CASE WHEN paced THEN (day_late + day_early) / 2 END AS mean_day,
    CASE WHEN paced THEN (pacing_low + pacing_high) / 2 END AS pacing,
    pacing_low,
    pacing_high,
    CASE
        WHEN last_share_high - last_share_low <= 0.25 THEN (last_share_low + last_share_high) / 2
    END AS last_day_share,
    CASE
        WHEN NOT counts OR paced THEN status
        WHEN pacing_low IS NOT NULL THEN 'no_feed'
        WHEN minutes < $pacing_minutes THEN 'too_few'
        WHEN placed_minutes + coalesce(unplaced_minutes, 0) > 0 THEN 'too_few'
        -- All of it fell on the weekend, and the files say so.
        WHEN minutes IS NOT NULL AND active_days IS NOT NULL THEN 'too_few'
        ELSE 'no_feed'
    END AS pacing_status,
    eligible_rank,
    status,
    data_through
FROM judged
JOIN work.student_platform AS pair ON pair.pair = judged.pair
WHERE TRUE /* in parts of pair: judged.pair */
UNION ALL
SELECT
    pair.student_id,
    pair.platform,
    week.week_start,
    CAST(NULL AS DOUBLE),
    CAST(NULL AS DOUBLE),
    CAST(NULL AS BIGINT),
    week.school_days,
    CAST(bit_count(week.school_mask & ~coalesce(absence.absent_mask, 0)) AS BIGINT),
    CAST(NULL AS DOUBLE),
    CAST(NULL AS BIGINT),
    CAST(bit_count(week.school_mask & ~coalesce(coverage.seen_mask, 0)) AS BIGINT),
    CAST(NULL AS DOUBLE),
    CAST(NULL AS DOUBLE),
    'not_rostered',
    CAST(NULL AS DOUBLE),
    CAST(NULL AS DOUBLE),
    CAST(NULL AS BIGINT),
    CAST(NULL AS BIGINT),
    CAST(NULL AS BIGINT),
    CAST(NULL AS DOUBLE),
    CAST(NULL AS BIGINT),
    'not_rostered',
    CAST(NULL AS DOUBLE),
    CAST(NULL AS DOUBLE),
    CAST(NULL AS DOUBLE),
    CAST(NULL AS DOUBLE),
    CAST(NULL AS DOUBLE),
    CAST(NULL AS DOUBLE),
    CAST(NULL AS DOUBLE),
    CAST(NULL AS DOUBLE),
    CAST(NULL AS BIGINT),
    CAST(NULL AS DOUBLE),
    CAST(NULL AS DOUBLE),
    CAST(NULL AS DOUBLE),
    CAST(NULL AS BOOLEAN),
    CAST(NULL AS BOOLEAN),
    CAST(NULL AS DOUBLE),
    CAST(NULL AS DOUBLE),
    CAST(NULL AS DOUBLE),
    CAST(NULL AS DOUBLE),
    CAST(NULL AS DOUBLE),
    CAST(NULL AS DOUBLE),
    'not_rostered',
    CAST(NULL AS BIGINT),
    'not_rostered',
    coverage.last_day
FROM work.student_platform AS pair
JOIN work.school_week AS week
    ON week.school_key = pair.school_key
    AND week.week_start >= pair.first_week
    AND week.week_start <= pair.last_week
LEFT JOIN work.coverage_week AS coverage
    ON coverage.platform = pair.platform
    AND coverage.week_start = week.week_start
    AND coverage.class_key = ''
LEFT JOIN work.absence_week AS absence
    ON absence.student_id = pair.student_id AND absence.week_start = week.week_start
WHERE NOT pair.has_account /* in parts of pair: pair.pair */
