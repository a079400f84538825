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
        person.person_id,
        person.sis_id,
        person.given_name,
        person.family_name,
        person.email,
        coalesce(person.role, own.role) AS role,
        coalesce(person.org_id, own.org_id) AS org_id,
        row_number() OVER (
            PARTITION BY person.person_id
            ORDER BY person.exported_on DESC NULLS LAST, person.source_file DESC NULLS LAST
        ) AS newest
    FROM lake.person AS person
    LEFT JOIN work.person_role AS own ON own.person_id = person.person_id AND own.is_current
    WHERE
        person.is_current
        AND coalesce(person.enabled, TRUE)
        AND lower(trim(coalesce(person.role, own.role)))
        NOT IN ('student', 'parent', 'guardian', 'relative')
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
