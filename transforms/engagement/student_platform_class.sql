-- views.student_platform_class: the class in which a student uses a platform, week by week: whose
-- pace and timing the student's are held against.
-- Grain: student x platform with an account x span of weeks; spans do not overlap
-- Columns:
--   student_id  id    OneRoster sourcedId of the student
--   platform    id    platform
--   class_id    id    class of the roster
--   first_week  date  Monday of the first week
--   last_week   date  Monday of the last week
SELECT student_id, platform, class_id, first_week, last_week
FROM work.platform_class
