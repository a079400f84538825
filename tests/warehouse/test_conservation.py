"""General rules: no row is lost or doubled, and how a file is written does not matter."""

from __future__ import annotations

import csv
import gzip
import io
import random
import tempfile
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.fixtures import LEXIA, District, Row, accounted, lexia, overview, roster

DAY = date(2025, 8, 1)
CLEAN = lexia(*(f"{n} kid{n} Kid{n} Zoë-{n} {n}" for n in range(1, 30))).replace(
    "Vowels", '"Vow, ""els"""'
)


def damaged(dice: random.Random) -> bytes:
    """The clean file with bytes changed, lost, doubled and put in, and perhaps an end cut off."""
    content = bytearray(CLEAN.replace("30", str(dice.random())).encode())
    for _ in range(dice.choice((1, 1, 2, 5, 20, 200))):
        at = dice.randrange(len(content))
        match dice.randrange(5):
            case 0:
                content[at] = dice.randrange(256)
            case 1:
                del content[at : at + dice.randrange(1, 40)]
            case 2:
                content[at:at] = dice.choice(
                    (b'"', b",", b"\n", b"\r", b"\r\n", b"\x00", b'""', b"\xc3")
                )
            case 3:
                content[at:at] = content[at : at + dice.randrange(1, 400)]
            case 4:
                content[at:at] = dice.randbytes(dice.randrange(1, 9))
    return bytes(content[: dice.randrange(len(content))] if dice.random() < 0.2 else content)


@pytest.mark.slow
@given(st.integers(0, 2**32))
@settings(max_examples=1, deadline=None, phases=[Phase.explicit, Phase.generate])
def test_rows_in_are_kept_or_turned_away_or_duplicate_however_damaged(seed: int) -> None:
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        district = District(Path(folder), ("lexia",))
        for number in range(50):
            district.put(f"lexia/l_{DAY + timedelta(number)}.csv", damaged(dice))
        district.take()
        files = district.files().values()
        assert {f["status"] for f in files} <= {"loaded", "refused", "duplicate"}
        assert [f["name"] for f in files if not accounted(f)] == []
        assert [f["name"] for f in files if f["status"] == "refused" and not f["reason"]] == []
        for name in (f["name"] for f in files if f["status"] == "loaded"):
            file: Row = district.files()[name]
            assert len(district.faults(name)) == file["rows_quarantined"]


def written(rows: list[list[str]], dice: random.Random) -> tuple[str, bytes]:
    """One table as some program might write it: ending of its name, bytes."""
    order = list(range(len(rows[0])))
    dice.shuffle(order)
    out = io.StringIO()
    end = dice.choice(("\n", "\r\n", "\r"))
    writer = csv.writer(
        out, delimiter=dice.choice(",;\t|"), lineterminator=end,
        # Python leaves a line feed unquoted where rows end with a return.
        quoting=csv.QUOTE_ALL if end == "\r" else dice.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)),
    )  # fmt: skip
    case = dice.choice((str.upper, str.lower, str.title, str))
    header = [f"{case(name)}{' ' * dice.randint(0, 1)}" for name in rows[0]]
    if dice.random() < 0.3:
        order.append(len(header))
        header.append("Unheard of")
    for row in [header, *rows[1:]]:
        writer.writerow([([*row, "x"])[i] for i in order])
    text = out.getvalue()
    if dice.random() < 0.3:
        text = text.removesuffix(end)
    content = text.encode(
        dice.choice(("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"))
    )
    return (
        (".csv.gz", gzip.compress(content, mtime=0)) if dice.random() < 0.3 else (".csv", content)
    )


@pytest.mark.slow
@given(st.integers(0, 2**32))
@settings(max_examples=1, deadline=None, phases=[Phase.explicit, Phase.generate])
def test_order_case_encoding_separator_line_ends_and_packing_do_not_matter(seed: int) -> None:
    """Each file adds its own number to the minutes, or it would be a stale twin."""
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        district = District(Path(folder), ("lexia",))
        for number in range(20):
            rows = [LEXIA.split(",")] + [
                [str(i), f"kid{i}", name, "Gómez", "3rd Grade", "North; A|B", "A1", skill, "", "", "", str(100 * number + i), "60"]
                for i, (name, skill) in enumerate((("Zoë", "Vowels, long"), ("Ann", 'The "th"'), ("Bo", "two\nlines")))
            ]  # fmt: skip
            ending, content = written(rows, dice)
            district.put(f"lexia/l_{DAY + timedelta(number)}{ending}", content)
        district.take()
        assert {n: s for n, s in district.states("lexia").items() if s[0] != "loaded"} == {}
        kept = "list(DISTINCT CAST(week_minutes AS BIGINT) % 100), count(*)"
        assert district.lake(
            "usage_snapshot", f"account_key, {kept}", "TRUE GROUP BY account_key"
        ) == [(str(i), [i], 20) for i in range(3)]
        assert district.lake(
            "account", "given_name, family_name, school_name, count(*)", "TRUE GROUP BY 1, 2, 3"
        ) == [(name, "Gómez", "North; A|B", 20) for name in ("Ann", "Bo", "Zoë")]
        skills = [
            s
            for (s,) in district.lake(
                "skill_state", "DISTINCT replace(skill_name, chr(13) || chr(10), chr(10))"
            )
        ]
        assert {s.replace("\r", "\n") for s in skills} == {"Vowels, long", 'The "th"', "two\nlines"}


@pytest.mark.parametrize(
    "text",
    [
        "student_id;said;date\n1;ann;2025-09-13\n",
        "date\tsaid\tstudent_id\n2025-09-13\tann\t1\n",
        '"student_id","said","date",\n"1","ann","2025-09-13",\n',
        '\ufeff"student_id"|"said"|"date"\n1|ann|2025-09-13\n',
        "\n\nstudent_id,said,date\n\n1,ann,2025-09-13\n\n\n",
        ",,\nstudent_id,said,date\n1,ann,2025-09-13\n",
        "student_id,said,date\r1,ann,2025-09-13\r",
        "student_id,said,date\r\n1,ann,2025-09-13",
        "student_id, said , date\n 1 , ann , 2025-09-13 \n",
        "student_id,said,date,,\n1,ann,2025-09-13,,\n",
        '"student_id","user\nname","said",date\n1,x,ann,2025-09-13\n',
        "student_id,said,date," + ",".join(f"c{i}" for i in range(3000)) + "\n1,ann,2025-09-13" + ",x" * 3000 + "\n",
        f"student_id,said,date,note\n1,ann,2025-09-13,{'x' * 500_000}\n",
        f'student_id,said,date,note\n1,ann,2025-09-13,"{"x" * 500_000}"\n',
    ],
)  # fmt: skip
def test_odd_but_honest_files_are_read(tmp_path: Path, text: str) -> None:
    district = District(tmp_path, ("district",))
    district.put("district/interests.csv", text)
    district.take()
    assert district.states("district") == {"interests.csv": ("loaded", None)}
    assert district.lake("interest", "student_sis_id, said, CAST(date AS VARCHAR)") == [
        ("1", "ann", "2025-09-13")
    ]
    assert accounted(district.files()["interests.csv"])


def test_a_parquet_file_is_read_like_its_text(tmp_path: Path) -> None:
    district = District(tmp_path, ("lexia",))
    path = tmp_path / "x.parquet"
    odd = '"odd ""name"'
    duckdb.sql(
        f"COPY (SELECT 1 AS \"LEXIA_ID\", 'ann' AS username, 'A1' AS activity_id, 30.5 AS week_time, 'x' AS {odd}) TO '{path}'"
    )
    district.put("lexia/l_20250905.parquet", path.read_bytes())
    for number, at in enumerate(range(20, path.stat().st_size - 20, 40)):
        content = bytearray(path.read_bytes())
        content[at : at + 3] = b"\xff\x00\xff"
        district.put(f"lexia/l_{date(2026, 1, 1) + timedelta(number)}.parquet", bytes(content))
    district.take()
    assert district.states("lexia")["l_20250905.parquet"] == ("loaded", None)
    assert district.lake(
        "usage_snapshot", "account_key, week_minutes", "date = DATE '2025-09-05'"
    ) == [("1", 30.5)]
    assert all(accounted(f) for f in district.files().values())


def test_a_wide_night_of_all_feeds_leaves_no_file_without_a_fate(tmp_path: Path) -> None:
    """A hundred small files of several platforms in one run share parts and stay apart."""
    district = District(tmp_path)
    district.put_all("oneroster", roster([f"{n:03} Kid{n} Ash c1" for n in range(5)]))
    for n in range(50):
        day = DAY + timedelta(n)
        district.put(f"lexia/l_{day}.csv", lexia(f"{n} kid{n} Kid Ash {n}"))
        district.put(f"khan/o_{day}.csv", overview(f"kid{n}@x.org {n}"))
    district.take()
    assert {f["status"] for f in district.files().values()} == {"loaded"}
    assert [r for (r,) in district.lake("usage_snapshot", "week_minutes")] == [
        float(n) for n in range(50)
    ]
    assert [r for (r,) in district.lake("daily_activity", "minutes")] == [
        float(n) for n in range(50)
    ]
    assert len(list((tmp_path / "data/lake").rglob("*.parquet"))) < 20
