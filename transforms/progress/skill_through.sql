-- work.skill_through: the last day that each platform's files tell of skills.
-- Grain: platform that tells of skills
-- Columns:
--   platform      id    platform
--   data_through  date  last day that its files of activity cover, or that a skill was worked on
SELECT platform, max(day) AS data_through
FROM (
    SELECT platform, max(date) AS day
    FROM work.skill_day
    GROUP BY platform
    UNION ALL
    SELECT coverage.platform, max(coverage.covers_to)
    FROM facts.coverage AS coverage
    JOIN (SELECT DISTINCT platform FROM work.skill_day) AS skilled
        ON skilled.platform = coverage.platform
    WHERE coverage.of = 'activity'
    GROUP BY coverage.platform
) AS told
GROUP BY platform
