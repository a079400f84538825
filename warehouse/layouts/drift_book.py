"""The proposals below `<home>/drift/`, columns met for the first time, and what is accepted.

Belongs here: comparing a waiting file with the last good one, writing and reading proposals, and
taking one over into aliases.toml. Not here: what is probably renamed (drift.py). Names of columns
and of files, never a value.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from connectors.contract import Match, Platform, fit, norm
from connectors.errors import HomeroomError
from connectors.prepared import Prepared
from warehouse import ledger as ledgers
from warehouse.intake.archives import prepared_again
from warehouse.layouts.alias_file import add_aliases
from warehouse.layouts.drift import SURE, Proposal, Rename, candidates, gone, nearest, propose
from warehouse.layouts.drift_values import compare
from warehouse.ledger import File, Ledger
from warehouse.settings import Settings

FOLDER, _UNREAD = "drift", "unread_columns"
#: One run writes no more of them: a thousand files of one wrong folder are one mistake.
_MOST = 50
_WAITS = ("missing_column", "unknown_layout")


@dataclass(frozen=True)
class Waiting:
    """A file that was turned away for its layout, as it was met."""

    file: File
    platform: Platform
    prepared: Prepared


@dataclass(frozen=True)
class Written:
    """A proposal as it stands on disk: with the files that wait for it and when it was made."""

    proposal: Proposal
    files: tuple[str, ...]
    file_ids: tuple[int, ...]
    made_at: str


def study(settings: Settings, ledger: Ledger, waiting: Iterable[Waiting], work: Path) -> list[str]:
    """Write a proposal for every new layout; the ids. Files of one layout share one."""
    groups: dict[tuple[str, str, tuple[str, ...]], tuple[Waiting, Match, list[File]]] = {}
    for one in sorted(waiting, key=lambda w: w.file.id):
        match = nearest(one.platform, one.file.name, one.prepared.header)
        if match is None:
            continue
        key = (one.platform.name, match.feed.name, one.prepared.header)
        groups.setdefault(key, (one, match, []))[2].append(one.file)
    made = []
    for one, match, files in list(groups.values())[:_MOST]:
        proposal = _propose(settings, ledger, one, match, work / "drift")
        _write(settings, proposal, files)
        made.append(proposal.id)
    return list(dict.fromkeys(made))


def _propose(
    settings: Settings, ledger: Ledger, one: Waiting, match: Match, work: Path
) -> Proposal:
    name, feed = one.platform.name, match.feed
    good = ledger.files(
        "platform = ? AND feed = ? AND status IN ('loaded', 'superseded') AND is_archive = 0",
        (name, feed.name),
    )
    work.mkdir(parents=True, exist_ok=True)
    try:
        for file in sorted(good, key=lambda f: f.version, reverse=True)[:1]:
            before = prepared_again(settings.landing, file, work)
            if before is None:
                break
            places = fit(feed, before.header).positions
            lost = {c.name: places[c.name] for c in gone(match, places) if c.name in places}
            named = candidates(match, before.header) if match.is_header else []
            at = {h: one.prepared.header.index(h) for h in named}
            found = compare(one.prepared, at, before, lost)
            return propose(name, match, places, found, before.header)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return propose(name, match, (), None)


def _write(settings: Settings, proposal: Proposal, files: list[File]) -> None:
    folder = settings.home / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{proposal.id}.json"
    known = _read(path)
    ids = dict(zip(known.file_ids, known.files, strict=True)) if known else {}
    ids |= {f.id: f.name for f in files}
    written = Written(
        proposal,
        tuple(ids.values()),
        tuple(ids),
        known.made_at if known else ledgers.now(),
    )
    _put(path, json.dumps(asdict(written), indent=1, ensure_ascii=False) + "\n")
    _put(path.with_suffix(".txt"), "\n".join(as_text(written)) + "\n")


def _put(path: Path, text: str) -> None:
    """Write whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, "utf-8")
    part.replace(path)


def _read(path: Path) -> Written | None:
    try:
        raw = json.loads(path.read_text("utf-8"))
        told = raw["proposal"]
        renames = tuple(Rename(**{**r, "evidence": tuple(r["evidence"])}) for r in told["renames"])
        lists = {k: tuple(told[k]) for k in ("needed", "gone", "new")}
        proposal = Proposal(**{**told, **lists, "renames": renames})
        return Written(proposal, tuple(raw["files"]), tuple(raw["file_ids"]), raw["made_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def as_text(written: Written) -> list[str]:
    """A proposal in words."""
    p = written.proposal
    files = ", ".join(written.files[:5]) + (" and more" if len(written.files) > 5 else "")
    lines = [f"{p.id}: {p.platform}/{p.feed}: {len(written.files)} waiting: {files}"]
    for r in p.renames:
        word = "probably" if r.confidence >= SURE else "perhaps"
        lines.append(f'  {r.column} is {word} called "{r.header}" now ({r.confidence:.2f}):')
        lines += [f"    {said}" for said in r.evidence]
    paired = {r.column for r in p.renames}
    for column in p.gone:
        if column not in paired:
            need = "needed" if column in p.needed else "not needed"
            lines.append(f"  {column} is gone ({need})")
    lines += [f'  "{header}" is new' for header in p.new]
    if p.unnamed:
        lines.append(f"  {p.unnamed} columns are not known; the first row may not be one of names")
    return lines


def waiting(settings: Settings, ledger: Ledger) -> list[Written]:
    """Proposals of which a file still waits, oldest first."""
    refused = {
        i
        for (i,) in ledger.rows(
            f"SELECT id FROM file WHERE status = 'refused' AND reason IN {_WAITS}"
        )
    }
    found = [_read(path) for path in (settings.home / FOLDER).glob("*.json")]
    return sorted(
        (w for w in found if w is not None and refused & set(w.file_ids)),
        key=lambda w: (w.made_at, w.proposal.id),
    )


def find(settings: Settings, ledger: Ledger, wanted: str) -> Written:
    """One proposal by its id. Raises HomeroomError where none waits under it."""
    for written in waiting(settings, ledger):
        if written.proposal.id == wanted:
            return written
    raise HomeroomError(
        "no proposal waits under this id", culprit=wanted, fix="homeroom drift list"
    )


def accept(
    settings: Settings, ledger: Ledger, wanted: str, mapped: Mapping[str, str]
) -> dict[str, str]:
    """Take a proposal over: header -> column. The sure renames, and `mapped` before them.

    Writes aliases.toml beside the configuration and sets the files pending. Raises HomeroomError
    where a needed column would still have no header.
    """
    written = find(settings, ledger, wanted)
    p = written.proposal
    feed = {f.name: f for f in settings.registry[p.platform].feeds}[p.feed]
    known = {norm(h): h for h in (*(r.header for r in p.renames), *p.new)}
    chosen: dict[str, str] = {}
    for header, column in mapped.items():
        if norm(header) not in known:
            raise HomeroomError(
                "the file has no unknown column of this name", culprit=f'--map "{header}={column}"',
                fix=f"use one of {', '.join(known.values()) or 'none'}",
            )  # fmt: skip
        if column not in {c.name for c in feed.columns}:
            raise HomeroomError(
                f"{p.platform}/{p.feed} has no such column", culprit=f'--map "{header}={column}"',
                fix=f"use one of {', '.join(p.gone)}",
            )  # fmt: skip
        chosen[known[norm(header)]] = column
    for r in p.renames:
        if r.confidence >= SURE and r.header not in chosen and r.column not in chosen.values():
            chosen[r.header] = r.column
    same = {c.name: c.headers for c in feed.columns}
    covered = {same[c] for c in chosen.values()}
    left = [c for c in p.needed if same[c] not in covered]
    if left:
        raise HomeroomError(
            f"nothing surely stands for {', '.join(left)}", culprit=wanted,
            fix=f'name the header: homeroom drift accept {wanted} --map "Header={left[0]}"',
        )  # fmt: skip
    add_aliases(settings, p.platform, p.feed, chosen)
    marks = ", ".join("?" for _ in written.file_ids)
    ledger.run(
        f"""UPDATE file SET status = 'pending', reason = NULL, culprit = NULL
            WHERE id IN ({marks}) AND status = 'refused' AND reason IN {_WAITS}""",
        written.file_ids,
    )
    return chosen


def first_met(ledger: Ledger, platform: str, match: Match, file: str, today: str) -> list[str]:
    """Columns of a file that nothing reads and no file of the feed had before; remembers them."""
    if not match.is_header:
        return []
    book: dict[str, Any] = ledger.note(_UNREAD) or {}
    mine = book.setdefault(f"{platform}/{match.feed.name}", {})
    fresh = [u for u in match.unknown if u.strip() and norm(u) not in mine]
    if fresh:
        mine |= {norm(u): {"column": u, "first_seen": today, "file": file} for u in fresh}
        ledger.keep(_UNREAD, book)
    return fresh


def unread(settings: Settings, ledger: Ledger) -> list[dict[str, str]]:
    """Every column met that nothing reads by now: feed, column, first_seen, file."""
    book: dict[str, Any] = ledger.note(_UNREAD) or {}
    read = {
        (f"{platform.name}/{feed.name}", norm(header))
        for platform in settings.registry.values()
        for feed in platform.feeds
        for column in feed.columns
        for header in column.headers
    }
    return [
        {"feed": feed, **told}
        for feed, mine in sorted(book.items())
        for key, told in mine.items()
        if (feed, key) not in read
    ]
