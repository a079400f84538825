-- work.board_two_stories: students of whom the own path and the class tell different stories in a
-- subject, side by side and never merged. As of the latest data, so of the latest board only.
-- Grain: class x student x subject
-- Columns:
--   class_id      id     class
--   week_start    date   Monday of the latest board's week
--   student_id    id     student
--   name_order    count  place of the student A to Z
--   subject       text   subject
--   platform      id     platform of the own path
--   value         units  units finished on the own path
--   n             count  stories told
--   window_start  date   first day of what was looked at
--   window_end    date   last day
--   data_through  date   day up to which the files of all parts tell
--   sentence      text   the stories with their numbers
-- Measures:
--   two_stories: Path and class tell different stories
--         unit     stories
--         formula  agreement of the student's progress is two stories
--         from     a path story and one of the class
--         caution  path and class may be about different content
--         source   Homeroom
--         version  1
SELECT
    member.class_id,
    member.week_start,
    member.student_id,
    member.name_order,
    progress.subject,
    progress.path_platform AS platform,
    progress.units_completed AS value,
    progress.stories AS n,
    progress.path_from AS window_start,
    progress.path_through AS window_end,
    progress.data_through,
    progress.subject || ': on the own path ' || progress.path_story || ' ('
    || CAST(CAST(floor(progress.units_completed + 0.5) AS BIGINT) AS VARCHAR) || ' of '
    || CAST(CAST(floor(progress.units_target + 0.5) AS BIGINT) AS VARCHAR) || ' units on '
    || coalesce(title.title, progress.path_platform) || ', from '
    || CAST(day(progress.path_from) AS VARCHAR) || ' ' || month_of_start.name || ' to '
    || CAST(day(progress.path_through) AS VARCHAR) || ' ' || month_of_end.name || ')'
    || coalesce('; growth ' || progress.growth_story, '')
    || coalesce(
        '; in class ' || progress.class_story || ' ('
        || CAST(progress.class_score_count AS VARCHAR) || ' scores)',
        ''
    )
    || '.' AS sentence
FROM views.student_progress AS progress
JOIN work.board_member AS member
    ON member.student_id = progress.student_id AND member.is_latest
LEFT JOIN roster.platform AS title ON title.platform = progress.path_platform
LEFT JOIN work.month_name AS month_of_start
    ON month_of_start.month = month(progress.path_from)
LEFT JOIN work.month_name AS month_of_end ON month_of_end.month = month(progress.path_through)
WHERE progress.agreement = 'two stories' AND progress.path_story IS NOT NULL
