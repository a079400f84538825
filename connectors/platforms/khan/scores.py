"""The teacher's assignment scores of one class.

The file knows a student only by name, within the class that the file's name or folder tells, and it
tells late from on time only through its two scores; there is no hand-in time.
"""

from __future__ import annotations

from connectors.contract import Column, Feed, Kind, Output, Scope
from connectors.platforms.khan.names import ASSIGNMENT_KEY, DAYS, NULL, name_key, with_year

_NAME_KEY = name_key("student")
_WITH_YEAR = with_year("due", "due_on")


def _score(name: str, header: str, *, required: bool) -> Column:
    return Column(name, Kind.NUMBER, (header,), required=required, nothing=NULL, low=0)


SCORES = Feed(
    "assignment_scores",
    "teacher's assignment scores of one class",
    (
        Column("student", Kind.TEXT, ("Student Name",), filled=True, nothing=NULL),
        Column("title", Kind.TEXT, ("Assignment Name",), filled=True, nothing=NULL),
        Column("kind", Kind.TEXT, ("Assignment Type",), required=False, nothing=NULL),
        Column("due", Kind.DATE, ("Due Date",), nothing=NULL, formats=DAYS),
        Column("due_text", Kind.TEXT, ("Due Date",), nothing=NULL),
        _score("at_due", "Score At Due Date", required=False),
        _score("best", "Score Best Ever", required=True),
        _score("possible", "Points Possible", required=False),
        Column(
            "attempts", Kind.INTEGER, ("Number Of Attempts",), required=False, nothing=NULL, low=0
        ),
    ),
    (
        Output(
            "account",
            f"""SELECT DISTINCT _no, {_NAME_KEY} AS account_key, 'name_in_class' AS account_kind,
                       simple_spaces(student) AS full_name, _class_key AS class_key FROM rows""",
        ),
        Output(
            "assignment",
            f"""SELECT _no, {ASSIGNMENT_KEY} AS assignment_id, _class_key AS class_key,
                       title, kind,
                       due_at(due_on, due_text) AS due_at, due_on,
                       max(possible) AS points_possible, TRUE AS listed_only,
                       _exported_on AS data_through
                FROM ({_WITH_YEAR}) GROUP BY ALL""",
        ),
        Output(
            "submission",
            # By the due time nothing was scored, later something was: that is late. A score at
            # the due time that grew later was handed in on time and worked on further.
            f"""SELECT _no, {ASSIGNMENT_KEY} AS assignment_id, {_NAME_KEY} AS account_key,
                       CASE WHEN best IS NULL THEN 'not_submitted'
                            WHEN due_on IS NULL OR NOT _has_at_due THEN NULL
                            WHEN due_on >= _exported_on THEN 'on_time'
                            WHEN at_due IS NULL OR (at_due = 0 AND best > 0) THEN 'late'
                            ELSE 'on_time' END AS timing,
                       CASE WHEN _has_at_due AND due_on < _exported_on AND best IS NOT NULL
                            THEN best > coalesce(at_due, -1) END AS worked_after_due,
                       best AS score,
                       CASE WHEN possible > 0 THEN 100 * best / possible END AS score_percent,
                       at_due AS score_at_due, attempts, FALSE AS excused
                FROM ({_WITH_YEAR})""",
        ),
        Output(
            "coverage",
            """SELECT DISTINCT _no, _class_key AS class_key, _exported_on AS covers_from,
                      _exported_on AS covers_to, 'assignments' AS of, FALSE AS absence_is_zero
               FROM rows""",
        ),
    ),
    Scope.CLASS,
    key=("student", "title", "due"),
    stub_rows=True,
)
