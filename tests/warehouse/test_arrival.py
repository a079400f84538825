"""Which of several files counts: corrections, late comers, copies, twins, shrunken rosters."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from connectors.contract import Platform
from connectors.errors import HomeroomError
from connectors.registry import PLATFORMS
from tests.fixtures import START, District, accounted, lexia, ordinary, overview, roster, zipped
from warehouse import nightly
from warehouse.intake import normalise
from warehouse.intake.settling import live_of, newest, shrank, tears, twins
from warehouse.ledger import File

ROOT = Path(__file__).parents[2]


def file(number: int, day: str | None, modified: int = 0, **rest: Any) -> File:
    values: dict[str, Any] = dict.fromkeys(File.__dataclass_fields__)
    values |= {"id": number, "exported_on": day, "modified_ns": modified, **rest}
    return File(**values)


@pytest.mark.parametrize(
    ("files", "first"),
    [
        ([], None),
        ([file(1, "2025-09-01"), file(2, "2025-09-02")], 2),
        ([file(1, "2025-09-02"), file(2, "2025-09-01")], 1),
        ([file(1, "2025-09-01", 5), file(2, "2025-09-01", 3)], 1),
        ([file(1, "2025-09-01", 5), file(2, "2025-09-01", 5)], 2),
        ([file(1, None, 9), file(2, "2025-09-01", 5)], 2),
    ],
)
def test_the_newest_is_by_day_then_change_then_arrival(
    files: list[File], first: int | None
) -> None:
    found = newest(files)
    assert (found.id if found else None) == first


@pytest.mark.parametrize(
    ("scopes", "refused"),
    [("a", []), ("aa", []), ("ab", [2]), ("aba", [2]), ("abc", [2, 3]), ("abb", [2, 3])],
)
def test_twins_claim_another_scope_than_the_oldest(scopes: str, refused: list[int]) -> None:
    files = [file(n, f"2025-09-0{n}", scope=s) for n, s in enumerate(scopes, 1)]
    for order in itertools.permutations(files):
        assert [f.id for f in twins(order)] == refused


@pytest.mark.parametrize(
    ("before", "after", "is_so"),
    [(None, 0, False), (0, 0, False), (100, 90, False), (100, 89, True), (10, 9, False), (9, 8, True), (1, 0, True), (100, 200, False)],
)  # fmt: skip
def test_a_roster_shrinks_when_more_than_a_tenth_is_gone(
    before: int | None, after: int, is_so: bool
) -> None:
    assert shrank(before, after) is is_so


def test_the_same_bytes_sent_again_stay_live_against_what_came_between() -> None:
    a, b = file(1, "2025-09-01", sha256="A"), file(2, "2025-09-03", sha256="B")
    again = file(3, "2025-09-05", sha256="A")
    live = [
        live_of([a, b], copies) for copies in ([], [again], [file(4, "2025-09-09", sha256="C")])
    ]
    assert [f.id for f in live if f] == [2, 1, 2]


@pytest.mark.parametrize(
    ("member", "reason", "is_so"),
    [
        ("z.zip/users.csv", "cut_file", True),
        ("z.zip/a/users.csv", "header_only", True),
        ("z.zip/orgs.csv", "missing_column", True),
        ("z.zip/demographics.csv", "header_only", False),
        ("z.zip/demographics.csv", "cut_file", True),
        ("z.zip/results.csv", "missing_column", False),
        ("z.zip/readme.txt", "unknown_layout", False),
    ],
)
def test_which_refused_member_tears_its_delivery(member: str, reason: str, is_so: bool) -> None:
    platform: Platform = PLATFORMS["oneroster"]
    assert tears(platform, member, None, reason) is is_so


@pytest.mark.parametrize(
    ("rows", "feeds"),
    [
        ([("p", "f", "loaded")], []),
        ([("p", "f", "refused")], ["p/f"]),
        ([("p", "f", "refused"), ("p", "f", "loaded")], []),
        ([("p", "f", "refused"), ("p", "g", "loaded")], ["p/f"]),
        ([("p", None, "refused"), ("p", "g", "loaded")], []),
        ([("p", None, "refused"), ("q", "g", "loaded")], ["p"]),
        ([("p", "f", "duplicate"), ("p", "f", "refused")], []),
        ([], []),
    ],
)
def test_feeds_without_one_usable_file(
    rows: list[tuple[str, str | None, str]], feeds: list[str]
) -> None:
    assert nightly.without_success(rows) == feeds


# -- files as they come -------------------------------------------------------------------------


def minutes(district: District) -> list[tuple[Any, ...]]:
    return district.lake("usage_snapshot", "CAST(date AS VARCHAR), account_key, week_minutes")


def test_a_correction_replaces_the_file_it_corrects(tmp_path: Path) -> None:
    district = District(tmp_path, ("lexia",))
    district.put("lexia/l_20250905.csv", lexia("1 ann Ann Ash 30", "2 bob Bob Bell 31"))
    district.take()
    district.put("lexia/l_20250905_corrected.csv", lexia("1 ann Ann Ash 35"))
    district.take()
    assert minutes(district) == [("2025-09-05", "1", 35.0)]
    files = district.files()
    assert files["l_20250905.csv"]["superseded_by"] == files["l_20250905_corrected.csv"]["id"]
    assert files["l_20250905_corrected.csv"]["rows_before"] == 2


def test_exports_of_two_schools_made_on_one_day_stand_beside_each_other(tmp_path: Path) -> None:
    district = District(tmp_path, ("lexia",))
    south = lexia("2 bob Bob Bell 31").replace(",North,", ",South,")
    district.put("lexia/north/l_20250905.csv", lexia("1 ann Ann Ash 30"))
    district.put("lexia/south/l_20250905.csv", south)
    district.put("lexia/north/l_20250905_corrected.csv", lexia("1 ann Ann Ash 35"))
    district.take()
    assert minutes(district) == [("2025-09-05", "1", 35.0), ("2025-09-05", "2", 31.0)]


def test_an_older_file_that_comes_later_changes_nothing(tmp_path: Path) -> None:
    district = District(tmp_path, ("lexia",))
    district.put("lexia/l_20250905_b.csv", lexia("1 ann Ann Ash 35"), at=10)
    district.take()
    district.put("lexia/l_20250905_a.csv", lexia("1 ann Ann Ash 30"), at=5)
    district.take()
    assert minutes(district) == [("2025-09-05", "1", 35.0)]
    assert district.states("lexia")["l_20250905_a.csv"] == ("superseded", None)


def test_a_changed_file_under_its_old_name_is_a_new_version(tmp_path: Path) -> None:
    district = District(tmp_path, ("lexia",))
    for value in (30, 35):
        district.put("lexia/l_20250905.csv", lexia(f"1 ann Ann Ash {value}"))
        district.take()
    assert minutes(district) == [("2025-09-05", "1", 35.0)]


@pytest.mark.parametrize("one_run", [True, False])
def test_the_same_bytes_under_another_name_are_a_duplicate(tmp_path: Path, one_run: bool) -> None:
    district = District(tmp_path, ("lexia",))
    district.put("lexia/l_20250905.csv", lexia("1 ann Ann Ash 30"))
    if not one_run:
        district.take()
    district.put("lexia/l_20250905_copy.csv", lexia("1 ann Ann Ash 30"))
    district.take()
    assert sorted(s for s, _ in district.states("lexia").values()) == ["duplicate", "loaded"]
    assert minutes(district) == [("2025-09-05", "1", 30.0)]
    assert len(list((tmp_path / "data/landing/lexia").iterdir())) == 1


@pytest.mark.parametrize("days", [("20250905", "20250906"), ("20250906", "20250905")])
@pytest.mark.parametrize("change", ["", " "])
def test_old_content_under_a_new_date_is_refused_whichever_comes_first(
    tmp_path: Path, days: tuple[str, str], change: str
) -> None:
    district = District(tmp_path, ("lexia",))
    for n, day in enumerate(days):
        # The second has other bytes and the same rows where `change` is a space.
        district.put(
            f"lexia/l_{day}.csv", lexia("1 ann Ann Ash 30").replace(",30,", f",30{change * n},")
        )
        district.take()
    assert minutes(district) == [("2025-09-05", "1", 30.0)]
    assert district.states("lexia")["l_20250906.csv"] == ("refused", "stale_twin")
    assert all(accounted(f) for f in district.files().values())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_one_content_under_many_dates_is_read_once_and_each_file_judged(
    tmp_path: Path, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of the files has all of the rows, so that none of them looks damaged."""

    def salvage(*_: object, **__: object) -> None:
        raise AssertionError("a file that is whole was read line by line")

    monkeypatch.setattr(normalise, "salvage", salvage)
    district = District(tmp_path, ("khan",))
    text = overview("ann@x.org 30 Ann_Ash", "bo@x.org 40 Bo_Bell")
    names = [f"o_202509{day:02}.csv" for day in range(1, 13)]
    for name in names:
        district.put(f"khan/{name}", text.encode(encoding))
    district.take()
    states = district.states("khan")
    assert states.pop(names[0]) == ("loaded", None)
    assert set(states.values()) == {("refused", "stale_twin")}
    assert all(accounted(f) for f in district.files().values())
    assert {f["rows_in"] for f in district.files().values()} == {2}
    assert district.lake("daily_activity", "account_key, minutes") == [
        ("ann@x.org", 30.0),
        ("bo@x.org", 40.0),
    ]


def test_a_twin_found_late_gives_the_file_before_it_its_place_back(tmp_path: Path) -> None:
    """The first file's parts were swept when the second replaced it: it is read anew."""
    district = District(tmp_path, ("lexia",))
    district.put("lexia/l_20250906_a.csv", lexia("1 ann Ann Ash 40"))
    district.take()
    district.put("lexia/l_20250906_b.csv", lexia("1 ann Ann Ash 30"))
    district.take()
    district.put("lexia/l_20250905.csv", lexia("1 ann Ann Ash 30"))
    district.take()
    assert minutes(district) == [("2025-09-05", "1", 30.0), ("2025-09-06", "1", 40.0)]
    assert district.states("lexia")["l_20250906_b.csv"] == ("refused", "stale_twin")


def test_a_platform_that_goes_back_to_earlier_bytes_is_followed(tmp_path: Path) -> None:
    district = District(tmp_path, ("district",))
    first, second = (f"date,is_school_day,note,school_id\n2025-09-05,yes,{n},\n" for n in "ab")
    for day, content in (("20250901", first), ("20250902", second), ("20250903", first)):
        district.put(f"district/{day}/calendar.csv", content)
        district.take()
    assert district.lake("calendar_day", "note") == [("a",)]
    assert [s for s, _ in district.states("district").values()] == [
        "superseded",
        "superseded",
        "loaded",
    ]


@pytest.mark.slow
@given(
    st.lists(st.tuples(st.integers(1, 3), st.sampled_from("abc")), min_size=2, max_size=4),
    st.randoms(),
)
@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_order_of_arrival_does_not_decide_what_is_live(
    versions: list[tuple[int, str]], dice: Any
) -> None:
    """Versions of one scope: day in the folder's name, content; changed in the order drawn."""
    made = [(f"2025090{day}/{n}/calendar.csv", note, n) for n, (day, note) in enumerate(versions)]
    wanted = max(made, key=lambda m: (m[0][:8], m[2]))[1]
    dice.shuffle(made)
    with tempfile.TemporaryDirectory() as folder:
        district = District(Path(folder), ("district",))
        for name, note, n in made:
            text = f"date,is_school_day,note,school_id\n2025-09-05,yes,{note},\n"
            district.put(f"district/{name}", text, at=n)
            if dice.random() < 0.7:
                district.take()
        district.take()
        assert district.lake("calendar_day", "note") == [(wanted,)]


# -- rosters ------------------------------------------------------------------------------------

TEN = [f"0{n:02} Kid{chr(97 + n)} Family{chr(97 + n)} c1" for n in range(10)]


def test_a_shrunken_roster_waits_until_it_is_accepted(tmp_path: Path) -> None:
    district = District(tmp_path, ("oneroster",))
    district.put("oneroster/r_20250901.zip", zipped(dict(roster(TEN))))
    district.take()
    district.put("oneroster/r_20250902.zip", zipped(dict(roster(TEN[:5]))))
    district.take()
    states = district.states("oneroster")
    assert states["r_20250902.zip/users.csv"] == ("refused", "roster_shrank")
    assert states["r_20250902.zip/enrollments.csv"] == ("refused", "roster_shrank")
    # The same bytes as before; the others of the delivery go down with the two.
    assert states["r_20250902.zip/orgs.csv"] == ("duplicate", None)
    assert len(district.lake("person", "*")) == 10
    assert len(district.lake("class_section", "*")) == 1
    told = [a for a in district.status()["attention"] if a["reason"] == "roster_shrank"]
    assert [a["culprit"] for a in told] == ["10 rows before, 5 now"] * 2
    district.take(accept_smaller=True)
    states = district.states("oneroster")
    assert {s for n, (s, _) in states.items() if n.startswith("r_20250902")} <= {
        "loaded",
        "duplicate",
    }
    assert len(district.lake("person", "*")) == len(district.lake("enrollment", "*")) == 5
    district.put("oneroster/r_20250903.zip", zipped(dict(roster(TEN[:3]))))
    district.take()
    assert len(district.lake("person", "*")) == 5


def test_a_tenth_may_leave_and_an_older_smaller_roster_may_come_late(tmp_path: Path) -> None:
    district = District(tmp_path, ("oneroster",))
    for day, count in (("20250901", 10), ("20250902", 9), ("20250815", 2)):
        district.put(f"oneroster/r_{day}.zip", zipped(dict(roster(TEN[:count]))))
        district.take()
    assert district.states("oneroster")["r_20250815.zip/users.csv"] == ("superseded", None)
    assert len(district.lake("person", "*")) == 9


def test_a_shrunken_roster_that_came_too_early_is_refused_once_the_one_before_it_comes(
    tmp_path: Path,
) -> None:
    """What only it held the same bytes of is read from the delivery that stands."""
    district = District(tmp_path, ("oneroster",))
    for day, count in (("20250902", 5), ("20250901", 10)):
        district.put(f"oneroster/r_{day}.zip", zipped(dict(roster(TEN[:count]))))
        district.take()
    states = district.states("oneroster")
    assert {s for n, s in states.items() if n.startswith("r_20250901")} == {("loaded", None)}
    assert states["r_20250902.zip/users.csv"] == ("refused", "roster_shrank")
    assert states["r_20250902.zip/orgs.csv"] == ("refused", "part_of_refused")
    assert len(district.lake("person", "*")) == 10
    assert len(district.lake("class_section", "*")) == len(district.lake("org", "*")) == 1
    assert all(accounted(f) for f in district.files().values() if not f["is_archive"])


def test_an_accepted_smaller_roster_stays_when_an_older_one_comes_late(tmp_path: Path) -> None:
    district = District(tmp_path, ("oneroster",))
    for day, count in (("20250901", 10), ("20250903", 5), ("20250902", 9)):
        district.put(f"oneroster/r_{day}.zip", zipped(dict(roster(TEN[:count]))))
        district.take(accept_smaller=day == "20250903")
    assert district.states("oneroster")["r_20250903.zip/users.csv"] == ("loaded", None)
    assert len(district.lake("enrollment", "*")) == 5


def test_rosters_of_one_run_are_settled_in_the_order_their_names_tell(tmp_path: Path) -> None:
    district = District(tmp_path, ("oneroster",))
    for day, count in (("20250903", 4), ("20250901", 10)):
        district.put(f"oneroster/r_{day}.zip", zipped(dict(roster(TEN[:count]))))
    district.take()
    assert district.states("oneroster")["r_20250903.zip/users.csv"] == ("refused", "roster_shrank")
    assert len(district.lake("person", "*")) == 10


# -- one at a time, files that grow, files that cannot be read ----------------------------------


@pytest.mark.slow
def test_a_second_run_at_the_same_time_says_so_and_touches_nothing(tmp_path: Path) -> None:
    district = District(tmp_path, ("lexia",))
    district.put("lexia/l_20250905.csv", lexia("1 ann Ann Ash 30"))
    with nightly.opened(district.settings):
        ran = subprocess.run(
            [str(Path(sys.executable).with_name("homeroom")), "run", "-c", str(tmp_path / "homeroom.toml")],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert ran.returncode == 2
    assert "another run is at work on this district" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert district.files() == {}


def test_a_lock_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    district = District(tmp_path, ("lexia",))
    (tmp_path / "data/run.lock").mkdir(parents=True)
    with pytest.raises(HomeroomError, match="cannot be written to"):
        district.take()


def test_a_file_that_still_grows_is_left_for_the_next_run(tmp_path: Path) -> None:
    """A real writer in another process appends to the file all the while."""
    district = District(tmp_path, ("khan",))
    path = tmp_path / "khan/o_20250901_20250907.csv"
    path.write_text(overview("a@x.org 1"))
    program = "import sys, time\nwhile True:\n    open(sys.argv[1], 'a').write('B,b@x.org,1,1,0\\n')\n    time.sleep(0.05)"
    with subprocess.Popen([sys.executable, "-c", program, str(path)]) as writer:
        try:
            size = path.stat().st_size
            while path.stat().st_size == size:
                pass
            landed = district.take()
        finally:
            writer.kill()
    assert landed.growing == ["khan: o_20250901_20250907.csv"]
    assert district.files() == {}
    district.put("khan/o_20250901_20250907.csv", overview("a@x.org 1"))
    district.take()
    assert district.states("khan") == {"o_20250901_20250907.csv": ("loaded", None)}


def test_names_that_are_not_utf8_are_read_like_any_other(tmp_path: Path) -> None:
    district = District(tmp_path, ("lexia",))
    odd = bytes(tmp_path / "lexia") + b"/\xe9cole_20250905.csv"
    path = Path(os.fsdecode(odd))
    path.write_text(lexia("1 ann Ann Ash 30"))
    os.utime(path, (START, START))
    for _ in range(2):
        district.take()
    assert district.states("lexia") == {"école_20250905.csv": ("loaded", None)}


@pytest.mark.slow
def test_an_unreadable_file_is_told_and_taken_once_it_can_be_read(tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
from warehouse import nightly, settings
from warehouse.intake.reading import Intake
from warehouse.intake.landing import land
district = settings.load(Path(sys.argv[1]))
report = nightly.Report()
with nightly.opened(district) as ledger:
    report.landed = land(district, ledger)
    report.taken = Intake(district, ledger).run()
report.taken.files += report.landed.refused
sys.stdout.write(str(nightly.failed_feeds(district, report)))
"""
    district = District(tmp_path, ("lexia", "khan"))
    closed = district.put("lexia/l_20250905.csv", lexia("1 ann Ann Ash 30"))
    district.put("khan/o_20250901_20250907.csv", overview("a@x.org 1"))
    closed.chmod(0)

    def night() -> str:
        command = ordinary(sys.executable, "-c", program, str(tmp_path / "homeroom.toml"))
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    assert night() == "['lexia']"
    assert night() == "['lexia']"
    assert district.states("lexia") == {"l_20250905.csv": ("refused", "unreadable")}
    assert district.states("khan") == {"o_20250901_20250907.csv": ("loaded", None)}
    closed.chmod(0o644)
    assert night() == "[]"
    assert district.states("lexia") == {"l_20250905.csv": ("loaded", None)}


def test_a_source_that_cannot_be_listed_stops_only_itself(tmp_path: Path) -> None:
    district = District(tmp_path, ("lexia", "khan"))
    district.put("khan/o_20250901_20250907.csv", overview("a@x.org 1"))
    (tmp_path / "lexia").rmdir()
    landed = district.take()
    assert [(platform, error.culprit) for platform, error in landed.problems] == [
        ("lexia", str(tmp_path / "lexia"))
    ]
    assert district.states("khan") == {"o_20250901_20250907.csv": ("loaded", None)}
