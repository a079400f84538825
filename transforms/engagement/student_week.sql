-- work.student_week: what is known of each student's week on each platform, and whether it counts.
-- A status is the first that holds of: no_feed (no file tells of the week), not_rostered (files,
-- but no row, and no way to tell nothing done from not there), excluded (a teacher said so),
-- break_week, absent, partial_week, zero, ok.
-- Grain: student x platform with an account x week, from the first week covered to the week of
-- as_of, within the student's time in classes; outside of it only weeks with activity
-- Columns:
--   pair                 count    student and platform, see work.student_platform
--   week_start           date     Monday
--   status               text     see above
--   minutes              minutes  observed so far, whatever the status
--   units                units    observed so far
--   items_attempted      count    observed so far
--   items_correct        count    observed so far
--   events               count    observed so far
--   target_minutes       minutes  own target; NULL = none
--   target_units         units    own target; NULL = none
--   school_days          days     school days of the week
--   days_present         days     school days not known as absent
--   school_days_missing  days     school days no file tells of
--   active_days          days     school days present with work; NULL where days are not known
--   active_mask          bits     these days, Monday 1; NULL where days are not known
--   weekend_active_days  days     other days with work
--   placed_minutes       minutes  on school days, placed on one day
--   placed_moment        minutes  sum of minutes x number of the school day
--   placed_last          minutes  on the last school day
--   unplaced_minutes     minutes  on school days, not placed on one
--   unplaced_early       minutes  sum of minutes x first possible school day
--   unplaced_late        minutes  sum of minutes x last possible school day
--   unplaced_last        minutes  that may have fallen on the last school day
--   evenness             ratio    how evenly the minutes fell on the school days: 0 all on one, 1
--         the same on each; NULL under 2 active days or where minutes are not placed
--   data_through         date     last day of the week the files tell of
--   last_active          date     last day of the week with work, the last possible one
--   present_mask         bits     school days present, Monday 1
WITH excluded AS (
    SELECT DISTINCT exclusion.student_id, platform.platform, exclusion.week_start
    FROM notes.exclusion AS exclusion
    JOIN work.platform AS platform
        ON platform.platform = coalesce(exclusion.platform, platform.platform)
),

joined AS (
    SELECT
        pair.pair,
        week.week_start,
        week.school_mask,
        week.school_days,
        platform.has_days,
        platform.has_minutes,
        platform.has_units,
        coalesce(coverage.zero_mask, 0) | coalesce(by_class.zero_mask, 0) AS zero_mask,
        coalesce(coverage.seen_mask, 0) | coalesce(by_class.seen_mask, 0) AS seen_mask,
        total.minutes IS NOT NULL OR total.units_completed IS NOT NULL AS has_total,
        daily.pair IS NOT NULL AS has_daily,
        -- Days of which only the problems are told, beside a total of the week, may not be all.
        total.pair IS NOT NULL AND daily.minutes IS NULL AND daily.events IS NULL AS days_partial,
        CAST(date_diff('day', week.week_start, total.through) AS INTEGER) AS through_day,
        coalesce(total.minutes, daily.minutes) AS minutes,
        coalesce(total.units_completed, daily.units_completed) AS units,
        daily.items_attempted,
        daily.items_correct,
        daily.events,
        total.target_minutes,
        total.target_units,
        total.weekly_active,
        daily.last_unplaced,
        daily.unplaced_minutes >= $active_minutes AS days_unknown,
        week.school_mask & ~coalesce(absence.absent_mask, 0) AS present_mask,
        coalesce(daily.event_mask, 0)
        | CASE WHEN daily.day_1 >= $active_minutes THEN 1 ELSE 0 END
        | CASE WHEN daily.day_2 >= $active_minutes THEN 2 ELSE 0 END
        | CASE WHEN daily.day_3 >= $active_minutes THEN 4 ELSE 0 END
        | CASE WHEN daily.day_4 >= $active_minutes THEN 8 ELSE 0 END
        | CASE WHEN daily.day_5 >= $active_minutes THEN 16 ELSE 0 END
        | CASE WHEN daily.day_6 >= $active_minutes THEN 32 ELSE 0 END
        | CASE WHEN daily.day_7 >= $active_minutes THEN 64 ELSE 0 END AS active_mask,
        CASE WHEN week.school_mask & 1 <> 0 THEN daily.day_1 END AS day_1,
        CASE WHEN week.school_mask & 2 <> 0 THEN daily.day_2 END AS day_2,
        CASE WHEN week.school_mask & 4 <> 0 THEN daily.day_3 END AS day_3,
        CASE WHEN week.school_mask & 8 <> 0 THEN daily.day_4 END AS day_4,
        CASE WHEN week.school_mask & 16 <> 0 THEN daily.day_5 END AS day_5,
        CASE WHEN week.school_mask & 32 <> 0 THEN daily.day_6 END AS day_6,
        CASE WHEN week.school_mask & 64 <> 0 THEN daily.day_7 END AS day_7,
        CASE date_diff('day', week.week_start, week.last_school_day)
            WHEN 0 THEN daily.day_1
            WHEN 1 THEN daily.day_2
            WHEN 2 THEN daily.day_3
            WHEN 3 THEN daily.day_4
            WHEN 4 THEN daily.day_5
            WHEN 5 THEN daily.day_6
            WHEN 6 THEN daily.day_7
        END AS placed_last,
        unplaced.minutes AS unplaced_minutes,
        unplaced.early_moment AS unplaced_early,
        unplaced.late_moment AS unplaced_late,
        unplaced.last_minutes AS unplaced_last,
        excluded.student_id IS NOT NULL AS is_excluded
    FROM work.student_platform AS pair
    JOIN work.platform AS platform ON platform.platform = pair.platform
    JOIN work.school_week AS week
        ON week.school_key = pair.school_key AND week.week_start >= platform.first_week
    LEFT JOIN work.coverage_week AS coverage
        ON coverage.platform = pair.platform
        AND coverage.week_start = week.week_start
        AND coverage.class_key = ''
    LEFT JOIN work.class_coverage_week AS by_class
        ON by_class.student_id = pair.student_id
        AND by_class.platform = pair.platform
        AND by_class.week_start = week.week_start
    LEFT JOIN work.total_week AS total
        ON total.pair = pair.pair AND total.week_start = week.week_start
    LEFT JOIN work.daily_week AS daily
        ON daily.pair = pair.pair AND daily.week_start = week.week_start
    LEFT JOIN work.unplaced_week AS unplaced
        ON unplaced.pair = pair.pair AND unplaced.week_start = week.week_start
    LEFT JOIN work.absence_week AS absence
        ON absence.student_id = pair.student_id AND absence.week_start = week.week_start
    LEFT JOIN excluded
        ON excluded.student_id = pair.student_id
        AND excluded.week_start = week.week_start
        AND excluded.platform = pair.platform
    WHERE
        pair.has_account
        AND (
            (week.week_start >= pair.first_week AND week.week_start <= pair.last_week)
            OR daily.pair IS NOT NULL
            OR total.pair IS NOT NULL
        )
        /* in parts of pair: pair.pair */
),

masked AS (
    SELECT
        *,
        CASE
            WHEN has_total AND through_day IS NOT NULL THEN ((2 << through_day) - 1) | zero_mask
            ELSE seen_mask
        END AS covered_mask,
        has_total OR has_daily AS observed,
        zero_mask <> 0 AND NOT has_total AND NOT has_daily AS nothing_done
    FROM joined
),

counted AS (
    SELECT
        *,
        CAST(bit_count(present_mask) AS BIGINT) AS days_present,
        CAST(bit_count(school_mask & ~covered_mask) AS BIGINT) AS school_days_missing,
        CASE
            WHEN active_mask >= 64 THEN 6
            WHEN active_mask >= 32 THEN 5
            WHEN active_mask >= 16 THEN 4
            WHEN active_mask >= 8 THEN 3
            WHEN active_mask >= 4 THEN 2
            WHEN active_mask >= 2 THEN 1
            WHEN active_mask >= 1 THEN 0
        END AS last_active_day,
        CASE
            WHEN covered_mask >= 64 THEN 6
            WHEN covered_mask >= 32 THEN 5
            WHEN covered_mask >= 16 THEN 4
            WHEN covered_mask >= 8 THEN 3
            WHEN covered_mask >= 4 THEN 2
            WHEN covered_mask >= 2 THEN 1
            WHEN covered_mask >= 1 THEN 0
        END AS last_covered_day,
        coalesce(day_1, 0) + coalesce(day_2, 0) + coalesce(day_3, 0) + coalesce(day_4, 0)
        + coalesce(day_5, 0) + coalesce(day_6, 0) + coalesce(day_7, 0) AS placed,
        (has_daily AND NOT coalesce(days_unknown, FALSE) AND NOT days_partial) OR (nothing_done AND has_days)
            AS days_known
    FROM masked
)

SELECT
    pair,
    week_start,
    CASE
        WHEN seen_mask = 0 AND NOT observed THEN 'no_feed'
        WHEN NOT observed AND NOT nothing_done THEN 'not_rostered'
        WHEN is_excluded THEN 'excluded'
        WHEN school_days < 3 THEN 'break_week'
        WHEN days_present < 2 THEN 'absent'
        WHEN school_days_missing > 0 THEN 'partial_week'
        WHEN
            coalesce(minutes, 0) = 0
            AND coalesce(units, 0) = 0
            AND coalesce(items_attempted, 0) = 0
            AND coalesce(events, 0) = 0
            THEN 'zero'
        ELSE 'ok'
    END AS status,
    CASE WHEN nothing_done AND has_minutes THEN 0 ELSE minutes END AS minutes,
    CASE WHEN nothing_done AND has_units THEN 0 ELSE units END AS units,
    items_attempted,
    items_correct,
    CASE WHEN nothing_done AND has_days THEN coalesce(events, 0) ELSE events END AS events,
    target_minutes,
    target_units,
    school_days,
    days_present,
    school_days_missing,
    CASE WHEN days_known THEN CAST(bit_count(active_mask & present_mask) AS BIGINT) END
        AS active_days,
    CASE WHEN days_known THEN active_mask & present_mask END AS active_mask,
    CASE WHEN days_known THEN CAST(bit_count(active_mask & ~school_mask) AS BIGINT) END
        AS weekend_active_days,
    placed AS placed_minutes,
    coalesce(day_1, 0)
    + coalesce(day_2, 0) * bit_count(school_mask & 3)
    + coalesce(day_3, 0) * bit_count(school_mask & 7)
    + coalesce(day_4, 0) * bit_count(school_mask & 15)
    + coalesce(day_5, 0) * bit_count(school_mask & 31)
    + coalesce(day_6, 0) * bit_count(school_mask & 63)
    + coalesce(day_7, 0) * bit_count(school_mask) AS placed_moment,
    coalesce(placed_last, 0) AS placed_last,
    unplaced_minutes,
    unplaced_early,
    unplaced_late,
    unplaced_last,
    CASE
        WHEN
            days_known
            AND coalesce(unplaced_minutes, 0) = 0
            AND school_days >= 2
            AND placed > 0
            AND bit_count(active_mask & present_mask) >= 2
            THEN -(
                CASE WHEN day_1 > 0 THEN day_1 / placed * ln(day_1 / placed) ELSE 0 END
                + CASE WHEN day_2 > 0 THEN day_2 / placed * ln(day_2 / placed) ELSE 0 END
                + CASE WHEN day_3 > 0 THEN day_3 / placed * ln(day_3 / placed) ELSE 0 END
                + CASE WHEN day_4 > 0 THEN day_4 / placed * ln(day_4 / placed) ELSE 0 END
                + CASE WHEN day_5 > 0 THEN day_5 / placed * ln(day_5 / placed) ELSE 0 END
                + CASE WHEN day_6 > 0 THEN day_6 / placed * ln(day_6 / placed) ELSE 0 END
                + CASE WHEN day_7 > 0 THEN day_7 / placed * ln(day_7 / placed) ELSE 0 END
            ) / ln(school_days)
    END AS evenness,
    week_start + last_covered_day AS data_through,
    greatest(
        week_start + last_active_day,
        last_unplaced,
        CASE WHEN NOT has_daily THEN weekly_active END
    ) AS last_active,
    present_mask
FROM counted
