"""NWEA's daily export service: one address, one file a day, error codes in the body.

The file's name is known only once it is sent, so the location lists "the export of today", without
asking anybody; what was landed today is not asked for again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from email.message import Message
from http import HTTPStatus
from pathlib import PurePosixPath

from connectors.errors import SourceError
from connectors.patience import Patience
from connectors.sources import UNKNOWN, Listed, NothingNew, Stream, fault_of
from connectors.ways.http import Body, Http, Response, instant, size_of
from connectors.ways.location import Access, Address
from connectors.ways.secrets import Secret

SERVICE = "/services/reporting/dex"
NOTHING = "ERR_NO_FILE_AVAILABLE"
#: Codes that a later call may not meet again, and what they say.
LATER = {
    "ERR_DEX_STATUS_IN_PROCESS": "the export is still being made",
    "ERR_DEX_STATUS_ERROR": "the export failed at the service",
    "ERR_UNABLE_TO_RETRIEVE": "the service could not fetch the export",
}
_KINDS = {"zip": ".zip", "csv": ".csv"}


class NweaService:
    """The export service of one account."""

    fresh = 0.0

    def __init__(
        self,
        address: Address,
        secret: Secret,
        access: Access,
        patience: Patience,
        now: Callable[[], datetime],
    ) -> None:
        if address.path == "/":
            address = replace(address, path=SERVICE)
        if not secret.name:
            raise secret.lacks()
        self.address, self.patience = address, patience
        self._http, self._now = Http(address, secret, access.ca_file), now
        self._daily = access.once_a_day

    def list(self) -> list[Listed]:
        """One entry: the export of this day (of this moment where it is not once a day)."""
        now = self._now()
        name = now.strftime("export of %Y-%m-%d" if self._daily else "export of %Y-%m-%d %H:%M:%S")
        return [Listed(name, UNKNOWN, 0, tag=name)]

    @contextmanager
    def open(self, listed: Listed) -> Iterator[tuple[Listed, Stream]]:
        """Ask for the export. Raises NothingNew where there is none, SourceError."""
        with self._http.ask(self._http.url) as response:
            if response.status != HTTPStatus.OK:
                raise self._said(response)
            name = _file_name(response) or self._default(response)
            changed = instant(response.headers.get("Last-Modified"))
            size = size_of(response, UNKNOWN)
            yield Listed(name, size, changed), Body(response)

    def close(self) -> None:
        """End all connections."""
        self._http.close()

    def _said(self, response: Response) -> SourceError | NothingNew:
        """What an answer that is no file means. Its text is not repeated."""
        found = re.search(rb"ERR_[A-Z_]+", response.read(1 << 16))
        code = found[0].decode() if found else ""
        if code == NOTHING:
            return NothingNew()
        if code in LATER:
            return self._http.error(
                f"{LATER[code]} ({code})",
                "nothing to do: the next run asks again; if it lasts, look at the export scheduler",
                retry=True,
            )
        try:
            self._http.check(response)
        except SourceError as error:
            return error
        return self._http.error("the answer is no export", "check location")

    def _default(self, response: Response) -> str:
        """A name for an export that has none, if its type says that it is one."""
        kind = response.headers.get("Content-Type", "").lower()
        ending = next((end for word, end in _KINDS.items() if word in kind), None)
        if ending is None:
            raise self._http.error("the answer is no export", "check location")
        return f"nwea_{self._now():%Y%m%d}{ending}"


def _file_name(response: Response) -> str:
    """The last part of the name in Content-Disposition; empty where there is none to trust."""
    head = Message()
    head["Content-Disposition"] = response.headers.get("Content-Disposition", "")
    told = head.get_filename() or ""
    name = PurePosixPath(told.replace("\\", "/")).name
    return name if name.isprintable() and not fault_of(Listed(name, 0, 0)) else ""
