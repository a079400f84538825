-- work.skill_attempt: how far the answers to a skill have come, day by day, where a platform tells
-- each answer as right or wrong and no state of its own. Mastered is 3 right in a row; spinning is 10
-- tries without it. What the answers were given to is the skill, as the platform names it.
-- Grain: student x platform x skill x day with an answer
-- Columns:
--   student_id         id     student
--   platform           id     platform
--   skill_id           id     what the answers were given to
--   date               date   local day
--   skill_state        text   at the day's end: mastered, spinning, spinning_then_mastered,
--         indeterminate
--   attempts           count  answers so far
--   attempts_to_state  count  answers after which it was so: the third right one, the tenth try;
--         while indeterminate all of them
WITH answer AS (
    SELECT
        link.student_id,
        account.platform,
        event.answered_id AS skill_id,
        event.date,
        event.correct,
        event.happened_at
    FROM work.event_once AS event
    JOIN work.event_account AS account ON account.account_number = event.account_number
    JOIN work.account_student AS link
        ON link.platform = account.platform AND link.account_key = account.account_key
    WHERE event.answered_id IS NOT NULL
),

placed AS (
    -- Of answers at one instant nobody knows the order: wrong ones go first.
    SELECT
        student_id,
        platform,
        skill_id,
        date,
        row_number() OVER skill AS try,
        correct
        AND coalesce(lag(correct) OVER skill, FALSE)
        AND coalesce(lag(correct, 2) OVER skill, FALSE) AS third
    FROM answer
    WINDOW skill AS (
        PARTITION BY platform, student_id, skill_id ORDER BY happened_at, correct
    )
),

gathered AS (
    SELECT
        student_id,
        platform,
        skill_id,
        date,
        max(try) AS attempts,
        min(CASE WHEN third THEN try END) AS third_today
    FROM placed
    GROUP BY student_id, platform, skill_id, date
),

so_far AS (
    SELECT
        *,
        min(third_today) OVER (
            PARTITION BY platform, student_id, skill_id
            ORDER BY date
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS third_at
    FROM gathered
)

SELECT
    student_id,
    platform,
    skill_id,
    date,
    CASE
        WHEN third_at <= 10 THEN 'mastered'
        WHEN third_at > 10 THEN 'spinning_then_mastered'
        WHEN attempts >= 10 THEN 'spinning'
        ELSE 'indeterminate'
    END AS skill_state,
    attempts,
    CASE
        WHEN third_at IS NOT NULL THEN third_at
        WHEN attempts >= 10 THEN 10
        ELSE attempts
    END AS attempts_to_state
FROM so_far
