-- work.student_number: which student a number in the district's own files means.
-- Grain: number; a number that fits two students equally well is left out
-- Columns:
--   number      id  SIS id or sourcedId as written in the file
--   student_id  id  the student
WITH candidate AS (
    SELECT sis_id AS number, student_id, CASE WHEN active THEN 1 ELSE 3 END AS preference
    FROM roster.student
    WHERE sis_id IS NOT NULL
    UNION ALL
    SELECT student_id, student_id, CASE WHEN active THEN 2 ELSE 4 END
    FROM roster.student
),

best AS (
    SELECT number, min(preference) AS preference
    FROM candidate
    GROUP BY number
)

SELECT best.number, min(candidate.student_id) AS student_id
FROM best
JOIN candidate ON candidate.number = best.number AND candidate.preference = best.preference
GROUP BY best.number
HAVING count(DISTINCT candidate.student_id) = 1
