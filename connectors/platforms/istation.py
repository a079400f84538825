"""Istation: monthly ISIP results, one row a student, the months side by side."""

from __future__ import annotations

from connectors.contract import Column, Feed, Kind, Output, Platform, Scope

_MONTHS = (
    "August September October November December January February March April May June July".split()
)


def _month(name: str) -> tuple[Column, ...]:
    low = name.lower()
    return (
        Column(f"{low}_score", Kind.NUMBER, (f"{name}_SCORE",), required=False, low=0),
        Column(f"{low}_ptile", Kind.INTEGER, (f"{name}_PTILE",), required=False, low=0, high=100),
        Column(
            f"{low}_date",
            Kind.DATE,
            (f"{name}_ADMIN_DATE",),
            required=False,
            formats=("%m/%d/%Y", "%Y-%m-%d"),
        ),
    )


def _tests() -> str:
    """One row a student and month with a score; `ends`: the year in which its school year ends."""
    return " UNION ALL ".join(
        f"""SELECT _no, _folder, _stem, student, '{name}' AS month, {low}_score AS score,
                   {low}_ptile AS percentile, {low}_date AS taken_on,
                   coalesce(year({low}_date) + CASE WHEN month({low}_date) >= 7 THEN 1 ELSE 0 END,
                            _school_year) AS ends
            FROM rows WHERE {low}_score IS NOT NULL"""
        for name, low in ((m, m.lower()) for m in _MONTHS)
    )


_FEED = Feed(
    "isip",
    "ISIP results by month",
    (
        Column("student", Kind.ID, ("STUDENT_ID",), filled=True),
        Column("family_name", Kind.TEXT, ("LNAME",), required=False),
        Column("given_name", Kind.TEXT, ("FNAME",), required=False),
        Column("domain", Kind.TEXT, ("DOMAIN",)),
        Column("grade", Kind.TEXT, ("GRADE",), required=False),
        *(column for name in _MONTHS for column in _month(name)),
    ),
    (
        Output(
            "account",
            """SELECT _no, student AS account_key, 'sis_id' AS account_kind, student AS sis_id,
                      any_value(given_name) AS given_name, any_value(family_name) AS family_name,
                      any_value(grade) AS grade_level
               FROM rows GROUP BY _no, student""",
        ),
        Output(
            "assessment_result",
            # The folder and the words of the name keep apart what the columns do not.
            f"""SELECT _no, 'isip:' || left(sha256(concat_ws('|', _folder, _stem, student, ends,
                         month)), 32) AS result_id,
                       student AS account_key, month AS term,
                       CAST(ends - 1 AS VARCHAR) || '-' || CAST(ends AS VARCHAR) AS school_year,
                       'ISIP' AS test_name, taken_on, score, percentile
                FROM ({_tests()})""",
        ),
        Output(
            "coverage",
            f"""SELECT _no, min(taken_on) AS covers_from, max(taken_on) AS covers_to,
                       'assessments' AS of, FALSE AS absence_is_zero
                FROM ({_tests()}) WHERE taken_on IS NOT NULL GROUP BY _no""",
        ),
    ),
    Scope.FILE,
    key=("student", "domain"),
)

_ABOUT = """
One row a student, the months from August to July side by side; each month with a score becomes a
test. A month is of the school year of its date; without a date, of the file's. A later file under
the same name, dates aside, tells the same months again, and the newer one counts.

Unknown: the subject. The columns do not tell reading from mathematics or Spanish, so `subject` is
empty; files of several subjects stay apart by their names or folders. Left out on purpose: the tier
and everything about the child's background.
"""

PLATFORM = Platform(
    "istation",
    "Istation",
    (_FEED,),
    carries="monthly scores and percentiles",
    tested_on="the real layout with anonymised values",
    about=_ABOUT,
)
