"""`homeroom student-record`: everything that is held about one student, to be read."""

from __future__ import annotations

import getpass
import json
import os
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.commands.explain import one_student
from pipelines.commands.options import Config

if TYPE_CHECKING:
    from portal.student.record import Section
    from warehouse.notes.database import Notes
    from warehouse.reader import Reader
    from warehouse.settings import Settings


def student_record(
    student: Annotated[
        str, typer.Argument(metavar="STUDENT", help="A student_id, district number or name.")
    ],
    config: Config = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write here. Default: print.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON in place of HTML.")] = False,
    by: Annotated[str, typer.Option("--by", help="Who reads. Default: who is signed in.")] = "",
) -> None:
    """All that is held about one student: notes, links, rows as sent, and who looked.

    One HTML document that needs nothing beside it. The access log keeps that it was made.
    """
    from warehouse import reader, settings
    from warehouse.notes import access_log
    from warehouse.notes.database import Notes

    district = settings.load(settings.find(config))
    with Notes(district.notes) as notes, reader.Reader(district.warehouse) as live:
        student_id = one_student(live.rows, student)
        looked = access_log.new(
            by or getpass.getuser(), "export", "everything held about a student", [student_id]
        )
        access_log.add(notes, [looked])
        held = _held(district, notes, live, student_id)
        text = _json(held) if as_json else _html(district, live, student_id, held)
    with ExitStack() as stack:
        sink = sys.stdout
        if out is not None:
            opened = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            sink = stack.enter_context(os.fdopen(opened, "w", encoding="utf-8"))
        sink.write(text)
    if out is not None:
        print(f"Written: {out}. It is a child's education record: keep it as one.")


@dataclass(frozen=True)
class _Asked:
    """What a record is read from."""

    notes: Notes
    live: Reader

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        return self.live.rows(sql, values)


def _held(district: Settings, notes: Notes, live: Reader, student_id: str) -> list[Section]:
    """The sections of the portal's record, then how accounts were linked, rows as sent, the log."""
    from portal.student.record import section, sections
    from warehouse import nightly
    from warehouse.forgetting.occurring import occurrences
    from warehouse.forgetting.whom import gather
    from warehouse.notes import access_log, decisions

    with nightly.opened(district) as ledger:
        whom = gather(district, ledger, student_id)
        sent = occurrences(district, ledger, whom)
    classes = [
        row["class_id"]
        for row in live.rows(
            "SELECT DISTINCT class_id FROM roster.enrollment WHERE person_id = $id",
            {"id": student_id},
        )
    ]
    accounts = {(platform, key) for platform, key in whom.accounts}
    decided = [
        asdict(d)
        for d in decisions.every(notes)
        if d.student_id in whom.person_ids or (d.platform, d.account_key) in accounts
    ]
    links = live.rows(
        "SELECT * EXCLUDE (student_id) FROM roster.identity_map "
        "WHERE student_id = $id ORDER BY ALL",
        {"id": student_id},
    )
    looked = [
        {"at": e.at, "staff_id": e.staff_id, "action": e.action, "what": e.what}
        for e in access_log.about(notes, student_id)
    ]
    made = [
        *sections(_Asked(notes, live), student_id, classes),
        section("How accounts were linked to the student", links),
        section("Decisions on accounts", decided),
        section("Who looked, exported or wrote", looked),
    ]
    for one in sent:
        rows = [dict(zip(one.columns, row, strict=False)) for row in one.rows]
        made.append(section(f"As sent: {one.platform}, {one.name}", rows))
    return made


def _json(held: list[Section]) -> str:
    told = [
        {"title": s.title, "rows": [dict(zip(s.columns, row, strict=True)) for row in s.rows]}
        for s in held
    ]
    return json.dumps(told, indent=1, default=str) + "\n"


def _html(district: Settings, live: Reader, student_id: str, held: list[Section]) -> str:
    from portal.rendering import FILES, render
    from warehouse import publish

    (who,) = live.rows(
        """SELECT student_id, given_name, family_name, grade_level, school.name AS school
           FROM roster.student LEFT JOIN roster.school USING (school_id) WHERE student_id = $id""",
        {"id": student_id},
    )
    pointer = publish.read_pointer(district.warehouse)
    sheet = next(f.body for name, f in FILES.items() if name.endswith(".css"))
    return render(
        "student_record.html",
        {
            "one": {"who": who, "strengths": []},
            "sections": held,
            "district": district.name,
            "published_at": pointer.published_at if pointer else "",
            "sheet": sheet.decode(),
        },
    )
