-- work.class_span: the weeks in which students count in classes: those on whose Friday they are in.
-- Grain: class x student x span of weeks; spans of one student in one class do not overlap
-- Columns:
--   class_id    id    class
--   student_id  id    student of the roster
--   first_week  date  Monday of the first week
--   last_week   date  Monday of the last week
WITH member AS (
    SELECT
        class_id,
        student_id,
        -- Days are bounded so that the calendar of no engine ends.
        CASE
            WHEN first_day > CAST('1900-01-01' AS DATE)
                THEN CAST(date_trunc('week', first_day + 2) AS DATE)
            ELSE CAST('1900-01-01' AS DATE)
        END AS first_week,
        CASE
            WHEN last_day < CAST('2200-01-06' AS DATE)
                THEN CAST(date_trunc('week', last_day - 4) AS DATE)
            ELSE CAST('2200-01-06' AS DATE)
        END AS last_week
    FROM work.class_member
),

told AS (
    SELECT
        *,
        max(last_week) OVER (
            PARTITION BY class_id, student_id ORDER BY first_week, last_week
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS told_through
    FROM member
    WHERE first_week <= last_week
),

numbered AS (
    SELECT
        *,
        sum(CASE WHEN told_through >= first_week THEN 0 ELSE 1 END) OVER (
            PARTITION BY class_id, student_id ORDER BY first_week, last_week
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS span
    FROM told
)

SELECT
    class_id,
    student_id,
    min(first_week) AS first_week,
    max(last_week) AS last_week
FROM numbered
GROUP BY class_id, student_id, span
