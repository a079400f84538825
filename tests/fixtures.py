"""Small districts in a folder, in the platforms' real layouts; run by the real code."""

from __future__ import annotations

import io
import json
import os
import shutil
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from warehouse import nightly, settings
from warehouse.intake.casting import quote
from warehouse.intake.landing import Landed, land
from warehouse.intake.reading import Intake
from warehouse.ledger import Ledger
from warehouse.reader import Reader
from warehouse.watch import status

Row = dict[str, Any]
START = int(datetime.fromisoformat("2025-10-01T12:00:00+00:00").timestamp())

ORGS = "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId"
USERS = (
    "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,"
    "familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password"
)
CLASSES = (
    "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,"
    "schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods"
)
ENROLLMENTS = (
    "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,"
    "beginDate,endDate"
)
LEXIA = (
    "Lexia_ID,username,fname,lname,grade_label,school_name,activity_id,activity_name,"
    "activity_start_time,activity_end_time,today_mins,week_time,weekly_usage_target"
)
SCORES = (
    "Student Name,Assignment Name,Assignment Type,Due Date,Score At Due Date,Score Best Ever,"
    "Points Possible,Number Of Attempts"
)
OVERALL = "Student Name,Student Email,Student SIS ID,Roster Status"
OVERVIEW = "Student,Username / Email,Total learning minutes,Skills leveled up,Skills w/o progress"
COMBO = (
    "TermName,StudentID,StudentLastName,StudentFirstName,Grade,SchoolName,Subject,Course,TestName,"
    "TestStartDate,TestStartTime,TestDurationMinutes,TestRITScore,TestStandardError,TestPercentile"
)


def lines(header: str, *rows: str, end: str = "\n") -> str:
    """A CSV text: header, rows, each ended."""
    return "".join(line + end for line in (header, *rows))


def lexia(*rows: str) -> str:
    """Rows of `id user given family minutes`, as a Core5 Detailed Student file."""
    drawn = [row.split() for row in rows]
    return lines(
        LEXIA,
        *(f"{i},{u},{g},{f},3rd Grade,North,A1,Vowels,,,,{m},60" for i, u, g, f, m in drawn),
    )


def overview(*rows: str) -> str:
    """Rows of `login minutes name`, as Khan's activity overview; `_` a space."""
    drawn = [[*row.split(), ""] for row in rows]
    return lines(OVERVIEW, *(f"{d[2].replace('_', ' ')},{d[0]},{d[1]},1,0" for d in drawn))


def roster(students: Iterable[str], classes: Iterable[str] = ("c1 Reading_3A",)) -> dict[str, str]:
    """The files of a OneRoster delivery: students drawn as `sis given family class`; `_` a space.

    A student's sourcedId is `U` and the SIS id, the user name the given name in lower case, the
    address that name at x.org.
    """
    people = [row.split() for row in students]
    rooms = [row.split() for row in classes]
    return {
        "orgs.csv": lines(ORGS, "S1,,,North,school,,"),
        "users.csv": lines(
            USERS,
            *(
                f"U{sis},,,true,S1,student,{given.lower()},,{given},{family},,{sis},"
                f"{given.lower()}@x.org,,,,3,"
                for sis, given, family, _ in people
            ),
        ),
        "classes.csv": lines(
            CLASSES,
            *(f"{i},,,{t.replace('_', ' ')},3,,,homeroom,,S1,,,," for i, t in rooms),
        ),
        "enrollments.csv": lines(
            ENROLLMENTS, *(f"E{sis},,,{room},S1,U{sis},student,,," for sis, _, _, room in people)
        ),
    }


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """A zip of files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


@dataclass
class District:
    """A district in a folder, with what tests ask of it."""

    folder: Path
    platforms: tuple[str, ...] = ("oneroster", "lexia", "khan", "nwea", "district")
    zone: str = "America/Chicago"
    extra: str = ""
    _clock: int = field(default=START, repr=False)

    def __post_init__(self) -> None:
        text = f'[district]\nname = "North"\ntime_zone = "{self.zone}"\nhome = "data"\n'
        for name in self.platforms:
            (self.folder / name).mkdir(parents=True, exist_ok=True)
            text += f'[[source]]\nplatform = "{name}"\nlocation = "{name}"\n'
        (self.folder / "homeroom.toml").write_text(text + self.extra)
        self.settings = settings.load(self.folder / "homeroom.toml")

    def copied(self, to: Path) -> District:
        """The district with all that it has, in another folder."""
        shutil.copytree(self.folder, to)
        return replace(self, folder=to)

    def put(self, name: str, content: str | bytes, *, at: int | None = None) -> Path:
        """Write `platform/file`, changed a minute after the one before, or `at` minutes."""
        self._clock = self._clock + 60 if at is None else START + 60 * at
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        os.utime(path, (self._clock, self._clock))
        return path

    def put_all(self, folder: str, files: Mapping[str, str]) -> None:
        """Write several files of a platform."""
        for name, content in files.items():
            self.put(f"{folder}/{name}", content)

    def take(self, *, accept_smaller: bool = False) -> Landed:
        """From the sources to the lake, without building a warehouse."""
        with nightly.opened(self.settings) as ledger:
            landed = land(self.settings, ledger)
            Intake(self.settings, ledger, accept_smaller=accept_smaller).run()
        return landed

    def run(self, *, accept_smaller: bool = False) -> nightly.Report:
        """The whole night."""
        return nightly.run(self.settings, accept_smaller=accept_smaller)

    def build(self) -> nightly.Report:
        """The whole night but the batch checks, which start a process of their own."""
        report = nightly.Report()
        with nightly.opened(self.settings) as ledger:
            report.landed = land(self.settings, ledger)
            report.taken = Intake(self.settings, ledger).run()
            nightly.put_live(self.settings, ledger, report)
        return report

    def status(self) -> Row:
        """What the coordinator sees."""
        return json.loads(json.dumps(status.gather(self.settings), default=str))  # type: ignore[no-any-return]

    def files(self) -> dict[str, Row]:
        """The ledger's files by name."""
        ledger = Ledger(self.settings.ledger)
        names = [row[1] for row in ledger.rows("PRAGMA table_info(file)")]
        rows = [dict(zip(names, row, strict=True)) for row in ledger.rows("SELECT * FROM file")]
        ledger.close()
        return {row["name"]: row for row in rows}

    def states(self, platform: str) -> dict[str, tuple[str, str | None]]:
        """Status and reason of a platform's files by name."""
        return {
            name: (row["status"], row["reason"])
            for name, row in self.files().items()
            if row["platform"] == platform and not row["is_archive"]
        }

    def lake(self, table: str, columns: str, where: str = "TRUE") -> list[tuple[Any, ...]]:
        """Sorted rows of a lake table's live parts."""
        ledger = Ledger(self.settings.ledger)
        live = [(str(self.settings.lake / p), n) for p, n, _ in ledger.parts(table, history=False)]
        ledger.close()
        if not live:
            return []
        paths = ", ".join(quote(path) for path in {path for path, _ in live})
        with duckdb.connect() as db:
            return db.execute(
                f"SELECT {columns} FROM (FROM read_parquet([{paths}], filename=true, hive_partitioning=false) "
                f"WHERE (filename, arrival) IN ({', '.join(f'({quote(p)}, {n})' for p, n in live)})) "
                f"WHERE {where} ORDER BY ALL"
            ).fetchall()

    def faults(self, name: str) -> list[tuple[Any, ...]]:
        """Line, column, reason of the rows of one file that were turned away."""
        file = self.files()[name]
        ledger = Ledger(self.settings.ledger)
        found = ledger.rows(
            "SELECT path FROM part WHERE file_id = ? AND table_name = 'quarantine'", (file["id"],)
        )
        ledger.close()
        if not found:
            return []
        with duckdb.connect() as db:
            return db.execute(
                f'SELECT line, "column", reason FROM {quote(str(self.settings.lake / found[0][0]))} '
                "ORDER BY ALL"
            ).fetchall()

    def ask(self, sql: str) -> list[Row]:
        """Ask the live warehouse."""
        with Reader(self.settings.warehouse) as reader:
            return reader.rows(sql)


def ordinary(*command: str) -> list[str]:
    """A command run as a user whom rights bind: root gives up reading everything."""
    if os.getuid() != 0:
        return list(command)
    if shutil.which("setpriv") is None:
        pytest.skip("root may read everything, and setpriv is not here to give that up")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *command]


def accounted(file: Row) -> bool:
    """Whether the fate of every row of a file is known."""
    parts = (file["rows_kept"], file["rows_quarantined"], file["rows_duplicate"])
    return bool(file["rows_in"] == sum(parts))
