-- roster.class_section: the classes of the current roster.
-- Grain: class
-- Columns:
--   class_id    id    OneRoster sourcedId
--   title       text  title
--   class_code  text  code
--   subject     text  subject as written
--   school_id   id    school
--   term_id     id    term, the first where the roster lists several
--   class_type  text  homeroom or scheduled
WITH newest AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY class_id ORDER BY exported_on DESC NULLS LAST, source_file DESC NULLS LAST
        ) AS newest
    FROM lake.class_section
    WHERE is_current
)

SELECT
    class_id,
    title,
    class_code,
    subject,
    school_id,
    term_id,
    lower(trim(class_type)) AS class_type
FROM newest
WHERE newest = 1
