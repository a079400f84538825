"""Deltas of a roster: laid over the newest bulk, they end as one bulk of the final state would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fixtures import CLASSES, ENROLLMENTS, ORGS, USERS, District, lines, zipped
from warehouse.intake import deltas
from warehouse.intake.casting import quote
from warehouse.lake import lakehouse
from warehouse.lake.tables import LAKE
from warehouse.ledger import File, Ledger

STUDENTS = "SELECT student_id, given_name, active FROM roster.student ORDER BY ALL"
PLACES = (
    "SELECT person_id, class_id, CAST(end_date AS VARCHAR) AS until FROM roster.enrollment "
    "ORDER BY ALL"
)
OF = {
    "users": USERS,
    "orgs": ORGS,
    "classes": CLASSES,
    "enrollments": ENROLLMENTS,
}


def user(who: str, name: str, status: str = "", changed: str = "") -> str:
    return f"{who},{status},{changed},true,S1,student,{name.lower()},,{name},Ash,,{who},,,,,3,"


def place(who: str, room: str, end: str = "", status: str = "", changed: str = "") -> str:
    return f"E{who}{room},{status},{changed},{room},S1,{who},student,,,{end}"


def room(name: str) -> str:
    return f"{name},,,Room {name},3,,,homeroom,,S1,,,,"


def delivery(mode: str, **files: Sequence[str]) -> bytes:
    """A zip of some files, all of one mode, the others said to be absent."""
    told = [f"file.{name},{mode if name in files else 'absent'}" for name in OF]
    held = {f"{name}.csv": lines(OF[name], *rows) for name, rows in files.items()}
    held["manifest.csv"] = lines("propertyName,value", "manifest.version,1.0", *told)
    return zipped(held)


TEN = [f"u{n}" for n in range(10)]
BULK = delivery(
    "bulk",
    orgs=["S1,,,North,school,,"],
    users=[user(who, "Kid") for who in TEN],
    classes=[room("c1"), room("c2")],
    enrollments=[place(who, "c1") for who in TEN],
)
#: One leaves and one is renamed.
FIRST = delivery(
    "delta",
    users=[
        "u0,tobedeleted,2025-10-02T05:00:00.000Z,,,,,,,,,,,,,,,",
        user("u1", "Ann", "active", "2025-10-02T05:00:00.000Z"),
    ],
    enrollments=["Eu0c1,tobedeleted,2025-10-02T05:00:00.000Z,,,,,,,"],
)
#: One is renamed again, one gets a class, one leaves a class.
SECOND = delivery(
    "delta",
    users=[user("u1", "Anna", "active", "2025-10-03T05:00:00.000Z")],
    enrollments=[
        place("u2", "c2", "", "active", "2025-10-03"),
        place("u3", "c1", "2025-10-02", "active", "2025-10-03"),
    ],
)
NIGHTS = {"20251001": BULK, "20251002": FIRST, "20251003": SECOND}
FINAL_STUDENTS = [
    {"student_id": who, "given_name": {"u1": "Anna"}.get(who, "Kid"), "active": who != "u0"}
    for who in TEN
]
FINAL_PLACES = sorted(
    [(who, "c1", "2025-10-02" if who == "u3" else None) for who in TEN if who != "u0"]
    + [("u2", "c2", None)],
)


def send(district: District, day: str, content: bytes) -> None:
    district.put(f"oneroster/r_{day}.zip", content)


def state(district: District) -> tuple[list[dict[str, Any]], list[tuple[Any, ...]]]:
    return district.ask(STUDENTS), [tuple(row.values()) for row in district.ask(PLACES)]


def as_lake(district: District, table: str, columns: str) -> list[tuple[Any, ...]]:
    """A table of the lake as transforms see it, without building a warehouse."""
    ledger = Ledger(district.settings.ledger)
    with duckdb.connect() as db:
        db.execute("ATTACH ':memory:' AS scratch")
        db.execute("CREATE SCHEMA scratch.lake")
        lakehouse.attach(db, ledger, district.settings.lake)
        ledger.close()
        return db.execute(f"SELECT {columns} FROM scratch.lake.{table} ORDER BY ALL").fetchall()


def now_known(district: District) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    people = as_lake(district, "person", "CASE WHEN is_current THEN person_id END, given_name")
    return (
        [row for row in people if row[0] is not None],
        as_lake(district, "enrollment", "person_id, class_id, CAST(end_date AS VARCHAR)"),
    )


FINAL = ([(r["student_id"], r["given_name"]) for r in FINAL_STUDENTS if r["active"]], FINAL_PLACES)


@pytest.mark.slow
def test_a_bulk_and_two_deltas_are_the_roster_of_the_last_day(tmp_path: Path) -> None:
    district = District(tmp_path, ("oneroster",))
    for day, content in NIGHTS.items():
        send(district, day, content)
        district.build()
    assert state(district) == (FINAL_STUDENTS, FINAL_PLACES)
    assert "refused" not in {status for status, _ in district.states("oneroster").values()}


_folders = count()


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    order=st.permutations([*NIGHTS, "20251002_again", "20251003_again"]),
    together=st.lists(st.booleans(), min_size=5, max_size=5),
)
@pytest.mark.slow
def test_the_order_in_which_deltas_arrive_does_not_matter(
    tmp_path: Path, order: list[str], together: list[bool]
) -> None:
    folder = tmp_path / str(next(_folders))
    folder.mkdir()
    district = District(folder, ("oneroster",))
    for day, taken_now in zip(order, together, strict=True):
        send(district, day, NIGHTS[day.removesuffix("_again")])
        if taken_now:
            district.take()
    district.take()
    assert now_known(district) == FINAL


def test_deltas_made_before_a_later_bulk_no_longer_count(tmp_path: Path) -> None:
    district = District(tmp_path, ("oneroster",))
    later = delivery(
        "bulk",
        orgs=["S1,,,North,school,,"],
        users=[user(who, "Kim") for who in TEN],
        classes=[room("c1"), room("c2")],
        enrollments=[place(who, "c2") for who in TEN],
    )
    whole = ([(who, "Kim") for who in TEN], [(who, "c2", None) for who in TEN])
    send(district, "20251001", BULK)
    send(district, "20251002", FIRST)
    district.take()
    send(district, "20251004", later)
    district.take()
    assert now_known(district) == whole
    # One that comes late, and one sent again under a later date, change nothing either.
    send(district, "20251003", SECOND)
    send(district, "20251005", FIRST)
    district.take()
    assert now_known(district) == whole
    assert district.states("oneroster")["r_20251003.zip/users.csv"] == ("superseded", None)


def test_a_bulk_that_falls_gives_the_deltas_before_it_their_place_back(tmp_path: Path) -> None:
    district = District(tmp_path, ("oneroster",))
    for day, content in NIGHTS.items():
        send(district, day, content)
    district.take()
    torn = delivery(
        "bulk",
        users=[user(who, "Kim") for who in TEN],
        classes=["c1"],
        enrollments=[place(who, "c2") for who in TEN],
    )
    send(district, "20251004", torn)
    district.take()
    assert district.states("oneroster")["r_20251004.zip/users.csv"][1] == "part_of_refused"
    assert now_known(district) == FINAL


def test_a_delta_of_which_one_file_is_turned_away_changes_nothing(tmp_path: Path) -> None:
    district = District(tmp_path, ("oneroster",))
    send(district, "20251001", BULK)
    send(
        district,
        "20251002",
        delivery("delta", users=[user("u1", "Ann", "active")], enrollments=[place("u2", "", "c2")]),
    )
    district.take()
    assert now_known(district)[0] == [(who, "Kid") for who in TEN]


def test_a_delta_may_be_small_empty_or_say_that_files_are_absent(tmp_path: Path) -> None:
    district = District(tmp_path, ("oneroster",))
    send(district, "20251001", BULK)
    held = {
        "users.csv": lines(USERS, user("u1", "Ann", "active")),
        "classes.csv": lines(CLASSES),
        "enrollments.csv": lines(ENROLLMENTS, place("u9", "c2")),
        "manifest.csv": lines(
            "PropertyName,Value",
            "file.Users,Delta",
            "file.classes,delta",
            "file.enrollments,absent",
        ),
    }
    send(district, "20251002", zipped(held))
    district.take()
    told = {n.removeprefix("r_20251002.zip/"): s for n, s in district.states("oneroster").items()}
    assert told["users.csv"] == ("loaded", None)
    assert told["classes.csv"] == ("ignored", "no_changes")
    assert told["enrollments.csv"] == ("ignored", "said_absent")
    people, places = now_known(district)
    assert people == [(who, "Ann" if who == "u1" else "Kid") for who in TEN]
    assert places == [(who, "c1", None) for who in TEN]


def test_a_bulk_with_status_and_dates_filled_is_still_a_bulk(tmp_path: Path) -> None:
    district = District(tmp_path, ("oneroster",))
    send(district, "20251001", BULK)
    filled = delivery(
        "bulk", users=[user(who, "Kid", "active", "2025-10-01T00:00:00Z") for who in TEN[1:]]
    )
    send(district, "20251002", filled)
    district.build()
    gone = [r["student_id"] for r in district.ask(STUDENTS) if not r["active"]]
    assert gone == ["u0"]


@pytest.mark.slow
def test_without_a_bulk_the_deltas_are_all_that_is_known(tmp_path: Path) -> None:
    district = District(tmp_path, ("oneroster",))
    send(district, "20251002", FIRST)
    send(district, "20251003", SECOND)
    district.build()
    assert state(district)[0] == [{"student_id": "u1", "given_name": "Anna", "active": True}]
    noted = [(a["feed"], a["file"], a["reason"]) for a in district.status()["attention"]]
    assert noted == [
        ("enrollments", "r_20251003.zip/enrollments.csv", "no_whole"),
        ("users", "r_20251003.zip/users.csv", "no_whole"),
    ]
    send(district, "20251001", BULK)
    district.build()
    assert state(district) == (FINAL_STUDENTS, FINAL_PLACES)
    assert district.status()["attention"] == []


def test_a_loose_file_listens_to_the_manifest_of_its_folder(tmp_path: Path) -> None:
    district = District(tmp_path, ("oneroster",))
    for at, mode, rows in (
        (0, "bulk", [user(who, "Kid") for who in TEN]),
        (1440, "delta", [user("u1", "Ann", "active")]),
    ):
        district.put("oneroster/users.csv", lines(USERS, *rows), at=at)
        district.put(
            "oneroster/manifest.csv", lines("propertyName,value", f"file.users,{mode}"), at=at
        )
        district.take()
    people = as_lake(district, "person", "person_id, given_name, is_current")
    assert [(who, name) for who, name, current in people if current] == [
        (who, "Ann" if who == "u1" else "Kid") for who in TEN
    ]


def test_of_changes_of_one_row_the_newest_by_its_own_date_counts(tmp_path: Path) -> None:
    district = District(tmp_path, ("oneroster",))
    send(district, "20251001", BULK)
    newer = user("u1", "New", "active", "2025-10-02T09:00:00.000Z")
    older = user("u1", "Old", "active", "2025-10-02T08:00:00.000Z")
    district.put("oneroster/b.zip", delivery("delta", users=[newer]))
    district.put("oneroster/a.zip", delivery("delta", users=[older]))
    twice = [
        user("u2", "Old", "active", "2025-10-02T08:00:00.000Z"),
        user("u2", "New", "active", "2025-10-02T09:00:00.000Z"),
    ]
    district.put("oneroster/c.zip", delivery("delta", users=twice))
    district.take()
    names = dict(now_known(district)[0])
    assert (names["u1"], names["u2"]) == ("New", "New")


def test_tables_without_deltas_are_read_as_before() -> None:
    plain = lakehouse.select_parts(LAKE["person"], ["/a.parquet"])
    assert plain == lakehouse.select_parts(LAKE["person"], ["/a.parquet"], ["/other.parquet"])
    assert "row_number" not in plain
    assert quote("/a.parquet") in plain


def _file(number: int, name: str, *, at: int = 0, delivery: str = "") -> File:
    return replace(File.new("oneroster", name, 0, at, id=number), delivery=delivery)


@pytest.mark.parametrize(
    ("name", "delivery", "manifests", "meant"),
    [
        ("z.zip/users.csv", "1", [("z.zip/manifest.csv", "1", 0)], 0),
        ("z.zip/a/users.csv", "1", [("z.zip/manifest.csv", "1", 0)], 0),
        ("z.zip/a/users.csv", "1", [("z.zip/manifest.csv", "1", 0), ("z.zip/a/manifest.csv", "1", 9)], 1),
        ("z.zip/users.csv", "1", [("y.zip/manifest.csv", "2", 0), ("manifest.csv", "", 0)], None),
        ("a/users.csv", "", [("b/manifest.csv", "", 0)], None),
        ("a/users.csv", "", [("a/manifest.csv", "", -50), ("a/manifest.csv", "", 2)], 1),
        ("a/users.csv", "", [], None),
    ],
)  # fmt: skip
def test_which_manifest_is_meant(
    name: str, delivery: str, manifests: list[tuple[str, str, int]], meant: int | None
) -> None:
    found = [_file(n, m, at=at, delivery=d) for n, (m, d, at) in enumerate(manifests)]
    chosen = deltas.manifest_of(_file(99, name, delivery=delivery), found)
    assert (chosen.id if chosen else None) == meant


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            "propertyName,value\nfile.users,DELTA\n",
            {"propertyname": "value", "file.users": "delta"},
        ),
        (
            "propertyName;value\nfile.users; bulk \n",
            {"propertyname": "value", "file.users": "bulk"},
        ),
        ("", {}),
        ("propertyName,value\n" + "x,y\n" * 2000, {}),
    ],
)
def test_a_manifest_that_cannot_be_read_says_nothing(
    tmp_path: Path, content: str, told: Mapping[str, str]
) -> None:
    (tmp_path / "manifest.csv").write_text(content)
    assert deltas.read_manifest(tmp_path / "manifest.csv", tmp_path / "work") == told
