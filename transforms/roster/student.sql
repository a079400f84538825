-- roster.student: every student any roster has told of; who left stays, switched off.
-- Grain: student
-- Columns:
--   student_id      id    OneRoster sourcedId
--   sis_id          id    number in the student information system
--   given_name      text  given name
--   family_name     text  family name
--   preferred_name  text  name the student goes by
--   grade_level     text  grade: PK, TK, K, 1 to 13, else as written
--   email           text  e-mail address
--   username        text  sign-in name
--   school_id       id    first school of the student
--   active          bool  on the current roster and not switched off there
WITH newest AS (
    SELECT
        person.person_id,
        person.sis_id,
        person.given_name,
        person.family_name,
        person.preferred_name,
        person.grade_level,
        person.email,
        person.username,
        coalesce(person.org_id, own.org_id) AS org_id,
        person.is_current
        AND coalesce(person.enabled, TRUE)
        AND (person.role IS NOT NULL OR own.is_current) AS active,
        lower(trim(person.grade_level)) AS grade_written,
        row_number() OVER (
            PARTITION BY person.person_id
            ORDER BY
                person.is_current DESC,
                person.exported_on DESC NULLS LAST,
                person.source_file DESC NULLS LAST
        ) AS newest
    FROM lake.person AS person
    LEFT JOIN work.person_role AS own ON own.person_id = person.person_id
    WHERE lower(trim(coalesce(person.role, own.role))) = 'student'
),

numbered AS (
    SELECT
        *,
        TRY_CAST(
            trim(replace(replace(replace(replace(replace(replace(
                grade_written, 'grade', ''), 'st', ''), 'nd', ''), 'rd', ''), 'th', ''), '.0', ''))
            AS BIGINT
        ) AS grade_number
    FROM newest
    WHERE newest = 1
)

SELECT
    person_id AS student_id,
    sis_id,
    given_name,
    family_name,
    preferred_name,
    CASE
        WHEN grade_written IN ('k', 'kg', 'kn', 'kinder', 'kindergarten') THEN 'K'
        WHEN grade_written IN ('pk', 'prek', 'pre-k', 'prekindergarten', 'pre-kindergarten')
            THEN 'PK'
        WHEN grade_number = 0 THEN 'K'
        WHEN grade_number = -1 THEN 'PK'
        WHEN grade_number BETWEEN 1 AND 13 THEN CAST(grade_number AS VARCHAR)
        WHEN grade_written <> '' THEN trim(grade_level)
    END AS grade_level,
    email,
    username,
    org_id AS school_id,
    active
FROM numbered
