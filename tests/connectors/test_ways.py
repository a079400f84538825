"""What the ways in decide: when to try again, what a secret is, what an index says."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.errors import SourceError
from connectors.patience import Patience
from connectors.sources import Listed, fault_of
from connectors.ways.index import entries
from connectors.ways.secrets import Secrets

# -- trying again -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("budget", "lasts", "retry", "pauses", "calls"),
    [
        (0, 0, True, [], 1),
        (0.5, 0, True, [], 1),
        (1, 0, True, [1], 2),
        (7, 0, True, [1, 2, 4], 4),
        (14, 0, True, [1, 2, 4], 4),
        (14, 3, True, [1, 2], 3),
        (300, 0, True, [1, 2, 4, 8, 16, 32, 60, 60, 60], 10),
        (300, 0, False, [], 1),
    ],
)
def test_pauses_grow_within_the_seconds_there_are(
    budget: float, lasts: float, retry: bool, pauses: list[float], calls: int
) -> None:
    """`lasts`: seconds of each failing attempt."""
    paused: list[float] = []
    called = [0]

    def attempt() -> None:
        called[0] += 1
        raise SourceError("away", retry=retry)

    with pytest.raises(SourceError, match="away"):
        Patience(budget, paused.append, lambda: called[0] * lasts)(attempt)
    assert (paused, called[0]) == (pauses, calls)


def test_all_files_of_a_source_share_its_seconds() -> None:
    paused: list[float] = []
    patience = Patience(4, paused.append, lambda: 0)

    def attempt() -> None:
        raise SourceError("away", retry=True)

    for _ in range(3):
        with pytest.raises(SourceError):
            patience(attempt)
    assert paused == [1, 2, 1]


def test_what_works_the_second_time_is_given_back() -> None:
    answers = iter([None, 7])

    def attempt() -> int:
        if (answer := next(answers)) is None:
            raise SourceError("away", retry=True)
        return answer

    assert Patience(60, lambda seconds: None)(attempt) == 7


# -- secrets ------------------------------------------------------------------------------------


def written(folder: Path, text: str) -> None:
    path = folder / "secrets.toml"
    path.write_text(text)
    path.chmod(0o600)


def test_the_environment_goes_before_the_file_field_by_field(tmp_path: Path) -> None:
    written(tmp_path, '[lexia_sftp]\nuser = "me"\npassword = "old"\n[other]\ntoken = "x"')
    given = {"HOMEROOM_SECRET_LEXIA_SFTP_PASSWORD": "new", "HOMEROOM_SECRET_LEXIA_SFTP_TOKEN": ""}
    secret = Secrets(tmp_path, given).named("lexia_sftp")
    assert [secret.get(f) for f in ("user", "password", "token")] == ["me", "new", ""]
    assert "new" not in repr(secret)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "a: there is no such secret. Fix: set HOMEROOM_SECRET_A_"),
        ('[b]\nuser = "x"', "a: there is no such secret"),
        ('a = "hush"', "a is not a table"),
        ('[a]\npass_word = "hush"', "a has a field that is not known"),
        ("[a]\npassword = 4711", "a has a field that is not known, or not text in quotes"),
        ("[a]\npassword = hush\n", "cannot be read at line 2"),
    ],
)
def test_a_mistake_in_the_secrets_is_named_without_them(
    tmp_path: Path, text: str, says: str
) -> None:
    written(tmp_path, text)
    with pytest.raises(SourceError) as caught:
        Secrets(tmp_path, {}).named("a")
    assert says in str(caught.value)
    assert "hush" not in str(caught.value)
    assert "4711" not in str(caught.value)


def test_no_secret_is_read_where_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "secrets.toml").write_text("broken, and open to all")
    assert Secrets(tmp_path, {}).named("").get("password") == ""


# -- indexes ------------------------------------------------------------------------------------

BASE = "https://x.example/f/"
NS = 1_759_320_000 * 10**9  # 2025-10-01 12:00 UTC


@pytest.mark.parametrize(
    ("kind", "text", "found"),
    [
        ("text/html", '<A HREF="a.csv">a</A><a name=x>b</a><img src="i.png">', [("a.csv", -1, 0)]),
        ("text/html; charset=utf-8", "<a href=a%20b.csv>", [("a%20b.csv", -1, 0)]),
        ("text/html", '<a href="a&amp;b.csv"><a href="//[broken">', [("a&b.csv", -1, 0)]),
        ("", "  <html><a href='a.csv'></html>", [("a.csv", -1, 0)]),
        ("text/plain", "\ufeffa b.csv\r\n#no\r\n\r\nc%20d.csv", [("a%20b.csv", -1, 0), ("c%20d.csv", -1, 0)]),
        ("text/plain", "10:30 list.csv", [("10%3A30%20list.csv", -1, 0)]),
        ("application/json", '["a.csv"]', [("a.csv", -1, 0)]),
        ("", '[{"name": "100%.csv", "size": 5}]', [("100%25.csv", 5, 0)]),
        ("application/json", '[{"name": "a", "type": "file", "mtime": "Wed, 01 Oct 2025 12:00:00 GMT", "size": 3}]', [("a", 3, NS)]),
        ("application/json", '[{"name": "a", "modified": "2025-10-01T07:00:00-05:00", "size": "3"}]', [("a", -1, NS)]),
        ("application/json", '[{"name": "a", "modified": "2025-10-01T12:00:00", "size": true}]', [("a", -1, NS)]),
        ("application/json", '[{"name": "a", "last_modified": 1759320000, "size": -3}]', [("a", -1, NS)]),
        ("application/json", '[{"name": "a", "modified": "yesterday"}]', [("a", -1, 0)]),
        ("application/json", "[]", []),
    ],
)  # fmt: skip
def test_indexes_as_servers_write_them(
    kind: str, text: str, found: list[tuple[str, int, int]]
) -> None:
    read = entries(text, kind, BASE)
    assert [(e.url.removeprefix(BASE), e.size, e.modified_ns) for e in read] == found


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("a.csv", False),
        ("a/b.csv", False),
        ("a..b.csv", False),
        ("../a.csv", True),
        ("a/../../b.csv", True),
        ("/etc/passwd", True),
        ("..", True),
        ("", True),
    ],
)
def test_a_name_that_leads_out_is_passed_over(name: str, bad: bool) -> None:
    assert bool(fault_of(Listed(name, 1, 1))) is bad
