"""One night with every kind of bad file: each says why, and everything else is published."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from pathlib import Path

import pytest

from connectors.errors import FILE_REASONS
from connectors.workbook import OLE
from tests.fixtures import (
    COMBO,
    LEXIA,
    OVERALL,
    OVERVIEW,
    SCORES,
    District,
    Row,
    accounted,
    lexia,
    lines,
    overview,
    roster,
    zipped,
)  # fmt: skip

#: A name that may stand in the lake's and the warehouse's own tables and nowhere else.
CHILD = "Zebulonia"
GOOD = lexia("1 ann Ann Ash 30", "2 bob Bob Bell 40", f"3 zeb {CHILD} Quill 50")
ROWS = GOOD.splitlines(keepends=True)[1:]
AMBIGUOUS = "date,is_school_day,note,school_id\n05/06/2025,yes,,\n06/07/2025,no,,\n"


def encrypted(files: dict[str, str | bytes]) -> bytes:
    content = bytearray(zipped(files))
    content[6] |= 1
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def bomb() -> bytes:
    return zipped({"x.csv": b"0" * 30_000_000})


BAD: dict[str, tuple[str | bytes, str, str | None]] = {
    # file: content, reason, culprit
    "lexia/empty_20250901.csv": ("", "empty_file", None),
    "lexia/header_20250902.csv": (LEXIA + "\n", "header_only", None),
    "lexia/cut_20250903.csv": (GOOD[:-40], "cut_file", "line 4"),
    "lexia/cut_20250904.csv.gz": (b"\x1f\x8b\x08\x00cut", "cut_file", "gzip"),
    "lexia/bytes_20250905.csv": (b"\x81\x8d" + GOOD.encode(), "wrong_encoding", None),
    "lexia/half_20250906.csv": (GOOD.encode("utf-16") + b"x", "cut_file", None),
    "lexia/other_20250907.csv": ("a,b,c\n1,2,3\n", "unknown_layout", None),
    "lexia/nohead_20250908.csv": (ROWS[2] + ROWS[0], "unknown_layout", None),
    "lexia/missing_20250909.csv": (
        GOOD.replace("week_time", "weekly"),
        "missing_column",
        "column week_time",
    ),
    "lexia/twice_20250910.csv": (GOOD.replace("fname", "lname"), "repeated_column", "column lname"),
    "lexia/rejects_20250911.csv": (
        lexia(f"1 z {CHILD} A many", "2 b B B few", "3 c C C 3"),
        "too_many_rejects",
        None,
    ),
    "lexia/none_20250912.csv": (lexia(f"1 z {CHILD} A many"), "nothing_survived", None),
    "lexia/bad.parquet": (b"PAR1....PAR1", "cut_file", None),
    "lexia/broken_20250913.json": (f'[{{"a":"{CHILD}"}} {{"b":2}}]', "broken_json", None),
    "lexia/cut_20250914.json": (f'{{"rows":[{{"a":"{CHILD}"}},{{"a":', "cut_file", None),
    "lexia/lists_20250915.json": ('{"a":[{"b":1}],"c":[{"d":1}]}', "several_lists", None),
    "lexia/locked_20250916.xlsx": (
        OLE + "EncryptedPackage".encode("utf-16-le"),
        "locked_workbook",
        None,
    ),
    "lexia/old_20250917.xls": (OLE + b"x" * 600, "other_workbook", None),
    "khan/overview.csv": (overview("zz@x.org 10"), "no_period", None),
    "khan/overview_20250903_20250910.csv": (overview("zz@x.org 11"), "odd_period", None),
    "district/calendar.csv": (AMBIGUOUS, "ambiguous_dates", "column date"),
    "nwea/outside.zip": (zipped({"../../evil.csv": "x"}), "unsafe_archive", None),
    "nwea/absolute.zip": (zipped({"/tmp/evil.csv": "x"}), "unsafe_archive", None),
    "nwea/bomb.zip": (bomb(), "archive_bomb", None),
    "nwea/cut.zip": (zipped({"a.csv": COMBO * 50})[:60], "broken_archive", None),
    "nwea/locked.zip": (encrypted({"a.csv": COMBO}), "broken_archive", None),
    "nwea/nothing.zip": (zipped({}), "empty_file", None),
}
RECOVERED: dict[str, tuple[str | bytes, int, list[tuple[int, str]]]] = {
    # file: content, rows kept, faults
    "lexia/first_20251001.csv": (LEXIA + "\n" + ROWS[0].replace("Ann", '"Ann') + ROWS[1] + ROWS[2], 2, [(2, "broken_quote")]),
    "lexia/middle_20251002.csv": (LEXIA + "\n" + ROWS[0] + ROWS[1].replace("Bob", '"Bob') + ROWS[2], 2, [(3, "broken_quote")]),
    "lexia/last_20251003.csv": (LEXIA + "\n" + ROWS[0] + ROWS[1] + ROWS[2].replace(CHILD, f'"{CHILD}'), 2, [(4, "broken_quote")]),
    "lexia/newline_20251004.csv": (LEXIA + "\n" + ROWS[0].replace("Vowels", '"Vow\nels"') + ROWS[1] + ROWS[2].replace("50", "51"), 3, []),
    "lexia/onebyte_20251005.csv": (GOOD.replace("Bob", "Zoë").encode().replace(b"Ann", b"A\xffn"), 2, [(2, "bad_encoding")]),
    "lexia/cp1252_20251006.csv": (GOOD.replace("Bob", "Zoë").encode("cp1252"), 3, []),
    "lexia/le_20251007.csv": (GOOD.replace("40", "41").encode("utf-16-le"), 3, []),
    "lexia/be_20251008.csv": (GOOD.replace("40", "42").encode("utf-16-be"), 3, []),
    "lexia/bom_20251009.csv": (b"\xff\xfe" + GOOD.replace("40", "43").encode("utf-16-le"), 3, []),
    "lexia/bom_20251010.csv": (b"\xfe\xff" + GOOD.replace("40", "44").encode("utf-16-be"), 3, []),
    "lexia/mark_20251011.csv": (GOOD.replace("40", "45").encode("utf-8-sig"), 3, []),
    "lexia/return_20251017.csv": (
        GOOD.replace("Bob", '"B\rb"').replace(CHILD, f'"{CHILD}'),
        2,
        [(5, "broken_quote")],
    ),
    "lexia/formula_20251012.csv": (GOOD.replace("Bob", '"=HYPERLINK(""x"")"'), 3, []),
    "lexia/zeros_20251013.csv": (GOOD.replace("Bob", "B\x00b").replace("50", "52"), 2, [(3, "bad_encoding")]),
    "lexia/blank_20251014.csv": ("\n\n" + GOOD.replace("40", "46").replace("\n", "\n\n"), 3, []),
    "lexia/trailing_20251015.csv": (GOOD.replace("40", "47").replace("\n", ",\n"), 3, []),
    "lexia/nested_20251016.zip/a/b/c.csv": (GOOD.replace("40", "48"), 3, []),
}  # fmt: skip


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> tuple[District, int]:
    """A district with all of these, after one run; and how many problems the run told."""
    district = District(tmp_path_factory.mktemp("night [1]'s *"))
    district.put_all(
        "oneroster", roster(["001 Ann Ash c1", "002 Bob Bell c1", f"003 {CHILD} Quill c1"])
    )
    for name, (content, _, _) in BAD.items():
        district.put(name, content)
    for name, (text, _, _) in RECOVERED.items():
        if ".zip/" in name:
            archive, member = name.split(".zip/")
            members: dict[str, str | bytes] = {member: text, "__MACOSX/x": b"y"}
            district.put(f"{archive}.zip", zipped(members))
        else:
            district.put(name, text)
    district.put("khan/overview_20250901_20250907.csv", overview("ann@x.org 12 Ann_Ash"))
    (district.folder / "khan" / "waits").symlink_to("nowhere")
    report = district.run()
    assert report.published is not None
    assert report.refusal is None
    return district, len(report.landed.problems)


@pytest.mark.parametrize("name", list(BAD))
def test_a_bad_file_is_named_with_reason_culprit_and_fix(
    night: tuple[District, int], name: str
) -> None:
    district, _ = night
    platform, file = name.split("/", 1)
    _, reason, culprit = BAD[name]
    found: list[Row] = [
        a for a in district.status()["attention"] if (a["platform"], a["file"]) == (platform, file)
    ]
    assert [(a["status"], a["reason"], a["culprit"]) for a in found] == [
        ("refused", reason, culprit)
    ]
    assert found[0]["says"] == FILE_REASONS[reason].says
    assert found[0]["fix"] == FILE_REASONS[reason].fix


@pytest.mark.parametrize("name", list(RECOVERED))
def test_a_damaged_file_gives_its_good_rows_and_names_the_others(
    night: tuple[District, int], name: str
) -> None:
    district, _ = night
    _, kept, faults = RECOVERED[name]
    file = district.files()[name.split("/", 1)[1]]
    assert (file["status"], file["rows_kept"]) == ("loaded", kept)
    assert [(line, reason) for line, _, reason in district.faults(name.split("/", 1)[1])] == faults


def test_every_row_of_every_file_is_accounted_for(night: tuple[District, int]) -> None:
    district, problems = night
    files = [f for f in district.files().values() if not f["is_archive"] or f["status"] != "loaded"]
    assert problems == 0
    assert {f["name"] for f in files if not accounted(f)} == set()
    assert {f["status"] for f in files} <= {"loaded", "refused"}


def test_the_other_feeds_are_published(night: tuple[District, int]) -> None:
    district, _ = night
    weeks = district.ask(
        "SELECT student_id, minutes FROM facts.usage_week WHERE platform = 'khan' AND minutes > 0"
    )
    assert [(w["student_id"], w["minutes"]) for w in weeks] == [("U001", 12.0)]
    assert district.ask("SELECT count(*) AS n FROM roster.student")[0]["n"] == 3
    kept = district.lake("usage_snapshot", "count(*), count(DISTINCT date)")[0]
    assert kept == (sum(kept for _, kept, _ in RECOVERED.values()), len(RECOVERED))


def test_no_letters_were_lost_on_the_way(night: tuple[District, int]) -> None:
    district, _ = night
    names = district.lake("account", "DISTINCT given_name", "platform = 'lexia'")
    assert [n for (n,) in names] == sorted(["Ann", "B\rb", "Bob", "Zoë", CHILD, '=HYPERLINK("x")'])
    skills = district.lake("skill_state", "DISTINCT skill_name")
    assert [s for (s,) in skills] == ["Vow\nels", "Vowels"]


def test_no_childs_value_stands_in_ledger_status_quarantine_or_messages(
    night: tuple[District, int], capfd: pytest.CaptureFixture[str]
) -> None:
    district, _ = night
    capfd.readouterr()
    told = json.dumps(district.status())
    with sqlite3.connect(district.settings.ledger) as db:
        told += "".join(db.iterdump())
    for table in ("file", "quarantine", "identity_review", "check_result"):
        told += str(district.ask(f"FROM ops.{table}"))
    for part in (district.settings.lake / "quarantine").rglob("*.parquet"):
        told += part.read_bytes().decode("latin-1")
    assert CHILD.casefold() not in told.casefold()
    assert "many" not in told.replace("too_many", "").replace("how many", "")
    district.run()
    assert capfd.readouterr().err == ""


def test_a_second_night_finds_nothing_new(night: tuple[District, int]) -> None:
    district, _ = night
    before = {n: (f["status"], f["rows_kept"]) for n, f in district.files().items()}
    report = district.run()
    assert (report.landed.new, report.taken.files, report.published) == (0, [], None)
    assert {n: (f["status"], f["rows_kept"]) for n, f in district.files().items()} == before


def test_a_roster_stands_or_falls_as_a_delivery(tmp_path: Path) -> None:
    district = District(tmp_path, ("oneroster",))
    files = roster(["001 Ann Ash c1"])
    files["users.csv"] = files["users.csv"].replace("familyName", "surname")
    district.put("oneroster/roster_20250901.zip", zipped(dict(files)))
    district.take()
    told = {
        name.split("/")[1]: reason for name, (_, reason) in district.states("oneroster").items()
    }
    assert told.pop("users.csv") == "missing_column"
    assert set(told.values()) == {"part_of_refused"}
    assert district.lake("class_section", "*") == []


def test_empty_optional_and_unknown_members_do_not_tear_a_roster(tmp_path: Path) -> None:
    district = District(tmp_path, ("oneroster",))
    extra = {
        "demographics.csv": "sourcedId,status,dateLastModified,birthDate,sex\n",
        "lineItems.csv": "sourcedId,status,dateLastModified,title\n",
        "results.csv": "",
        "readme.txt": "written by hand\n",
    }
    district.put("oneroster/roster.zip", zipped({**roster(["001 Ann Ash c1"]), **extra}))
    district.take()
    told = {name.split("/")[1]: told for name, told in district.states("oneroster").items()}
    assert told["users.csv"] == ("loaded", None)
    assert told["demographics.csv"] == ("refused", "header_only")
    assert told["lineItems.csv"] == ("refused", "header_only")
    assert told["results.csv"] == ("refused", "empty_file")
    assert told["readme.txt"][0] == "refused"
    assert district.lake("person", "person_id") == [("U001",)]


def test_an_archive_within_an_archive_is_refused_by_its_member(tmp_path: Path) -> None:
    district = District(tmp_path, ("lexia",))
    district.put("lexia/a_20250901.zip", zipped({"inner.zip": zipped({"x.csv": GOOD})}))
    district.take()
    assert district.states("lexia") == {"a_20250901.zip/inner.zip": ("refused", "broken_archive")}


def test_member_names_of_one_archive_are_kept_apart(tmp_path: Path) -> None:
    out = io.BytesIO()
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(out, "w") as archive:
        archive.writestr("l_20250901.csv", GOOD)
        archive.writestr("l_20250901.csv", GOOD.replace("30", "31"))
    district = District(tmp_path, ("lexia",))
    district.put("lexia/a.zip", out.getvalue())
    district.take()
    file = district.files()["a.zip"]
    assert (file["status"], file["reason"], file["culprit"]) == (
        "refused",
        "broken_archive",
        "two files of one name",
    )


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (("09/15/2025", "09/04/2025"), ["2025-09-04", "2025-09-15"]),
        (("15/09/2025", "04/09/2025"), ["2025-09-04", "2025-09-15"]),
        (("2025-09-04", "2025-09-15"), ["2025-09-04", "2025-09-15"]),
        (("09/15/25", "9/4/25"), ["2025-09-04", "2025-09-15"]),
        (("04.09.2025", "15.09.2025"), ["2025-09-04", "2025-09-15"]),
        (("09/09/2025", "08/08/2025"), ["2025-08-08", "2025-09-09"]),
        (("04/09/2025", "05/09/2025"), "ambiguous_dates"),
        (("04/09/2025", "05/09/2025", "soon"), "ambiguous_dates"),
        (("soon", "later"), "nothing_survived"),
    ],
)
def test_the_format_of_dates_is_found_or_the_file_turned_away(
    tmp_path: Path, values: tuple[str, ...], told: list[str] | str
) -> None:
    district = District(tmp_path, ("district",))
    district.put(
        "district/calendar.csv",
        lines("date,is_school_day,note,school_id", *(f"{v},yes,," for v in values)),
    )
    district.take()
    if isinstance(told, str):
        assert district.states("district") == {"calendar.csv": ("refused", told)}
    else:
        assert [str(d) for (d,) in district.lake("calendar_day", "date")] == told


def test_khans_due_dates_without_a_year_belong_to_the_files_school_year(tmp_path: Path) -> None:
    district = District(tmp_path, ("khan",))
    rows = (
        'Al,A,Exercise,"Sep 12",1,1,2,1',
        'Al,B,Exercise,"Feb 3",1,1,2,1',
        'Al,C,Exercise,"Sep 1, 2024",1,1,2,1',
        "Al,D,Exercise,infinity,1,1,2,1",
        "null,E,,,,,,",
        "Al",
    )
    district.put("khan/Reading_20251001.csv", lines("\ufeff" + SCORES, *rows))
    district.take()
    assert [(t, str(d)) for t, d in district.lake("assignment", "title, due_on")] == [
        ("A", "2025-09-12"), ("B", "2026-02-03"), ("C", "2024-09-01"),
    ]  # fmt: skip
    assert district.faults("Reading_20251001.csv") == [
        (5, "due", "not_a_date"),
        (6, "student", "missing_value"),
        (7, "", "stub_row"),
    ]


def test_ids_with_leading_zeros_stay_text_and_rewritten_ones_are_turned_away(
    tmp_path: Path,
) -> None:
    district = District(tmp_path, ("khan",))
    rows = (
        "A,a@x.org,004352,Rostered",
        "B,b@x.org,4352.0,Rostered",
        "C,c@x.org,1.2E+08,Rostered",
        "D,d@x.org,9,Rostered",
    )
    district.put("khan/north_20250901_20250930.csv", lines(OVERALL, *rows))
    district.take()
    assert district.lake("account", "sis_id") == [("004352",), ("9",)]
    assert [r for _, _, r in district.faults("north_20250901_20250930.csv")] == ["damaged_id"] * 2


def test_rows_of_one_key_count_once_when_equal_and_never_when_they_differ(tmp_path: Path) -> None:
    district = District(tmp_path, ("khan",))
    district.put(
        "khan/o_20250901_20250907.csv",
        overview("a@x.org 1", "a@x.org 1", "b@x.org 2", "b@x.org 3", "c@x.org 4", "d@x.org 4"),
    )
    district.take()
    file = district.files()["o_20250901_20250907.csv"]
    assert [file[f"rows_{k}"] for k in ("in", "kept", "quarantined", "duplicate")] == [6, 3, 2, 1]
    assert district.lake("usage_week", "account_key") == [("a@x.org",), ("c@x.org",), ("d@x.org",)]


def test_unknown_columns_are_noted_and_cost_nothing(tmp_path: Path) -> None:
    district = District(tmp_path, ("khan",))
    district.put("khan/o_20250901_20250907.csv", lines(OVERVIEW + ",Mood", "A,a@x.org,1,1,0,fine"))
    district.take()
    assert json.loads(district.files()["o_20250901_20250907.csv"]["unknown_columns"]) == ["Mood"]
