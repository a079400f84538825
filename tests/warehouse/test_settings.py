"""homeroom.toml: every mistake names the key, the file and what mends it."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.errors import ConfigError
from connectors.registry import PLATFORMS
from warehouse import settings

GOOD = '[district]\nname = "North"\ntime_zone = "America/Chicago"\n[[source]]\nplatform = "lexia"\nlocation = "lexia"\n'


def write(folder: Path, text: str | bytes) -> Path:
    (folder / "lexia").mkdir(exist_ok=True)
    path = folder / "homeroom.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_good_file_is_read_relative_to_itself(tmp_path: Path) -> None:
    district = settings.load(write(tmp_path, b"\xef\xbb\xbf" + GOOD.encode()))
    assert (district.name, district.time_zone, district.home) == (
        "North",
        "America/Chicago",
        tmp_path / "data",
    )
    assert district.sources[0].location == tmp_path / "lexia"
    assert district.platforms == ("lexia",)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("name =", "nmae ="), "district.nmae: is not a known key|did you mean name?"),
        (
            ("location =", "locaton ="),
            "source 1: locaton: is not a known key|did you mean location?",
        ),
        (
            ('"lexia"\nloc', '"lexya"\nloc'),
            'source 1: platform: "lexya" is not known|did you mean lexia?',
        ),
        (
            ('location = "lexia"', 'location = "gone"'),
            "source 1: location: there is no folder|make it or mend the path",
        ),
        (
            ('location = "lexia"', 'location = "ftp://x/y"'),
            "source 1: location: its scheme is not known|use sftp://",
        ),
        (
            ('location = "lexia"', 'location = "sftp://me:hush@x/y"'),
            "source 1: location: holds a password|secrets.toml",
        ),
        (
            ('location = "lexia"', 'location = "https://me@x/y"'),
            "source 1: location: holds a user|secrets.toml",
        ),
        (
            ('location = "lexia"', 'location = "https://x/y?token=hush"'),
            "source 1: location: has a part behind ? or #|a secret",
        ),
        (
            ('location = "lexia"', 'location = "http://x.example/y"'),
            "source 1: location: is not encrypted|use https://",
        ),
        (
            ('location = "lexia"', 'location = "nwea+http://x.example"'),
            "source 1: location: is not encrypted|use nwea+https://",
        ),
        (
            ('location = "lexia"', 'location = "sftp:///y"'),
            "source 1: location: names no host|sftp://host/path",
        ),
        (
            ('location = "lexia"', 'location = "sftp://x:99999/y"'),
            "source 1: location: is not an address|check host and port",
        ),
        (
            ('location = "lexia"', 'location = "lexia"\nsecret = "a"'),
            "source 1: secret: is not for folders|remove it",
        ),
        (
            ('location = "lexia"', 'location = "sftp://x/y"\nregion = "a"'),
            "source 1: region: is not for sftp:// locations|remove it",
        ),
        (
            ('location = "lexia"', 'location = "sftp://x/y"\nsecret = "a b"'),
            "source 1: secret: is not a name|letters, digits and _",
        ),
        (
            ('location = "lexia"', 'location = "sftp://x/y"\nretry_seconds = -1'),
            "source 1: retry_seconds: is out of range|use 0 to 21600",
        ),
        (
            ('location = "lexia"', 'location = "sftp://x/y"\nretry_seconds = true'),
            "source 1: retry_seconds: should be a whole number|mend its value",
        ),
        (
            ('location = "lexia"', 'location = "s3://x/y"\nendpoint = "http://me:hush@x.example"'),
            "source 1: endpoint: holds a password|secrets.toml",
        ),
        (
            ('location = "lexia"', 'location = "s3://x/y"\nendpoint = "https://x.example/path"'),
            "source 1: endpoint: is not https://host[:port]|name the host alone",
        ),
        (
            ('location = "lexia"', "location = 3"),
            "source 1: location: should be text in quotes|mend its value",
        ),
        (('location = "lexia"', ""), 'source 1: location: is missing|write location = "..."'),
        (
            ("America/Chicago", "America/Chicgo"),
            "district.time_zone: is not a time zone|America/Chicago",
        ),
        (("America/Chicago", "America"), "district.time_zone: is not a time zone|America/Chicago"),
        (("America/Chicago", ""), "district.time_zone: is not a time zone|America/Chicago"),
        (
            ("America/Chicago", "../../etc/passwd"),
            "district.time_zone: is not a time zone|America/Chicago",
        ),
        (
            ("America/Chicago", "localtime"),
            "district.time_zone: is not a time zone|America/Chicago",
        ),
        (('name = "North"', 'name = ""'), "district.name: is missing|write name"),
        (("[district]", "[distrikt]"), "distrikt: is not a known key|did you mean district?"),
        (('name = "North"', "name = North"), "not TOML|mend that line"),
        (("[[source]]", "[source]"), "source: should be a list of tables|mend its value"),
        ((GOOD[GOOD.index("[[") :], ""), "[[source]]: is missing|add one [[source]] per platform"),
        ((GOOD[: GOOD.index("[[")], ""), "[district]: is missing|add [district]"),
        ((GOOD, 'district = "x"'), "district: should be a table|mend its value"),
        (
            (GOOD, "source = [1]\n[district]\nname = 'a'"),
            "source 1: is not a table|write [[source]]",
        ),
        (
            ('location = "lexia"', 'location = "lexia"\nclasses = {a = 3}'),
            "source 1: classes.a: should be text in quotes|mend its value",
        ),
        ((GOOD, "\ufffe".encode("utf-16").decode("latin-1")), "not TOML|mend that line"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_its_mending(
    tmp_path: Path, change: tuple[str, str], says: str
) -> None:
    path = write(tmp_path, GOOD.replace(*change))
    with pytest.raises(ConfigError) as caught:
        settings.load(path)
    message = str(caught.value)
    assert str(path) in message
    assert "hush" not in message
    for part in says.split("|"):
        assert part in message


@pytest.mark.parametrize(
    ("written", "key", "shown"),
    [
        ("sftp://me@x.example:2222/out/North%20Side", "sftp://me@x.example:2222/out/North Side", "sftp://x.example:2222/out/North Side"),
        ("SFTP://X.example", "sftp://x.example/", "sftp://x.example/"),
        ("s3://North-Side/exports/", "s3://North-Side/exports/", "s3://North-Side/exports/"),
        ("https://x.example/a%20b/", "https://x.example/a%20b/", "https://x.example/a%20b/"),
        ("http://[::1]:80/a/", "http://[::1]:80/a/", "http://[::1]:80/a/"),
        ("nwea+https://x.example", "nwea+https://x.example/", "nwea+https://x.example/"),
    ],
)  # fmt: skip
def test_an_address_is_read_without_looking_anything_up(
    tmp_path: Path, written: str, key: str, shown: str
) -> None:
    source = settings.load(
        write(
            tmp_path,
            GOOD.replace('"lexia"\n', f'"{written}"\n').replace(
                f'platform = "{written}"', 'platform = "lexia"'
            ),
        )
    ).sources[0]
    assert (source.key, str(source.location)) == (key, shown)


def test_the_keys_of_an_address_are_read_relative_to_the_file(tmp_path: Path) -> None:
    more = 'secret = "lexia_sftp"\nknown_hosts = "known"\nretry_seconds = 5'
    text = GOOD.replace('location = "lexia"', f'location = "sftp://x/"\n{more}')
    access = settings.load(write(tmp_path, text)).sources[0].access
    assert (access.secret, access.known_hosts, access.retry_seconds) == (
        "lexia_sftp",
        tmp_path / "known",
        5,
    )


def test_a_file_that_is_not_there_names_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(settings.ENVIRONMENT, raising=False)
    with pytest.raises(ConfigError, match="homeroom sample demo"):
        settings.find()
    write(tmp_path, GOOD)
    assert settings.find() == Path("homeroom.toml")
    assert settings.find(tmp_path) == tmp_path / "homeroom.toml"
    monkeypatch.setenv(settings.ENVIRONMENT, str(tmp_path / "other.toml"))
    with pytest.raises(ConfigError, match=r"other\.toml"):
        settings.find()


COLUMNS = '[source.columns.detailed_student]\nweek_minutes = ["minutes this week"]\n'


def test_a_source_may_name_further_headers_of_a_column(tmp_path: Path) -> None:
    district = settings.load(write(tmp_path, GOOD + COLUMNS))
    feed = district.registry["lexia"].feeds[0]
    assert feed.column("week_minutes").headers == ("week_time", "minutes this week")
    assert PLATFORMS["lexia"].feeds[0].column("week_minutes").headers == ("week_time",)


def test_accepted_renames_beside_the_file_count_as_well(tmp_path: Path) -> None:
    (tmp_path / "aliases.toml").write_text(
        '[lexia.detailed_student]\nweek_minutes = ["wk"]\n[khan.overall]\nemail = ["Mail"]\n'
    )
    registry = settings.load(write(tmp_path, GOOD + COLUMNS)).registry
    assert registry["lexia"].feeds[0].column("week_minutes").headers == (
        "week_time",
        "wk",
        "minutes this week",
    )
    khan = {f.name: f for f in registry["khan"].feeds}
    assert khan["overall"].column("email").headers == ("Student Email", "Mail")


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        (
            COLUMNS.replace("detailed_student", "detaild_student"),
            "source.columns of lexia.detaild_student: there is no feed|did you mean detailed_student?",
        ),
        (
            COLUMNS.replace("week_minutes", "week_minuts"),
            "detailed_student.week_minuts: there is no column|did you mean week_minutes?",
        ),
        (
            COLUMNS.replace('["minutes this week"]', '"minutes this week"'),
            "source 1: columns.detailed_student.week_minutes: should be a list of headers",
        ),
        (
            COLUMNS.replace("minutes this week", "username"),
            'detailed_student.week_minutes: "username" stands for another column already',
        ),
        (
            "[source.columns]\ndetailed_student = 3\n",
            "source 1: columns.detailed_student: should be a table",
        ),
    ],
)
def test_a_mistaken_header_is_named_with_its_fix(tmp_path: Path, columns: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        settings.load(write(tmp_path, GOOD + columns))
    for part in says.split("|"):
        assert part in str(caught.value)


def test_a_mistake_among_the_accepted_renames_names_their_file(tmp_path: Path) -> None:
    (tmp_path / "aliases.toml").write_text('[lexya.detailed_student]\nx = ["y"]\n')
    with pytest.raises(ConfigError, match=r"aliases.toml: lexya"):
        settings.load(write(tmp_path, GOOD))


def test_a_threshold_is_set_by_its_name_and_shows_in_the_measures_version(tmp_path: Path) -> None:
    district = settings.load(write(tmp_path, GOOD + "[measures]\nbelow_percent = 70\n"))
    assert district.thresholds["below_percent"] == 70
    assert district.thresholds["check_in_days"] == 7


def test_a_threshold_out_of_bounds_says_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        settings.load(write(tmp_path, GOOD + "[measures]\nbelow_percent = 650\n"))
    assert "measures.below_percent" in str(caught.value)
    assert "from 1 to 100" in str(caught.value)


def test_an_unknown_threshold_is_told_with_the_near_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="did you mean below_percent"):
        settings.load(write(tmp_path, GOOD + "[measures]\nbelow_procent = 70\n"))
