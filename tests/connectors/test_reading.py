"""From bytes to a text table: encodings, line ends, separators, quotes, archives."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import random
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors import reading
from connectors.careful import salvage
from connectors.errors import FileRefused
from connectors.prepared import Prepared
from connectors.reading import examine, members, prepare

HEADER = "id,name,note"


def ready(tmp_path: Path, content: bytes) -> Prepared:
    path = tmp_path / "in"
    path.write_bytes(content)
    return prepare(path, tmp_path)


def rows(tmp_path: Path, content: bytes, *, stub_rows: bool = False) -> list[list[str]]:
    """What the careful reading saves, without line numbers."""
    prepared = ready(tmp_path, content)
    saved = salvage(prepared, tmp_path, stub_rows=stub_rows)
    with saved.path.open(newline="", encoding="utf-8") as stream:
        return [row[:-1] for row in csv.reader(stream, delimiter=prepared.separator)]


def faults(tmp_path: Path, content: bytes, *, stub_rows: bool = False) -> list[tuple[int, str]]:
    saved = salvage(ready(tmp_path, content), tmp_path, stub_rows=stub_rows)
    return [(f.line, f.code) for f in saved.faults]


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(FileRefused) as caught:
        call()
    return caught.value.code


TEXT = "id,name,note\n1,Zoë,ok\n2,Jürgen,ok\n"


@pytest.mark.parametrize(
    ("encoding", "told"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("cp1252", "cp1252"), ("utf-16", "utf-8"),
     ("utf-16-le", "utf-8"), ("utf-16-be", "utf-8")],
)  # fmt: skip
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_encoding_and_line_end_reads_alike(
    tmp_path: Path, encoding: str, told: str, end: str
) -> None:
    content = TEXT.replace("\n", end).encode(encoding)
    assert rows(tmp_path, content) == [["1", "Zoë", "ok"], ["2", "Jürgen", "ok"]]
    assert ready(tmp_path, content).lines == 2


def test_utf16_with_a_mark_in_either_order(tmp_path: Path) -> None:
    for mark, name in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        assert rows(tmp_path, mark + TEXT.encode(name))[0] == ["1", "Zoë", "ok"]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_bad_byte_costs_its_row_and_leaves_the_others_their_letters(
    tmp_path: Path, place: int
) -> None:
    lines = [f"{n},Zoë,ok".encode() for n in range(3)]
    lines[place] = f"{place},Bad".encode() + b"\xff" + b",ok"
    content = b"\n".join([HEADER.encode(), *lines, b""])
    assert faults(tmp_path, content) == [(place + 2, "bad_encoding")]
    assert {row[1] for row in rows(tmp_path, content)} == {"Zoë"}


def test_a_windows_file_may_end_within_what_could_be_a_character(tmp_path: Path) -> None:
    content = "id,name,note\n1,Bo,ok\n2,Bo,café".encode("cp1252")
    assert rows(tmp_path, content)[1] == ["2", "Bo", "café"]


def test_two_windows_letters_that_look_like_one_of_utf8_do_not_outvote_the_others(
    tmp_path: Path,
) -> None:
    content = "id,name,note\n1,Zoë,été\n2,ß–,ok\n".encode("cp1252")
    assert rows(tmp_path, content) == [["1", "Zoë", "été"], ["2", "ß–", "ok"]]


def test_characters_across_blocks_are_no_bad_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "CHUNK", 5)
    path = tmp_path / "in"
    for encoding in ("utf-8", "cp1252"):
        path.write_bytes(TEXT.encode(encoding))
        facts = examine(path)
        assert (facts.encoding, facts.bad_bytes) == (encoding, False)
    path.write_bytes(TEXT.replace("\n", "\r\n").encode())
    assert examine(path).lone_returns == 0


def test_a_marked_utf8_file_with_a_bad_byte_stays_utf8(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbfid,name,note\n1,a\xff,ok\n2,b,ok\n"
    assert ready(tmp_path, content).header == ("id", "name", "note")
    assert faults(tmp_path, content) == [(2, "bad_encoding")]


def test_lone_returns_and_a_bad_byte_together(tmp_path: Path) -> None:
    content = "id,name,note\r1,Zoë,ok\r2,Bad".encode() + b"\xff,ok\r3,Al,ok\r"
    assert [r[0] for r in rows(tmp_path, content)] == ["1", "3"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\xef\xbb\xbf", "empty_file"),
        (b"\n\n\n", "empty_file"),
        (b",,,\n", "empty_file"),
        (b"id,name\n", "header_only"),
        (b"id,name", "header_only"),
        (b"id,name\r\n", "header_only"),
        (b"\x81\x8d\xff id,name\n1,2\n", "wrong_encoding"),
        (b"id\x00,name\n1,2\n", "wrong_encoding"),
        ("id,name\n1,Zoë\n".encode("utf-16") + b"\x41", "cut_file"),
        (b"\xff\xfe\x00\xd8\x0a\x00\x0a\x00", "wrong_encoding"),
        (b'"id,name\n1,2\n3,4\n', "unknown_layout"),
        (b"PAR1 but no more", "cut_file"),
        (b"PK\x03\x04 inside", "broken_archive"),
        (b"\x1f\x8b\x08 not gzip at all", "broken_archive"),
        (gzip.compress(b"", mtime=0), "empty_file"),
        (gzip.compress(TEXT.encode(), mtime=0)[:-12], "cut_file"),
        (gzip.compress(b"PK\x03\x04x", mtime=0), "broken_archive"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_says_why(tmp_path: Path, content: bytes, code: str) -> None:
    assert refusal(lambda: ready(tmp_path, content)) == code


def test_a_gzip_with_damaged_middle_is_refused(tmp_path: Path) -> None:
    noise = random.Random(1).randbytes(5000).hex().encode()
    packed = bytearray(gzip.compress(HEADER.encode() + b"\n1," + noise + b",x\n", mtime=0))
    for at in range(100, len(packed) - 10, 37):
        packed[at] ^= 0xFF
    assert refusal(lambda: ready(tmp_path, bytes(packed))) in ("broken_archive", "cut_file")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_the_one_that_parts_the_header(tmp_path: Path, separator: str) -> None:
    content = f'id{separator}"name, first; last"{separator}note\n1{separator}a{separator}b\n'
    prepared = ready(tmp_path, content.encode())
    assert (prepared.separator, prepared.header) == (separator, ("id", "name, first; last", "note"))


def test_a_header_may_be_marked_quoted_padded_and_end_with_an_empty_name(tmp_path: Path) -> None:
    prepared = ready(tmp_path, b'\xef\xbb\xbf"id", "name" ,note,\n1,2,3,\n')
    assert prepared.header == ("id", "name", "note", "")


def test_a_very_wide_header_is_read_whole(tmp_path: Path) -> None:
    names = [f"a_rather_long_column_name_{i}" for i in range(6000)]
    prepared = ready(tmp_path, (",".join(names) + "\n" + ",".join("1" * 6000) + "\n").encode())
    assert (len(prepared.header), prepared.lines) == (6000, 1)


@pytest.mark.parametrize("before", ["\n\n", ",,\n", "\r\n", " \n\n"])
def test_lines_before_the_header_are_passed_over_and_counted(tmp_path: Path, before: str) -> None:
    content = (before + "id,name,note\n1,a,b\n2,c\n").encode()
    assert ready(tmp_path, content).odd
    assert rows(tmp_path, content) == [["1", "a", "b"]]
    assert faults(tmp_path, content) == [(before.count("\n") + 3, "too_few_fields")]


@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "SEP=;\r", ";;\nsep=;"])
def test_a_first_line_may_tell_the_separator(tmp_path: Path, line: str) -> None:
    content = f"{line}\nid;name, first;note\n1;a;b\n2;c\n".encode("utf-8-sig")
    assert ready(tmp_path, content).header == ("id", "name, first", "note")
    assert rows(tmp_path, content) == [["1", "a", "b"]]
    assert faults(tmp_path, content) == [(line.count("\n") + 4, "too_few_fields")]


@pytest.mark.parametrize(
    ("body", "kept", "lost"),
    [
        ('1,"a,b\n2,c,d\n3,e,f\n', ["2", "3"], [(2, "broken_quote")]),
        ('1,a,b\n2,"c,d\n3,e,f\n', ["1", "3"], [(3, "broken_quote")]),
        ('1,a,b\n2,c,d\n3,"e,f\n', ["1", "2"], [(4, "broken_quote")]),
        ('1,"a,b\n2,c,d\n3,"e,f\n4,g,h\n', ["2", "4"], [(2, "broken_quote"), (4, "broken_quote")]),
        ('1,"a,b\n2,"c,d\n3,e,f\n', ["3"], [(2, "broken_quote"), (3, "broken_quote")]),
        ('1,"two\nlines",b\n2,"c,d\n3,e,f\n', ["1", "3"], [(4, "broken_quote")]),
        ('1,"a ""quoted"" word",b\n2,"c,d\n3,e,f\n', ["1", "3"], [(3, "broken_quote")]),
        ('1,a,b,c\n2,c\n3,e,f\n', ["3"], [(2, "too_many_fields"), (3, "too_few_fields")]),
        ('1,a,b,\n2,c,d,,\n3,e,f\n', ["1", "2", "3"], []),
        ('1,"x"y,b\n2,c,d\n', ["2"], [(2, "broken_quote")]),
        ("1,a\x00,b\n2,c,d\n", ["2"], [(2, "bad_encoding")]),
        ("\n1,a,b\n\n\n2,c,d\n\n", ["1", "2"], []),
        ('1, "a,b" ,c\n2,d,e\n', ["2"], [(2, "broken_quote")]),
        ('1, "a,b",c\n2,d,e\n', ["1", "2"], []),
        ("1,a\r2,b,c\n3,d,e\n", ["2", "3"], [(2, "too_few_fields")]),
        ('1,"a\rb",c\n2,"d,e\n3,f,g\n', ["1", "3"], [(4, "broken_quote")]),
        ('1,"a\u2028b\x0c",c\n2,d,"e\n"\n', ["1", "2"], []),
        (f'1,a,b\n2,"{"x" * 3_000_000}",c\n3,d,e\n', ["1", "3"], [(3, "broken_quote")]),
    ],
)  # fmt: skip
def test_a_broken_row_costs_itself_and_no_other(
    tmp_path: Path, body: str, kept: list[str], lost: list[tuple[int, str]]
) -> None:
    content = f"{HEADER}\n{body}".encode()
    assert [row[0] for row in rows(tmp_path, content)] == kept
    assert faults(tmp_path, content) == lost


def test_quotation_marks_behind_a_backslash_are_part_of_the_value(tmp_path: Path) -> None:
    content = b'id,name,note\n1,"say \\"hi\\" now",c\n2,"a\\",d\n3,"one ""two""",e\n'
    assert rows(tmp_path, content) == [
        ["1", 'say "hi" now', "c"], ["2", "a\\", "d"], ["3", 'one "two"', "e"],
    ]  # fmt: skip
    assert faults(tmp_path, content) == []


def test_a_quoted_value_keeps_its_line_ends(tmp_path: Path) -> None:
    content = b'id,name,note\r\n1,"a\r\nb",c\r\n2,"d,e\r\n3,f,g\r\n'
    assert rows(tmp_path, content) == [["1", "a\r\nb", "c"], ["3", "f", "g"]]


@pytest.mark.parametrize(
    "body",
    ["1,a,b\n2,c", "1,a,b\n2", '1,a,b\n2,"c', '1,a,b\n2,"c,d', "1,a,b\n2,c,d,e", "1,a,b\n2,c\x00"],
)
def test_a_file_that_ends_within_a_row_is_cut(tmp_path: Path, body: str) -> None:
    content = f"{HEADER}\n{body}".encode()
    assert (
        refusal(lambda: salvage(ready(tmp_path, content), tmp_path, stub_rows=False)) == "cut_file"
    )


def test_stub_rows_are_a_platforms_habit(tmp_path: Path) -> None:
    assert faults(tmp_path, b"id,name,note\n1\n2,a,b\n3", stub_rows=True) == [
        (2, "stub_row"),
        (4, "stub_row"),
    ]


def test_an_open_quote_over_many_short_lines_takes_no_square_time(tmp_path: Path) -> None:
    body = 'x,"open\n' + "only,two\n" * 60_000
    assert len(faults(tmp_path, f"id,a,b,c\n{body}".encode())) == 60_001


@given(st.lists(st.text('a",;\n\r\x00é ', max_size=12), min_size=1, max_size=12), st.integers(0, 3))
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_bytes_end_in_anything_but_rows_faults_or_a_reason(
    tmp_path: Path, parts: list[str], junk: int
) -> None:
    content = f"{HEADER}\n{''.join(parts)}".encode() + b"\xe9" * (junk == 3)
    try:
        prepared = ready(tmp_path, content)
        saved = salvage(prepared, tmp_path, stub_rows=False)
    except FileRefused as refused:
        assert refused.reason.fix
        return
    assert saved.rows + len(saved.faults) <= prepared.lines + content.count(b"\r")
    with saved.path.open(newline="", encoding="utf-8") as stream:
        assert sum(1 for _ in csv.reader(stream)) == saved.rows


# -- archives -----------------------------------------------------------------------------------


def packed(*files: tuple[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        for name, content in files:
            archive.writestr(name if name else zipfile.ZipInfo(name), content)
    return out.getvalue()


def unpacked(tmp_path: Path, content: bytes) -> list[tuple[str, bytes]]:
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    return [(name, found.read_bytes()) for name, found in members(path, tmp_path)]


def test_folders_of_an_archive_are_walked_and_a_macs_own_files_left(tmp_path: Path) -> None:
    content = packed(
        ("deep/er/users.csv", b"1"), ("deep/", b""), ("__MACOSX/._users.csv", b"2"), (".DS_Store", b"3"),
        ("win\\orgs.csv", b"4"), ("win\\", b""),
    )  # fmt: skip
    assert unpacked(tmp_path, content) == [("deep/er/users.csv", b"1"), ("win/orgs.csv", b"4")]


@pytest.mark.parametrize(
    "name", ["../x.csv", "a/../../x.csv", "/etc/x.csv", "..\\x.csv", "C:\\x.csv", "C:x.csv", "."]
)
def test_an_archive_that_points_outside_is_refused(tmp_path: Path, name: str) -> None:
    assert (
        refusal(lambda: unpacked(tmp_path, packed(("ok.csv", b"1"), (name, b"2"))))
        == "unsafe_archive"
    )
    assert not (tmp_path.parent / "x.csv").exists()


def test_an_archive_that_unpacks_beyond_reason_is_refused(tmp_path: Path) -> None:
    assert (
        refusal(lambda: unpacked(tmp_path, packed(("x.csv", b"0" * 40_000_000)))) == "archive_bomb"
    )


def test_an_archive_that_lies_about_its_size_is_stopped(tmp_path: Path) -> None:
    content = bytearray(packed(("x.csv", b"0" * 40_000_000)))
    entry = content.rindex(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = struct.pack("<I", 100)
    content[22:26] = struct.pack("<I", 100)
    assert refusal(lambda: unpacked(tmp_path, bytes(content))) in ("archive_bomb", "broken_archive")


def test_an_encrypted_archive_is_refused(tmp_path: Path) -> None:
    content = bytearray(packed(("x.csv", b"1,2")))
    content[6] |= 1
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    assert refusal(lambda: unpacked(tmp_path, bytes(content))) == "broken_archive"


@pytest.mark.parametrize(
    "how", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, zipfile.ZIP_STORED]
)
def test_an_archive_damaged_or_cut_anywhere_is_refused_or_whole(tmp_path: Path, how: int) -> None:
    content = packed(("x.csv", b"id,name\n" * 200), how=how)
    for at in range(4, len(content), max(1, len(content) // 60)):
        for damaged in (
            content[:at],
            content[:at] + bytes([content[at] ^ 0xA5]) + content[at + 1 :],
        ):
            try:
                found = unpacked(tmp_path, damaged)
            except FileRefused:
                continue
            assert [data for _, data in found] == [b"id,name\n" * 200]


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ((), "empty_file"),
        ((("__MACOSX/x", b"1"),), "empty_file"),
        ((("a.csv", b"1"), ("a.csv", b"2")), "broken_archive"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_archive_without_one_file_of_each_name_is_refused(
    tmp_path: Path, files: tuple[tuple[str, bytes], ...], code: str
) -> None:
    assert refusal(lambda: unpacked(tmp_path, packed(*files))) == code


def test_other_packings_are_not_taken_for_text(tmp_path: Path) -> None:
    assert refusal(lambda: ready(tmp_path, bz2.compress(TEXT.encode() * 50))) in (
        "wrong_encoding",
        "header_only",
        "empty_file",
        "unknown_layout",
    )
