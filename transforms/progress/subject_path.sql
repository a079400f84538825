-- work.subject_path: how far each student has come on the own path in a subject: units against the
-- own target in the latest 4 eligible weeks of the last 8. Of several platforms that teach the
-- subject one is taken and named: one with a story before one without, then the one with more
-- weeks, then the one used last, then by name. Units of two platforms are never added.
-- Grain: student x subject with an account on a platform that teaches it
-- Columns:
--   student_id        id     student
--   subject           text   subject, see facts.subject_name
--   platform          id     the platform of the path
--   platforms         count  platforms that teach the subject and have such weeks
--   units_completed   units  finished in these weeks; where some have a target, in those
--   units_target      units  the own targets of these weeks; NULL = none
--   path_weeks        weeks  how many weeks that is, at most 4
--   path_from         date   Monday of the first of them
--   path_through      date   last day of the last of them that the files tell of
--   path_story        text   own target reached, under the own target; NULL = not known
--   path_reached      bool   the target is reached; NULL = not known
--   path_status       text   ok; too_few under 4 weeks with a target; target_na without a target;
--         no_feed where no units are told; without any such week the status of the newest week
WITH recent AS (
    SELECT
        week.student_id,
        week.platform,
        count(*) AS weeks,
        count(week.units_completed) AS unit_weeks,
        sum(week.units_completed) AS units,
        min(CASE WHEN week.units_completed IS NOT NULL THEN week.week_start END) AS first_week,
        max(CASE WHEN week.units_completed IS NOT NULL THEN week.data_through END) AS through,
        count(CASE WHEN week.target_units > 0 THEN week.units_completed END) AS target_weeks,
        sum(CASE WHEN week.target_units > 0 THEN week.units_completed END) AS target_done,
        sum(CASE WHEN week.units_completed IS NOT NULL AND week.target_units > 0
            THEN week.target_units END) AS target_units,
        min(CASE WHEN week.units_completed IS NOT NULL AND week.target_units > 0
            THEN week.week_start END) AS target_first,
        max(CASE WHEN week.units_completed IS NOT NULL AND week.target_units > 0
            THEN week.data_through END) AS target_through,
        max(week.week_start) AS last_week
    FROM views.student_platform_week AS week
    CROSS JOIN work.as_of AS as_of
    WHERE week.eligible_rank <= 4 AND week.week_start > as_of.as_of - 56
    GROUP BY week.student_id, week.platform
),

joined AS (
    SELECT
        pair.student_id,
        named.subject,
        pair.platform,
        recent.weeks,
        recent.last_week,
        coalesce(recent.target_weeks, 0) AS target_weeks,
        CASE WHEN recent.target_weeks > 0 THEN recent.target_done ELSE recent.units END AS units,
        recent.target_units,
        CASE WHEN recent.target_weeks > 0 THEN recent.target_weeks ELSE recent.unit_weeks END
            AS path_weeks,
        CASE WHEN recent.target_weeks > 0 THEN recent.target_first ELSE recent.first_week END
            AS path_from,
        CASE WHEN recent.target_weeks > 0 THEN recent.target_through ELSE recent.through END
            AS path_through,
        CASE
            WHEN recent.target_weeks >= 4 THEN 'ok'
            WHEN recent.target_weeks > 0 THEN 'too_few'
            WHEN recent.unit_weeks > 0 THEN 'target_na'
            WHEN recent.weeks > 0 THEN 'no_feed'
            ELSE coalesce(through.latest_status, 'not_enough_history')
        END AS path_status
    FROM work.student_platform AS pair
    JOIN roster.platform AS title ON title.platform = pair.platform
    JOIN facts.subject_name AS named ON named.written = title.subject
    LEFT JOIN recent
        ON recent.student_id = pair.student_id AND recent.platform = pair.platform
    LEFT JOIN work.student_through AS through
        ON through.student_id = pair.student_id AND through.platform = pair.platform
    WHERE pair.has_account AND (pair.active OR recent.student_id IS NOT NULL)
),

ranked AS (
    SELECT
        *,
        count(weeks) OVER (PARTITION BY student_id, subject) AS platforms,
        row_number() OVER (
            PARTITION BY student_id, subject
            ORDER BY
                CASE WHEN path_status = 'ok' THEN 0 ELSE 1 END,
                target_weeks DESC,
                coalesce(path_weeks, 0) DESC,
                last_week DESC NULLS LAST,
                platform
        ) AS place
    FROM joined
)

SELECT
    student_id,
    subject,
    platform,
    platforms,
    units AS units_completed,
    target_units AS units_target,
    coalesce(path_weeks, 0) AS path_weeks,
    path_from,
    path_through,
    CASE
        WHEN path_status <> 'ok' THEN NULL
        WHEN units >= target_units THEN 'own target reached'
        ELSE 'under the own target'
    END AS path_story,
    CASE WHEN path_status = 'ok' THEN units >= target_units END AS path_reached,
    path_status
FROM ranked
WHERE place = 1
