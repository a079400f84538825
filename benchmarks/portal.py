"""`python -m benchmarks.portal`: how fast boards come, beside a floor and a peer.

Starts the real `homeroom serve` over a published district, signs teachers in, and asks for each
one's own board; then the same for two routes that do nothing, and for Datasette.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import venv
from contextlib import closing
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from statistics import quantiles
from typing import Any
from urllib.parse import quote

import duckdb

from benchmarks import portal_page
from benchmarks.portal_servers import Server, free_port, running
from portal.sessions import Sessions
from warehouse import publish, settings
from warehouse.reader import attached
from warehouse.settings import Settings

_PAGE = Path("docs/portal.md")
_BEGIN, _END = "<!-- figures: make bench-portal -->", "<!-- end of figures -->"
_DATASETTE = "datasette==0.65.5"
#: Connections that ask at once, and pages a second where readers come when they come.
_CONNECTIONS, _RATE = 16, 50


@dataclass(frozen=True)
class Load:
    """What one load saw. Milliseconds; `failed`: what was wrong, and how often."""

    asked: int
    wall: float
    pages_a_second: float
    median: float
    p99: float
    bytes: int
    server_cpu: float
    own_cpu: float
    failed: dict[str, int]


@dataclass(frozen=True)
class Teacher:
    """An adult who teaches a class that has a board; one class of theirs."""

    staff_id: str
    name: str
    class_id: str
    title: str


def load(server: Server, pages: list[dict[str, Any]], **how: float) -> Load:
    """Ask a server for pages, from a process of its own."""
    before = server.cpu()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.portal_load"],
        input=json.dumps(
            {"port": server.port, "connections": _CONNECTIONS, "pages": pages, **how}
        ),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    told = json.loads(done.stdout)
    times = sorted(told["seconds"]) or [0.0, 0.0]
    return Load(
        len(told["seconds"]),
        told["wall"],
        len(told["seconds"]) / told["wall"],
        1000 * times[len(times) // 2],
        1000 * quantiles(times, n=100)[98],
        told["bytes"] // max(len(told["seconds"]), 1),
        server.cpu() - before,
        told["cpu"],
        told["failed"],
    )


def teachers(warehouse: Path, count: int) -> list[Teacher]:
    """So many teachers with a board, each once, in an order that follows no key."""
    live = publish.live_file(warehouse)
    assert live is not None, "nothing is published"
    with closing(attached(live)) as db:
        rows = db.execute(
            """SELECT staff_id, concat_ws(' ', given_name, family_name), class_id, title
               FROM (SELECT staff_id, min(class_id) AS class_id FROM views.class_access
                     WHERE reason = 'teacher_of_class' AND class_id IN (
                         SELECT class_id FROM views.collaboration_board) GROUP BY staff_id)
               JOIN roster.staff USING (staff_id) JOIN roster.class_section USING (class_id)
               ORDER BY hash(staff_id) LIMIT ?""",
            [count],
        ).fetchall()
    return [Teacher(*row) for row in rows]


def own_home(district: Settings, work: Path) -> Settings:
    """The district's live version in a home of its own, so that nothing of the district changes."""
    live = publish.live_file(district.warehouse)
    assert live is not None, "nothing is published"
    shutil.rmtree(work / "home", ignore_errors=True)
    folder = work / "home" / "warehouse"
    folder.mkdir(parents=True)
    shutil.copyfile(live, folder / live.name)
    shutil.copyfile(district.warehouse / publish.POINTER, folder / publish.POINTER)
    (work / "home" / "exports").mkdir()
    config = work / "homeroom.toml"
    config.write_text(
        '[district]\nname = "Measured"\nhome = "home"\n'
        '[[source]]\nplatform = "oneroster"\nlocation = "home/exports"\n',
        "utf-8",
    )
    return settings.load(config)


class Publisher:
    """Publishes copies of the live version, which lie ready, one every few seconds."""

    def __init__(self, warehouse: Path, work: Path, copies: int, seconds: float) -> None:
        live = publish.live_file(warehouse)
        assert live is not None
        self._warehouse, self._seconds, self.published = warehouse, seconds, 0
        self._ready = [work / f"ready-{number}.duckdb" for number in range(copies)]
        for path in self._ready:
            shutil.copyfile(live, path)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._publish)

    def __enter__(self) -> Publisher:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._ended.set()
        self._thread.join()
        for path in self._ready:
            path.unlink(missing_ok=True)

    def _publish(self) -> None:
        for path in self._ready:
            if self._ended.wait(self._seconds):
                return
            db = duckdb.connect(config={"threads": "1"})
            built = publish.building_path(self._warehouse)
            path.replace(built)
            db.execute(f"ATTACH '{built}' AS target")
            publish.publish(db, built, self._warehouse, f"copy {self.published}")
            self.published += 1


def of_homeroom(home: Settings, work: Path, told: argparse.Namespace) -> dict[str, Any]:
    """Boards, one for each teacher: each for the first time, again, and while versions go live."""
    adults = teachers(home.warehouse, told.teachers)
    with closing(Sessions(home.sessions, https=False)) as sessions:
        pages = [
            {
                "path": f"/classes/{quote(t.class_id)}/board",
                "cookie": f"{sessions.cookie}={sessions.start(t.staff_id).word}",
                "holds": [f"<span>{escape(t.name)}</span>", f"<h1>{escape(t.title)}</h1>"],
            }
            for t in adults
        ]
    port = free_port()
    command = [sys.executable, "-c", "from pipelines.cli import main; main()", "serve", "--port",
               str(port), "--workers", str(told.workers), "--config",
               str(work / "homeroom.toml")]  # fmt: skip
    with running(command, port) as server:
        busy = [os.getloadavg()[0]]
        first = load(server, pages)
        again = load(server, pages, seconds=told.seconds)
        alone = server.peaks()
        copies = Publisher(home.warehouse, work, int(told.seconds * 2 / told.every), told.every)
        with copies as publisher:
            rate = load(server, pages[::-1], seconds=told.seconds * 2, rate=_RATE)
        busy.append(os.getloadavg()[0])
        sample = _one_page(port, pages[0])
        (work / "board.html").write_text(sample, "utf-8")
        peaks = server.peaks()
    asked = first.asked + again.asked + rate.asked + 1
    with closing(sqlite3.connect(home.home / "notes.sqlite")) as db:
        logged = db.execute("SELECT count(*) FROM access_log").fetchone()[0]
    return {
        "teachers": len(adults),
        "loads": {"first": asdict(first), "again": asdict(again), "rate": asdict(rate)},
        "published": publisher.published,
        "busy": sum(busy) / len(busy),
        "peak before": alone,
        "peaks": peaks,
        "asked": asked,
        "logged": logged,
    }


def _one_page(port: int, page: dict[str, Any]) -> str:
    import httpx2

    answer = httpx2.get(
        f"http://127.0.0.1:{port}{page['path']}", headers={"Cookie": page["cookie"]}
    )
    answer.raise_for_status()
    return answer.text


def of_floor(work: Path, told: argparse.Namespace) -> dict[str, Any]:
    """An empty route, and a board's text that was made before."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "benchmarks.portal_floor:app", "--port", str(port),
               "--workers", str(told.workers), "--no-access-log",
               "--log-level", "warning"]  # fmt: skip
    with running(command, port, {"HOMEROOM_FLOOR_PAGE": str(work / "board.html")}) as server:
        empty = [{"path": "/empty", "cookie": "a=b", "holds": ["ok"]}]
        page = [{"path": "/page", "cookie": "a=b", "holds": ["</html>"]}]
        return {
            "loads": {
                "empty": asdict(load(server, empty, seconds=told.seconds)),
                "page": asdict(load(server, page, seconds=told.seconds)),
                "rate": asdict(load(server, page, seconds=told.seconds, rate=_RATE)),
            },
            "peaks": server.peaks(),
        }


def of_peer(home: Settings, work: Path, told: argparse.Namespace) -> dict[str, Any]:
    """Datasette, in an environment of its own: the latest board's rows of a class as one table.

    It has one process, no rights, no log and no names; its table has an index on the class.
    """
    place = work / "datasette"
    if not (place / "bin" / "datasette").exists():
        venv.create(place, with_pip=True)
        subprocess.run([place / "bin" / "pip", "install", "--quiet", _DATASETTE], check=True)
    adults = teachers(home.warehouse, told.teachers)
    database = work / "board.sqlite"
    database.unlink(missing_ok=True)
    live = publish.live_file(home.warehouse)
    assert live is not None
    with closing(attached(live)) as db, closing(sqlite3.connect(database)) as copy:
        rows = db.execute(
            """SELECT class_id, CAST(week_start AS VARCHAR), block, position, student_id, kind,
                      question, platform, sentence, else_it_could_be
               FROM views.collaboration_board
               WHERE week_start = (SELECT max(week_start) FROM views.collaboration_board)"""
        ).fetchall()
        copy.execute(
            "CREATE TABLE board (class_id, week_start, block, position, student_id, kind, "
            "question, platform, sentence, else_it_could_be)"
        )
        copy.executemany(f"INSERT INTO board VALUES ({','.join('?' * 10)})", rows)
        copy.execute("CREATE INDEX by_class ON board (class_id)")
        copy.commit()
    port = free_port()
    command = [str(place / "bin" / "datasette"), "serve", "--immutable", str(database), "--port",
               str(port), "--setting", "suggest_facets", "off"]  # fmt: skip
    pages = [
        {
            "path": f"/board/board?class_id={quote(t.class_id)}&_size=100&_nocount=1",
            "cookie": "a=b",
            "holds": [escape(t.class_id), "</html>"],
        }
        for t in adults
    ]
    with running(command, port, {"PYTHONPATH": ""}) as server:
        return {
            "loads": {
                "first": asdict(load(server, pages, seconds=told.seconds)),
                "rate": asdict(load(server, pages, seconds=told.seconds, rate=_RATE)),
            },
            "peaks": server.peaks(),
        }


def district_of(told: argparse.Namespace) -> Settings:
    """The district that is named, or one that is made here and run, once."""
    if told.config:
        return settings.load(told.config)
    folder = told.work / f"portal-{told.students}"
    config = folder / "homeroom.toml"
    if not config.exists():
        subprocess.run(
            [sys.executable, "-m", "benchmarks.district", str(folder), str(told.students), "36"],
            check=True,
        )
    command = [sys.executable, "-c", "from pipelines.cli import main; main()", "run", "--config"]
    subprocess.run([*command, str(config)], check=True)
    return settings.load(config)


def main(arguments: list[str] | None = None) -> None:
    """Measure, and write the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.portal", description=__doc__)
    add = parser.add_argument
    add("--config", type=Path, help="a published district (default: one is made and run)")
    add("--students", type=int, default=100_000, help="of the district that is made")
    add("--teachers", type=int, default=2_000, help="who are signed in")
    add("--workers", type=int, default=2, help="processes of homeroom serve")
    add("--seconds", type=float, default=15, help="of each load")
    add("--every", type=float, default=5, help="seconds between publications")
    add("--only", default="homeroom,floor,peer", help="of homeroom,floor,peer")
    add("--work", type=Path, default=Path("bench-work"), help="folder for the big files")
    add("--print", action="store_true", help="print the figures, write nothing")
    told = parser.parse_args(arguments)
    told.work.mkdir(parents=True, exist_ok=True)
    told.work = told.work.resolve()
    os.environ.pop(settings.ENVIRONMENT, None)
    home = own_home(district_of(told), told.work)
    measured: dict[str, Any] = {}
    for name in told.only.split(","):
        if name == "homeroom":
            measured[name] = of_homeroom(home, told.work, told)
        elif name == "floor":
            measured[name] = of_floor(told.work, told)
        else:
            measured[name] = of_peer(home, told.work, told)
        print(json.dumps({name: measured[name]}), flush=True)
    (told.work / "portal.json").write_text(json.dumps(measured, indent=1) + "\n", "utf-8")
    shutil.rmtree(told.work / "home")
    if told.print or set(measured) != {"homeroom", "floor", "peer"}:
        return
    before, rest = _PAGE.read_text("utf-8").split(_BEGIN)
    after = rest.split(_END)[1]
    _PAGE.write_text(f"{before}{_BEGIN}\n{portal_page.write(measured)}{_END}{after}", "utf-8")


if __name__ == "__main__":
    main()
