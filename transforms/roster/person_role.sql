-- work.person_role: of a person's roles that a file of their own tells, the one that counts.
-- On the current roster before gone, not ended before ended, primary before secondary, student before
-- the others, then the one that began last.
-- Grain: person
-- Columns:
--   person_id   id    person
--   role        text  student, teacher, ... in lower case
--   org_id      id    school or district in which the person has it
--   is_current  bool  on the current roster
WITH ranked AS (
    SELECT
        role.person_id,
        lower(trim(role.role)) AS role,
        role.org_id,
        role.is_current,
        row_number() OVER (
            PARTITION BY role.person_id
            ORDER BY
                CASE WHEN role.is_current THEN 0 ELSE 1 END,
                CASE WHEN role.end_date < as_of.as_of THEN 1 ELSE 0 END,
                CASE WHEN lower(trim(role.role_type)) = 'primary' THEN 0 ELSE 1 END,
                CASE WHEN lower(trim(role.role)) = 'student' THEN 0 ELSE 1 END,
                role.begin_date DESC NULLS LAST,
                role.exported_on DESC NULLS LAST,
                role.role_ref DESC NULLS LAST,
                role.source_file DESC NULLS LAST
        ) AS place
    FROM lake.person_role AS role
    LEFT JOIN work.as_of AS as_of ON TRUE
    WHERE role.role IS NOT NULL
)

SELECT person_id, role, org_id, is_current
FROM ranked
WHERE place = 1
