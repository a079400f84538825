"""A certified OpenID provider (npm: oidc-provider) on this machine, and a browser that signs in there."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import httpx2
import pytest

from tests.servers import free_port, listens, needs

HERE = Path(__file__).parent
#: Where .ci/run puts npm packages; elsewhere name the folder that holds node_modules.
MODULES = Path(os.environ.get("HOMEROOM_NODE", HERE.parents[1])) / "node_modules"
SECRET = "only-for-tests-0123456789"


@dataclass
class Provider:
    """The running provider; `claims`: what it says of each login."""

    folder: Path
    port: int

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def people(self, claims: dict[str, dict[str, object]]) -> None:
        """Say who there is; a login not named has its subject alone."""
        (self.folder / "claims.json").write_text(json.dumps(claims))

    def sign_in(self, address: str, login: str) -> str:
        """Go to where we were sent, sign in, agree; the address we are sent back to."""
        with httpx2.Client() as browser:
            answer = browser.get(address)
            for _ in range(12):
                if answer.is_redirect:
                    to = urljoin(str(answer.url), answer.headers["location"])
                    if not to.startswith(self.issuer):
                        return to
                    answer = browser.get(to)
                    continue
                form = re.search(r'<form[^>]* action="([^"]+)"', answer.text)
                prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
                assert form, f"{answer.status_code}: {answer.text[-2000:]}"
                assert prompt
                typed = {"prompt": prompt[1], "login": login, "password": "x"}
                answer = browser.post(form[1], data=typed)
        raise AssertionError("the provider does not come to an end")


@contextmanager
def running(folder: Path, *callbacks: str) -> Iterator[Provider]:
    """The provider, which knows us under these addresses; skips where it is not installed."""
    (node,) = needs("node")
    module = MODULES / "oidc-provider" / "lib" / "index.js"
    if not module.is_file() and not os.environ.get("CI"):
        pytest.skip("npm's oidc-provider is not here (.ci/run installs it, or set HOMEROOM_NODE)")
    assert module.is_file()
    client = {
        "client_id": "homeroom",
        "client_secret": SECRET,
        "redirect_uris": callbacks,
        "response_types": ["code"],
        "grant_types": ["authorization_code"],
    }
    (folder / "clients.json").write_text(json.dumps([client]))
    made = Provider(folder, free_port())
    made.people({})
    command: list[str | Path] = [node, HERE / "provider.mjs", str(made.port), folder / "clients.json",
               folder / "claims.json", module]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            listens(made.port, server)
            yield made
        finally:
            server.terminate()
