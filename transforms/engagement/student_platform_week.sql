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
                AND week.placed_minutes + coalesce(week.unplaced_minutes, 0) >= $pacing_minutes
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
    judged_minutes >= $usual_minutes_least
    AND minutes / nullif(judged_minutes, 0) <= $quieter_share
    AND previous_minutes / nullif(judged_minutes, 0) <= $quieter_share AS quieter_than_usual,
    judged_minutes >= $usual_minutes_least
    AND minutes / nullif(judged_minutes, 0) >= $busier_share
    AND previous_minutes / nullif(judged_minutes, 0) >= $busier_share AS busier_than_usual,
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
        WHEN minutes < $pacing_minutes OR placed_minutes > 0 THEN 'too_few'
        ELSE 'no_feed'
    END AS pacing_status,
    eligible_rank,
    status,
    data_through
FROM judged
JOIN work.student_platform AS pair ON pair.pair = judged.pair
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
WHERE NOT pair.has_account
