"""The administrator's files: who is there, and mastery progress by student and week."""

from __future__ import annotations

from connectors.contract import Column, Feed, Kind, Output, Scope, Wide
from connectors.platforms.khan.names import NULL

_PERSON = (
    Column("student", Kind.TEXT, ("Student Name",), required=False, nothing=NULL),
    Column("email", Kind.TEXT, ("Student Email",), required=False, nothing=NULL),
    Column("sis_id", Kind.ID, ("Student SIS ID",), required=False, nothing=NULL),
)
_KEY = "lower(coalesce(email, 'sis:' || sis_id))"
_ACCOUNT = Output(
    "account",
    f"""SELECT _no, {_KEY} AS account_key, 'directory' AS account_kind, any_value(sis_id) AS sis_id,
               any_value(email) AS email, any_value(student) AS full_name
        FROM rows WHERE coalesce(email, sis_id) IS NOT NULL GROUP BY 1, 2""",
)

OVERALL = Feed(
    "overall",
    "administrator's overall file",
    (
        Column("student", Kind.TEXT, ("Student Name",), nothing=NULL),
        Column("email", Kind.TEXT, ("Student Email",), nothing=NULL),
        Column("sis_id", Kind.ID, ("Student SIS ID",), nothing=NULL),
        Column("roster_status", Kind.TEXT, ("Roster Status",), nothing=NULL),
    ),
    (_ACCOUNT,),
    Scope.SPAN,
    key=("email", "sis_id"),
)

_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[.]?"
_DAY = (
    r"(?:\d{4}-\d{2}-\d{2}|\d{8}|\d{1,2}/\d{1,2}(?:/\d{4})?|"
    rf"{_MONTH} \d{{1,2}}(?:,? \d{{4}})?)"
)
#: A week is headed by a day of it, or by its first and last day.
_WEEK = rf"(?:week (?:of )?)?{_DAY}(?:\s*(?:-|–|to|_)\s*(?:{_DAY}|\d{{1,2}}(?:,? \d{{4}})?))?"
_FORMATS = "['%Y-%m-%d', '%Y%m%d', '%m/%d/%Y', '%b %d %Y', '%B %d %Y']"
_FIRST = f"replace(replace(regexp_extract(lower(label), '{_DAY}'), ',', ''), '.', '')"
_YEAR = r"nullif(regexp_extract(label, '(?:^|[^0-9])(\d{4})(?:$|[^0-9])', 1), '')"
#: The first day of each week's header. One without a year takes it from the end of the range, else
#: from the file's school year, which begins in July.
_STARTS = f"""
    SELECT *, CAST(CASE
                   WHEN whole IS NOT NULL THEN whole
                   WHEN told IS NULL THEN make_date(
                       _school_year - (month(bare) >= 7)::INTEGER, month(bare), day(bare))
                   WHEN month(bare) = 12 AND contains(lower(label), 'jan')
                   THEN bare - INTERVAL 1 YEAR
                   ELSE bare END AS DATE) AS starts
    FROM (SELECT *, try_strptime(first, {_FORMATS}) AS whole,
                 coalesce(try_strptime(first || ' ' || coalesce(told, '2000'), {_FORMATS}),
                          try_strptime(first || '/' || coalesce(told, '2000'), {_FORMATS})) AS bare
          FROM (SELECT *, {_FIRST} AS first, {_YEAR} AS told
                FROM (SELECT _no, email, sis_id, _school_year, _exported_on,
                             unnest(_wide, recursive := TRUE)
                      FROM rows WHERE coalesce(email, sis_id) IS NOT NULL)))"""

MASTERY = Feed(
    "mastery_student",
    "mastery progress by student",
    _PERSON,
    (
        _ACCOUNT,
        Output(
            "progress_week",
            # A student with several rows has several courses, which no known column names.
            f"""SELECT _no, account_key, week_start, least(week_start + 6, any_value(_exported_on))
                           AS through,
                       'mastery progress' AS measure, any_value(number) AS value
                FROM (SELECT *, {_KEY} AS account_key,
                             week_start(starts) AS week_start,
                             TRY_CAST(rtrim(value, '% ') AS DOUBLE) AS number
                      FROM ({_STARTS}))
                WHERE week_start <= _exported_on
                GROUP BY _no, account_key, week_start
                HAVING count(DISTINCT value) = 1 AND any_value(number) IS NOT NULL""",
        ),
    ),
    Scope.DAY,
    stems=("*MasteryProgressStudent*",),
    wide=Wide(_WEEK, "2025-09-01", Kind.TEXT, nothing=(*NULL, "-", "--", "n/a")),
    layouts="one column per week, whatever else",
)
