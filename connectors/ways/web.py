"""Files of a web server that lists them in an index."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from connectors.errors import SourceError
from connectors.patience import Patience
from connectors.sources import FRESH_ELSEWHERE, UNKNOWN, Listed, Stream, passed_over
from connectors.ways.http import Body, Http, Response, instant, size_of
from connectors.ways.index import Entry, entries, name_below
from connectors.ways.location import Address
from connectors.ways.secrets import Secret

#: An index may be this long (bytes), and have this many folders below it.
LONGEST, FOLDERS = 32 << 20, 1000


class Web:
    """The files that an index names, with the folders below it. Links elsewhere are left."""

    fresh = FRESH_ELSEWHERE

    def __init__(
        self, address: Address, secret: Secret, ca_file: Path | None, patience: Patience
    ) -> None:
        self.address, self.patience = address, patience
        self._http = Http(address, secret, ca_file)
        self._urls: dict[str, str] = {}

    def list(self) -> list[Listed]:
        """Files of the index and of all folders below. Raises SourceError."""
        self._urls = {}
        found: list[Listed] = []
        asked: list[tuple[Listed, Entry]] = []
        for entry in self._walk():
            listed = self._listed(entry)
            if listed.fault or (entry.size != UNKNOWN and entry.modified_ns):
                found.append(listed)
            else:
                asked.append((listed, entry))
        with ThreadPoolExecutor(4) as pool:
            found += filter(None, pool.map(lambda a: self.patience(lambda: self._head(*a)), asked))
        return sorted(found, key=lambda f: f.name)

    def _walk(self) -> Iterator[Entry]:
        """Entries that are files; those of a written list also where they lead elsewhere."""
        folders, known = [self._http.url], {self._http.url}
        while folders:
            url = folders.pop()
            for entry in self.patience(lambda url=url: self._page(url)):  # type: ignore[misc]
                if entry.is_folder:
                    below = self._http.within(entry.url) and "?" not in entry.url
                    if below and entry.url not in known and len(known) < FOLDERS:
                        known.add(entry.url)
                        folders.append(entry.url)
                elif self._is_file(entry, url):
                    yield entry

    def _is_file(self, entry: Entry, page: str) -> bool:
        if not self._http.within(entry.url):
            # A page has many links that are no files; one that hides where it leads is told.
            return entry.named or entry.url.startswith(self._http.below)
        # Links that sort an index lead to itself.
        here = entry.url.partition("?")[0] in (page, self._http.url)
        name = self._name(entry)
        return not here and bool(name) and not passed_over(PurePosixPath(name))

    def _name(self, entry: Entry) -> str:
        return entry.name or name_below(entry.url, self._http.below)

    def _page(self, url: str) -> tuple[Entry, ...]:
        with self._http.ask(url) as response:
            self._http.check(response)
            stream, body = Body(response), bytearray()
            while block := stream.read(LONGEST):
                body += block
                if len(body) > LONGEST:
                    raise self._http.error("the index is too long", "divide it into folders")
            at, kind = response.url or url, response.headers.get("Content-Type", "")
        try:
            return tuple(entries(body.decode("utf-8", "replace"), kind, at))
        except ValueError as error:
            raise self._http.error(
                "the index cannot be understood",
                "it should be a web page with links, a JSON list of objects with name or url, "
                "or lines of names",
            ) from error

    def _listed(self, entry: Entry) -> Listed:
        within = self._http.within(entry.url)
        # Of a link elsewhere the path is shown, without host, user and query.
        name = self._name(entry) if within else unquote(urlsplit(entry.url).path)
        listed = Listed(name, entry.size, entry.modified_ns)
        if not within:
            return replace(listed, fault="the index names a file outside of the location")
        if any(ord(c) < 32 for c in name):
            return replace(listed, fault="the name holds a control character")
        if self._urls.setdefault(name, entry.url) != entry.url:
            return replace(listed, fault="two links of the index have this name")
        return listed

    def _head(self, listed: Listed, entry: Entry) -> Listed | None:
        """What the server says of a file; None where it has gone."""
        try:
            with self._http.ask(entry.url, "HEAD") as response:
                response.read()
                if response.status == HTTPStatus.NOT_FOUND:
                    return None
                # What is wrong with one file is told when that one is opened.
                return _known(listed, response) if response.status == HTTPStatus.OK else listed
        except SourceError as error:
            if error.retry:
                raise
            return listed

    @contextmanager
    def open(self, listed: Listed) -> Iterator[tuple[Listed, Stream]]:
        """Open one listed file. Raises SourceError, OSError; so does the stream."""
        url = self._urls.get(listed.name)
        if url is None:
            raise FileNotFoundError(listed.name)
        with self._http.ask(url) as response:
            if response.status == HTTPStatus.NOT_FOUND:
                raise FileNotFoundError(listed.name)
            if response.status == HTTPStatus.FORBIDDEN:
                raise PermissionError(listed.name)
            self._http.check(response)
            yield _known(listed, response), Body(response)

    def close(self) -> None:
        """End all connections."""
        self._http.close()


def _known(listed: Listed, response: Response) -> Listed:
    """A file with what an answer's head adds; what is known already stays."""
    size = size_of(response, UNKNOWN) if listed.size == UNKNOWN else listed.size
    changed = listed.modified_ns or instant(response.headers.get("Last-Modified"))
    tag = response.headers.get("ETag", "").removeprefix("W/")
    return replace(listed, size=size, modified_ns=changed, tag=tag)
