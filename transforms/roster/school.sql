-- roster.school: the schools of the roster.
-- Grain: school
-- Columns:
--   school_id    id    OneRoster sourcedId
--   name         text  name as the roster spells it
--   district_id  id    org above the school
WITH newest AS (
    SELECT
        org_id,
        name,
        parent_id,
        row_number() OVER (
            PARTITION BY org_id ORDER BY exported_on DESC NULLS LAST, source_file DESC NULLS LAST
        ) AS newest
    FROM lake.org
    WHERE is_current AND lower(trim(org_type)) = 'school'
)

SELECT org_id AS school_id, name, parent_id AS district_id
FROM newest
WHERE newest = 1
