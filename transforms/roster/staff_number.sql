-- work.staff_number: which adult a number in the district's own files means.
-- Grain: number; a number that fits two adults equally well is left out
-- Columns:
--   number    id  SIS id or sourcedId as written in the file
--   staff_id  id  the adult
WITH candidate AS (
    SELECT sis_id AS number, staff_id, 1 AS preference
    FROM roster.staff
    WHERE sis_id IS NOT NULL
    UNION ALL
    SELECT staff_id, staff_id, 2 FROM roster.staff
),

best AS (
    SELECT number, min(preference) AS preference
    FROM candidate
    GROUP BY number
)

SELECT best.number, min(candidate.staff_id) AS staff_id
FROM best
JOIN candidate ON candidate.number = best.number AND candidate.preference = best.preference
GROUP BY best.number
HAVING count(DISTINCT candidate.staff_id) = 1
