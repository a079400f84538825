"""The load: asks for pages over kept-open connections, and holds each answer against what is due.

A process of its own, plain asyncio and no client library, so that it takes little of the machine.
Reads a JSON document on standard input, prints one. Pure asking: it knows nothing of Homeroom.

    {"port", "connections", "seconds", "rate", "pages": [{"path", "cookie", "holds": [text, ...]}]}

`rate`: pages a second, each due at its moment whether or not earlier ones are answered, and timed
from that moment (so that waiting counts); without it each connection asks as soon as it is
answered. `seconds`: how long; without it every page is asked for once.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any


@dataclass
class Page:
    """What to send, and what the answer must hold, every one of it."""

    request: bytes
    holds: list[bytes]


@dataclass
class Seen:
    """What came back: seconds of each answer, bytes of bodies, and what was wrong with some."""

    seconds: list[float] = field(default_factory=list)
    bytes: int = 0
    failed: dict[str, int] = field(default_factory=dict)

    def fail(self, why: str) -> None:
        """One request that was not answered as it should be."""
        self.failed[why] = self.failed.get(why, 0) + 1


class Connection:
    """One connection that stays open."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body. Raises OSError, EOFError or ValueError for what is no answer."""
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(
                "127.0.0.1", self._port, limit=1 << 20
            )
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        low = head.lower()
        at = low.find(b"content-length:")
        if at < 0:
            body = await self._chunks(self._reader)
        else:
            body = await self._reader.readexactly(int(low[at + 15 : low.index(b"\r\n", at)]))
        return int(head[9:12]), body

    async def _chunks(self, reader: asyncio.StreamReader) -> bytes:
        body = b""
        while size := int(await reader.readline(), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readline()
        return body

    def close(self) -> None:
        """Start anew with the next request."""
        if self._writer:
            self._writer.close()
        self._reader = self._writer = None


async def one(connection: Connection, page: Page, due: float, seen: Seen) -> None:
    """Ask for one page and judge the answer."""
    try:
        status, body = await connection.ask(page.request)
    except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
        connection.close()
        seen.fail(type(error).__name__)
        return
    seen.seconds.append(time.perf_counter() - due)
    seen.bytes += len(body)
    if status != 200:
        seen.fail(f"status {status}")
    elif not all(text in body for text in page.holds):
        seen.fail("another page")


async def as_fast_as_answered(
    port: int, pages: Iterator[Page], connections: int, until: float, seen: Seen
) -> None:
    """A closed loop: so many readers, each with one request under way."""

    async def reader() -> None:
        mine = Connection(port)
        while time.perf_counter() < until and (page := next(pages, None)):
            await one(mine, page, time.perf_counter(), seen)
        mine.close()

    await asyncio.gather(*(reader() for _ in range(connections)))


async def at_a_rate(
    port: int, pages: Iterator[Page], connections: int, until: float, rate: float, seen: Seen
) -> None:
    """An open loop: requests come when they come. A request without a free connection waits."""
    free: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(connections):
        free.put_nowait(Connection(port))

    async def send(page: Page, due: float) -> None:
        mine = await free.get()
        await one(mine, page, due, seen)
        free.put_nowait(mine)

    started, number, under_way = time.perf_counter(), 0, set()
    while (due := started + number / rate) < until and (page := next(pages, None)):
        await asyncio.sleep(max(due - time.perf_counter(), 0))
        task = asyncio.create_task(send(page, due))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
        number += 1
    await asyncio.gather(*under_way)


def main() -> None:
    """Load from standard input, what was seen to standard output."""
    told: dict[str, Any] = json.load(sys.stdin)
    port = told["port"]
    pages = [
        Page(
            f"GET {p['path']} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"Cookie: {p['cookie']}\r\n\r\n".encode(),
            [text.encode() for text in p["holds"]],
        )
        for p in told["pages"]
    ]
    asked = cycle(pages) if told.get("seconds") else iter(pages)
    seen, started = Seen(), time.perf_counter()
    until = started + (told.get("seconds") or 3600)
    if told.get("rate"):
        asyncio.run(at_a_rate(port, asked, told["connections"], until, told["rate"], seen))
    else:
        asyncio.run(as_fast_as_answered(port, asked, told["connections"], until, seen))
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {
                "wall": time.perf_counter() - started,
                "cpu": used.ru_utime + used.ru_stime,
                "seconds": seen.seconds,
                "bytes": seen.bytes,
                "failed": seen.failed,
            }
        )
    )


if __name__ == "__main__":
    main()
