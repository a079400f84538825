"""In whatever order, dress or damage the sample's files arrive: the same views, or a named
quarantine, never an exception.

200 times some files in another order and dress, 300 damaged files, six times all the way to the
views. Most cases end at the lake; that the views follow from it is shown by the last two tests.
Everyday runs take the first few cases of each kind.
"""

from __future__ import annotations

import csv
import functools
import gzip
import hashlib
import io
import os
import random
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from connectors.contract import Feed, norm, recognise, stem_of
from connectors.errors import FILE_REASONS, ROW_REASONS
from connectors.registry import PLATFORMS
from connectors.sample import write_district
from tests.fixtures import District, Row, accounted, zipped
from warehouse import nightly, publish
from warehouse.intake.casting import quote
from warehouse.lake.tables import LAKE
from warehouse.ledger import Ledger

MINUTE = 60 * 10**9
#: Files that belong together; a case takes all of one entry.
LEXIA, OVERVIEW = "lexia/Lexia_Core5_Detailed_Student_{}.csv", "khan/activity_overview_{}.csv"
SETS: dict[str, list[tuple[str, ...]]] = {
    "lexia": [
        *((LEXIA.format(f"202508{d}"),) for d in (19, 20, 26, 28)),
        (LEXIA.format("20250903"),),
        (LEXIA.format("20250919"),),
        (LEXIA.format("20250916"), LEXIA.format("20250916_corrected")),
        (LEXIA.format("20250925"), LEXIA.format("20250925_complete")),
        (LEXIA.format("20251007"), LEXIA.format("20251007_copy")),
        (LEXIA.format("20251008"), LEXIA.format("20251009")),
        (LEXIA.format("20251015"),),
    ],
    "khan": [
        (OVERVIEW.format("20250825_20250831"),),
        (OVERVIEW.format("20250908_20250914"),),
        (OVERVIEW.format("20250922_20250928") + ".gz",),
        (OVERVIEW.format("20251006_20251012"),),
        ("khan/assignment_scores/alderhill3a_20251024.csv",),
        ("khan/assignment_scores/alderhill5a_20251024.csv",),
        (
            "khan/assignment_scores/birchcreek5a_20250923.csv",
            "khan/assignment_scores/birchcreek5a_20251024.csv",
        ),
        ("khan/Sample-District_20250818_20250919.csv", "khan/Sample-District_20250818_20251024.csv"),
    ],
    "district": [
        (f"district/{n}.csv",)
        for n in ("attendance", "calendar", "check_ins", "interests", "mentors")
    ],
    "nwea": [
        ("nwea/Spring_2024-2025_comprehensive_20250606.zip",),
        (
            "nwea/Fall_2025-2026_comprehensive_20250926.zip",
            "nwea/Fall_2025-2026_comprehensive_20251003.zip",
        ),
    ],
    "oneroster": [
        ("oneroster/oneroster_20250815.zip",),
        ("oneroster/oneroster_20250902.zip", "oneroster/oneroster_20250916.zip"),
        ("oneroster/oneroster_20250815.zip", "oneroster/oneroster_20250930.zip"),
    ],
}  # fmt: skip
#: How many different choices of files there are; each is run once in order, to compare with.
CHOICES = 20


@dataclass(frozen=True)
class Sent:
    """One file as it is put into a source folder: `platform/name`, bytes, time of change (ns)."""

    name: str
    content: bytes
    at: int

    @property
    def platform(self) -> str:
        """The source folder."""
        return self.name.split("/")[0]


@functools.cache
def sample() -> dict[str, Sent]:
    """The smallest sample district."""
    with tempfile.TemporaryDirectory() as folder:
        write_district(Path(folder), students=60, weeks=10, seed=7)
        exports = Path(folder) / "exports"
        found = [p for p in exports.rglob("*") if p.is_file()]
        return {
            (name := p.relative_to(exports).as_posix()): Sent(
                name, p.read_bytes(), p.stat().st_mtime_ns
            )
            for p in found
        }


def cases(count: int, everyday: int) -> pytest.MarkDecorator:
    """Seeds; all but the first few are slow."""
    return pytest.mark.parametrize(
        "seed",
        [pytest.param(n, marks=[] if n < everyday else [pytest.mark.slow]) for n in range(count)],
    )


@functools.cache
def choice(number: int) -> tuple[Sent, ...]:
    """Some files of the sample, in the order in which they were made."""
    dice = random.Random(f"choice {number}")
    # An archive holds many files: a case has one kind of it or none.
    third = {4: "nwea", 9: "oneroster"}.get(number % 10, "district")
    names = [n for kind in ("lexia", "khan", third) for n in dice.choice(SETS[kind])]
    return tuple(sorted((sample()[n] for n in names), key=lambda s: s.at))


# -- running a district -------------------------------------------------------------------------


def deliver(folder: Path, runs: Iterable[Iterable[Sent]]) -> District:
    """Put files into the source folders and take them in, run by run."""
    district = District(folder)
    for run in runs:
        for sent in run:
            path = folder / sent.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(sent.content)
            os.utime(path, ns=(sent.at, sent.at))
        district.take()
    return district


def lake(district: District, *, without: Iterable[str] = ()) -> dict[str, Any]:
    """What the lake says, table by table, but not which file said it. Old versions of persons
    count once each. Which of two deliveries with an equal file is the live one, and so the day it was
    made, may be told otherwise: so for rosters, and for NWEA's lists. `without`: hashes of files whose rows are left out."""
    told: dict[str, Any] = {}
    ledger = Ledger(district.settings.ledger)
    with duckdb.connect() as db:
        for table in LAKE.values():
            parts = ledger.parts(table.name, history=table.keeps_history)
            if not parts:
                continue
            db.execute(
                "CREATE OR REPLACE TABLE wanted AS SELECT unnest(?) AS path, unnest(?) AS arrival, "
                "unnest(?) AS is_current",
                [list(c) for c in zip(*((str(district.settings.lake / p), a, c) for p, a, c in parts), strict=True)],
            )  # fmt: skip
            listed = ", ".join(
                quote(p) for p in {str(district.settings.lake / p) for p, _, _ in parts}
            )
            columns = ", ".join(f"p.{c}" for c in (*table.names, "platform", "feed", "scope"))
            again = "DISTINCT" if table.keeps_history else ""
            rows = db.execute(
                f"""SELECT platform, count(*), CAST(sum(hash(r)) AS VARCHAR) FROM (
                      SELECT {again} {columns}, w.is_current,
                             CASE WHEN p.platform <> 'oneroster' AND p.feed NOT LIKE '%assignments'
                               OR p.platform = 'khan' THEN p.exported_on END
                      FROM read_parquet([{listed}], filename=true, hive_partitioning=false) p
                      JOIN wanted w ON w.path = p.filename AND w.arrival = p.arrival
                      WHERE NOT list_contains(?, p.source_file)) r GROUP BY platform ORDER BY platform""",
                [["", *without]],
            ).fetchall()  # fmt: skip
            told[table.name] = rows
    ledger.close()
    return {name: rows for name, rows in told.items() if rows}


@functools.cache
def in_order(number: int) -> dict[str, Any]:
    """The lake of a choice's files, each sent once, as it is, in one run."""
    with tempfile.TemporaryDirectory() as folder:
        return lake(deliver(Path(folder), [choice(number)]))


def sound(district: District) -> list[Row]:
    """Every file has an end, a named one where it was turned away, and all its rows a fate."""
    files = list(district.files().values())
    for file in files:
        assert file["status"] in ("loaded", "superseded", "duplicate", "refused", "ignored"), file
        assert file["is_archive"] or accounted(file), file
        if file["status"] == "refused":
            assert file["reason"] in FILE_REASONS
    return files


def faults_of(district: District, file_id: int) -> list[str]:
    """The reasons of one file's rows that were turned away."""
    ledger = Ledger(district.settings.ledger)
    found = ledger.rows(
        "SELECT path FROM part WHERE file_id = ? AND table_name = 'quarantine'", (file_id,)
    )
    ledger.close()
    if not found:
        return []
    with duckdb.connect() as db:
        path = quote(str(district.settings.lake / found[0][0]))
        return [r for (r,) in db.execute(f"SELECT reason FROM {path}").fetchall()]


def views(district: District) -> dict[str, list[Any]]:
    """All that a reader sees, but which file said it and when that was read."""
    report = nightly.Report()
    with nightly.opened(district.settings) as ledger:
        nightly.put_live(district.settings, ledger, report)
    assert report.refusal is None
    live = publish.live_file(district.settings.warehouse)
    with duckdb.connect(str(live), read_only=True) as db:
        columns: dict[str, list[str]] = {}
        for table, column in db.execute(
            """SELECT schema_name || '.' || table_name, column_name FROM duckdb_columns()
               WHERE schema_name IN ('views', 'facts', 'roster') ORDER BY ALL"""
        ).fetchall():
            if not re.search("source_file|sha256|arrival|loaded_at", column):
                columns.setdefault(table, []).append(column)
        return {
            table: sorted(
                (
                    tuple(map(_told, row))
                    for row in db.execute(f"SELECT {', '.join(names)} FROM {table}").fetchall()
                ),
                key=repr,
            )
            for table, names in columns.items()
        }


def _told(value: Any) -> Any:
    """A number without its last digits, which hang on the order in which numbers were summed."""
    return float(f"{value:.9g}") if isinstance(value, float) else value


# -- the same file in another dress -------------------------------------------------------------


def feed_of(sent: Sent, header: list[str]) -> Feed | None:
    """The feed that a file's header is recognised as."""
    match = recognise(PLATFORMS[sent.platform], stem_of(sent.name), header)
    return match.feed if match and not match.missing else None


def table_of(content: bytes) -> list[list[str]] | None:
    """The cells of a healthy CSV; None where a program would have to guess."""
    try:
        text = content.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        return None
    if (
        len(rows) < 2
        or len(rows[0]) < 2
        or any(len(r) != len(rows[0]) for r in rows)
        or "\r" in text.replace("\r\n", "")
    ):
        return None
    return rows


def redrawn(sent: Sent, rows: list[list[str]], dice: random.Random) -> list[list[str]]:
    """The same rows under other known header names, with columns moved and unknown ones put in."""
    feed = feed_of(sent, rows[0])
    header = list(rows[0])
    if feed is not None and dice.random() < 0.6:
        for column in feed.columns:
            for n, name in enumerate(header):
                others = {norm(h) for h in column.headers}
                if norm(name) in others and not others & {norm(h) for h in header if h != name}:
                    header[n] = dice.choice((*column.headers, name.upper(), f" {name} "))
                    break
    drawn = [header, *rows[1:]]
    if dice.random() < 0.4:
        drawn = [
            [*row, "x" if n else "Unheard Of", "" if n else "unheard, too"]
            for n, row in enumerate(drawn)
        ]
    if dice.random() < 0.6:
        order = dice.sample(range(len(drawn[0])), len(drawn[0]))
        drawn = [[row[i] for i in order] for row in drawn]
    return drawn


def written(rows: list[list[str]], dice: random.Random) -> bytes:
    """A table as another program might write it."""
    out = io.StringIO()
    end = dice.choice(("\n", "\r\n"))
    writer = csv.writer(
        out, delimiter=dice.choice(",;\t|"), lineterminator=end,
        quoting=dice.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)),
    )  # fmt: skip
    writer.writerows(rows)
    text = out.getvalue()
    if dice.random() < 0.2:
        text = text.removesuffix(end)
    return text.encode(dice.choice(("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")))


def newest_of_scope(sent: Sent, files: Iterable[Sent]) -> bool:
    """Whether no other file of a choice may be a newer one of the same scope."""
    told = re.sub(r"\d{8}(_[a-z]+)?\.", "", sent.name)
    return not any(
        re.sub(r"\d{8}(_[a-z]+)?\.", "", f.name) == told and f.at > sent.at for f in files
    )


def dressed(sent: Sent, dice: random.Random) -> Sent:
    """The same rows in other bytes, where that can be done without reading the file's mind."""
    rows = table_of(sent.content)
    if sent.name.endswith(".zip"):
        return replace(sent, content=rezipped(sent.content, dice))
    if rows is None:
        return sent
    content = written(redrawn(sent, rows, dice), dice)
    name = sent.name
    match dice.randrange(5):
        case 0:
            name, content = f"{name}.gz", gzip.compress(content, mtime=0)
        case 1:
            # A class is told by the file's name or its folder, which is the zip's name then.
            folder, base = name.rsplit("/", 1)
            archive = " ".join(dice.choices(("export", "report", "scores", "final"), k=6))
            name, content = f"{folder}/{archive}.zip", zipped({base: content})
        case 2:
            name = name.replace(".csv", ".CSV")
    return replace(sent, name=name, content=content)


def rezipped(content: bytes, dice: random.Random) -> bytes:
    """An archive with its members in another order, below a folder, and packed anew."""
    import zipfile

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {n: archive.read(n) for n in archive.namelist()}
    names = dice.sample(sorted(files), len(files))
    folder = dice.choice(("", "export/", "a/b/"))
    return zipped({folder + n: files[n] for n in names})


def renamed(sent: Sent, dice: random.Random) -> str:
    """Another name that means the same."""
    folder, base = sent.name.rsplit("/", 1)
    platform = sent.platform
    stem, ending = base.split(".", 1)
    of_class = "assignment_scores" in folder
    match dice.randrange(4):
        case 0 if not of_class:
            return f"{folder}/{stem} (1).{ending}"
        case 1 if not of_class:
            return f"{platform}/sent again/below/{base}"
        case 2:
            return f"{folder}/{stem.upper()}.{ending.upper()}"
        case _:
            return f"{folder}/{stem}_copy.{ending}"


def sent_anyhow(files: tuple[Sent, ...], dice: random.Random) -> list[list[Sent]]:
    """The files in other dress, some of them again, in any order and over one to three runs."""
    events = []
    for sent in files:
        first = dressed(sent, dice) if dice.random() < 0.5 else sent
        events.append(first)
        if dice.random() < 0.4:
            later = dice.choice((0, MINUTE, 9 * MINUTE)) if newest_of_scope(sent, files) else 0
            again = dressed(sent, dice) if dice.random() < 0.5 else dice.choice((sent, first))
            if dice.random() < 0.7:
                again = replace(again, name=renamed(again, dice))
            events.append(replace(again, at=again.at + later))
    dice.shuffle(events)
    cuts = sorted(dice.randrange(len(events) + 1) for _ in range(dice.choice((0, 1, 1, 2))))
    runs = [events[a:b] for a, b in zip([0, *cuts], [*cuts, len(events)], strict=True)]
    return [run for run in runs if run]


@cases(200, 5)
def test_files_in_any_order_and_dress_end_in_the_same_lake(seed: int, tmp_path: Path) -> None:
    dice = random.Random(seed)
    number = seed % CHOICES
    runs = sent_anyhow(choice(number), dice)
    district = deliver(tmp_path, runs)
    sound(district)
    assert lake(district) == in_order(number), [[s.name for s in r] for r in runs]


# -- damage -------------------------------------------------------------------------------------

#: What a damaged file was before; each has a scope of its own. The roster is newer than the one
#: that came before it.
VICTIMS = (
    LEXIA.format("20251020"),
    OVERVIEW.format("20251013_20251019"),
    "khan/assignment_scores/birchcreekmath6a_20251024.csv",
    "nwea/Winter_2025-2026_comprehensive_20251024.zip",
    "district/attendance.csv",
    "oneroster/oneroster_20250930.zip",
)
HEALTHY = (
    LEXIA.format("20250826"),
    OVERVIEW.format("20250825_20250831"),
    "khan/assignment_scores/birchcreek5a_20251024.csv",
    "district/calendar.csv",
    "oneroster/oneroster_20250815.zip",
)


def damaged(sent: Sent, dice: random.Random) -> Sent:
    """A file as a bad line, a full disk or a spreadsheet leaves it; its name and time stay."""
    whole = sent.content
    if dice.random() < 0.25 and not sent.name.endswith(".zip"):
        sent, whole = (replace(sent, name=f"{sent.name}.gz"), gzip.compress(whole, mtime=0))
    content = bytearray(whole)
    at = dice.randrange(len(content))
    lines = whole.splitlines(keepends=True)
    line = dice.randrange(1, len(lines)) if len(lines) > 1 else 0
    match dice.randrange(11):
        case 0:
            del content[len(content) // 2 :]
        case 1:
            content[at] ^= 1 << dice.randrange(8)
        case 2:
            quotes = [n for n, b in enumerate(content) if b == ord('"')] or [at]
            del content[dice.choice(quotes)]
        case 3:
            lines[line] = lines[line].replace(b",", b"", 1)
            content = bytearray(b"".join(lines))
        case 4:
            content.clear()
        case 5:
            content = bytearray(lines[0])
        case 6:
            content = bytearray(dice.randbytes(dice.choice((1, 7, 4000))))
        case 7:
            del content[at:]
        case 8:
            content[at:at] = dice.choice(
                (b'"', b"\x00", b"\r", b"\xff", b"PK\x03\x04", b'"\n"', b",,,")
            )
        case 9:
            del content[at : at + dice.randrange(1, 400)]
        case _:
            for _ in range(dice.choice((3, 30, 300))):
                content[dice.randrange(len(content))] = dice.randrange(256)
    return replace(sent, content=bytes(content))


@functools.cache
def undamaged() -> dict[str, Any]:
    """The lake of the healthy files alone."""
    with tempfile.TemporaryDirectory() as folder:
        return lake(deliver(Path(folder), [[sample()[n] for n in HEALTHY]]))


def of_others(told: dict[str, Any], platforms: Iterable[str]) -> dict[str, Any]:
    """What a lake says of some platforms."""
    kept = {t: [r for r in rows if r[0] in platforms] for t, rows in told.items()}
    return {t: rows for t, rows in kept.items() if rows}


@cases(50, 2)
def test_a_damaged_file_is_named_and_the_others_stay_as_they_are(seed: int, tmp_path: Path) -> None:
    """Six damaged files to a district, one of each kind: 300 in all."""
    dice = random.Random(f"damage {seed}")
    bad = [damaged(sample()[name], dice) for name in VICTIMS]
    good = [sample()[name] for name in HEALTHY]
    events = [*bad, *good]
    dice.shuffle(events)
    cut = dice.randrange(len(events)) if dice.random() < 0.3 else 0
    district = deliver(tmp_path, [events[:cut], events[cut:]] if cut else [events])
    for file in sound(district):
        faults = faults_of(district, file["id"])
        assert set(faults) <= set(ROW_REASONS)
        if file["status"] in ("loaded", "superseded") and not file["is_archive"]:
            assert len(faults) == file["rows_quarantined"], file
    states = district.states
    for sent in good:
        name = sent.name.split("/", 1)[1]
        ends = {
            n: s for n, s in states(sent.platform).items() if n == name or n.startswith(f"{name}/")
        }
        assert {s for s, _ in ends.values()} <= {"loaded", "superseded", "duplicate"}, ends
    bytes_of_bad = {hashlib.sha256(s.content).hexdigest() for s in bad}
    alone = lake(district, without=bytes_of_bad)
    assert of_others(alone, ("lexia", "khan", "district")) == of_others(
        undamaged(), ("lexia", "khan", "district")
    )
    assert lake(district)["person"]


# -- the views follow from the lake -------------------------------------------------------------


@functools.cache
def whole_district() -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """The lake and the views of the whole sample, as it is, in one run."""
    with tempfile.TemporaryDirectory() as folder:
        plain = deliver(Path(folder), [sorted(sample().values(), key=lambda s: s.at)])
        return lake(plain), views(plain)


@cases(2, 0)
def test_the_whole_district_in_any_order_and_dress_ends_in_the_same_views(
    seed: int, tmp_path: Path
) -> None:
    files = tuple(sorted(sample().values(), key=lambda s: s.at))
    district = deliver(tmp_path, sent_anyhow(files, random.Random(f"views {seed}")))
    sound(district)
    wanted_lake, wanted = whole_district()
    assert lake(district) == wanted_lake
    found = views(district)
    assert len(wanted) > 15
    assert [t for t in wanted if wanted[t] != found[t]] == []


@cases(4, 0)
def test_equal_lakes_make_equal_views(seed: int, tmp_path: Path) -> None:
    number = 5 * seed + seed % 5
    (tmp_path / "plain").mkdir()
    plain = deliver(tmp_path / "plain", [choice(number)])
    (tmp_path / "anyhow").mkdir()
    anyhow = deliver(tmp_path / "anyhow", sent_anyhow(choice(number), random.Random(seed)))
    assert lake(plain) == lake(anyhow)
    wanted, found = views(plain), views(anyhow)
    assert [t for t in wanted if wanted[t] != found[t]] == []
