-- work.class_of_key: the roster's class behind a platform's class; one that fits two is left out.
-- Grain: platform class
-- Columns:
--   platform   id  platform
--   class_key  id  the platform's class
--   class_id   id  class of the roster
SELECT platform, class_key, min(class_id) AS class_id
FROM identity.class_link
WHERE class_id IS NOT NULL
GROUP BY platform, class_key
HAVING count(DISTINCT class_id) = 1
