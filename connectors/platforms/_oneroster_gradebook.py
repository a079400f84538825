"""OneRoster's gradebook: line items and results, of 1.1 and 1.2.

A result tells a score and when it was given; when the work was handed in no file tells.
"""

from __future__ import annotations

from connectors.contract import Column, Feed, Kind, Output, Scope
from connectors.platforms._oneroster import (
    CHANGE,
    CHANGED,
    KEPT,
    SOURCED,
    STATUS,
    delta,
    id_column,
    text_column,
)

_TIMES = ("%m/%d/%Y", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M %p")


def _time(name: str, header: str) -> tuple[Column, Column]:
    """A day that may carry a clock time, as an instant and as its text."""
    return (
        Column(name, Kind.TIME, (header,), required=name == "due", formats=_TIMES),
        text_column(f"{name}_text", header),
    )


def _has_clock(name: str) -> str:
    """SQL: whether a clock time is told. Midnight is how a day looks where a time is asked for."""
    midnight = "[T ](0?0:00(:00([.]0+)?)?( ?([zZ]|UTC|GMT|[+-][0-9:]+))?|12:00(:00)? ?[aA][mM])$"
    return (
        f"(regexp_matches({name}_text, '[0-9]:[0-9]{{2}}') "
        f"AND NOT regexp_matches({name}_text, '{midnight}'))"
    )


def _written(name: str) -> str:
    """SQL for the day as written; NULL where that is none."""
    day = f"regexp_extract({name}_text, '^[0-9/-]+')"
    return f"CAST(try_strptime({day}, ['%Y-%m-%d', '%m/%d/%Y']) AS DATE)"


def _day(name: str) -> str:
    """SQL for the local day: of the instant where a clock time is told, else as written."""
    return f"CASE WHEN {_has_clock(name)} THEN local_date({name}) ELSE {_written(name)} END"


LINE_ITEMS = Feed(
    "line_items",
    "gradebook: work with a due date",
    (
        SOURCED,
        STATUS,
        CHANGED,
        text_column("title", "title", required=True),
        *_time("assigned", "assignDate"),
        *_time("due", "dueDate"),
        id_column("class_id", "classSourcedId", filled=True),
        Column("points", Kind.NUMBER, ("resultValueMax",), required=False, low=0),
    ),
    (
        Output(
            "assignment",
            f"""SELECT _no, {CHANGE}, sourced_id AS assignment_id, class_id AS class_key, title,
                       CASE WHEN {_has_clock("assigned")} THEN assigned
                            ELSE utc(CAST({_day("assigned")} AS TIMESTAMP)) END AS assigned_at,
                       CASE WHEN {_has_clock("due")} THEN due ELSE day_end({_day("due")}) END
                           AS due_at,
                       {_day("due")} AS due_on, points AS points_possible,
                       TRUE AS listed_only, _exported_on AS data_through
                FROM rows WHERE {KEPT}""",
        ),
        Output(
            "coverage",
            """SELECT DISTINCT _no, _exported_on AS covers_from, _exported_on AS covers_to,
                      'assignments' AS of, FALSE AS absence_is_zero
               FROM rows""",
        ),
    ),
    Scope.WHOLE,
    key=("sourced_id",),
    stems=("lineItems",),
    delta=delta("lineItems"),
    falls_alone=True,
    layouts="1.1, 1.2",
)

#: Of two results of one student the newest that was not removed counts.
_ONE_RESULT = """QUALIFY row_number() OVER (PARTITION BY _no, line_item, student
    ORDER BY is_removed, changed_at DESC NULLS LAST, sourced_id DESC) = 1"""
_HANDED_IN = (
    "score_status IN ('submitted', 'fully graded', 'partially graded') "
    "AND NOT coalesce(in_progress, FALSE) AND NOT coalesce(incomplete, FALSE)"
)
#: Whether a result tells anything: without a score or a state it would look like missing work.
_TIMING = f"""CASE WHEN missing OR score_status = 'not submitted' THEN 'not_submitted'
    WHEN late THEN 'late'
    WHEN late IS FALSE AND {_HANDED_IN} THEN 'on_time' END"""


def _flag(name: str, header: str) -> Column:
    return Column(name, Kind.BOOLEAN, (header,), required=False)


RESULTS = Feed(
    "results",
    "gradebook: results of students",
    (
        SOURCED,
        STATUS,
        CHANGED,
        id_column("line_item", "lineItemSourcedId", filled=True),
        id_column("student", "studentSourcedId", filled=True),
        text_column("score_status", "scoreStatus"),
        Column("score", Kind.NUMBER, ("score",), required=False),
        # Text, so that a date nobody can read turns no score away.
        text_column("scored_text", "scoreDate"),
        _flag("in_progress", "inProgress"),
        _flag("incomplete", "incomplete"),
        _flag("late", "late"),
        _flag("missing", "missing"),
    ),
    (
        Output(
            "account",
            """SELECT DISTINCT _no, student AS account_key, 'sis_id' AS account_kind,
                      student AS sis_id
               FROM rows WHERE coalesce(lower(status), '') <> 'tobedeleted'""",
        ),
        Output(
            "submission",
            f"""SELECT _no, {CHANGE}, line_item AS assignment_id, student AS account_key,
                       {_TIMING} AS timing, score, {_written("scored")} AS scored_on,
                       coalesce(score_status = 'exempt', FALSE) AS excused
                FROM (SELECT * REPLACE (trim(regexp_replace(
                        lower(score_status), '[ _-]+', ' ', 'g')) AS score_status) FROM rows)
                WHERE {KEPT} AND (is_removed OR score IS NOT NULL OR timing IS NOT NULL OR excused)
                {_ONE_RESULT}""",
        ),
    ),
    Scope.WHOLE,
    key=("sourced_id", "line_item", "student"),
    stems=("results",),
    delta=delta("results"),
    falls_alone=True,
    layouts="1.1, 1.2",
)
