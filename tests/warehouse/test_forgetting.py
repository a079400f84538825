"""A forgotten student leaves no byte below the district's home, and does not come back."""

from __future__ import annotations

import gzip
import io
import json
import re
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import duckdb
import pytest

from tests.fixtures import (
    COMBO,
    SCORES,
    District,
    Row,
    accounted,
    lexia,
    lines,
    overview,
    roster,
    zipped,
)
from warehouse import nightly, publish
from warehouse.exports import requested
from warehouse.forgetting import command, landed, written
from warehouse.forgetting import journal as journals
from warehouse.forgetting.journal import CERTIFICATES, JOURNAL
from warehouse.intake.settling import Settling
from warehouse.ledger import Ledger
from warehouse.notes import access_log, check_ins, decisions, exclusions
from warehouse.notes.database import Notes
from warehouse.quality import report as quality

ROOT = Path(__file__).parents[2]
ROOM = ("c1 Reading_3A", "c2 Reading_3B")


def inside(path: Path) -> Iterator[bytes]:
    """Everything that a file holds, packed or plain."""
    data = path.read_bytes()
    yield data
    yield from unpacked(data)
    if data[8:12] == b"DUCK":
        with duckdb.connect(str(path), read_only=True) as db:
            for schema, table in db.execute(
                "SELECT schema_name, table_name FROM duckdb_tables()"
            ).fetchall():
                yield str(db.execute(f'FROM "{schema}"."{table}"').fetchall()).encode()
    if data[:4] == b"PAR1":
        with duckdb.connect() as db:
            yield str(db.execute(f"FROM read_parquet('{path}')").fetchall()).encode()
    if data.startswith(b"SQLite"):
        with closing(sqlite3.connect(path)) as dumped:
            yield "\n".join(dumped.iterdump()).encode()


def unpacked(data: bytes) -> Iterator[bytes]:
    if data[:2] == b"\x1f\x8b":
        plain = gzip.decompress(data)
        yield plain
        yield from unpacked(plain)
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                yield info.filename.encode()
                yield archive.read(info)
                yield from unpacked(archive.read(info))


def found(home: Path, *words: str) -> list[str]:
    """Files below the home in which one of the words stands as a word of its own, in any way of
    writing text, or is part of their name."""
    spelled = {w.encode(e).lower() for w in words for e in ("utf-8", "cp1252", "utf-16-le")}
    any_of = b"|".join(map(re.escape, spelled))
    pattern = re.compile(rb"(?<![0-9A-Za-z])(?:" + any_of + rb")(?![0-9A-Za-z])", re.I)

    def holds(data: bytes) -> bool:
        # The pattern alone would take a minute for the sample district.
        lower = data.lower()
        return any(word in lower for word in spelled) and pattern.search(lower) is not None

    return [
        str(path.relative_to(home))
        for path in sorted(home.rglob("*"))
        if path.is_file() and any(map(holds, [*inside(path), path.name.encode()]))
    ]


def forget(district: District, student_id: str) -> Row:
    """Forget a student; the certificate."""
    with nightly.opened(district.settings) as ledger:
        path = command.forget(district.settings, ledger, student_id, by="coordinator")
    return dict(json.loads(path.read_text()))


PEOPLE = (
    "QX41 Zephyrine Quackenbush c1",
    "QX42 Ada Quackenbush c1",
    "QX43 Milo Reyes c1",
    "QX44 Ana Sol c2",
    "QX45 Noor Khan c1",
    "QX46 Ivo Lund c2",
    "QX47 Lea Ford c2",
    "QX48 Eli Moss c2",
)
GONE, UID = ("QX41", "UQX41", "Zephyrine", "zephyrine@x.org", "LZ1"), "UQX41"


def usage(*minutes: int) -> str:
    people = (
        "LZ1 zephyrine Zephyrine Quackenbush",
        "LA2 ada Ada Quackenbush",
        "LM3 milo Milo Reyes",
    )
    return lexia(*(f"{who} {m}" for who, m in zip(people, minutes, strict=True)))


def scores(*names: str) -> str:
    return lines(SCORES, *(f'{n},Sums,Exercise,"Oct 3, 2025",5,6,10,1' for n in names))


def workbook(*rows: tuple[object, ...]) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    book.properties.creator = "Zephyrine Quackenbush"
    for row in (COMBO.split(","), *rows):
        book.active.append(list(row))  # type: ignore[union-attr]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def result(sis: str, given: str, score: int) -> tuple[object, ...]:
    term = ("Fall 2025-2026", sis, "Quackenbush", given, "3", "North", "Mathematics", "Math K-12")
    return (*term, "Growth: Math 2-5", "2025-10-02", "10:00:00", 40, score, 3.0, 50)


FILES: dict[str, str | bytes] = {
    "oneroster/roster_20251001.zip": zipped(dict(roster(PEOPLE, ROOM))),
    "lexia/Lexia_20251002.csv": usage(10, 20, 30),
    "lexia/Lexia_20251003.csv": usage(15, 25, 35).replace("\n", "\r\n").encode("utf-16"),
    "lexia/Lexia_20251006.csv.gz": gzip.compress(usage(16, 26, 36).encode()),
    "lexia/Lexia_20251007.csv": usage(17, 27, 37).replace("Milo", "Mîlo").encode("cp1252"),
    "lexia/Lexia_20251008.csv": usage(18, 28, 38) + 'LZ1,zephyrine,"Zephyrine,Quack"enbush,broken\n'
    + "LZ1,zephyrine\n",
    "lexia/notes_of_nobody.csv": "who,what\nzephyrine,was here\nada,too\n",
    "khan/activity_overview_20250929_20251005.csv": overview(
        "zephyrine@x.org 30 Zephyrine_Quackenbush", "milo@x.org 20 Milo_Reyes"
    ).replace("\n", "\r"),
    "khan/assignment_scores/reading3a_20251006.csv": scores(
        "Zephyrine Quackenbush", "Milo Reyes", "Ada Quackenbush", "Noor Khan"
    ),
    "khan/reading3a/Zephyrine_Quackenbush_activity_log_20251006.csv": "Date,Activity\n",
    "nwea/combo.xlsx": workbook(result("QX41", "Zephyrine", 190), result("QX42", "Ada", 195)),
    "district/attendance.csv": "\ufeffstudent_id;date;present\nQX41;2025-10-02;false\nQX42;2025-10-02;false\n",
    "district/interests.csv": 'student_id,date,said\nQX41,2025-10-02,"bees,\nand honey"\nQX43,2025-10-02,"trains,\nlong ones"\n',
}  # fmt: skip


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> District:
    """A district with a student in every kind of file, and in what people wrote."""
    district = District(tmp_path_factory.mktemp("forgetting"))
    for name, content in FILES.items():
        district.put(name, content)
    district.build()
    with Notes(district.settings.notes) as notes:
        for student in (UID, "UQX42"):
            said = check_ins.new(
                student, "T1", "2025-10-07", by="T1", note="works with Zephyrine Quackenbush"
            )
            check_ins.add(notes, said)
            exclusions.add(notes, exclusions.new(student, None, "2025-09-29", by="T1", why="ill"))
        access_log.add(notes, [access_log.new("T1", "view", "page of a student", [UID, "UQX42"])])
        decision = decisions.new("accept", "lexia", "LZ1", by="T1", why="same", student_id=UID)
        decisions.add(notes, [decision])
    published = district.build().published
    assert published is not None
    with closing(Ledger(district.settings.ledger)) as ledger:
        quality.write(district.settings, ledger, published)
    out = district.settings.home / "exports"
    out.mkdir()
    (out / "week.csv").write_text("student,minutes\nUQX41,30\n")
    (out / "other.csv").write_text("student,minutes\nUQX42,30\n")
    # People as pseudonyms: nobody can tell from its bytes whether the student is there.
    (out / "unnamed.csv").write_text("student,minutes\n4be1f0,30\n")
    told = {"pseudonymous": True, "files": [{"file": "unnamed.csv"}]}
    (out / "manifest_2025-10-06.json").write_text(json.dumps(told))
    (out / ".download-week").mkdir()
    (out / ".download-week" / "pseudonyms.zip").write_text("4be1f0")
    return district


@pytest.fixture
def district(before: District, tmp_path: Path) -> District:
    return before.copied(tmp_path / "d")


VIEWS = (
    "views.student_platform_week", "views.weekly_summary", "views.assignment_timing", "views.student_skill",
    "facts.assessment_result", "facts.account", "facts.submission", "roster.student", "roster.attendance",
)  # fmt: skip


#: Hashes of files; and what is told of a student's classmates together.
OF_OTHERS = {"source_file", "class_late_rate_others", "others_counted"}


def others(district: District, gone: str = UID) -> dict[str, list[str]]:
    """Rows of all other students in what is published."""
    return {
        view: sorted(
            str({k: v for k, v in r.items() if k not in OF_OTHERS})
            for r in district.ask(f"FROM {view}")
            if r["student_id"] not in (gone, None)
        )
        for view in VIEWS
    }


@pytest.mark.slow
def test_forgotten_leaves_no_byte_and_everybody_else_as_they_were(district: District) -> None:
    home, was = district.settings.home, others(district)
    assert len(found(home, *GONE)) > 20
    told = forget(district, UID)
    assert found(home, *GONE) == []
    assert told["left"] == []
    assert quality.find(district.settings).is_file()
    assert others(district) == was
    assert {p.name for p in (home / "exports").iterdir()} == {"other.csv", requested.LOCK}
    assert len(publish.versions(district.settings.warehouse)) == 1
    assert all(
        accounted(f)
        for f in district.files().values()
        if f["rows_in"] is not None and not f["is_archive"]
    )
    certificate = (home / CERTIFICATES / f"{told['certificate']}.json").read_text()
    assert not any(word.lower() in certificate.lower() for word in GONE)
    assert told["places"]["notes"] == {
        "access_log": 1, "check_in": 1, "exclusion": 1, "identity_decision": 1, "words of others": 1,
    }  # fmt: skip


@pytest.mark.slow
def test_what_is_sent_again_brings_nobody_back(district: District) -> None:
    forget(district, UID)
    was = others(district)
    again = 5000
    for name, content in FILES.items():
        data = content.encode() if isinstance(content, str) else content
        path = Path(name)
        # The same bytes at another time; under another name; other bytes.
        district.put(name, data, at=again)
        district.put(
            str(path.with_name(f"{path.name.split('.')[0]} (1).{path.name.split('.', 1)[1]}")),
            data,
            at=again,
        )
    district.put("lexia/Lexia_20251009.csv", usage(40, 50, 60))
    district.put(
        "oneroster/roster_20251010.zip", zipped(dict(roster((*PEOPLE, "QX49 New Child c1"), ROOM)))
    )
    for _ in range(2):
        report = district.build()
        assert report.refusal is None
    assert found(district.settings.home, *GONE) == []
    assert district.ask("SELECT * FROM roster.student WHERE given_name = 'New'")
    assert {v: set(rows) for v, rows in was.items()}["roster.student"] <= set(
        others(district)["roster.student"]
    )
    sent = district.files()["Lexia_20251009.csv"]
    assert (sent["rows_withheld"], sent["rows_kept"]) == (1, 2)


@pytest.mark.slow
@pytest.mark.parametrize(
    "step", ["_put", "place", "remove", "put_live", "_remove_versions", "_rewrite", "end"]
)
def test_forgetting_that_was_killed_is_ended_by_the_next_run(
    district: District, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    home_of = {
        "_put": landed, "place": Settling, "remove": written, "put_live": nightly,
        "_remove_versions": command, "_rewrite": command, "end": journals,
    }[step]  # fmt: skip
    right, calls = getattr(home_of, step), []

    def killed(*given: object, **named: object) -> object:
        calls.append(step)
        # Somewhere in the middle, after some of the work; the first look for the notes is a count.
        if len(calls) == (3 if step in ("_put", "place") else 2 if step == "remove" else 1):
            raise KeyboardInterrupt
        return right(*given, **named)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(home_of, step, killed)
        forget(district, UID)
    assert (district.settings.home / JOURNAL).exists()
    district.build()
    assert not (district.settings.home / JOURNAL).exists()
    assert found(district.settings.home, *GONE) == []
    assert len(list((district.settings.home / CERTIFICATES).iterdir())) == 1


@pytest.mark.slow
def test_forgetting_that_dies_at_any_moment_is_ended(district: District) -> None:
    forget_ = "from pipelines.cli import main; main()"
    command_ = [
        sys.executable,
        "-c",
        forget_,
        "forget",
        UID,
        "--yes",
        "-c",
        str(district.settings.file),
    ]
    for moment in (2.5, 3.2, 4.0, 5.0):
        started = subprocess.Popen(
            command_, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        with suppress(subprocess.TimeoutExpired):
            started.wait(moment)
        started.kill()
        started.wait()
    if (district.settings.home / JOURNAL).exists():
        district.build()
    elif not list(district.settings.home.glob(f"{CERTIFICATES}/*")):
        forget(district, UID)
    assert found(district.settings.home, *GONE) == []
    assert not (district.settings.home / JOURNAL).exists()
    assert len(list((district.settings.home / CERTIFICATES).iterdir())) == 1


@pytest.mark.slow
def test_what_stands_in_somebody_elses_row_is_not_cut_but_told(tmp_path: Path) -> None:
    north = District(tmp_path, ("oneroster", "district"))
    north.put("oneroster/roster_20251001.zip", zipped(dict(roster(PEOPLE, ROOM))))
    said = "student_id,date,said\nQX43,2025-10-02,bees with Zephyrine Quackenbush\nQX41,2025-10-02,bees\n"
    north.put("district/interests.csv", said)
    north.build()
    left = forget(north, UID)["left"]
    assert {name.split("/")[0] for name in left} == {"landing", "lake"}
    (landed_as,) = [p.read_text() for p in north.settings.landing.rglob("*.csv")]
    assert landed_as == "".join(said.splitlines(keepends=True)[:2])
