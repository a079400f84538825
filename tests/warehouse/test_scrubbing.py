"""Any text without one child's records is that text with nothing else changed."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fixtures import LEXIA, SCORES, District, lexia, lines
from warehouse.forgetting.finding import Finder
from warehouse.forgetting.marks import Marks
from warehouse.forgetting.scrubbing import Scrubber

KEY = b"k" * 32
BARE = Marks(KEY, frozenset())


def listed(*marks: tuple[str, ...]) -> Marks:
    return Marks(KEY, frozenset(BARE.keyed(*m) for m in marks))


@pytest.fixture(scope="module")
def north(tmp_path_factory: pytest.TempPathFactory) -> District:
    return District(tmp_path_factory.mktemp("north"))


class Bench:
    """A scrubber, and files to try it on."""

    def __init__(self, district: District, folder: Path, *marks: tuple[str, ...]) -> None:
        self.finder = Finder(district.settings, listed(*marks), folder)
        self.scrubber = Scrubber(self.finder, folder / "work")
        self.file = folder / "file"

    def without(self, data: bytes, platform: str = "lexia", name: str = "a.csv") -> bytes | None:
        """What is left of a file; None where nothing may stay."""
        self.file.write_bytes(data)
        path = self.scrubber.scrub(self.file, platform, name).path
        return path.read_bytes() if path else None


@pytest.fixture(scope="module")
def bench(north: District) -> Iterator[Bench]:
    with tempfile.TemporaryDirectory() as folder:
        made = Bench(
            north, Path(folder), ("id", "", "gone"), ("id", "lexia", "lx9"), ("name", "gone zoe")
        )
        yield made
        made.finder.close()


WIDTH = len(LEXIA.split(","))
CELL = st.text(
    st.sampled_from('abc é"\n,;.0123456789')
    | st.characters(categories=("Lu", "Nd"), max_codepoint=0x17F),
    max_size=8,
)
PERSON = st.sampled_from(
    [
        ("LX9", "gone"),
        ("lx9", "someone"),
        ("A1", "GONE "),
        ("A2", "ada"),
        ("A3", "goner"),
        ("X3", "bo"),
    ]
)


@pytest.mark.slow
@settings(deadline=None, max_examples=80)
@given(
    people=st.lists(PERSON, min_size=1, max_size=8),
    words=st.lists(CELL, min_size=8, max_size=8),
    separator=st.sampled_from(",;\t"),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    last=st.booleans(),
)
def test_others_stay_byte_for_byte(
    bench: Bench,
    people: list[tuple[str, str]],
    words: list[str],
    separator: str,
    end: str,
    encoding: str,
    last: bool,
) -> None:
    def row(person: tuple[str, str], word: str) -> str:
        out = io.StringIO()
        cells = [*person, word, "F", "3", "North", *[""] * (WIDTH - 6)]
        csv.writer(out, delimiter=separator, lineterminator="\r\n").writerow(cells)
        return out.getvalue()[:-2]

    header = LEXIA.replace(",", separator)
    if encoding == "cp1252":
        words = [w.encode("cp1252", "ignore").decode("cp1252") for w in words]
    rows = [(p, row(p, w)) for p, w in zip(people, words, strict=False)]
    told = end.join([header, *(r for _, r in rows)]) + end * last
    stays = [
        r for (key, user), r in rows if key.lower() != "lx9" and user.strip().lower() != "gone"
    ]
    left = bench.without(told.encode(encoding))
    if len(stays) == len(rows):
        assert left == told.encode(encoding)
    elif stays:
        assert left is not None
        assert left.decode(encoding).rstrip("\r\n") == end.join([header, *stays])
    else:
        assert left is None


RECORDS = st.lists(
    st.tuples(st.sampled_from(["gone", "ada", "bo"]), st.text(max_size=6)), min_size=1, max_size=6
)


@pytest.mark.slow
@settings(deadline=None, max_examples=80)
@given(records=RECORDS, shape=st.sampled_from(["lines", "array", "envelope", "indented"]))
def test_records_of_json_go_and_others_stay(
    bench: Bench, records: list[tuple[str, str]], shape: str
) -> None:
    made: list[dict[str, Any]] = [
        {"userId": f"u-{i}", "profile": {"emailAddress": who, "name": {"fullName": text}}}
        for i, (who, text) in enumerate(records)
    ]
    stays = [m for m, (who, _) in zip(made, records, strict=True) if who != "gone"]

    def written(values: list[dict[str, Any]]) -> object:
        return (
            {"students": values, "nextPageToken": "x"}
            if shape in ("envelope", "indented")
            else values
        )

    if shape == "lines":
        data = "".join(json.dumps(m) + "\n" for m in made)
    else:
        data = json.dumps(
            written(made), indent=2 if shape == "indented" else None, ensure_ascii=False
        )
    left = bench.without(data.encode(), "google_classroom", "course/students.json")
    if not stays:
        assert left is None
    else:
        assert left is not None
        told = (
            [json.loads(line) for line in left.decode().splitlines()]
            if shape == "lines"
            else json.loads(left)
        )
        assert told == (stays if shape == "lines" else written(stays))


def test_a_broken_line_goes_by_its_words(bench: Bench) -> None:
    broken = 'LX9,x,"Zo"e,cut\nB2,ada,"Z"x,cut\nB3,"bo" x,Gone Zoe,cut\n'
    left = bench.without((lexia("A2 ada Ada Fox 20", "A3 bo Bo Fox 20") + broken).encode())
    assert left is not None
    assert left.decode().splitlines()[-1] == 'B2,ada,"Z"x,cut'


def test_a_name_alone_is_held_where_the_class_is_not_known(north: District, tmp_path: Path) -> None:
    bench = Bench(
        north, tmp_path, ("name", "fox zoe"), ("name", "khan", "/reading3a", "fox zoe"),
        ("spare", "khan", "/reading3b", "fox zoe"),
    )  # fmt: skip
    rows = lines(
        SCORES,
        'Zoe Fox,Sums,Exercise,"Oct 3, 2025",5,6,10,1',
        'Ada Fox,Sums,Exercise,"Oct 3, 2025",5,6,10,1',
    ).encode()
    verdicts = {}
    for room in ("reading3a", "reading3b", "reading3c"):
        (tmp_path / "file").write_bytes(rows)
        verdicts[room] = dict(
            bench.scrubber.scrub(tmp_path / "file", "khan", f"{room}_20251006.csv").counts
        )
    # Known to be the child's; known to be a namesake's; anybody's.
    assert verdicts == {"reading3a": {"withheld": 1}, "reading3b": {}, "reading3c": {"held": 1}}
    bench.finder.close()


def test_an_id_decides_where_a_namesake_has_another(bench: Bench) -> None:
    file = lexia("A2 ada Zoe Gone 20", "A3 gone Zoe Gone 20")
    left = bench.without(file.encode())
    assert left is not None
    assert [line.split(",")[0] for line in left.decode().splitlines()] == ["Lexia_ID", "A2"]
