"""`homeroom serve` and `homeroom portal` as a person uses them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures import USERS, District, lines, overview, roster
from tests.pipelines.test_cli import homeroom
from warehouse.notes import accounts
from warehouse.notes.database import Notes

#: Each starts the command several times.
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> District:
    made = District(tmp_path_factory.mktemp("portal-cli"), ("oneroster", "khan"))
    files = roster(["001 Ann Ash c1"])
    files["users.csv"] += lines(
        USERS, "T1,,,true,S1,teacher,tia,,Tia,Adult,,9,tia@x.org,,,,,"
    ).split("\n", 1)[1]
    made.put_all("oneroster", files)
    made.put("khan/o_20250905.csv", overview("ann@x.org 10 Ann_Ash"))
    made.build()
    return made


def test_an_account_that_waits_is_listed_bound_and_unbound(district: District) -> None:
    with Notes(district.settings.notes) as notes:
        ref = accounts.ask(notes, "https://i.example", "7", "Tia", "tia@x.org")

    def said(*words: str | Path) -> str:
        ran = homeroom("portal", "accounts", *words, folder=district.folder)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    assert f"{ref}  waits  Tia  tia@x.org  https://i.example  proposed: T1" in said("list")
    assert "Kept" in said("bind", ref, "T1", "--by", "kim")
    listed = said("list")
    assert "waits" not in listed
    assert f"{ref}  is T1" in listed
    assert "signed out" in said("unbind", ref)
    assert "waits" in said("list")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("portal", "accounts", "bind", "0" * 12, "T1"), "no account waits under this reference"),
        (("portal", "accounts", "unbind", "0" * 12), "no account is bound under this reference"),
        (("serve", "--host", "0.0.0.0"), "nobody signs in, so only this machine is served"),
    ],
)
def test_what_cannot_be_done_ends_with_2_and_a_sentence(
    district: District, words: tuple[str, ...], says: str
) -> None:
    ran = homeroom(*words, folder=district.folder)
    assert ran.returncode == 2
    assert says in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_provider_without_its_secret_is_told_before_anything_is_served(
    district: District, tmp_path: Path
) -> None:
    text = (
        (district.folder / "homeroom.toml")
        .read_text()
        .replace('location = "', f'location = "{district.folder}/')
    )
    (tmp_path / "homeroom.toml").write_text(
        f'{text}\n[portal]\nbase_url = "https://h.example"\n[[portal.sign_in]]\nname = "G"\n'
        'issuer = "https://i.example"\nclient_id = "c"\nsecret = "gone"\n'
    )
    ran = homeroom("serve", folder=tmp_path)
    assert (ran.returncode, "there is no such secret" in ran.stderr) == (2, True)
