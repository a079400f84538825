"""Columns and phrases that several of NWEA's files share."""

from __future__ import annotations

from connectors.contract import Column, Kind, Output


def col(
    name: str,
    kind: Kind,
    *headers: str,
    required: bool = False,
    filled: bool = False,
    low: float | None = None,
    high: float | None = None,
) -> Column:
    """A column of NWEA's files, whose dates are written month first or as ISO."""
    formats = ("%m/%d/%Y", "%Y-%m-%d") if kind is Kind.DATE else ()
    return Column(name, kind, headers, required, filled, formats=formats, low=low, high=high)


TERM = col("term", Kind.TEXT, "TermName", required=True, filled=True)
STUDENT = col("student", Kind.ID, "StudentID", required=True, filled=True)
SCHOOL = col("school_name", Kind.TEXT, "SchoolName")
PERSON = (
    col("family_name", Kind.TEXT, "StudentLastName", required=True),
    col("given_name", Kind.TEXT, "StudentFirstName", required=True),
    col("grade", Kind.TEXT, "Grade"),
    SCHOOL,
)
_YEARS = "regexp_extract(term, '[0-9]{4} ?- ?[0-9]{4}')"

#: The year of an old term's name: a fall's is the one in which its school year begins; whether a
#: winter's or spring's is so too is not documented, so the day of the test decides.
_YEAR = "TRY_CAST(nullif(regexp_extract(term, '(^|[^0-9])([0-9]{4})$', 2), '') AS INTEGER)"
#: The school year that `term` tells, beside `test_date`.
SCHOOL_YEAR = f"""CASE WHEN {_YEARS} <> '' THEN replace({_YEARS}, ' ', '')
    WHEN term ILIKE 'fall %' THEN {_YEAR} || '-' || ({_YEAR} + 1)
    WHEN (term ILIKE 'winter %' OR term ILIKE 'spring %') AND month(test_date) NOT IN (7, 8)
        AND {_YEAR} IN (year(test_date) - (month(test_date) < 7)::INTEGER,
                        year(test_date) + (month(test_date) >= 7)::INTEGER)
    THEN (year(test_date) - (month(test_date) < 7)::INTEGER) || '-'
         || (year(test_date) + (month(test_date) >= 7)::INTEGER) END"""


ACCOUNT = """SELECT _no, student AS account_key, 'sis_id' AS account_kind, student AS sis_id,
                     any_value(given_name) AS given_name, any_value(family_name) AS family_name,
                     any_value(grade) AS grade_level, any_value(school_name) AS school_name
              FROM rows GROUP BY _no, student"""
COVERAGE = Output(
    "coverage",
    """SELECT _no, min(test_date) AS covers_from, max(test_date) AS covers_to, 'assessments' AS of,
              FALSE AS absence_is_zero FROM rows GROUP BY _no""",
)
