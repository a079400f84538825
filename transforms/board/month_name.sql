-- work.month_name: how the months are called in sentences.
-- Grain: month
-- Columns:
--   month  count  1 to 12
--   name   text   name
SELECT CAST(month AS BIGINT) AS month, name
FROM (
    VALUES
    (1, 'January'), (2, 'February'), (3, 'March'), (4, 'April'), (5, 'May'), (6, 'June'),
    (7, 'July'), (8, 'August'), (9, 'September'), (10, 'October'), (11, 'November'),
    (12, 'December')
) AS told (month, name)
