-- roster.staff: the adults of the current roster who work with students.
-- Grain: adult
-- Columns:
--   staff_id     id    OneRoster sourcedId
--   sis_id       id    number in the student information system
--   given_name   text  given name
--   family_name  text  family name
--   email        text  e-mail address
--   role         text  teacher, administrator, principal, aide, ... in lower case
--   school_id    id    first org of the adult
WITH newest AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY person_id ORDER BY exported_on DESC NULLS LAST, source_file DESC NULLS LAST
        ) AS newest
    FROM lake.person
    WHERE
        is_current
        AND coalesce(enabled, TRUE)
        AND lower(trim(role)) NOT IN ('student', 'parent', 'guardian', 'relative')
)

SELECT
    person_id AS staff_id,
    sis_id,
    given_name,
    family_name,
    email,
    lower(trim(role)) AS role,
    org_id AS school_id
FROM newest
WHERE newest = 1
