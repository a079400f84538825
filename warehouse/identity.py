"""Who is who: platform accounts become students, platform classes become classes of the roster.

Evidence only links where it is exact, points to one student, and does not disagree with the name
the platform gives. A doubt is never decided here: the account waits, with the reason. Facts of
waiting accounts stay in the lake and flow on by themselves once resolved.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from warehouse.naming import words

#: Why an account waits. `no_match`: no student of the roster has this id, e-mail or user name.
#: `evidence_disagrees`: its ids point to different students. `name_disagrees`: the platform's name
#: for it is not the student's. `two_students`: its evidence fits several students alike.
#: `two_accounts`: several accounts of the platform claim one student. `no_class`: it is known by
#: name only, within a class that is not known.
WAITING = (
    "no_match",
    "evidence_disagrees",
    "name_disagrees",
    "two_students",
    "two_accounts",
    "no_class",
)


@dataclass(frozen=True)
class ClassLinks:
    """Classes found: (platform, class_key, class_id, evidence), and keys that fit none or many."""

    found: tuple[tuple[str, str, str, str], ...]
    waiting: tuple[tuple[str, str], ...]


def link_classes(
    keys: Iterable[tuple[str, str, date | None]],
    told: Mapping[tuple[str, str], Sequence[str]],
    classes: Iterable[tuple[str, str | None, str | None]],
    mapped: Mapping[tuple[str, str], str],
) -> ClassLinks:
    """Match platform classes to roster classes (class_id, title, class_code). Pure.

    `keys`: platform, class key, day of its newest export; `told`: what the platform says of a
    class, such as its SIS id and title. In order: the district's own map, the class id itself,
    then title or code as letters and digits only, first the whole of what is told, of the file's
    name or folder, then a title contained in it. Only a single fit counts; where two keys of a
    platform fit one class, the newer export has it, and of two of one day none.
    """
    ids: set[str] = set()
    titles: dict[str, set[str]] = defaultdict(set)
    for class_id, title, code in classes:
        ids.add(class_id)
        for text in (title, code):
            if text and squash(text):
                titles[squash(text)].add(class_id)
    claims: dict[tuple[str, str], list[tuple[date, str, str]]] = defaultdict(list)
    waiting = []
    for platform, key, newest in keys:
        own = {k: v for (p, k), v in mapped.items() if p == platform}
        fit = _class(key, told.get((platform, key), ()), ids, titles, own)
        if fit is None:
            waiting.append((platform, key))
        else:
            claims[platform, fit[0]].append((newest or date.min, key, fit[1]))
    found = []
    for (platform, class_id), claimants in claims.items():
        latest = max(day for day, _, _ in claimants)
        newest_keys = [(key, how) for day, key, how in claimants if day == latest]
        if len(newest_keys) == 1:
            found.append((platform, newest_keys[0][0], class_id, newest_keys[0][1]))
        waiting += [
            (platform, key)
            for _, key, _ in claimants
            if len(newest_keys) > 1 or key != newest_keys[0][0]
        ]
    return ClassLinks(tuple(found), tuple(waiting))


def squash(text: str) -> str:
    """Letters and digits only, lower case: how titles and file names are compared."""
    return words(text).replace(" ", "")


def _class(
    key: str,
    told: Sequence[str],
    ids: set[str],
    titles: Mapping[str, set[str]],
    mapped: Mapping[str, str],
) -> tuple[str, str] | None:
    plain = [re.sub(r"~\d+$", "", part) for part in key.split("/")]
    texts = [t for t in (*map(words, told), *reversed([words(part) for part in plain])) if t]
    known = {squash(t) for t in (*texts, *key.split("/"))}
    for text, class_id in mapped.items():
        if squash(text) in known and class_id in ids:
            return class_id, "district's map"
    for given in (key, *told):
        if given in ids:
            return given, "class id"
    for text in texts:
        if one := titles.get(squash(text)):
            return (next(iter(one)), "title") if len(one) == 1 else None
    for text in texts:
        held = {t for t in map(squash, _spans(text)) if t in titles and len(t) > 3}
        longest = max(held, key=len, default=None)
        if longest is None:
            continue
        # Another title beside the longest one, and not a part of it, makes it a guess.
        if any(t not in longest for t in held) or len(titles[longest]) > 1:
            return None
        return next(iter(titles[longest])), "title within the name"
    return None


def _spans(text: str) -> set[str]:
    """Every run of whole words of a text."""
    parts = text.split()
    return {" ".join(parts[i:j]) for i in range(len(parts)) for j in range(i + 1, len(parts) + 1)}


_NAME = "nullif(regexp_replace(lower(strip_accents({})), '[^a-z]', '', 'g'), '')"
_LETTERS = "CREATE OR REPLACE TEMP MACRO letters(t) AS " + _NAME.format("t")
_ID = "CREATE OR REPLACE TEMP MACRO plain_id(t) AS nullif(upper(trim(t)), '')"

#: One row per account, kind of evidence and student that it points to.
_EVIDENCE = """
CREATE OR REPLACE TEMP TABLE evidence AS
SELECT a.platform, a.account_key, 1 AS strength, 'sis_id' AS evidence, s.student_id
FROM work.newest_account a JOIN
  (SELECT plain_id(sis_id) AS id, student_id FROM roster.student
   UNION SELECT plain_id(student_id), student_id FROM roster.student) s ON s.id = plain_id(a.sis_id)
UNION ALL
SELECT a.platform, a.account_key, 2, 'email', s.student_id
FROM work.newest_account a JOIN roster.student s ON lower(trim(s.email)) = lower(trim(a.email))
UNION ALL
SELECT a.platform, a.account_key, 3, 'username', s.student_id
FROM work.newest_account a
JOIN roster.student s ON lower(trim(s.username)) = lower(trim(a.username))
UNION ALL
SELECT a.platform, a.account_key, 4, 'name_in_class', s.student_id
FROM work.newest_account a
JOIN identity.class_link c ON c.platform = a.platform AND c.class_key = a.class_key
JOIN roster.enrollment e ON e.class_id = c.class_id AND e.role = 'student'
JOIN roster.student s ON s.student_id = e.person_id
  AND letters(a.full_name) IN (letters(concat(s.given_name, s.family_name)),
                               letters(concat(s.preferred_name, s.family_name)),
                               letters(concat(s.family_name, s.given_name)))
WHERE a.account_kind = 'name_in_class'
"""

#: The exits of an account in a row; the last SELECT leaves each account with one outcome.
_VERDICT = """
CREATE OR REPLACE TEMP TABLE verdict AS
WITH pointed AS (
  SELECT a.*, e.student_id, e.evidence, e.students, e.best
  FROM work.newest_account a LEFT JOIN (
    SELECT platform, account_key, count(DISTINCT student_id) AS students,
           min(student_id) AS student_id, arg_min(evidence, strength) AS evidence,
           count(DISTINCT student_id) FILTER (WHERE strength = first) AS best
    FROM (SELECT *, min(strength) OVER (PARTITION BY platform, account_key) AS first FROM evidence)
    GROUP BY ALL) e USING (platform, account_key)),
named AS (
  SELECT p.*,
         letters(p.family_name) AS family, letters(p.given_name) AS given,
         letters(p.full_name) AS whole,
         letters(s.family_name) AS s_family, letters(s.given_name) AS s_given,
         letters(s.preferred_name) AS s_preferred
  FROM pointed p LEFT JOIN roster.student s USING (student_id)),
judged AS (
  SELECT platform, account_key, account_kind, class_key, student_id, evidence,
    CASE WHEN students IS NULL AND account_kind = 'name_in_class'
              AND NOT EXISTS (SELECT 1 FROM identity.class_link c WHERE c.platform = named.platform
                              AND c.class_key = named.class_key) THEN 'no_class'
         WHEN students IS NULL THEN 'no_match'
         WHEN best > 1 THEN 'two_students'
         WHEN students > 1 THEN 'evidence_disagrees'
         WHEN NOT coalesce(
              (family IS NULL AND given IS NULL AND whole IS NULL)
              OR (s_family IS NULL AND s_given IS NULL)
              OR family = s_family OR contains(whole, s_family)
              OR (length(s_family) > 3 AND contains(family, s_family))
              OR (length(family) > 3 AND contains(s_family, family))
              -- The school's own number stands with either name; an address needs the family's.
              OR (evidence = 'sis_id' AND (given = s_given OR given = s_preferred
                  OR contains(whole, s_given) OR contains(whole, s_preferred))), FALSE)
              THEN 'name_disagrees'
         END AS doubt
  FROM named)
SELECT platform, account_key, account_kind, class_key,
       CASE WHEN doubt IS NULL AND claims = 1 THEN student_id END AS student_id,
       CASE WHEN doubt IS NULL AND claims = 1 THEN evidence END AS evidence,
       CASE WHEN doubt IS NULL AND claims > 1 THEN 'two_accounts' ELSE doubt END AS waits_for
FROM (SELECT *, CASE WHEN doubt IS NULL THEN count(*) OVER (
        PARTITION BY platform, account_kind, class_key, student_id, doubt) END AS claims
      FROM judged)
"""


def link(db: duckdb.DuckDBPyConnection, mapped: Mapping[tuple[str, str], str]) -> None:
    """Fill schema `identity`: account_link, class_link, and account_state for all accounts.

    Reads work.newest_account, lake.* class keys, and the roster tables, all in `db`. `mapped` is
    the district's own (platform, words) to class_id. No name leaves this step: account_state refers
    to an account by a hash of its key.
    """
    keys = db.execute(
        """SELECT platform, class_key, max(exported_on) FROM (
             SELECT platform, class_key, exported_on FROM lake.assignment WHERE is_current
             UNION ALL SELECT platform, class_key, exported_on FROM lake.daily_activity
               WHERE is_current
             UNION ALL SELECT platform, class_key, exported_on FROM lake.account WHERE is_current
             UNION ALL SELECT platform, class_key, exported_on FROM lake.coverage WHERE is_current
             UNION ALL SELECT platform, class_key, exported_on FROM lake.event WHERE is_current
             UNION ALL SELECT platform, class_key, exported_on FROM lake.platform_class
               WHERE is_current)
           WHERE class_key IS NOT NULL GROUP BY ALL ORDER BY ALL"""
    ).fetchall()
    told: dict[tuple[str, str], list[str]] = defaultdict(list)
    # Each feed may know a part, such as the section its SIS id and the course its title.
    for platform, key, _, *texts in db.execute(
        """SELECT platform, class_key, feed, max_by(sis_id, exported_on),
                  max_by(class_code, exported_on), max_by(title, exported_on)
           FROM lake.platform_class WHERE is_current
           GROUP BY platform, class_key, feed ORDER BY platform, class_key, feed"""
    ).fetchall():
        told[platform, key] += [text for text in texts if text]
    classes = db.execute("SELECT class_id, title, class_code FROM roster.class_section").fetchall()
    links = link_classes(keys, told, classes, mapped)
    db.execute(
        "CREATE OR REPLACE TABLE scratch.identity.class_link "
        "(platform VARCHAR, class_key VARCHAR, class_id VARCHAR, evidence VARCHAR)"
    )
    if links.found:
        db.executemany(
            "INSERT INTO scratch.identity.class_link VALUES (?, ?, ?, ?)", list(links.found)
        )
    for sql in (_LETTERS, _ID, _EVIDENCE, _VERDICT):
        db.execute(sql)
    db.execute(
        """CREATE OR REPLACE TABLE scratch.identity.account_link AS
           SELECT platform, account_key, student_id, evidence FROM verdict
           WHERE student_id IS NOT NULL"""
    )
    db.execute(
        """CREATE OR REPLACE TABLE scratch.identity.account_state AS
           SELECT platform, left(sha256(platform || '|' || account_key), 12) AS account_ref,
                  account_kind, evidence, waits_for FROM verdict"""
    )
    for table in ("evidence", "verdict"):
        db.execute(f"DROP TABLE {table}")
