"""The journal of a forgetting that is under way, so that a killed one is ended; its certificate.

The journal names the student until the end, readable by its owner alone. The certificate never
does.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from warehouse.forgetting.whom import Whom
from warehouse.settings import Settings

JOURNAL, CERTIFICATES = "forgetting.json", "certificates"


@dataclass
class Journal:
    """One forgetting: its certificate's number, who asked for it, whom it is about, and what was
    found by place so far."""

    certificate: str
    asked_by: str
    began_at: str
    whom: Whom
    places: dict[str, Any] = field(default_factory=dict)


def read(settings: Settings) -> Journal:
    """The journal that is there."""
    told = json.loads((settings.home / JOURNAL).read_text("utf-8"))
    return Journal(**{**told, "whom": Whom(**told["whom"])})


def keep(settings: Settings, journal: Journal) -> None:
    """Write the journal, whole or not at all."""
    _write(settings.home / JOURNAL, asdict(journal))


def end(settings: Settings, journal: Journal, told: Mapping[str, Any]) -> Path:
    """Write the certificate and remove the journal; the certificate's path."""
    folder = settings.home / CERTIFICATES
    folder.mkdir(exist_ok=True)
    path = folder / f"{journal.certificate}.json"
    _write(path, told)
    old = settings.home / JOURNAL
    # Its bytes go before its name does.
    with old.open("r+b") as stream:
        stream.write(b"\0" * old.stat().st_size)
        stream.flush()
        os.fsync(stream.fileno())
    old.unlink()
    return path


def _write(path: Path, told: Mapping[str, Any]) -> None:
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as sink:
        json.dump(told, sink, indent=1)
        sink.flush()
        os.fsync(sink.fileno())
    fresh.replace(path)
