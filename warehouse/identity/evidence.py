"""Evidence: which students an account's ids and names point to, exactly.

Belongs here: the facts of each pair of account and student. Not here: which of them is believed
(verdict.py), and what only a score can tell (scoring.py).
"""

from __future__ import annotations

import duckdb

#: From the strongest down: what the evidence is called, and whether both names must agree with it.
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
#: same number of the school's and the same name is one student.
_STUDENT = """
CREATE OR REPLACE TEMP TABLE student_same AS
SELECT gone.student_id AS old_id, min(here.student_id) AS student_id
FROM roster.student gone JOIN roster.student here
  ON plain_id(gone.sis_id) = plain_id(here.sis_id) AND gone.student_id <> here.student_id
WHERE NOT gone.active AND here.active
  AND letters(gone.family_name) = letters(here.family_name)
  AND letters(gone.given_name) = letters(here.given_name)
GROUP BY gone.student_id HAVING count(*) = 1;

CREATE OR REPLACE TEMP TABLE written AS
SELECT DISTINCT coalesce(same.student_id, s.student_id) AS student_id,
       plain_id(p.sis_id) AS sis_id, plain_id(p.person_id) AS sourced_id,
       address(p.email) AS email, address(p.username) AS username,
       letters(p.given_name) AS given, letters(p.preferred_name) AS preferred,
       letters(p.middle_name) AS middle, letters(p.family_name) AS family,
       p.is_current AND s.active AND same.student_id IS NULL AS is_current
FROM lake.person p JOIN roster.student s ON s.student_id = p.person_id
LEFT JOIN student_same same ON same.old_id = s.student_id;

CREATE OR REPLACE TEMP TABLE student_name AS
SELECT student_id,
       list_concat(told(given), told(preferred)) AS givens, told(middle) AS middles,
       told(family) AS families
FROM written GROUP BY student_id;

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
    SELECT *, trim(regexp_replace(CASE WHEN contains(full_name, ',')
             THEN split_part(full_name, ',', 2) || ' ' || split_part(full_name, ',', 1)
             ELSE full_name END, '\\s+', ' ', 'g')) AS simple_name
    FROM work.newest_account)),
named AS (
  SELECT *,
    letters(coalesce(given_name, CASE WHEN len(parts) > 1 THEN parts[1] END)) AS given,
    letters(coalesce(family_name, CASE WHEN len(parts) > 1 THEN parts[-1] END)) AS family,
    coalesce(letters(full_name), letters(concat(given_name, family_name))) AS whole
  FROM parted)
SELECT n.platform, n.account_key, n.account_kind, n.class_key, c.class_id,
       plain_id(n.sis_id) AS sis_id, address(n.email) AS email, address(n.username) AS username,
       n.given, n.family, n.whole, letters(simple_name) AS turned,
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
       coalesce(list_has_any(a.forms, s.givens)
         OR len(list_filter(s.givens, lambda g: slip(g, a.given) OR begins(g, a.given)
              OR (length(g) > 2 AND contains(a.whole, g)))) > 0, FALSE) AS given_agrees,
       coalesce(list_contains(s.families, a.family)
         OR len(list_filter(s.families, lambda f: slip(f, a.family) OR within(f, a.family)
              OR (length(f) > 1 AND contains(a.whole, f)))) > 0, FALSE) AS family_agrees
FROM (SELECT platform, account_key, student_id, arg_min(evidence, s.strength) AS evidence,
             min(s.strength) AS strength
      FROM pointed JOIN strength s USING (evidence) GROUP BY ALL) p
JOIN account a USING (platform, account_key)
LEFT JOIN student_name s USING (student_id)
"""


def gather(db: duckdb.DuckDBPyConnection) -> None:
    """Make temporary tables account, student_name, known and pair.

    Reads work.newest_account, identity.class_link, lake.person and the roster. `pair` has one row
    per account and student that some id, address or name in class points to.
    """
    db.execute("CREATE OR REPLACE TEMP TABLE strength (evidence VARCHAR, strength INTEGER)")
    db.executemany("INSERT INTO strength VALUES (?, ?)", list(STRENGTH.items()))
    for sql in (*_STUDENT.split(";"), _ACCOUNT, _POINTED, _PAIR):
        db.execute(sql)
