"""An export is delivered whole, the manifest last, and once: to a folder, over SFTP, to a store."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from connectors.errors import ConfigError, HomeroomError, SourceError
from connectors.sources import Folder
from connectors.ways.location import Access, Location, read_address
from tests.scenario import Scenario
from tests.servers import Sshd, cutting_proxy, s3_store
from tests.warehouse.test_from_s3 import Bucket
from warehouse import settings as configured
from warehouse.exports import delivery
from warehouse.exports.writing import Wanted, export_week, left_over
from warehouse.settings import Settings
from warehouse.settings.exports import ExportSettings

KEY = "0123456789abcdef0123456789abcdef"
MONDAY = date(2025, 9, 15)


@pytest.fixture(scope="module")
def folder(district: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A week that was exported."""
    made = tmp_path_factory.mktemp("exported")
    export_week(district.settings.warehouse, Wanted(MONDAY), made)
    return made


def sent_to(
    district: Scenario, home: Path, to: Location | None, access: Access | None = None
) -> Settings:
    """The sample district that delivers to a place; its secrets are in `home`."""
    export = ExportSettings(None, to, access or Access(retry_seconds=0))
    return dataclasses.replace(district.settings, file=home / "homeroom.toml", export=export)


def deliver(settings: Settings, folder: Path) -> int:
    return delivery.deliver(settings, Wanted(MONDAY), folder)


def secret(folder: Path, text: str) -> None:
    path = folder / "secrets.toml"
    path.write_text(f"[far]\n{text}\n")
    path.chmod(0o600)


def as_listed(there: Path) -> set[str]:
    """The files of a delivery, each as its manifest tells it."""
    manifest = json.loads((there / f"manifest_{MONDAY}.json").read_text())
    for file in manifest["files"]:
        assert hashlib.sha256((there / file["file"]).read_bytes()).hexdigest() == file["sha256"]
    return {file["file"] for file in manifest["files"]} | {f"manifest_{MONDAY}.json"}


def test_a_delivery_is_whole_and_a_repeated_one_changes_nothing(
    district: Scenario, folder: Path, tmp_path: Path
) -> None:
    there = tmp_path / "share"
    there.mkdir()
    settings = sent_to(district, tmp_path, there)
    names = {path.name for path in folder.iterdir()}
    assert deliver(settings, folder) == len(names)
    assert as_listed(there) == names == {path.name for path in there.iterdir()}
    before = {path.name: path.stat().st_mtime_ns for path in there.iterdir()}
    assert deliver(settings, folder) == 0
    assert {path.name: path.stat().st_mtime_ns for path in there.iterdir()} == before
    (there / f"coverage_{MONDAY}.csv").unlink()
    assert deliver(settings, folder) == len(names)
    assert as_listed(there) == names


def test_a_delivery_that_breaks_off_leaves_no_manifest_not_even_an_old_one(
    district: Scenario, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "share"
    there.mkdir()
    settings = sent_to(district, tmp_path, there)
    deliver(settings, folder)
    manifest = there / f"manifest_{MONDAY}.json"
    manifest.write_text(manifest.read_text().replace("weekly", "former"))
    put, left = Folder.put, [3]

    def full(self: Folder, name: str, file: Path) -> None:
        left[0] -= 1
        if not left[0]:
            raise OSError(28, "No space left on device")
        put(self, name, file)

    monkeypatch.setattr(Folder, "put", full)
    with pytest.raises(SourceError, match="cannot be written there"):
        deliver(settings, folder)
    assert not manifest.exists()
    assert not [path for path in there.iterdir() if path.name.endswith(".new")]
    monkeypatch.undo()
    deliver(settings, folder)
    assert as_listed(there) == {path.name for path in folder.iterdir()}


def test_what_only_an_older_manifest_of_ours_lists_is_taken_away(
    district: Scenario, folder: Path, tmp_path: Path
) -> None:
    there = tmp_path / "share"
    there.mkdir()
    settings = sent_to(district, tmp_path, there)
    audited = tmp_path / "audited"
    export_week(district.settings.warehouse, Wanted(MONDAY, fairness_audit=True), audited)
    deliver(settings, audited)
    others = ("theirs.csv", "fairness_audit_2025-09-08.csv", f"own_{MONDAY}.csv")
    for name in others:
        (there / name).write_text("x")
    assert (there / f"fairness_audit_{MONDAY}.csv").exists()
    deliver(settings, folder)
    assert {path.name for path in there.iterdir()} == as_listed(there) | set(others)
    assert not (there / f"fairness_audit_{MONDAY}.csv").exists()
    # The same where the export is made.
    export_week(district.settings.warehouse, Wanted(MONDAY), audited)
    assert {path.name for path in audited.iterdir()} == as_listed(audited)


@pytest.mark.parametrize(
    ("told", "gone"),
    [
        ({}, ["old_2025-09-15.csv"]),
        ({"week_start": "2025-09-08"}, []),
        ({"homeroom": None}, []),
        ({"files": [{"file": "../old_2025-09-15.csv"}]}, []),
        ({"files": [{"file": "notes.csv"}]}, []),
        ({"files": [{"name": "old_2025-09-15.csv"}]}, []),
        ({"files": [{"file": "cards_2025-09-15.csv"}]}, []),
        ({"files": 3}, []),
    ],
    ids=lambda told: str(told)[:30],
)
def test_only_a_manifest_of_ours_and_of_the_week_says_what_may_go(
    told: dict[str, object], gone: list[str]
) -> None:
    older = {"week_start": str(MONDAY), "homeroom": "1", "files": [{"file": f"old_{MONDAY}.csv"}]}
    now = {"week_start": str(MONDAY), "files": [{"file": f"cards_{MONDAY}.csv"}]}
    assert left_over(json.dumps(older | told).encode(), now) == gone
    assert left_over(b"\xff no manifest", now) == []


def as_they_are(there: dict[str, bytes], folder: Path) -> None:
    """Whatever has a final name is whole, and a manifest only where all of it is there."""
    for name, content in there.items():
        if not name.startswith("."):
            assert content == (folder / name).read_bytes(), name
    if f"manifest_{MONDAY}.json" in there:
        assert {path.name for path in folder.iterdir()} <= set(there)


def cuts(folder: Path) -> list[int]:
    """Bytes after which a delivery is cut: in its first file, in the middle, near its end."""
    size = sum(path.stat().st_size for path in folder.iterdir())
    return [2 * size // 100, size // 2, 95 * size // 100]


def test_without_a_place_nothing_is_delivered(
    district: Scenario, folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(HomeroomError, match="nowhere to deliver to"):
        deliver(sent_to(district, tmp_path, None), folder)


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with Sshd(tmp_path_factory.mktemp("sshd")).running() as server:
        server.know()
        yield server


def test_an_sftp_server_gets_every_file_once(
    sshd: Sshd, district: Scenario, folder: Path, tmp_path: Path
) -> None:
    secret(tmp_path, f'key_file = "{sshd.folder / "user"}"')
    access = Access("far", sshd.folder / "known_hosts", retry_seconds=0)
    settings = sent_to(district, tmp_path, read_address(sshd.location), access)
    names = {path.name for path in folder.iterdir()}
    assert deliver(settings, folder) == len(names)
    assert as_listed(sshd.files) == names == {path.name for path in sshd.files.iterdir()}
    assert deliver(settings, folder) == 0
    (sshd.files / f"coverage_{MONDAY}.csv").write_text("cut")
    assert deliver(settings, folder) == len(names)
    assert as_listed(sshd.files) == names


def through(sshd: Sshd, port: int, home: Path, seconds: int) -> tuple[Location, Access]:
    """The server through another port of this machine."""
    secret(home, f'key_file = "{sshd.folder / "user"}"')
    known = home / "known_hosts"
    known.write_text((sshd.folder / "known_hosts").read_text().replace(str(sshd.port), str(port)))
    location = sshd.location.replace(f":{sshd.port}/", f":{port}/")
    return read_address(location), Access("far", known, retry_seconds=seconds)


@pytest.mark.slow
def test_a_delivery_over_sftp_that_is_cut_leaves_no_half_file_and_the_next_one_mends_it(
    sshd: Sshd, district: Scenario, folder: Path, tmp_path: Path
) -> None:
    limit: list[int | None] = [None]
    with cutting_proxy(sshd.port, lambda: None, lambda: limit[0]) as port:
        settings = sent_to(district, tmp_path, *through(sshd, port, tmp_path, 0))
        for limit[0] in cuts(folder):
            for path in sshd.files.iterdir():
                path.unlink()
            with pytest.raises(SourceError):
                deliver(settings, folder)
            as_they_are({p.name: p.read_bytes() for p in sshd.files.iterdir()}, folder)
            assert not (sshd.files / f"manifest_{MONDAY}.json").exists()
        limit[0] = None
        assert deliver(settings, folder) > 0
    assert as_listed(sshd.files) == {path.name for path in sshd.files.iterdir()}


@pytest.mark.slow
def test_a_cut_is_cured_by_trying_again_where_there_is_time(
    sshd: Sshd, district: Scenario, folder: Path, tmp_path: Path
) -> None:
    for path in sshd.files.iterdir():
        path.unlink()
    limits = iter(cuts(folder)[:2])
    with cutting_proxy(sshd.port, lambda: None, lambda: next(limits, None)) as port:
        to, access = through(sshd, port, tmp_path, 60)
        assert deliver(sent_to(district, tmp_path, to, access), folder) > 0
    assert next(limits, None) is None
    assert as_listed(sshd.files) == {path.name for path in sshd.files.iterdir()}


@pytest.mark.slow
def test_a_delivery_to_a_store_that_is_cut_leaves_no_half_file_and_the_next_one_mends_it(
    district: Scenario, folder: Path, tmp_path: Path
) -> None:
    limit: list[int | None] = [None]
    with s3_store() as store, cutting_proxy(store, lambda: None, lambda: limit[0]) as port:
        bucket = Bucket(store)
        secret(tmp_path, bucket.written())
        endpoint = read_address(f"http://127.0.0.1:{port}")
        access = Access("far", endpoint=endpoint, region="us-east-1", retry_seconds=0)
        settings = sent_to(district, tmp_path, read_address("s3://north/weekly"), access)

        def there() -> dict[str, bytes]:
            listed = bucket.s3.list_objects_v2(Bucket="north").get("Contents", [])
            found = {o["Key"]: bucket.s3.get_object(Bucket="north", Key=o["Key"]) for o in listed}
            return {key.removeprefix("weekly/"): o["Body"].read() for key, o in found.items()}

        biggest = max(path.stat().st_size for path in folder.iterdir())
        for limit[0] in (biggest // 20, biggest // 2):
            with pytest.raises(SourceError):
                deliver(settings, folder)
            as_they_are(there(), folder)
            assert f"manifest_{MONDAY}.json" not in there()
        limit[0] = None
        assert deliver(settings, folder) > 0
        assert there() == {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.slow
def test_a_store_gets_every_file_once(district: Scenario, folder: Path, tmp_path: Path) -> None:
    with s3_store() as port:
        bucket = Bucket(port)
        secret(tmp_path, bucket.written())
        access = Access(
            "far", endpoint=read_address(bucket.endpoint), region="us-east-1", retry_seconds=0
        )
        settings = sent_to(district, tmp_path, read_address("s3://north/weekly"), access)
        assert deliver(settings, folder) == len([*folder.iterdir()])
        assert deliver(settings, folder) == 0
        bucket.s3.delete_object(Bucket="north", Key=f"weekly/cards_{MONDAY}.csv")
        assert deliver(settings, folder) == len([*folder.iterdir()])
        for path in folder.iterdir():
            found = bucket.s3.get_object(Bucket="north", Key=f"weekly/{path.name}")
            assert found["Body"].read() == path.read_bytes()


def test_the_weekly_export_is_of_the_last_week_and_names_nobody_unless_told_to(
    district: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = dataclasses.replace(district.settings, home=tmp_path)
    (tmp_path / "warehouse").symlink_to(district.settings.warehouse.resolve())
    with pytest.raises(HomeroomError, match="needs the district's key"):
        delivery.last_week(own, date(2025, 9, 24))
    monkeypatch.setenv("HOMEROOM_EXPORT_KEY", KEY)
    manifest, sent = delivery.last_week(own, date(2025, 9, 24))
    assert (manifest["week_start"], manifest["pseudonymous"], sent) == ("2025-09-15", True, 0)
    assert as_listed(own.exports) == {path.name for path in own.exports.iterdir()}


BASE = '[district]\nname = "D"\n[[source]]\nplatform = "khan"\nlocation = "."\n[export]\n'


def test_the_settings_of_the_export_are_read(tmp_path: Path) -> None:
    file = tmp_path / "homeroom.toml"
    file.write_text(
        BASE + 'key_file = "e.key"\ndeliver_to = "sftp://me@x.org/in"\nsecret = "far"\n'
        "identified = true"
    )
    read = configured.load(file).export
    assert (read.key_file, str(read.deliver_to)) == (tmp_path / "e.key", "sftp://x.org/in")
    assert (read.access.secret, read.identified) == ("far", True)


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ('deliver_to = "https://x.org/in"', "cannot be written to"),
        ('deliver_to = "nowhere"', "there is no folder"),
        ('deliver_to = "."\nregion = "x"', "is not for folders"),
        ('secret = "far"', "is for deliver_to"),
        ('key = "k"', "not a known key"),
    ],
)
def test_settings_that_cannot_work_are_refused(tmp_path: Path, written: str, says: str) -> None:
    file = tmp_path / "homeroom.toml"
    file.write_text(BASE + written)
    with pytest.raises(ConfigError, match=says):
        configured.load(file)
