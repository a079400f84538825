"""Evidence: which students an account's ids and names point to, exactly.

Belongs here: the facts of each pair of account and student. Not here: which of them is believed
(verdict.py), and what only a score can tell (scoring.py).
"""

from __future__ import annotations

import duckdb

from warehouse import bulk

#: From the strongest down: what the evidence is called.
STRENGTH = {
    "sis_id": 1,
    "sourced_id": 1,
    "zeros_restored": 2,
    "former_sis_id": 2,
    "email": 3,
    "former_email": 4,
    "username": 5,
    "former_username": 6,
    "name_in_class": 7,
}

#: Students as they are and were, folded: one who came back under a new id of the roster with the
#: same number of the school's and the same name is one student: the one who is there now, or who
#: was there last. Two who are both there are two.
_STUDENT = """
CREATE OR REPLACE TEMP TABLE student_same AS
SELECT student_id AS old_id, one AS student_id FROM (
  SELECT s.student_id, count(*) FILTER (WHERE active) OVER same AS here,
         first_value(s.student_id) OVER (PARTITION BY plain_id(sis_id), letters(family_name),
             letters(given_name) ORDER BY active DESC, seen DESC NULLS LAST, s.student_id) AS one
  FROM roster.student s
  LEFT JOIN (SELECT person_id, max(exported_on) AS seen FROM lake.person GROUP BY ALL) p
    ON p.person_id = s.student_id
  WHERE plain_id(sis_id) IS NOT NULL AND letters(family_name) IS NOT NULL
    AND letters(given_name) IS NOT NULL
  WINDOW same AS (PARTITION BY plain_id(sis_id), letters(family_name), letters(given_name)))
WHERE here <= 1 AND one <> student_id;

CREATE OR REPLACE TEMP TABLE written AS
SELECT DISTINCT coalesce(same.student_id, s.student_id) AS student_id,
       plain_id(p.sis_id) AS sis_id, plain_id(p.person_id) AS sourced_id,
       address(p.email) AS email, address(p.username) AS username,
       letters(p.given_name) AS given, letters(p.preferred_name) AS preferred,
       letters(p.middle_name) AS middle, letters(p.family_name) AS family,
       name_words(p.family_name) AS family_words,
       p.is_current AND s.active AND same.student_id IS NULL AS is_current
FROM lake.person p JOIN roster.student s ON s.student_id = p.person_id
LEFT JOIN student_same same ON same.old_id = s.student_id;

CREATE OR REPLACE TEMP TABLE student_name AS
SELECT student_id,
       list_concat(told(given), told(preferred)) AS givens, told(middle) AS middles,
       told(family) AS families, list_distinct(flatten(list(family_words))) AS family_words
FROM written GROUP BY student_id;

CREATE OR REPLACE TEMP TABLE bearer AS
SELECT DISTINCT student_id, given, family
FROM (SELECT student_id, unnest(givens) AS given, families FROM student_name),
     unnest(families) AS f(family);

CREATE OR REPLACE TEMP TABLE known AS
SELECT kind, value, student_id, bool_or(is_current) AS is_current FROM (
  SELECT 'sis_id' AS kind, sis_id AS value, student_id, is_current FROM written
  UNION ALL SELECT 'sourced_id', sourced_id, student_id, is_current FROM written
  UNION ALL SELECT 'email', email, student_id, is_current FROM written
  UNION ALL SELECT 'username', username, student_id, is_current FROM written)
WHERE value IS NOT NULL GROUP BY ALL
"""

#: Accounts with their ids and names ready to be compared. A whole name is parted at its comma, or
#: else its first word is the given name and its last one the family's.
_ACCOUNT = """
CREATE OR REPLACE TEMP TABLE account AS
WITH parted AS (
  SELECT *, string_split(simple_name, ' ') AS parts FROM (
    SELECT *, bare_name(trim(regexp_replace(CASE WHEN contains(bare, ',')
             THEN split_part(bare, ',', 2) || ' ' || split_part(bare, ',', 1)
             ELSE bare END, '\\s+', ' ', 'g'))) AS simple_name
    FROM (SELECT *, bare_name(full_name) AS bare FROM work.newest_account))),
named AS (
  SELECT *,
    letters(coalesce(given_name, CASE WHEN len(parts) > 1 THEN parts[1] END)) AS given,
    letters(coalesce(family_name, CASE WHEN len(parts) > 1 THEN parts[-1] END)) AS family,
    coalesce(letters(full_name), letters(concat(given_name, family_name))) AS whole,
    -- A macro's argument is computed wherever the macro names it: the words are found once.
    name_words(coalesce(nullif(concat_ws(' ', given_name, family_name), ''), simple_name)) AS words
  FROM parted)
SELECT n.platform, n.account_key, n.account_kind, n.class_key, c.class_id,
       plain_id(n.sis_id) AS sis_id, address(n.email) AS email, address(n.username) AS username,
       n.given, n.family, n.whole, letters(simple_name) AS turned,
       runs(n.words) AS runs,
       -- A name that somebody bears is hardly a slip of another one.
       n.given IN (SELECT given FROM bearer) AS given_borne,
       n.family IN (SELECT family FROM bearer) AS family_borne,
       list_concat(CASE WHEN n.given IS NULL THEN [] ELSE [n.given] END, coalesce(f.others, []))
         AS forms,
       n.grade_level, place(n.school_name) AS school
FROM named n
LEFT JOIN (SELECT one, list(other) AS others FROM short_form GROUP BY one) f ON f.one = n.given
LEFT JOIN identity.class_link c ON c.platform = n.platform AND c.class_key = n.class_key
"""

_POINTED = """
CREATE OR REPLACE TEMP TABLE pointed AS
SELECT a.platform, a.account_key, k.student_id,
       CASE WHEN k.is_current THEN 'sis_id' ELSE 'former_sis_id' END AS evidence
FROM account a JOIN known k ON k.kind = 'sis_id' AND k.value = a.sis_id
UNION ALL
SELECT a.platform, a.account_key, k.student_id, 'sourced_id'
FROM account a JOIN known k ON k.kind = 'sourced_id' AND k.value = a.sis_id
UNION ALL
SELECT a.platform, a.account_key, min(k.student_id), 'zeros_restored'
FROM account a JOIN known k ON k.kind = 'sis_id' AND bare_id(k.value) = bare_id(a.sis_id)
  AND length(a.sis_id) < length(k.value)
WHERE NOT EXISTS (SELECT 1 FROM known o WHERE o.kind = 'sis_id' AND o.value = a.sis_id)
GROUP BY ALL HAVING count(DISTINCT k.student_id) = 1
UNION ALL
SELECT a.platform, a.account_key, k.student_id,
       CASE WHEN k.is_current THEN 'email' ELSE 'former_email' END
FROM account a JOIN known k ON k.kind = 'email' AND k.value = a.email
UNION ALL
SELECT a.platform, a.account_key, k.student_id,
       CASE WHEN k.is_current THEN 'username' ELSE 'former_username' END
FROM account a JOIN known k ON k.kind = 'username' AND k.value = a.username
UNION ALL
SELECT DISTINCT a.platform, a.account_key, e.person_id, 'name_in_class'
FROM account a
JOIN roster.enrollment e ON e.class_id = a.class_id AND e.role = 'student'
JOIN student_name s ON s.student_id = e.person_id
WHERE a.account_kind = 'name_in_class' AND a.whole IS NOT NULL
  AND len(list_filter(s.givens, lambda g: len(list_filter(s.families,
        lambda f: g || f IN (a.whole, a.turned) OR f || g = a.whole)) > 0)) > 0
"""

#: Every pair that is pointed to, with what its names say. An account without any name, and a
#: student without, contradict nothing.
_PAIR = """
CREATE OR REPLACE TEMP TABLE pair AS
SELECT p.platform, p.account_key, p.student_id, p.evidence, p.strength,
       a.given IS NULL AND a.family IS NULL AND a.whole IS NULL AS is_nameless,
       -- Written as one word, as names of some scripts are.
       a.given IS NULL AND len(list_filter(s.givens, lambda g: list_contains(
         list_transform(s.families, lambda f: f || g), a.whole))) > 0 AS is_whole,
       is_whole OR coalesce(list_has_any(a.forms, list_concat(s.givens, s.middles))
         OR list_has_any(a.runs, s.givens)
         OR (NOT a.given_borne AND len(list_filter(s.givens,
              lambda g: slip(g, a.given) OR begins(g, a.given))) > 0), FALSE) AS given_agrees,
       is_whole OR coalesce(list_has_any(a.runs, s.families)
         OR (length(a.family) > 2 AND list_contains(s.family_words, a.family))
         OR (NOT a.family_borne AND len(list_filter(s.families, lambda f: slip(f, a.family))) > 0),
         FALSE) AS family_agrees
FROM (SELECT platform, account_key, student_id, arg_min(evidence, s.strength) AS evidence,
             min(s.strength) AS strength
      FROM pointed JOIN strength s USING (evidence) GROUP BY ALL) p
JOIN account a USING (platform, account_key)
LEFT JOIN student_name s USING (student_id)
"""


#: Students whose name a slip or a short form would make a classmate's: their class files' names
#: tell too little. Twins above all.
_ALIKE = """
CREATE OR REPLACE TEMP TABLE too_alike AS
WITH in_class AS (
  SELECT DISTINCT e.class_id, b.student_id, b.given, b.family
  FROM roster.enrollment e JOIN bearer b ON b.student_id = e.person_id
  WHERE e.role = 'student')
SELECT DISTINCT a.class_id, a.student_id
FROM in_class a
JOIN in_class b ON a.class_id = b.class_id AND a.student_id <> b.student_id
LEFT JOIN short_form f ON f.one = a.given AND f.other = b.given
WHERE (a.family = b.family OR slip(a.family, b.family))
  AND (a.given = b.given OR f.one IS NOT NULL OR slip(a.given, b.given)
       OR short_slip(a.given, b.given) OR begins(a.given, b.given))
"""


def gather(db: duckdb.DuckDBPyConnection) -> None:
    """Make temporary tables student_same, student_name, bearer, known, account, pair, too_alike.

    Reads work.newest_account, identity.class_link, lake.person and the roster. `pair` has one row
    per account and student that some id, address or name in class points to. `too_alike`:
    students of a class who have a near namesake in it.
    """
    db.execute("CREATE OR REPLACE TEMP TABLE strength (evidence VARCHAR, strength INTEGER)")
    bulk.insert(db, "strength", list(STRENGTH.items()))
    for sql in (*_STUDENT.split(";"), _ACCOUNT, _POINTED, _PAIR, _ALIKE):
        db.execute(sql)
