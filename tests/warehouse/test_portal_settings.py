"""The [portal] part of homeroom.toml: what is taken, and what is refused with its key."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.errors import ConfigError
from warehouse import settings

WAY = '[[portal.sign_in]]\nname = "Our Google"\nissuer = "https://i.example"\nclient_id = "c"\nsecret = "g"\n'
BASE = '[portal]\nbase_url = "https://h.example/"\n'


def load(tmp_path: Path, text: str) -> settings.Settings:
    (tmp_path / "lexia").mkdir()
    whole = f'[district]\nname = "N"\n[[source]]\nplatform = "lexia"\nlocation = "lexia"\n{text}'
    (tmp_path / "homeroom.toml").write_text(whole)
    return settings.load(tmp_path / "homeroom.toml")


def test_without_a_sign_in_the_portal_is_local(tmp_path: Path) -> None:
    portal = load(tmp_path, "").portal
    assert (portal.local, portal.coordinators, portal.granted_children) == (
        True,
        frozenset(),
        False,
    )


def test_a_sign_in_makes_it_public(tmp_path: Path) -> None:
    portal = load(tmp_path, BASE + 'coordinators = ["T1"]\n' + WAY).portal
    assert (portal.local, portal.https, portal.base_url) == (False, True, "https://h.example")
    assert portal.coordinators == {"T1"}
    assert [way.key for way in portal.sign_in] == ["our-google"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[portal]\nbase_uri = "x"\n', "portal.base_uri: is not a known key"),
        ("[portal]\ncoordinators = [1]\n", "portal.coordinators: should be a list of staff ids"),
        (
            '[portal]\ngranted_children = "yes"\n',
            "portal.granted_children: should be true or false",
        ),
        (WAY, "portal.base_url: should be the address readers type"),
        (BASE.replace("https", "http") + WAY, "portal.base_url: should be the address"),
        (BASE.replace("example/", "example/x") + WAY, "portal.base_url: should be the address"),
        (BASE + WAY + WAY, "portal.sign_in: two have the same name"),
        (BASE + WAY.replace("client_id", "client"), "portal.sign_in 1: client: is not a known key"),
        (BASE + WAY.replace('secret = "g"\n', ""), "portal.sign_in 1: secret: is missing"),
        (BASE + WAY.replace('"g"', '"hush hush"'), "portal.sign_in 1: secret: is not a name"),
        (BASE + WAY.replace('"Our Google"', '"!"'), "portal.sign_in 1: name: has no letter"),
        (BASE + WAY.replace("https://i", "http://i"), "portal.sign_in 1: issuer: is not an https"),
        (BASE + WAY + 'staff_claim = "id"\n', "portal.sign_in 1: only: is missing"),
        (BASE + WAY + "only = { hd = 1 }\n", "portal.sign_in 1: only.hd: should be text"),
    ],
)
def test_a_mistake_is_named_with_its_key(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError) as told:
        load(tmp_path, text)
    assert says in str(told.value)


MAIL = '[portal.alerts]\nserver = "smtp.example"\nsender = "h@x.example"\n'


def test_alerts_are_off_until_written_and_each_kind_until_switched_on(tmp_path: Path) -> None:
    assert load(tmp_path, "").portal.alerts is None


def test_alerts_begin_with_a_private_line_and_send_nothing(tmp_path: Path) -> None:
    made = load(tmp_path, BASE + MAIL).portal.alerts
    assert made is not None
    assert (made.port, made.security, made.secret) == (587, "starttls", "")
    assert (made.below_threshold, made.weekly_digest) == (False, False)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (MAIL, "portal.base_url"),
        (BASE + MAIL.replace("server", "sevrer"), "portal.alerts.sevrer"),
        (BASE + MAIL.replace('server = "smtp.example"', ""), "portal.alerts.server"),
        (BASE + MAIL.replace("h@x.example", "h@x.example\\nBcc: a@b"), "portal.alerts.sender"),
        (BASE + MAIL + 'security = "none"', "none is for a server on this machine"),
        (BASE + MAIL + 'security = "ssl"', "portal.alerts.security"),
        (BASE + MAIL + "port = 0", "portal.alerts.port"),
        (BASE + MAIL + 'secret = "a b"', "portal.alerts.secret"),
        (BASE + MAIL + 'below_threshold = "yes"', "portal.alerts.below_threshold"),
    ],
    ids=range(9),
)
def test_alerts_that_cannot_be_are_refused_with_their_key(
    tmp_path: Path, text: str, says: str
) -> None:
    with pytest.raises(ConfigError, match=says):
        load(tmp_path, text)
