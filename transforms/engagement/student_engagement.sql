-- views.student_engagement: how each student's latest eligible week on each platform compares with
-- the student's own usual. The two latest eligible weeks are judged against one baseline: the
-- weeks before the first of the two.
-- Grain: student x platform, as of the latest data
-- Columns:
--   student_id               id       OneRoster sourcedId of the student
--   platform                 id       platform
--   as_of                    date     latest day any activity or assignment file tells of
--   week_start               date     Monday of the latest eligible week
--   minutes                  minutes  in that week
--   target_minutes           minutes  own target in that week; NULL = none
--   dosage                   ratio    minutes / own target in that week
--   weeks_eligible           weeks    weeks that count, see status ok and zero
--   weeks_target_met         weeks    of weeks_with_target, those with the target reached
--   weeks_with_target        weeks    eligible weeks with a target
--   usual_minutes            minutes  median of the baseline's weeks
--   baseline_weeks           weeks    how many weeks that is, at most 8
--   baseline_status          text     ok, not_enough_history under 6 weeks, no_feed where no time
--         is measured; status where no week is eligible
--   share_of_usual           ratio    minutes / usual_minutes, where usual is at least
--         $usual_minutes_least
--   previous_share_of_usual  ratio    the same for the eligible week before
--   quieter_than_usual       bool     both weeks at most $quieter_share of usual; false where usual
--         is under $usual_minutes_least minutes; NULL without 6 weeks of history
--   busier_than_usual        bool     both weeks at least $busier_share times usual, likewise
--   change_z                 ratio    (minutes - usual) / scale
--   previous_change_z        ratio    the same for the eligible week before
--   quiet_school_days        days     school days present since the last work on any platform
--   units                    units    finished in the latest 8 eligible weeks
--   hours                    hours    spent in the latest 8 eligible weeks
--   units_per_hour           ratio    of these, drawn towards the class's rate by 2 hours' worth;
--         NULL under half an hour or without a class
--   latest_status            text     status of the newest week, eligible or not
--   status                   text     status of the latest eligible week; where there is none, of
--         the newest week; not_rostered without an account; not_enough_history without any week
--   data_through             date     last day the platform's files tell of
-- Measures:
--   weeks_eligible: Weeks that count
--       formula  weeks of status ok or zero
--       from     every student
--       source   Homeroom
--       version  1
--   weeks_with_target: Weeks with a target
--       formula  weeks that count and have minutes and a target above 0
--       from     every student
--       source   Homeroom
--       version  1
--   weeks_target_met: Weeks in which the target was met
--       formula  of weeks_with_target, those with minutes at the target or above
--       from     show from 1 week, a rate from 4
--       caution  say k of n; a target reached says nothing about what was learnt
--       source   Homeroom
--       version  1
--   previous_share_of_usual: Share of the own usual, the week before
--       formula  minutes of the second latest week that counts / usual_minutes, the same usual as
--                for the latest
--       from     6 weeks and a usual of at least $usual_minutes_least minutes
--       source   Homeroom
--       version  1
--   previous_change_z: Distance from the own usual, the week before (for analysts)
--       formula  (minutes of the second latest week that counts - usual_minutes) / its scale
--       from     6 weeks
--       source   median absolute deviation, made comparable with a standard deviation by 1.4826
--       version  1
--   quiet_school_days: School days since the last work
--       formula  school days present after the last day with work on any platform, up to the day to
--                which the files of every platform tell on which the student is now; without any
--                work known, from the first week told. In weekly_summary: as of the week's end
--       from     the student is on a platform now
--       caution  work on paper leaves no trace; where a platform has stopped sending, days after its
--                last file do not count
--       source   Homeroom
--       version  1
--   units: Units finished lately
--       formula  sum of units_completed over the latest 8 weeks that count
--       from     one such week with units and minutes
--       source   the platform
--       version  1
--   hours: Hours spent lately
--       formula  sum of minutes over the same weeks / 60
--       from     one such week with units and minutes
--       source   Homeroom
--       version  1
--   units_per_hour: Units in an hour
--       formula  (units + 2 x r) / (hours + 2), r the units of the student's class in the same weeks
--                / its hours: few hours are drawn towards the class
--       from     half an hour, and a class with hours
--       caution  harder units take longer; show units and hours beside it
--       source   Homeroom; shrinkage by 2 hours of the class's rate
--       version  1
WITH gathered AS (
    SELECT
        student_id,
        platform,
        count(eligible_rank) AS weeks_eligible,
        count(CASE WHEN minutes IS NOT NULL AND target_minutes > 0 THEN 1 END) AS weeks_with_target,
        count(CASE WHEN minutes >= target_minutes AND target_minutes > 0 THEN 1 END)
            AS weeks_target_met,
        max(CASE WHEN eligible_rank = 1 THEN week_start END) AS week_start,
        max(CASE WHEN eligible_rank = 1 THEN minutes END) AS minutes,
        max(CASE WHEN eligible_rank = 1 THEN target_minutes END) AS target_minutes,
        max(CASE WHEN eligible_rank = 1 THEN dosage END) AS dosage,
        max(CASE WHEN eligible_rank = 1 THEN status END) AS status,
        max(CASE WHEN eligible_rank = 1 THEN previous_minutes END) AS previous_minutes,
        max(CASE WHEN eligible_rank = 1 THEN judged_usual END) AS usual_minutes,
        max(CASE WHEN eligible_rank = 1 THEN judged_scale END) AS usual_scale,
        max(CASE WHEN eligible_rank = 1 THEN judged_weeks END) AS baseline_weeks,
        max(CASE WHEN eligible_rank = 1 THEN judged_share END) AS share_of_usual,
        max(CASE WHEN eligible_rank = 1 THEN previous_share END) AS previous_share_of_usual,
        bool_or(CASE WHEN eligible_rank = 1 THEN quieter_than_usual END) AS quieter_than_usual,
        bool_or(CASE WHEN eligible_rank = 1 THEN busier_than_usual END) AS busier_than_usual
    FROM views.student_platform_week
    GROUP BY student_id, platform
),

quiet AS (
    SELECT quiet.student_id, quiet.quiet_school_days
    FROM work.quiet_week AS quiet
    CROSS JOIN work.as_of AS as_of
    WHERE quiet.week_start = CAST(date_trunc('week', as_of.as_of) AS DATE)
),

paired AS (
    SELECT
        pair.student_id,
        pair.platform,
        as_of.as_of,
        pair.has_account,
        gathered.weeks_eligible,
        gathered.weeks_with_target,
        gathered.weeks_target_met,
        gathered.week_start,
        gathered.minutes,
        gathered.target_minutes,
        gathered.dosage,
        gathered.status,
        gathered.previous_minutes,
        gathered.usual_minutes,
        gathered.usual_scale,
        gathered.baseline_weeks,
        gathered.share_of_usual,
        gathered.previous_share_of_usual,
        gathered.quieter_than_usual,
        gathered.busier_than_usual,
        through.data_through,
        through.latest_status,
        platform.has_minutes
    FROM work.student_platform AS pair
    CROSS JOIN work.as_of AS as_of
    JOIN work.platform AS platform ON platform.platform = pair.platform
    LEFT JOIN gathered
        ON gathered.student_id = pair.student_id AND gathered.platform = pair.platform
    LEFT JOIN work.student_through AS through
        ON through.student_id = pair.student_id AND through.platform = pair.platform
    WHERE pair.active OR gathered.student_id IS NOT NULL
)

SELECT
    paired.student_id,
    paired.platform,
    paired.as_of,
    paired.week_start,
    paired.minutes,
    paired.target_minutes,
    paired.dosage,
    coalesce(paired.weeks_eligible, 0) AS weeks_eligible,
    coalesce(paired.weeks_target_met, 0) AS weeks_target_met,
    coalesce(paired.weeks_with_target, 0) AS weeks_with_target,
    paired.usual_minutes,
    coalesce(paired.baseline_weeks, 0) AS baseline_weeks,
    CASE
        WHEN paired.week_start IS NULL THEN coalesce(paired.latest_status, 'not_enough_history')
        WHEN NOT paired.has_minutes THEN 'no_feed'
        WHEN paired.usual_minutes IS NULL THEN 'not_enough_history'
        ELSE 'ok'
    END AS baseline_status,
    paired.share_of_usual,
    paired.previous_share_of_usual,
    paired.quieter_than_usual,
    paired.busier_than_usual,
    (paired.minutes - paired.usual_minutes) / paired.usual_scale AS change_z,
    (paired.previous_minutes - paired.usual_minutes) / paired.usual_scale AS previous_change_z,
    quiet.quiet_school_days,
    productivity.units,
    productivity.hours,
    CASE
        WHEN productivity.hours >= 0.5 AND productivity.class_hours > 0
            THEN (
                productivity.units
                + 2.0 * productivity.class_units / productivity.class_hours
            ) / (productivity.hours + 2.0)
    END AS units_per_hour,
    paired.latest_status,
    CASE
        WHEN paired.status IS NOT NULL THEN paired.status
        WHEN paired.latest_status IS NOT NULL THEN paired.latest_status
        WHEN NOT paired.has_account THEN 'not_rostered'
        ELSE 'not_enough_history'
    END AS status,
    paired.data_through
FROM paired
LEFT JOIN quiet ON quiet.student_id = paired.student_id
LEFT JOIN work.productivity AS productivity
    ON productivity.student_id = paired.student_id AND productivity.platform = paired.platform
