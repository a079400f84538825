-- facts.subject_name: the subject behind each word that a test, a class or a platform calls it by.
-- The one place where names of subjects are matched. A word that is not known stays as it is, and
-- is a subject of its own.
-- Grain: subject or course as written
-- Columns:
--   written   text  as written
--   subject   text  Reading, Mathematics, Language Usage, Language Arts, Science, ...; a word that is
--         not known as written, without outer spaces
--   is_known  bool  the word is one of those that are matched
WITH told AS (
    SELECT subject AS written FROM lake.assessment_result WHERE is_current
    UNION
    SELECT course FROM lake.assessment_result WHERE is_current
    UNION
    SELECT subject FROM roster.class_section
    UNION
    SELECT subject FROM roster.platform
),

matched AS (
    SELECT
        written,
        CASE
            WHEN lower(trim(written)) IN ('reading', 'reading k-12', 'reading k-2', 'reading 2-5')
                THEN 'Reading'
            WHEN lower(trim(written)) IN (
                'mathematics', 'math', 'maths', 'math k-12', 'mathematics k-12', 'math k-2',
                'math 2-5', 'math 6+'
            )
                THEN 'Mathematics'
            WHEN lower(trim(written)) IN ('language usage', 'language') THEN 'Language Usage'
            WHEN lower(trim(written)) IN (
                'language arts', 'english language arts', 'english/language arts', 'ela', 'la'
            )
                THEN 'Language Arts'
            WHEN lower(trim(written)) IN ('science', 'science k-12') THEN 'Science'
        END AS subject
    FROM told
    WHERE trim(written) <> ''
)

SELECT
    written,
    coalesce(subject, trim(written)) AS subject,
    subject IS NOT NULL AS is_known
FROM matched
