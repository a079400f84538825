"""`homeroom connector`: draft, try and list the platforms that a TOML file declares.

Thin: reads arguments, calls the steps, prints counts and names. Never a value of a file.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connectors.errors import ConfigError, HomeroomError
from pipelines.commands.options import Config

if TYPE_CHECKING:
    from connectors.contract import Platform
    from warehouse.intake.trial import Trial
    from warehouse.settings import Settings

app = typer.Typer(help="A platform nobody has written, as one TOML file.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The platform's name: a-z, 0-9 and _.")]
Sample = Annotated[Path, typer.Argument(metavar="FILE", help="One file as the platform sends it.")]


@app.command()
def new(name: Name, file: Sample, config: Config = None) -> None:
    """Draft platforms/NAME.toml from one file.

    Every guess is marked, and no value is copied.
    """
    from connectors import declaration
    from connectors.declaration_columns import plain_name
    from connectors.registry import PLATFORMS
    from warehouse.known import FOLDER
    from warehouse.layouts.drafting import draft
    from warehouse.layouts.drafting_text import text_of

    if name != plain_name(name) or name in PLATFORMS:
        raise HomeroomError(
            "is taken or no plain name", culprit=name, fix="use small letters, digits and _"
        )
    target = _base(config) / FOLDER / f"{name}.toml"
    if target.exists():
        raise HomeroomError("is there already", culprit=str(target), fix="move it away first")
    with tempfile.TemporaryDirectory() as work:
        text = text_of(draft(_file(file), name, Path(work)))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, "utf-8")
    typer.echo(f"{target}: drafted, {text.count('# guess')} guesses. Look at each of them.")
    try:
        declaration.load(target)
    except ConfigError as error:
        typer.echo(f"First mend this: {error}")
    typer.echo(f"Then: homeroom connector check {name} {file}")


@app.command()
def check(name: Name, file: Sample, config: Config = None) -> None:
    """Show what one file would become; write nothing.

    With row counts, and why rows would be turned away.
    """
    from warehouse.intake.trial import attempt

    district, known = _known(config, name)
    if name not in known:
        raise HomeroomError(
            "is not known", culprit=name, fix="homeroom connector list shows what is"
        )
    with tempfile.TemporaryDirectory() as work:
        trial = attempt(
            known[name],
            _file(file),
            _name(district, name, file),
            district.time_zone if district else "UTC",
            Path(work),
        )
    for line in _told(trial):
        typer.echo(line)
    if trial.refused is not None:
        raise typer.Exit(1)


@app.command(name="list")
def list_(config: Config = None) -> None:
    """Name every platform, its feeds, and where it is declared."""
    from connectors.declaration import SHIPPED
    from connectors.registry import PLATFORMS
    from warehouse.known import FOLDER, known_in

    known, broken = known_in(_base(config))
    for name, platform in known.items():
        if name not in PLATFORMS:
            where = str(_base(config) / FOLDER / f"{name}.toml")
        elif (SHIPPED / f"{name}.toml").is_file():
            where = f"with Homeroom, {SHIPPED.name}/{name}.toml"
        else:
            where = "with Homeroom"
        typer.echo(f"{name}: {platform.title} ({where})")
        typer.echo(f"  {', '.join(feed.name for feed in platform.feeds)}")
    for error in broken.values():
        typer.echo(f"not usable: {error}")


def _told(trial: Trial) -> Iterator[str]:
    """A trial in words."""
    if trial.feed is not None:
        yield f"feed: {trial.feed}"
    if trial.refused is not None:
        yield f"The file would be turned away: {trial.refused}"
    yield (
        f"rows: {trial.rows_in:,} in, {trial.kept:,} kept, {trial.twice:,} told twice, "
        f"{trial.rows_in - trial.kept - trial.twice:,} turned away"
    )
    for r in trial.rejects:
        lines = ", ".join(map(str, r.first))
        column = f"column {r.column}, " if r.column else ""
        yield f"  {r.rows:,} rows: {r.reason}: {column}{r.value_class}; first in lines {lines}"
    if trial.refused is None:
        yield f"made on: {trial.exported_on} (told by its {_BY[trial.dated_by]})"
        yield f"covers: {trial.scope}; a newer file of that replaces it"
        if trial.class_key is not None:
            yield f"class: {trial.class_key}"
        for table, rows in trial.tables.items():
            days = trial.days.get(table)
            between = f", {days[0]} to {days[1]}" if days else ""
            yield f"  {table}: {rows:,} rows{between}"
    if trial.absent:
        yield f"not in the file: {', '.join(trial.absent)}"
    if trial.unknown:
        yield f"in the file and not read: {', '.join(trial.unknown)}"
    yield "Nothing was written."


_BY = {"name": "name", "content": "content", "modified": "time of change"}


def _known(config: Path | None, wanted: str) -> tuple[Settings | None, Mapping[str, Platform]]:
    """The district where there is one, and every platform with the district's further headers."""
    from warehouse import settings
    from warehouse.known import known_in

    known, broken = known_in(_base(config))
    if wanted in broken:
        raise broken[wanted]
    if config is None and not Path(settings.DEFAULT).is_file():
        return None, known
    district = settings.load(settings.find(config))
    return district, district.registry


def _base(config: Path | None) -> Path:
    """The folder of the configuration, else the one we are in."""
    from warehouse import settings

    return settings.find(config).resolve().parent if config else Path.cwd()


def _file(path: Path) -> Path:
    if not path.is_file():
        raise HomeroomError("there is no such file", culprit=str(path), fix="mend the path")
    return path


def _name(district: Settings | None, platform: str, file: Path) -> str:
    """The file's name as a run would know it: below its source's folder."""
    for source in district.sources if district else ():
        folder = source.location.resolve() if isinstance(source.location, Path) else None
        if source.platform == platform and folder and file.resolve().is_relative_to(folder):
            return file.resolve().relative_to(folder).as_posix()
    return file.name
