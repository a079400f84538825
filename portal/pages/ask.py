"""Ask: SQL over the rows of the adult's own students, with examples and the columns' meanings."""

from __future__ import annotations

from itertools import groupby
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form
from fastapi.responses import Response

from portal.ask.asking import Answered, Asking, Question
from portal.ask.examples import EXAMPLES
from portal.ask.tables import fills
from portal.live import Row
from portal.rights import Right
from portal.visit import Visit, needs

router = APIRouter()
SignedIn = Annotated[Visit, Depends(needs(Right.signed_in))]
Sql = Annotated[str, Form()]
#: Rows on the page, and in the file.
SHOWN, SENT = 200, 10_000
_KEPT = "ask"


@router.get("/ask")
def show(visit: SignedIn, example: str = "") -> Response:
    """The page, with an example where one was chosen."""
    chosen = {e.key: e.sql for e in EXAMPLES}.get(example, EXAMPLES[0].sql)
    return _page(visit, chosen)


@router.post("/ask")
def run(visit: SignedIn, sql: Sql, only_open: Annotated[str, Form()] = "") -> Response:
    """The answer; with `only_open` the question alone, to be changed before it is asked."""
    if only_open:
        return _page(visit, sql)
    return _page(visit, sql, asked(visit, sql, SHOWN, "view", "ask"))


@router.post("/ask.csv")
def run_csv(visit: SignedIn, sql: Sql) -> Response:
    """The answer as a file."""
    answer = asked(visit, sql, SENT, "export", "ask")
    if answer.problem:
        return _page(visit, sql, answer)
    return visit.csv("answer", answer.columns, answer.rows)


def asked(visit: Visit, sql: str, rows: int, action: str, what: str) -> Answered:
    """The answer to a question of this adult, logged as about everyone it may be about."""
    asking: Asking = visit.request.app.state.asking
    adult = visit.adult
    question = Question(
        sql,
        str(visit.settings.warehouse / visit.live.pointer.file),
        _offered(visit)["fills"],
        tuple(adult.students),
        tuple(adult.classes),
        rows,
    )
    answer = asking.ask(adult.staff_id, question)
    # A fault may quote a value too.
    if adult.students:
        visit.log(action, what, adult.students)
    return answer


def _page(visit: Visit, sql: str, answer: Answered | None = None) -> Response:
    return visit.page(
        "ask.html",
        sql=sql,
        answer=answer,
        examples=EXAMPLES,
        tables=_offered(visit)["told"],
        students=len(visit.adult.students),
    )


def _offered(visit: Visit) -> dict[str, Any]:
    """How the tables are filled, and what is told of them; the same for everybody."""
    kept = visit.live.kept
    if _KEPT not in kept:
        columns = visit.rows(
            "SELECT table_name, list(column_name) AS columns FROM duckdb_columns() "
            "WHERE schema_name = 'views' GROUP BY table_name"
        )
        selects = fills({row["table_name"]: row["columns"] for row in columns})
        kept[_KEPT] = {"fills": selects, "told": _told(visit, list(selects))}
    found: dict[str, Any] = kept[_KEPT]
    return found


def _told(visit: Visit, tables: list[str]) -> list[tuple[str, str, list[Row]]]:
    """Of every table its name, grain and columns, as the dictionaries tell."""
    rows = visit.rows(
        """SELECT d.table_name, d.grain, d.column_name, d.unit, d.meaning,
                  m.formula, m.caution
           FROM ops.dictionary AS d
           LEFT JOIN views.measure_dictionary AS m
             ON m.table_name = d.table_name AND m.measure = d.column_name
           WHERE list_contains($tables, d.table_name) ORDER BY d.table_name""",
        {"tables": tables},
    )
    found = []
    for table, told in groupby(rows, key=lambda r: r["table_name"]):
        columns = list(told)
        found.append((table.removeprefix("views."), columns[0]["grain"], columns))
    return found
