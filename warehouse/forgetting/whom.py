"""What names one student: ids, names and accounts, as the lake and the live warehouse know them.

An id that another person has too names nobody, and is left out. Accounts that wait for a student
are nobody's: they are decided on before (`homeroom review`).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

import duckdb

from connectors.errors import HomeroomError
from warehouse import build, publish
from warehouse.forgetting.marks import MACROS
from warehouse.identity import names
from warehouse.intake.casting import quote
from warehouse.lake import lakehouse
from warehouse.ledger import Ledger
from warehouse.settings import Settings


@dataclass
class Whom:
    """One student. `person_ids`: of the roster, this one's and earlier ones of the same child.

    `ids`, `names`: as they are searched for. `marks`: (kind, words to be hashed). `accounts`:
    (platform, account_key). `shared`: ids that somebody else has too. `waiting`: accounts that may
    be this student's.
    """

    person_ids: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    names: list[list[str]] = field(default_factory=list)
    accounts: list[list[str]] = field(default_factory=list)
    marks: list[list[str]] = field(default_factory=list)
    shared: int = 0
    waiting: int = 0

    def told(self) -> dict[str, Any]:
        """As plain values, to be kept while the work goes on."""
        return asdict(self)


@contextmanager
def lake_of(settings: Settings, ledger: Ledger) -> Iterator[duckdb.DuckDBPyConnection]:
    """The lake's tables, and the live warehouse as `live`, with the macros that compare names."""
    work = settings.work / "whom"
    db = build.open_target(work / "target.duckdb", work)
    try:
        lakehouse.attach(db, ledger, settings.lake)
        for macro in (*names.MACROS, *MACROS):
            db.execute(f"CREATE OR REPLACE TEMP MACRO {macro}")
        live = publish.live_file(settings.warehouse)
        if live is None:
            raise HomeroomError(
                "nothing has been published yet",
                culprit=str(settings.warehouse),
                fix="homeroom run",
            )
        db.execute(f"ATTACH {quote(str(live))} AS live (READ_ONLY)")
        yield db
    finally:
        db.close()
        shutil.rmtree(work, ignore_errors=True)


def gather(settings: Settings, ledger: Ledger, student_id: str) -> Whom:
    """All that names a student of the roster. Hold the run's lock: the work folder is used."""
    with lake_of(settings, ledger) as db:
        _persons(db, student_id)
        _accounts(db)
        whom = Whom(
            person_ids=_one(db, "SELECT DISTINCT person_id FROM child ORDER BY 1"),
            accounts=_rows(db, "SELECT DISTINCT platform, account_key FROM theirs ORDER BY ALL"),
            names=_rows(db, "SELECT DISTINCT given, family FROM called ORDER BY ALL"),
        )
        ids = _rows(
            db,
            """SELECT platform, value, min(raw) FROM child_id
               ANTI JOIN other_id USING (platform, value) GROUP BY ALL ORDER BY ALL""",
        )
        shared = "FROM child_id SEMI JOIN other_id USING (platform, value)"
        whom.shared = len(_rows(db, f"SELECT DISTINCT value {shared}"))
        whom.ids = sorted({raw for _, _, raw in ids} | set(whom.person_ids))
        whom.marks = [["id", platform, value] for platform, value, _ in ids]
        whom.marks += [["name", *row] for row in _rows(db, _NAMES)]
        whom.marks += [["name", *row] for row in _rows(db, _PLACES)]
        whom.marks += [["spare", *row] for row in _rows(db, _SPARES)]
        marks = "', '".join(i.replace("'", "''") for i in whom.person_ids)
        whom.waiting = len(
            _rows(
                db,
                "SELECT DISTINCT platform, account_ref FROM live.ops.identity_candidate "
                f"WHERE student_id IN ('{marks}')",
            )
        )
    return whom


def _persons(db: duckdb.DuckDBPyConnection, student_id: str) -> None:
    """Table child: every writing of the student in the roster, under earlier ids too."""
    db.execute(
        """CREATE TEMP TABLE child AS
           WITH one AS (FROM lake.person WHERE person_id = $id)
           FROM lake.person p WHERE person_id = $id OR EXISTS (
             FROM one WHERE plain_id(one.sis_id) = plain_id(p.sis_id)
               AND letters(one.family_name) = letters(p.family_name)
               AND letters(one.given_name) = letters(p.given_name))""",
        {"id": student_id},
    )


def _accounts(db: duckdb.DuckDBPyConnection) -> None:
    """Tables theirs (accounts), child_id and other_id (platform, value, raw), called, named."""
    values = "SELECT unnest([person_id, sis_id, username, email]) AS raw FROM lake.person"
    of_account = (
        "SELECT platform, unnest([CASE WHEN account_kind <> 'name_in_class' THEN account_key END, "
        "sis_id, email, username]) AS raw FROM lake.account"
    )
    db.execute(
        f"""
        CREATE TEMP TABLE child_id AS
        SELECT DISTINCT '' AS platform, mark_id(raw) AS value, raw FROM ({values}
          SEMI JOIN child USING (person_id)) WHERE value IS NOT NULL;
        CREATE TEMP TABLE other_id AS
        SELECT DISTINCT '' AS platform, mark_id(raw) AS value FROM ({values}
          ANTI JOIN child USING (person_id)) WHERE value IS NOT NULL;
        CREATE TEMP TABLE theirs AS
        SELECT platform, account_key FROM live.roster.identity_map
        WHERE student_id IN (SELECT person_id FROM child)
        UNION
        SELECT platform, account_key FROM lake.account
        WHERE list_has_any([mark_id(sis_id), mark_id(email), mark_id(username)],
                (SELECT list(value) FROM child_id ANTI JOIN other_id USING (value)))
          AND (platform, account_key) NOT IN
                (SELECT (platform, account_key) FROM live.roster.identity_map);
        INSERT INTO child_id
        SELECT DISTINCT platform, mark_id(raw) AS value, raw FROM ({of_account}
          SEMI JOIN theirs USING (platform, account_key)) WHERE value IS NOT NULL;
        INSERT INTO other_id
        SELECT DISTINCT platform, mark_id(raw) AS value FROM ({of_account}
          ANTI JOIN theirs USING (platform, account_key)) WHERE value IS NOT NULL;
        CREATE TEMP TABLE called AS
        SELECT trim(given) AS given, trim(family_name) AS family FROM (
          SELECT unnest([given_name, preferred_name, concat_ws(' ', given_name, middle_name)])
            AS given, family_name FROM child
          UNION SELECT given_name, family_name FROM lake.account
            SEMI JOIN theirs USING (platform, account_key))
        WHERE given <> '' AND family <> '';
        CREATE TEMP TABLE named AS
        SELECT DISTINCT words FROM (
          SELECT mark_name(given || ' ' || family) AS words FROM called
          UNION SELECT mark_name(full_name) FROM lake.account
            SEMI JOIN theirs USING (platform, account_key))
        WHERE contains(words, ' ')"""
    )


_NAMES = "SELECT words FROM named ORDER BY 1"
_IN_CLASS = """SELECT DISTINCT platform, class_key, mark_name(full_name) AS words
    FROM lake.account {join} JOIN theirs USING (platform, account_key)
    WHERE account_kind = 'name_in_class' AND words IN (FROM named) ORDER BY ALL"""
_PLACES = _IN_CLASS.format(join="SEMI")
#: Accounts of namesakes: known to be somebody else's.
_SPARES = (
    "SELECT * FROM (" + _IN_CLASS.format(join="ANTI") + ") WHERE (platform, class_key, words) IN ("
    "SELECT (a.platform, a.class_key, mark_name(a.full_name)) FROM lake.account a "
    "JOIN live.roster.identity_map m ON m.platform = a.platform AND m.account_key = a.account_key)"
)


def _rows(db: duckdb.DuckDBPyConnection, sql: str) -> list[list[str]]:
    return [list(row) for row in db.execute(sql).fetchall()]


def _one(db: duckdb.DuckDBPyConnection, sql: str) -> list[str]:
    return [row[0] for row in db.execute(sql).fetchall()]
