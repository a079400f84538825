"""homeroom.toml as one typed value. Raises ConfigError naming the key, the file and the fix."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from connectors.aliases import Aliases, joined, with_aliases
from connectors.contract import Platform
from connectors.errors import ConfigError
from connectors.registry import PLATFORMS
from connectors.ways.location import Access, Address, Location
from transforms.drawn import Titled
from transforms.thresholds import DEFAULTS, NO_CEILINGS, Ceilings, Values
from warehouse.engines import choice
from warehouse.engines.choice import Choice
from warehouse.known import FOLDER, known_in
from warehouse.settings.exports import ExportSettings, export_settings
from warehouse.settings.keys import error as _error
from warehouse.settings.keys import meant as _meant
from warehouse.settings.keys import only as _only
from warehouse.settings.measures import ceilings_of, thresholds_of
from warehouse.settings.messages import MessageSettings, message_settings
from warehouse.settings.places import ACCESS, access_of, location_of
from warehouse.settings.portal import PortalSettings, portal_settings
from warehouse.settings.retention import RetentionSettings, retention_settings

ENVIRONMENT, DEFAULT = "HOMEROOM_CONFIG", "homeroom.toml"
#: Beside the configuration: headers that were accepted as new names of columns.
ALIASES = "aliases.toml"
_TABLES = {
    "district": dict,
    "source": list,
    "notes": dict,
    "measures": dict,
    "engine": dict,
    "portal": dict,
    "retention": dict,
    "messages": dict,
    "export": dict,
}
_DISTRICT = {"name": str, "time_zone": str, "home": str}
_SOURCE = {"platform": str, "location": str, "classes": dict, "columns": dict, **ACCESS}


@dataclass(frozen=True)
class SourceSettings:
    """One place files come from. `classes` maps the platform's words for a class to a class id.

    `columns`: further headers of the platform's columns, by feed.
    """

    platform: str
    location: Location
    classes: Mapping[str, str] = field(default_factory=dict)
    columns: Aliases = field(default_factory=dict)
    access: Access = field(default_factory=Access)

    @property
    def key(self) -> str:
        """The location as the ledger knows it."""
        return self.location.key if isinstance(self.location, Address) else str(self.location)


@dataclass(frozen=True)
class Settings:
    """A district: its name, time zone, sources, and the folder that holds all it makes.

    `registry`: every platform that a source may name, with the headers the district has added.
    """

    file: Path
    name: str
    time_zone: str
    home: Path
    sources: tuple[SourceSettings, ...]
    registry: Mapping[str, Platform] = field(default_factory=lambda: PLATFORMS)
    notes_url: str = ""
    portal: PortalSettings = field(default_factory=PortalSettings)
    thresholds: Values = field(default_factory=lambda: DEFAULTS)
    ceilings: Ceilings = field(default_factory=lambda: NO_CEILINGS)
    engine: Choice = field(default_factory=Choice)
    retention: RetentionSettings = field(default_factory=RetentionSettings)
    messages: MessageSettings | None = None
    export: ExportSettings = field(default_factory=ExportSettings)

    @property
    def landing(self) -> Path:
        """Files as received, under their SHA-256."""
        return self.home / "landing"

    @property
    def lake(self) -> Path:
        """Canonical tables as Parquet, and the quarantine."""
        return self.home / "lake"

    @property
    def warehouse(self) -> Path:
        """Published files and the pointer to the live one."""
        return self.home / "warehouse"

    @property
    def exports(self) -> Path:
        """Weekly exports, until they are delivered or fetched."""
        return self.home / "exports"

    @property
    def ledger(self) -> Path:
        """The ledger's database."""
        return self.home / "ledger.sqlite"

    @property
    def notes(self) -> str:
        """Address of the database of what people write."""
        return self.notes_url or f"sqlite:///{self.home / 'notes.sqlite'}"

    @property
    def sessions(self) -> Path:
        """Who is signed in to the portal."""
        return self.home / "sessions.sqlite"

    @property
    def work(self) -> Path:
        """Scratch space, emptied by every run."""
        return self.home / "work"

    @property
    def platforms(self) -> tuple[str, ...]:
        """Platforms of the sources that send activity, in the order of the file."""
        names = dict.fromkeys(s.platform for s in self.sources)
        return tuple(n for n in names if self.registry[n].sends_activity)

    @property
    def titles(self) -> tuple[Titled, ...]:
        """How people call the platforms of the sources."""
        names = dict.fromkeys(s.platform for s in self.sources)
        told = [self.registry[name] for name in names]
        return tuple(Titled(p.name, p.title, p.subject, p.test_scale) for p in told)


def find(given: Path | None = None) -> Path:
    """The configuration's path: given, else the environment's, else ./homeroom.toml."""
    named = given or (Path(os.environ[ENVIRONMENT]) if os.environ.get(ENVIRONMENT) else None)
    path = named or Path(DEFAULT)
    if path.is_dir():
        path = path / DEFAULT
    if not path.is_file():
        raise ConfigError(
            "there is no such file",
            culprit=str(path),
            fix="name it with --config or HOMEROOM_CONFIG, or make one: homeroom sample demo",
        )
    return path


@cache
def _zones() -> frozenset[str]:
    # It looks at every file of the machine's time zones.
    return frozenset(available_timezones() - {"localtime"})


def load(path: Path) -> Settings:
    """Read and check a configuration. Relative paths are relative to the file."""
    raw = _toml(path)
    base = path.resolve().parent
    _only(raw, _TABLES, "", path)
    district = raw.get("district")
    if district is None:
        raise _error(path, "[district]", "is missing", "add [district] with a name")
    _only(district, _DISTRICT, "district.", path)
    if not district.get("name"):
        raise _error(path, "district.name", "is missing", 'write name = "..." under [district]')
    zone = district.get("time_zone", "UTC")
    if zone not in _zones():
        raise _error(
            path, "district.time_zone", "is not a time zone", 'write one like "America/Chicago"'
        )
    known, broken = known_in(base)
    sources = tuple(
        _source(path, known, broken, i, s) for i, s in enumerate(raw.get("source", []), 1)
    )
    if not sources:
        raise _error(path, "[[source]]", "is missing", "add one [[source]] per platform")
    home = base / district.get("home", "data")
    notes = raw.get("notes", {})
    _only(notes, {"url": str}, "notes.", path)
    registry = _registry(path, known, base / ALIASES, sources)
    portal = portal_settings(path, raw.get("portal", {}))
    measures = dict(raw.get("measures", {}))
    schools = measures.pop("school", {})
    return Settings(
        path.resolve(),
        district["name"],
        zone,
        home,
        sources,
        registry,
        notes.get("url", ""),
        portal,
        thresholds_of(path, measures),
        ceilings_of(path, schools),
        _engine(path, raw.get("engine", {})),
        retention_settings(path, raw.get("retention", {})),
        message_settings(path, raw["messages"]) if "messages" in raw else None,
        export_settings(path, raw.get("export", {})),
    )


def _engine(path: Path, raw: Mapping[str, Any]) -> Choice:
    _only(raw, choice.KEYS, "engine.", path)
    try:
        return choice.read(raw)
    except ConfigError as error:
        raise _error(path, f"engine.{error.culprit}", error.says, error.fix) from error


def _toml(path: Path) -> dict[str, Any]:
    try:
        # Some editors write a byte-order mark, which TOML does not know.
        return tomllib.loads(path.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"not TOML: {error}", culprit=str(path), fix="mend that line") from error
    except OSError as error:
        raise ConfigError("cannot be read", culprit=str(path), fix="check its rights") from error


def _registry(
    path: Path,
    known: Mapping[str, Platform],
    accepted: Path,
    sources: tuple[SourceSettings, ...],
) -> Mapping[str, Platform]:
    """Every platform, with the headers of all its sources and of the accepted renames."""
    registry = dict(known)
    added = _toml(accepted) if accepted.is_file() else {}
    _only(added, dict.fromkeys(known, dict), "", accepted)
    for name, feeds in added.items():
        registry[name] = _aliased(
            registry[name], _headers(feeds, f"{name}.", accepted), f"{accepted}: "
        )
    for name in dict.fromkeys(s.platform for s in sources):
        columns = joined(s.columns for s in sources if s.platform == name)
        registry[name] = _aliased(registry[name], columns, f"{path}: source.columns of ")
    return registry


def _aliased(platform: Platform, aliases: Aliases, where: str) -> Platform:
    try:
        return with_aliases(platform, aliases)
    except ConfigError as error:
        raise ConfigError(error.says, culprit=where + error.culprit, fix=error.fix) from error


def _headers(raw: Mapping[str, Any], where: str, path: Path) -> Aliases:
    """Tables of feeds, in them lists of headers by column."""
    _only(raw, dict.fromkeys(raw, dict), where, path)
    for feed, columns in raw.items():
        for column, headers in columns.items():
            if not isinstance(headers, list) or not all(
                isinstance(h, str) and h.strip() for h in headers
            ):
                raise _error(
                    path,
                    f"{where}{feed}.{column}",
                    "should be a list of headers",
                    'write it like ["minutes this week"]',
                )
    return {f: {c: tuple(h) for c, h in columns.items()} for f, columns in raw.items()}


def _source(
    path: Path,
    registry: Mapping[str, Platform],
    broken: Mapping[str, ConfigError],
    number: int,
    raw: Any,
) -> SourceSettings:
    where = f"source {number}: "
    if not isinstance(raw, dict):
        raise _error(path, f"source {number}", "is not a table", "write [[source]]")
    _only(raw, _SOURCE, where, path)
    for key in ("platform", "location"):
        if not raw.get(key):
            raise _error(path, where + key, "is missing", f'write {key} = "..."')
    if raw["platform"] in broken:
        raise broken[raw["platform"]]
    if raw["platform"] not in registry:
        raise _error(
            path,
            where + "platform",
            f'"{raw["platform"]}" is not known',
            f"use one of {', '.join(registry)}{_meant(raw['platform'], registry)}, or declare it "
            f"in {FOLDER}/{raw['platform']}.toml",
        )
    location = location_of(path, where + "location", raw["location"])
    access = access_of(path, where, location, raw)
    classes = raw.get("classes", {})
    _only(classes, dict.fromkeys(classes, str), where + "classes.", path)
    columns = _headers(raw.get("columns", {}), where + "columns.", path)
    return SourceSettings(raw["platform"], location, dict(classes), columns, access)
