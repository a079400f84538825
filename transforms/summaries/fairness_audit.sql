-- ops.fairness_audit: how often each rule's cards meet each group of students, beside everybody
-- else. For coordinators, once a term: it asks about the rules, and tells nothing of a child. The
-- only table made with demographics; the birth date is not read.
-- Grain: term x group x value x rule
-- Columns:
--   rule_id       id     the card's rule, a measure of the dictionary
--   group_name    text   sex, ethnicity (Hispanic or Latino), race, grade, school, or a group of the
--         district's own file
--   group_value   text   value; several races are "two or more"; "not told" = no value known
--   term          text   title of the term; "all" where the roster tells no terms
--   window_start  date   first day of the term
--   window_end    date   last day of the term, or the latest day known
--   n             count  students with a week that counts, or a card, in the term; NULL where hidden
--         as a small cell or as the next smallest beside a single one
--   n_others      count  all other students of the term; NULL with n, and under 10
--   flagged       count  of n, students with at least one card of the rule; NULL where these or the
--         others of n are 1 to 9
--   rate          ratio  flagged / n; NULL with flagged
--   rate_others   ratio  the same among the others, hidden likewise
--   ratio         ratio  rate of the group / rate of the others; NULL where nobody else is flagged
--   ci_low        ratio  95 % interval of the ratio: exp(ln(ratio) - 1.96 x standard error)
--   ci_high       ratio  its upper end
--   review        bool   worth a look: 10 students in both, and the interval excludes 1
--   status        text   ok, or too_few where either side has fewer than 10 students
-- Measures:
--   fairness_ratio: A rule's rate in a group beside the others
--         formula  (flagged / n) / (flagged others / other students); interval: exp(ln(ratio) +-
--               1.96 x sqrt(1/flagged - 1/n + 1/flagged others - 1/others)), a half added to all
--               four numbers where nobody of one side is flagged
--         from     10 students on both sides
--         caution  a ratio tells of the rule and of the school, and of no child; of many groups
--               looked at, one in twenty excludes 1 by chance
--         source   Katz et al. 1978 (interval of a ratio of rates); Walter 1975 (a half added)
--         version  1
--         unit     ratio
WITH told_term AS (
    SELECT
        start_date,
        end_date,
        title,
        CASE lower(trim(term_type))
            WHEN 'term' THEN 1
            WHEN 'semester' THEN 2
            WHEN 'gradingperiod' THEN 3
            WHEN 'schoolyear' THEN 4
        END AS kind
    FROM lake.term
    WHERE is_current AND start_date <= end_date
),

used_term AS (
    -- Of terms, semesters, grading periods and years the first kind that the roster has.
    SELECT start_date, end_date, min(title) AS title
    FROM told_term
    WHERE kind = (SELECT min(kind) FROM told_term)
    GROUP BY start_date, end_date
),

term AS (
    SELECT
        coalesce(used_term.title, 'all') AS term,
        coalesce(used_term.start_date, as_of.first_day) AS window_start,
        least(coalesce(used_term.end_date, as_of.as_of), as_of.as_of) AS window_end
    FROM work.as_of AS as_of
    LEFT JOIN used_term ON used_term.start_date <= as_of.as_of
),

numbered AS (
    SELECT *, row_number() OVER (ORDER BY window_start, window_end, term) AS term_no FROM term
),

card AS (
    SELECT DISTINCT numbered.term_no, card.student_id, card.rule_id
    FROM views.card AS card
    JOIN numbered
        ON card.week_start + 4 >= numbered.window_start
        AND card.week_start + 4 <= numbered.window_end
),

seen AS (
    SELECT DISTINCT numbered.term_no, week.pair
    FROM work.student_week AS week
    JOIN numbered
        ON week.week_start + 4 >= numbered.window_start
        AND week.week_start + 4 <= numbered.window_end
    WHERE week.status IN ('ok', 'zero')
),

population AS (
    SELECT seen.term_no, pair.student_id
    FROM seen
    JOIN work.student_platform AS pair ON pair.pair = seen.pair
    UNION
    SELECT term_no, student_id FROM card
),

demographic AS (
    SELECT
        person_id,
        min(lower(trim(sex))) AS sex,
        min(lower(trim(hispanic_or_latino))) AS hispanic,
        min(races) AS races
    FROM lake.demographic
    WHERE is_current
    GROUP BY person_id
),

belongs AS (
    SELECT student_id, 'grade' AS group_name, grade_level AS group_value
    FROM roster.student
    UNION
    SELECT student_id, 'school', school_id FROM roster.student
    UNION
    SELECT person_id, 'sex', sex FROM demographic
    UNION
    SELECT
        person_id,
        'ethnicity',
        CASE
            WHEN hispanic IN ('true', '1', 'yes') THEN 'Hispanic or Latino'
            WHEN hispanic IN ('false', '0', 'no') THEN 'not Hispanic or Latino'
        END
    FROM demographic
    UNION
    SELECT
        person_id,
        'race',
        CASE
            WHEN
                replace(races, ';', '') <> races
                OR races = 'demographicRaceTwoOrMoreRaces'
                THEN 'two or more'
            ELSE races
        END
    FROM demographic
    UNION
    SELECT student.student_id, trim(told.group_name), trim(told.group_value)
    FROM lake.student_group AS told
    JOIN work.student_number AS student ON student.number = told.student_sis_id
    WHERE told.is_current
),

valued AS (
    SELECT student_id, group_name, group_value FROM belongs WHERE group_value <> ''
),

member AS (
    SELECT
        population.term_no,
        population.student_id,
        named.group_name,
        coalesce(valued.group_value, 'not told') AS group_value
    FROM population
    CROSS JOIN (SELECT DISTINCT group_name FROM valued) AS named
    LEFT JOIN valued
        ON valued.student_id = population.student_id AND valued.group_name = named.group_name
),

sized AS (
    SELECT term_no, group_name, group_value, count(*) AS n
    FROM member
    GROUP BY term_no, group_name, group_value
),

split AS (
    SELECT term_no, group_name, coalesce(list(n) FILTER (WHERE n IS NOT NULL), []) AS cells
    FROM sized
    GROUP BY term_no, group_name
),

everybody AS (
    SELECT term_no, count(*) AS n FROM population GROUP BY term_no
),

flagged_all AS (
    SELECT term_no, rule_id, count(*) AS flagged FROM card GROUP BY term_no, rule_id
),

flagged_of AS (
    SELECT
        card.term_no,
        card.rule_id,
        member.group_name,
        member.group_value,
        count(*) AS flagged
    FROM card
    JOIN member ON member.term_no = card.term_no AND member.student_id = card.student_id
    GROUP BY card.term_no, card.rule_id, member.group_name, member.group_value
),

counted AS (
    SELECT
        flagged_all.rule_id,
        sized.group_name,
        sized.group_value,
        sized.term_no,
        split.cells,
        sized.n,
        everybody.n - sized.n AS others,
        coalesce(flagged_of.flagged, 0) AS flagged,
        flagged_all.flagged - coalesce(flagged_of.flagged, 0) AS flagged_others
    FROM sized
    JOIN split ON split.term_no = sized.term_no AND split.group_name = sized.group_name
    JOIN everybody ON everybody.term_no = sized.term_no
    JOIN flagged_all ON flagged_all.term_no = sized.term_no
    LEFT JOIN flagged_of
        ON flagged_of.term_no = sized.term_no
        AND flagged_of.rule_id = flagged_all.rule_id
        AND flagged_of.group_name = sized.group_name
        AND flagged_of.group_value = sized.group_value
),

shown AS (
    SELECT
        *,
        @shown(n, cells) AS n_shown,
        [flagged, n - flagged] AS own_split,
        [flagged_others, others - flagged_others] AS other_split,
        CAST(CASE WHEN flagged = 0 OR flagged_others = 0 THEN 0.5 ELSE 0 END AS DOUBLE) AS half
    FROM counted
),

compared AS (
    SELECT
        *,
        n_shown >= 10 AND others >= 10 AS enough,
        @shown(flagged, own_split) AS flagged_shown,
        @shown(flagged_others, other_split) AS flagged_others_shown,
        CASE
            WHEN flagged + flagged_others > 0
                THEN ln(
                    (flagged + half) / (n + half) * (others + half) / (flagged_others + half)
                )
        END AS log_ratio,
        CASE
            WHEN flagged + flagged_others > 0 AND others > 0
                THEN sqrt(
                    1 / (flagged + half) - 1 / (n + half)
                    + 1 / (flagged_others + half) - 1 / (others + half)
                )
        END AS error
    FROM shown
),

judged AS (
    SELECT
        *,
        CASE WHEN enough THEN exp(log_ratio - 1.96 * error) END AS ci_low,
        CASE WHEN enough THEN exp(log_ratio + 1.96 * error) END AS ci_high
    FROM compared
)

SELECT
    judged.rule_id,
    judged.group_name,
    judged.group_value,
    numbered.term,
    numbered.window_start,
    numbered.window_end,
    judged.n_shown AS n,
    CASE WHEN judged.enough THEN judged.others END AS n_others,
    CASE WHEN judged.enough THEN judged.flagged_shown END AS flagged,
    CASE WHEN judged.enough THEN CAST(judged.flagged_shown AS DOUBLE) / judged.n END AS rate,
    CASE WHEN judged.enough THEN CAST(judged.flagged_others_shown AS DOUBLE) / judged.others END
        AS rate_others,
    CASE
        WHEN judged.enough
            THEN CAST(judged.flagged AS DOUBLE) / judged.n
                / nullif(CAST(judged.flagged_others AS DOUBLE) / judged.others, 0)
    END AS ratio,
    judged.ci_low,
    judged.ci_high,
    coalesce(judged.ci_low > 1 OR judged.ci_high < 1, FALSE) AS review,
    CASE WHEN judged.enough THEN 'ok' ELSE 'too_few' END AS status
FROM judged
JOIN numbered ON numbered.term_no = judged.term_no
