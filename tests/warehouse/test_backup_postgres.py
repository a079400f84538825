"""Notes in a PostgreSQL come back by the very commands of docs/install.md, tried on a server."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from warehouse.notes import access_log, check_ins
from warehouse.notes.database import Notes

INSTALL = Path(__file__).parents[2] / "docs" / "install.md"
TOLD = "postgresql://homeroom@db.our-district.example/homeroom"


def command(program: str) -> str:
    """The one line of the docs that begins with a program."""
    (line,) = re.findall(rf"^{program} .*$", INSTALL.read_text("utf-8"), re.MULTILINE)
    return str(line)


def emptied(server: str, name: str) -> str:
    """A new database's address, as PostgreSQL's own programs write it."""
    plain = urlsplit(server)._replace(scheme="postgresql").geturl()
    with psycopg.connect(plain, autocommit=True) as db:
        db.execute(f'CREATE DATABASE "{name}"')
    return plain.removesuffix("/postgres") + f"/{name}"


def notes_at(address: str) -> Notes:
    return Notes(address.replace("postgresql://", "postgresql+psycopg://"))


def all_rows(address: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, by table."""
    with psycopg.connect(address) as db:
        tables = db.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        ).fetchall()
        return {
            name: db.execute(f'SELECT * FROM "{name}" ORDER BY 1::text').fetchall()
            for (name,) in tables
        }


@pytest.mark.slow
def test_notes_in_postgresql_come_back_and_go_on(postgres: str, tmp_path: Path) -> None:
    pg_bin = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
    first, second = emptied(postgres, "first"), emptied(postgres, "second")
    with notes_at(first) as notes:
        check_ins.add(notes, check_ins.new("U1", "T1", "2025-09-05", by="T1", note="liked it"))
        access_log.add(notes, [access_log.new("T1", "view", "a page", ["U1"])])
    dump = tmp_path / "notes.dump"

    def run(program: str, address: str) -> subprocess.CompletedProcess[str]:
        words = (
            command(program).replace(TOLD, address).replace("/srv/backups/notes.dump", str(dump))
        )
        return subprocess.run(
            f"{pg_bin}/{words}", shell=True, capture_output=True, text=True, check=False
        )

    assert run("pg_dump", first).returncode == 0
    back = run("pg_restore", second)
    assert back.returncode == 0, back.stderr
    assert all_rows(second) == all_rows(first)
    with notes_at(second) as notes:
        check_ins.add(notes, check_ins.new("U1", "T1", "2025-09-06", by="T1", note="again"))
    with psycopg.connect(second) as db, pytest.raises(psycopg.Error):
        # What refuses changes of the access log came along.
        db.execute("DELETE FROM access_log")
    before = all_rows(second)
    assert run("pg_restore", second).returncode != 0
    assert all_rows(second) == before
