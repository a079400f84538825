"""Scores for accounts that no id, address or name in class points to: Splink on DuckDB.

The weights are never trained, so that the same account and roster always give the same score,
whatever else came that night: how often one child is written alike twice (m) is set by hand, and
how often two children are alike (u) is counted on the roster.
"""

from __future__ import annotations

import logging
from typing import Any

import duckdb

from warehouse.identity import names

#: Scores below this are not worth a person's look.
LEAST = 0.1

#: Accounts to be scored, and students, in one shape. `waiting` is the residue that verdict.py left.
_INPUT = """
CREATE OR REPLACE TEMP TABLE scored_account AS
SELECT row_number() OVER (ORDER BY a.platform, a.account_key) AS unique_id, a.platform,
       a.account_key, a.given, a.family, list_distinct(a.forms) AS forms,
       grade_number(a.grade_level) AS grade, coalesce(s.school_id, '') AS school,
       coalesce(c.classes, CAST([] AS VARCHAR[])) AS classes,
       left(a.family, 3) || left(a.given, 2) AS beginning
FROM account a JOIN waiting w USING (platform, account_key)
LEFT JOIN (SELECT place(name) AS name, min(school_id) AS school_id FROM roster.school
           GROUP BY ALL HAVING count(*) = 1) s ON s.name = a.school
LEFT JOIN (SELECT platform, account_key, list(DISTINCT class_id ORDER BY class_id) AS classes
           FROM (SELECT platform, account_key, class_id FROM account
                 UNION ALL
                 SELECT m.platform, m.account_key, l.class_id FROM lake.class_member m
                 JOIN identity.class_link l USING (platform, class_key) WHERE m.is_current)
           WHERE class_id IS NOT NULL GROUP BY ALL) c USING (platform, account_key)
WHERE a.given IS NOT NULL AND a.family IS NOT NULL;

CREATE OR REPLACE TEMP TABLE scored_student AS
SELECT row_number() OVER (ORDER BY s.student_id) AS unique_id, s.student_id,
       letters(s.given_name) AS given, letters(s.family_name) AS family,
       list_concat(n.givens, n.middles) AS forms,
       grade_number(s.grade_level) AS grade, coalesce(s.school_id, '') AS school,
       coalesce(e.classes, CAST([] AS VARCHAR[])) AS classes,
       left(letters(s.family_name), 3) || left(letters(s.given_name), 2) AS beginning
FROM roster.student s JOIN student_name n USING (student_id)
LEFT JOIN (SELECT person_id, list(DISTINCT class_id ORDER BY class_id) AS classes
           FROM roster.enrollment
           WHERE role = 'student' GROUP BY person_id) e ON e.person_id = s.student_id
WHERE letters(s.given_name) IS NOT NULL AND letters(s.family_name) IS NOT NULL
"""
_GRADE = (
    "grade_number(t) AS CASE WHEN upper(t) LIKE 'K%' THEN 0 WHEN upper(t) LIKE 'P%' THEN -1 "
    "ELSE TRY_CAST(regexp_extract(t, '[0-9]+') AS INTEGER) END"
)


def _level(sql: str, label: str, m: float, u: float) -> dict[str, Any]:
    return {
        "sql_condition": sql,
        "label_for_charts": label,
        "m_probability": m,
        "u_probability": u,
        "fix_m_probability": True,
        "fix_u_probability": True,
    }


def _null(sql: str) -> dict[str, Any]:
    return {"sql_condition": sql, "label_for_charts": "not told", "is_null_level": True}


#: Which pairs are looked at: all that any of these holds for.
_BLOCKS = (
    "l.family = r.family AND l.given = r.given",
    "l.family = r.family AND l.school = r.school",
    "l.family = r.family AND l.grade = r.grade",
    "l.given = r.given AND l.school = r.school AND l.grade = r.grade",
    "l.beginning = r.beginning",
)
#: One class in common, of the several that either may have.
_CLASS_BLOCK = {"blocking_rule": "l.classes = r.classes", "arrays_to_explode": ["classes"]}


#: How often two children are alike, at least: a small roster must not make a name look rare.
_FLOORS = {"family": 0.002, "given": 0.003, "grade": 0.05, "school": 0.005, "classes": 0.001}
#: And at most: where all are of one family, the chances of its levels would be more than one.
_MOST = {"family": 0.3, "given": 0.3, "grade": 0.3}
_CHANCE = """
SELECT sum(n * (n - 1)) / nullif(sum(n) * (sum(n) - 1), 0) FROM (
  SELECT CAST(count(*) AS DOUBLE) AS n
  FROM (SELECT {column} AS value FROM scored_student) WHERE value IS NOT NULL GROUP BY value)
"""


def _chances(db: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """By column of the roster, how often two children taken at random are alike in it."""
    found = {}
    for name, least in _FLOORS.items():
        column = "unnest(classes)" if name == "classes" else name
        share = db.execute(_CHANCE.format(column=column)).fetchall()[0][0]
        found[name] = min(max(share or least, least), _MOST.get(name, 1))
    return found


def _name(
    column: str, chance: float, same: float, levels: list[tuple[str, str, float, int]]
) -> dict[str, Any]:
    """A comparison of names. Each further level says `weaker` times less than sameness does."""
    drawn = [_level(f"{column}_l = {column}_r", "same", same, chance)]
    drawn += [_level(sql, label, m, m * weaker * chance / same) for sql, label, m, weaker in levels]
    rest = 1 - sum(level["m_probability"] for level in drawn)
    others = 1 - sum(level["u_probability"] for level in drawn)
    return {
        "output_column_name": column,
        "comparison_levels": [*drawn, _level("ELSE", "different", rest, others)],
    }


def _comparisons(chance: dict[str, float]) -> list[Any]:
    """Per comparison, from the closest level down: what is alike, and what that weighs."""
    return [
        _name("family", chance["family"], 0.88, [
            ("slip(family_l, family_r)", "one letter off", 0.07, 6),
            ("within(family_l, family_r)", "part of a double name", 0.025, 6),
            ("short_slip(family_l, family_r)", "one letter off a short name", 0.005, 20),
        ]),
        _name("given", chance["given"], 0.75, [
            ("list_has_any(forms_l, forms_r)", "short form or other name", 0.13, 4),
            ("slip(given_l, given_r)", "one letter off", 0.06, 6),
            ("begins(given_l, given_r)", "begins alike", 0.03, 10),
            ("short_slip(given_l, given_r)", "one letter off a short name", 0.005, 20),
        ]),
        {
            "output_column_name": "grade",
            "comparison_levels": [
                _null("grade_l IS NULL OR grade_r IS NULL"),
                _level("grade_l = grade_r", "same", 0.95, chance["grade"]),
                _level("abs(grade_l - grade_r) = 1", "one apart", 0.045, 2 * chance["grade"]),
                _level("ELSE", "different", 0.005, 1 - 3 * min(chance["grade"], 0.3)),
            ],
        },
        {
            "output_column_name": "school",
            "comparison_levels": [
                _null("school_l = '' OR school_r = ''"),
                _level("school_l = school_r", "same", 0.96, chance["school"]),
                _level("ELSE", "different", 0.04, max(1 - chance["school"], 0.01)),
            ],
        },
        {
            "output_column_name": "classes",
            "comparison_levels": [
                _null("len(classes_l) = 0 OR len(classes_r) = 0"),
                _level("list_has_any(classes_l, classes_r)", "one class", 0.98, chance["classes"]),
                _level("ELSE", "other classes", 0.02, max(1 - chance["classes"], 0.01)),
            ],
        },
    ]  # fmt: skip


_CANDIDATE = """
CREATE OR REPLACE TEMP TABLE candidate AS
SELECT a.platform, a.account_key, s.student_id, p.match_probability AS score,
       p.gamma_family > 0 AS family_agrees, p.gamma_given > 0 AS given_agrees,
       -- A name that somebody bears is no slip, and a whole name no short form of another.
       p.gamma_family BETWEEN 1 AND 3 AND coalesce(o.family_borne, FALSE)
         OR p.gamma_given BETWEEN 1 AND 3 AND coalesce(o.given_borne, FALSE)
         OR p.gamma_family = 2 AND NOT list_contains(n.family_words, o.family)
           AND NOT list_has_any(o.runs, n.families)
         OR p.gamma_given = 4 AND o.given IN (SELECT name FROM whole_name) AS another_name,
       coalesce(p.gamma_school, -1) = 1 AS school_agrees, p.gamma_school = 0 AS school_differs,
       p.gamma_grade = 0 AS grade_differs,
       coalesce(p.gamma_classes, -1) = 1 AS class_agrees, p.gamma_classes = 0 AS class_differs
FROM predicted p
JOIN scored_account a ON a.unique_id = p.unique_id_l
JOIN scored_student s ON s.unique_id = p.unique_id_r
JOIN student_name n ON n.student_id = s.student_id
JOIN account o ON o.platform = a.platform AND o.account_key = a.account_key
-- Whoever is known by name in a class is one of that class.
WHERE o.account_kind <> 'name_in_class' OR coalesce(p.gamma_classes, -1) = 1
"""


def score(db: duckdb.DuckDBPyConnection) -> None:
    """Make temporary table candidate: accounts of table `waiting` with the students they may be.

    Grain: account x student. `score` is the probability that they are one, 0 to 1.
    """
    db.execute(f"CREATE OR REPLACE TEMP MACRO {_GRADE}")
    for sql in _INPUT.split(";"):
        db.execute(sql)
    accounts = _count(db, "scored_account")
    students = _count(db, "scored_student")
    if not accounts or not students:
        db.execute(
            """CREATE OR REPLACE TEMP TABLE candidate (
                 platform VARCHAR, account_key VARCHAR, student_id VARCHAR, score DOUBLE,
                 family_agrees BOOLEAN, given_agrees BOOLEAN, another_name BOOLEAN,
                 school_agrees BOOLEAN, school_differs BOOLEAN, grade_differs BOOLEAN,
                 class_agrees BOOLEAN, class_differs BOOLEAN)"""
        )
        return
    predicted = _predict(
        db.sql("SELECT * EXCLUDE (platform, account_key) FROM scored_account").to_arrow_table(),
        db.sql("SELECT * EXCLUDE (student_id) FROM scored_student").to_arrow_table(),
        _chances(db),
    )
    db.register("predicted", predicted)
    db.execute(_CANDIDATE)
    db.unregister("predicted")


def _predict(accounts: Any, students: Any, chance: dict[str, float]) -> Any:
    """Pairs with their probability and levels, as an Arrow table.

    In a database of its own: Splink leaves its working tables where it is.
    """
    # Its import costs a second, which a night without doubts need not pay.
    from splink import Linker, SettingsCreator
    from splink.backends.duckdb import DuckDBAPI

    logging.getLogger("splink").setLevel(logging.ERROR)
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=_comparisons(chance),
        blocking_rules_to_generate_predictions=[
            *({"blocking_rule": rule, "sql_dialect": "duckdb"} for rule in _BLOCKS),
            {**_CLASS_BLOCK, "sql_dialect": "duckdb"},
        ],
        probability_two_random_records_match=1 / max(len(students), 100),
        retain_matching_columns=True,
        retain_intermediate_calculation_columns=True,
    )
    with duckdb.connect(config={"memory_limit": "1GB"}) as side:
        names.define(side)
        side.register("told_account", accounts)
        side.register("told_student", students)
        side.execute("CREATE TABLE scored_account AS FROM told_account")
        side.execute("CREATE TABLE scored_student AS FROM told_student")
        api = DuckDBAPI(connection=side)
        linker = Linker(
            [
                api.register("scored_account", dataset_display_name="a_account"),
                api.register("scored_student", dataset_display_name="b_student"),
            ],
            settings,
            log_level=None,
        )
        found = linker.inference.predict(threshold_match_probability=LEAST, warning_mode="never")
        return side.sql(f"FROM {found.physical_name}").to_arrow_table()


def _count(db: duckdb.DuckDBPyConnection, table: str) -> int:
    found: int = db.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]
    return found
