"""JSON and JSON lines as a table: records, envelopes, paths, damage."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from connectors import jsontext
from connectors.errors import FileRefused
from connectors.prepared import Prepared
from connectors.reading import prepare
from warehouse.intake.rawtext import rows_of

Table = list[dict[str, Any]]


def ready(tmp_path: Path, content: str | bytes) -> Prepared:
    path = tmp_path / "in"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return prepare(path, tmp_path)


def table(tmp_path: Path, content: str | bytes) -> Table:
    """Rows by header name, without NULLs; the line under `_line`."""
    prepared = ready(tmp_path, content)
    with duckdb.connect() as db:
        rows = db.execute(f"SELECT * EXCLUDE _no FROM {rows_of([prepared])}").fetchall()
    assert len(rows) == prepared.lines
    names = ("_line", *prepared.header)
    return [
        {n: v for n, v in zip(names, row, strict=True) if v is not None} for row in rows
    ]  # fmt: skip


def cells(tmp_path: Path, content: str | bytes) -> Table:
    return [{k: v for k, v in r.items() if k != "_line"} for r in table(tmp_path, content)]


def faults(tmp_path: Path, content: str | bytes) -> list[tuple[int, str]]:
    return [(f.line, f.code) for f in ready(tmp_path, content).faults]


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(FileRefused) as caught:
        call()
    return caught.value.code


A, B = '{"id":1,"due":{"year":2025,"month":9}}', '{"id":2,"due":{"year":2026},"tags":["x",{"y":1}]}'
AB: Table = [
    {"id": "1", "due.year": "2025", "due.month": "9"},
    {"id": "2", "due.year": "2026", "tags": '["x",{"y":1}]'},
]


@pytest.mark.parametrize(
    "content",
    [
        f"{A}\n{B}\n", f"{A}\n{B}", f"{A}\r\n{B}\r\n", f"\n{A}\n\n{B}\n", f"{A}{B}", f"{A}\n\n  {B}  ",
        f"[{A},{B}]", f"[\n{A},\n{B}\n]\n", f"[{A}]\n[{B}]", f"[{A}][{B}]",
        f'{{"courseWork":[{A},{B}],"nextPageToken":"t"}}',
        f'{{"value":[{A},{B}],"links":[{{"rel":"next"}}]}}',
        f'{{"data":[{A}]}}\n{{"data":[{B}]}}\n', f'[{{"data":[{A}]}},{{"data":[{B}]}}]',
        f'{{"data":[{A}]}}{{"data":[{B}]}}', f'{{"data":[{A},{B}]}}\n{{}}\n',
        json.dumps([json.loads(A), json.loads(B)], indent=2),
        json.dumps({"n": 2, "items": [json.loads(A), json.loads(B)]}, indent=2),
        json.dumps(json.loads(A), indent=1) + "\n" + json.dumps(json.loads(B), indent=1),
    ],
)  # fmt: skip
def test_records_read_alike_however_they_are_wrapped(tmp_path: Path, content: str) -> None:
    found = [
        {k: v.replace(" ", "").replace("\n", "") for k, v in row.items()}
        for row in cells(tmp_path, content)
    ]
    assert found == AB


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
@pytest.mark.parametrize(
    "content", ['{"n":"Zoë"}\n{"n":"Jürgen"}\n', '[{"n":"Zoë"},{"n":"Jürgen"}]']
)
def test_every_encoding_reads_alike_packed_or_not(
    tmp_path: Path, encoding: str, content: str
) -> None:
    raw = content.encode(encoding)
    assert cells(tmp_path, raw) == [{"n": "Zoë"}, {"n": "Jürgen"}]
    assert cells(tmp_path, gzip.compress(raw, mtime=0)) == [{"n": "Zoë"}, {"n": "Jürgen"}]


def test_one_object_with_an_id_is_one_record_and_keeps_its_lists(tmp_path: Path) -> None:
    content = '{"id":"s1","state":"TURNED_IN","submissionHistory":[{"at":1}]}'
    assert cells(tmp_path, content) == [
        {"id": "s1", "state": "TURNED_IN", "submissionHistory": '[{"at":1}]'}
    ]
    many = '{"student_id":1,"answers":[{"q":1}]}\n{"student_id":2,"answers":[{"q":2}]}\n'
    assert [r["student_id"] for r in cells(tmp_path, many)] == ["1", "2"]


def test_a_statement_and_an_event_are_records(tmp_path: Path) -> None:
    content = '{"actor":{"mbox":"m"},"verb":{"id":"v"},"attachments":[{"usageType":"u"}]}'
    assert cells(tmp_path, content)[0]["actor.mbox"] == "m"


@pytest.mark.parametrize(
    ("records", "rows"),
    [
        # null and a missing key are alike; an empty text is not
        ('{"a":null,"b":""}\n{"b":"x"}', [{"b": ""}, {"b": "x"}]),
        # an object here, a value there: both columns
        ('{"a":1}\n{"a":{"b":2}}', [{"a": "1"}, {"a.b": "2"}]),
        ('{"a":{"b":{"c":1}}}\n{"a":{"b":[1]}}\n{"a":"x"}', [{"a.b.c": "1"}, {"a.b": "[1]"}, {"a": "x"}]),
        # an object without keys makes no column
        ('{"a":{},"b":1}\n{"a":{"c":2},"b":1}', [{"b": "1"}, {"a.c": "2", "b": "1"}]),
        ('{"a":{},"b":1}', [{"b": "1"}]),
        # values of several kinds
        ('{"a":true}\n{"a":"x"}\n{"a":1.5}', [{"a": "true"}, {"a": "x"}, {"a": "1.5"}]),
        # large ids keep every digit
        ('{"a":12345678901234567890123}', [{"a": "12345678901234567890123"}]),
        ('{"a":100000000000000042}', [{"a": "100000000000000042"}]),
        # keys that look like paths
        ('{"e":{"http://x.org/a.b~c":"1","q\\"q":"2","0":"3","":"4","it\'s":"5"}}',
         [{"e.http://x.org/a.b~c": "1", 'e.q"q': "2", "e.0": "3", "e.": "4", "e.it's": "5"}]),
        ('{"a":"line\\nend, \\"q\\" \\u00eb"}', [{"a": 'line\nend, "q" ë'}]),
    ],
)  # fmt: skip
def test_a_key_becomes_a_column_named_by_its_path(
    tmp_path: Path, records: str, rows: Table
) -> None:
    assert cells(tmp_path, records) == rows
    assert cells(tmp_path, f"[{','.join(records.splitlines())}]") == rows


def test_columns_stand_in_the_order_of_the_text(tmp_path: Path) -> None:
    assert ready(tmp_path, '{"z":1,"a":{"y":1,"b":2}}\n{"m":1}\n').header == (
        "z",
        "a.y",
        "a.b",
        "m",
    )


def test_a_line_of_json_lines_keeps_its_number_and_an_element_gets_one(tmp_path: Path) -> None:
    lines = '{"a":1}\n\n\n{"a":2}\n   \n{"a":3}\n'
    assert [r["_line"] for r in table(tmp_path, lines)] == [1, 4, 6]
    assert [r["_line"] for r in table(tmp_path, '[\n\n{"a":1},\n\n{"a":2}]')] == [1, 2]


@pytest.mark.parametrize(
    ("content", "lost"),
    [
        ('{"a":1}\n{"a":\n{"a":3}\n', [(2, "broken_json")]),
        ('{"a":\n{"a":2}\n{"a":3}\n', [(1, "broken_json")]),
        ('{"a":1}\n\n"x"\n[1]\nnull\n{"a":3}\n', [(3, "broken_json"), (4, "broken_json"), (5, "broken_json")]),
        ('{"a":1} {"a":2}\n{"a":3}\n{"a":4}\n', [(1, "broken_json")]),
        ('[{"a":1},2,null,{"a":3}]', [(2, "broken_json"), (3, "broken_json")]),
        (b'{"a":"Zo\xc3\xab"}\n{"a":"\xff"}\n{"a":"x"}\n', [(2, "bad_encoding")]),
        (b'[{"a":"Zo\xc3\xab"},{"a":"\xff"}]', [(2, "bad_encoding")]),
        (b'{"a":"x"}\n{"a":"\x00"}\n', [(2, "broken_json")]),
    ],
)  # fmt: skip
def test_a_broken_record_costs_itself_and_no_other(
    tmp_path: Path, content: str | bytes, lost: list[tuple[int, str]]
) -> None:
    assert faults(tmp_path, content) == lost
    assert table(tmp_path, content)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('[{"a":1},{"a":2}', "cut_file"), ('[{"a":1},{"a":', "cut_file"), ('[{"a":1},', "cut_file"),
        ('[{"a":1},{"b":[1]', "cut_file"), ('{"data":[{"a":1},{"a":2}]', "cut_file"),
        ('{"data":[{"a":1}', "cut_file"), ('{"a":{"b":1}', "cut_file"), ('{"a":1}\n{"a":2', "cut_file"),
        ('{"a":1}\n{"a":2}\n{"a":{"b":1}', "cut_file"), ('{"', "cut_file"),
        ('[{"a":1} {"a":2}]', "broken_json"), ('[{"a":1},oops,{}]', "broken_json"),
        ('{"data":[{"a":1},,{"a":2}]}', "broken_json"),
        ("[]", "header_only"), ("{}", "header_only"), ('{"courseWork":[]}', "header_only"),
        ('{"statements":[],"more":""}', "header_only"), ("[{}]", "header_only"),
        ('{"a":{}}', "unknown_layout"), ("[1,2]", "header_only"), ('[{"a"', "cut_file"),
        ('{"x":[{"a":1}],"y":[{"b":1}]}', "several_lists"),
    ],
)  # fmt: skip
def test_a_text_that_gives_no_table_says_why(tmp_path: Path, content: str, code: str) -> None:
    assert refusal(lambda: ready(tmp_path, content)) == code


def test_a_csv_whose_header_begins_with_a_bracket_stays_a_csv(tmp_path: Path) -> None:
    for header in ("[Name],[Id]", '"[a]",b', "{x},b", '["a","b"]'):
        assert not ready(tmp_path, f"{header}\n1,2\n").parquet


def test_more_columns_than_any_feed_has_are_refused(tmp_path: Path) -> None:
    wide = json.dumps({f"k{i}": i for i in range(jsontext.MOST_COLUMNS + 1)})
    assert refusal(lambda: ready(tmp_path, wide)) == "unknown_layout"
    most = json.dumps({f"k{i}": i for i in range(jsontext.MOST_COLUMNS)})
    assert len(ready(tmp_path, most + "\n" + most).header) == jsontext.MOST_COLUMNS


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (f'{{"data":[{A},{B}],"n":1}}', AB),
        (f'{{\n"n" : "a]}}\\"", "m":{{"x":[1]}}, "e":[], "da ta" :\n [ {A} , {B} ] , "z":[1] }}\n', AB),
        (f'{{"links":[{{"rel":"x"}}],"data":[{A},{B}]}}', AB),
        (f'[{{"data":[{A}]}},{{"data":[{B}]}}]', AB),
        (f"{A}\n{B}\n", AB),
    ],
)  # fmt: skip
def test_a_large_envelope_is_read_like_a_small_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, rows: Table
) -> None:
    assert cells(tmp_path, content) == rows
    monkeypatch.setattr(jsontext, "LONGEST_TEXT", 20)
    assert cells(tmp_path, content) == rows


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('{"id":1,\n"x":{"a":1,"b":2}}', "too_large"),
        ('{"a":1,\n"b":1}{"a":2,\n"b":2}', "too_large"),
        ('{"x":[{"a":1}],\n"y":[{"b":1}]}', "several_lists"),
        ('{"x":[{"a":1} {"a":2}],\n"y":1}', "broken_json"),
        ('{"x":[{"a":1},\n{"a":"b]}', "cut_file"),
    ],
)  # fmt: skip
def test_a_large_object_that_is_no_envelope_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, code: str
) -> None:
    monkeypatch.setattr(jsontext, "LONGEST_TEXT", 20)
    assert refusal(lambda: ready(tmp_path, content)) == code


@pytest.mark.parametrize("depth", [100, 3_000, 200_000])
def test_a_text_nested_beyond_reason_is_refused_or_read(tmp_path: Path, depth: int) -> None:
    for content in ('{"a":' * depth + "1" + "}" * depth, '{"a":' + "[" * depth + "]" * depth + "}"):
        for text in (content, f"[{content}]"):
            try:
                table(tmp_path, text)
            except FileRefused:
                continue
