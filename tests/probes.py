"""Small pieces of SQL over one awkward table, by which the two engines are compared.

Whoever allows a function in transforms/portable.py adds a piece here that uses it.
"""

from __future__ import annotations

#: Columns of the table `t`: numbers (i, j whole; x, y fractions), texts (s, r), dates (d, e), an
#: instant, a truth, and a group. r is never NULL and tells rows apart.
COLUMNS = (
    "i BIGINT, j BIGINT, x DOUBLE, y DOUBLE, s VARCHAR, r VARCHAR, d DATE, e DATE, "
    "ts TIMESTAMP, b BOOLEAN, g BIGINT"
)
ROWS = r"""
(1, 2, 0.5, 0.1, 'abc', 'b', '2024-02-29', '2024-03-01', '2024-02-29 23:59:59.999999', TRUE, 1),
(-7, 2, -0.5, 0.2, '', 'É', '2025-12-29', '2026-01-01', '2026-03-08 02:30:00', FALSE, 1),
(7, -2, -0.0, 0.3, ' a ', 'straße', '1999-12-31', '2000-01-01', '1999-12-31 00:00:00.000001', NULL, 1),
(0, 3, 1e300, 0.1, 'É', 'e', '2026-11-01', NULL, '2026-11-01 06:30:00', TRUE, 2),
(NULL, 5, NULL, 0.7, NULL, 'x', NULL, '2026-11-02', NULL, FALSE, 2),
(9007199254740993, 3, 2.5, 1.1, '日本', 'a''b', '1970-01-01', '1969-12-31', '1970-01-01 00:00:00', NULL, 2),
(3, NULL, 3.5, NULL, 'İI ΑΣ', 'a\b', '2024-12-30', '2024-12-30', '2024-12-30 12:00:00', TRUE, 3),
(12, 4, 1e-7, 2.0, '😀b', '10', '2023-01-01', '2022-12-31', '2023-01-01 00:00:00', FALSE, 3),
(5, 7, 3.0, 1.005, 'ABC', '%_', '2021-01-03', '2021-01-04', '2021-01-03 23:59:59', TRUE, 3),
(NULL, NULL, NULL, NULL, NULL, 'last', NULL, NULL, NULL, NULL, 4)
"""

#: Of one row.
VALUES = r"""
abs(x)
i // 2
i % 2
i / 2
(i / 3) / nullif(j, 0)
i // nullif(j - 2, 0)
i % nullif(j - 2, 0)
100.0 * i / nullif(j, 0)
y * 0.3 > 0.03
CAST(i AS DOUBLE) * 1.5 + j
i & 6
i | 6
i >> 1
CAST(bit_count(i & 7) AS BIGINT)
floor(y)
ceil(y)
CAST(floor(y + 0.5) AS BIGINT)
CAST(CAST(floor(y * 10 + 0.5) AS BIGINT) AS VARCHAR)
ln(y)
exp(y)
pow(y, 2)
sqrt(y)
s || r
s || ', ' || CAST(j AS VARCHAR)
concat(s, r)
concat_ws(', ', s, r)
substring(s, 1, 2)
substring(s, 2)
left(s, 2)
length(s)
lower(s)
lower(r)
trim(s)
replace(s, 'a', 'b')
replace(r, '\', '/')
contains(s, 'b')
starts_with(s, 'a')
ends_with(s, 'c')
s LIKE 'a%'
s < r
s = r
s IS DISTINCT FROM r
s IN ('abc', '')
i NOT IN (1, NULL)
i BETWEEN 0 AND 5
greatest(i, j)
least(x, y)
greatest(s, r)
greatest(d, e)
nullif(i, 7)
coalesce(i, j, 0)
b AND NULL
NOT b OR i > 3
CASE WHEN b THEN i ELSE x END
CASE g WHEN 1 THEN 'a' WHEN 2 THEN 'b' END
CASE WHEN i > 3 THEN d END
IF(b, 1, 2)
day(d)
month(d)
year(d)
d + 1
CAST(d + INTERVAL 7 DAY AS DATE)
CAST(d - INTERVAL 1 MONTH AS DATE)
CAST(d + j * INTERVAL 1 DAY AS DATE)
ts + INTERVAL 90 MINUTE
CAST(ts AS DATE)
CAST(d AS TIMESTAMP)
ts > d
date_diff('day', d, e)
CAST(date_trunc('week', d) AS DATE)
CAST(date_trunc('month', d) AS DATE)
date_trunc('hour', ts)
epoch(ts)
(epoch(ts) - epoch(CAST(d AS TIMESTAMP))) / 3600.0
CAST(d AS VARCHAR)
CAST(i AS VARCHAR)
CAST(b AS BIGINT)
TRY_CAST(r AS BIGINT)
TRY_CAST(r AS DATE)
[i, j]
[i, j][2]
[i][3]
[i, NULL, j]
array_length(list_filter([i, j], lambda z: z > 2))
list_transform([i, j], lambda z: z * 2)
list_sort([s, r])
'it''s a \ back “x” – ' || r
"""

#: Of a group of rows.
GROUPED = """
count(*)
count(i)
count(*) FILTER (WHERE b)
CAST(sum(i) AS BIGINT)
sum(y)
avg(y)
avg(i)
median(y)
median(i)
min(s)
max(r)
max(ts)
bool_and(b)
bool_or(b)
bit_or(j)
bit_and(j)
max_by(r, i) FILTER (WHERE i IS NOT NULL)
min_by(s, i) FILTER (WHERE i IS NOT NULL)
list_sort(coalesce(list(s) FILTER (WHERE s IS NOT NULL), []))
string_agg(s, ', ' ORDER BY s)
string_agg(s, ', ' ORDER BY s DESC)
string_agg(s, ', ' ORDER BY s) FILTER (WHERE s = 'nothing')
"""

#: Of rows in an order; NULLs come last whichever way it goes.
ORDERED = """
row_number() OVER (PARTITION BY g ORDER BY i, r)
row_number() OVER (PARTITION BY g ORDER BY i DESC, r)
row_number() OVER (ORDER BY s, r)
row_number() OVER (ORDER BY d NULLS FIRST, r)
dense_rank() OVER (ORDER BY g)
rank() OVER (ORDER BY g)
lag(y) OVER (PARTITION BY g ORDER BY r)
lag(y, 2, 0.0) OVER (PARTITION BY g ORDER BY r)
lead(s) OVER (PARTITION BY g ORDER BY r)
sum(y) OVER (PARTITION BY g ORDER BY r)
sum(y) OVER (PARTITION BY g ORDER BY r ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING)
count(*) OVER (PARTITION BY g ORDER BY d RANGE BETWEEN INTERVAL 7 DAY PRECEDING AND CURRENT ROW)
max(d) OVER (PARTITION BY g ORDER BY r)
"""

#: Whole questions.
QUERIES = """
SELECT g, count(*) AS c FROM t GROUP BY ALL
SELECT g, count(DISTINCT b) AS c, sum(y) AS v FROM t GROUP BY g
SELECT DISTINCT ON (g) g, r FROM t ORDER BY g, r
SELECT g, r FROM t QUALIFY row_number() OVER (PARTITION BY g ORDER BY r) = 1
SELECT i, u.v AS v FROM t, unnest([i, j]) AS u(v)
SELECT r, unnest(generate_series(0, date_diff('day', d, e))) AS step FROM t
SELECT r FROM t WHERE EXISTS (SELECT 1 FROM t u WHERE u.i = t.j)
SELECT r FROM t WHERE i NOT IN (SELECT j FROM t)
SELECT r FROM t SEMI JOIN (SELECT j AS i FROM t) u USING (i)
SELECT r FROM t ANTI JOIN (SELECT j AS i FROM t) u USING (i)
SELECT a.r AS a, b.r AS b FROM t a FULL JOIN t b ON a.j = b.i
SELECT i FROM t UNION SELECT j FROM t
SELECT i FROM t UNION ALL SELECT x FROM t
SELECT i FROM t EXCEPT SELECT j FROM t
SELECT v.a, CAST(v.b AS DOUBLE) AS b FROM (VALUES ('it''s', 1.5), ('a ''b'' \\ “c”', NULL)) AS v(a, b)
SELECT g, (SELECT max(y) FROM t u WHERE u.g = t.g) AS v FROM t
SELECT count(*) AS n FROM t GROUP BY x
SELECT i, i AS k, k + 1 AS v FROM t
"""

#: What is refused, because the engines give other rows or types, or one of them nothing.
DIFFERENT = r"""
SELECT 1 / 0 AS v FROM t
SELECT i / j AS v FROM (SELECT i, j - 2 AS j FROM t)
SELECT i % (j - 2) AS v FROM t
SELECT round(y, 2) AS v FROM t
SELECT log(y) AS v FROM t
SELECT CAST(y / 2 AS BIGINT) AS v FROM t
SELECT CAST(y * 0.5 AS BIGINT) AS v FROM t
SELECT CAST(CAST(i AS DOUBLE) AS VARCHAR) AS v FROM t
SELECT CAST(floor(y) AS VARCHAR) || '!' AS v FROM (SELECT y * 1e9 AS y FROM t)
SELECT CAST(d + INTERVAL 1 DAY AS VARCHAR) AS v FROM t
SELECT CAST(d + INTERVAL (j) DAY AS DATE) AS v FROM t
SELECT date_diff('month', d, e) AS v FROM t
SELECT isodow(d) AS v FROM t
SELECT dayofweek(d) AS v FROM t
SELECT dayname(d) AS v FROM t
SELECT upper(r) AS v FROM t
SELECT substring(s, 0, 2) AS v FROM t
SELECT r LIKE '%\%' AS v FROM t
SELECT [i, j][g] AS v FROM t
SELECT list_contains([i, j], 2) AS v FROM t
SELECT list(s) AS v FROM t
SELECT mad(y) AS v FROM t
SELECT quantile_cont(y, 0.25) AS v FROM t
SELECT median(y) OVER (ORDER BY r ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING) AS v FROM t
SELECT g, count(DISTINCT b) AS c, string_agg(DISTINCT s, ', ' ORDER BY s) AS v FROM t GROUP BY g
SELECT count(DISTINCT s) OVER (PARTITION BY g) AS v FROM t
SELECT i FROM t UNION ALL BY NAME SELECT j AS i FROM t
SELECT s COLLATE NOCASE = 'ABC' AS v FROM t
SELECT hash(s) AS v FROM t
"""


def lines(text: str) -> list[str]:
    """One piece per line."""
    return text.strip().splitlines()


def alike() -> list[str]:
    """Whole questions to which both engines give the same answer."""

    def listed(text: str) -> str:
        return ", ".join(f"{piece} AS v{n}" for n, piece in enumerate(lines(text)))

    return [
        f"SELECT r, {listed(VALUES)} FROM t",
        f"SELECT g, {listed(GROUPED)} FROM t GROUP BY g",
        f"SELECT r, {listed(ORDERED)} FROM t",
        *lines(QUERIES),
    ]
