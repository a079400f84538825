"""`homeroom review`: the accounts that wait for a person, and what people decide on them."""

from __future__ import annotations

import getpass
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.options import Config

app = typer.Typer(
    help="Who is who: accounts that wait for a person.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Ref = Annotated[str, typer.Argument(metavar="REF", help="An account's reference, from the list.")]
Student = Annotated[str, typer.Argument(metavar="STUDENT", help="A student_id, from show.")]
By = Annotated[str, typer.Option("--by", help="Who decides. Default: whoever is signed in here.")]
Why = Annotated[str, typer.Option("--why", help="Why; it is kept with the decision.")]
_ME = ""


@app.command("list")
def list_(
    config: Config = None,
    platform: Annotated[str | None, typer.Option(help="Only this platform.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only this reason.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Every account that waits, why, and how many students it may be.

    Accounts of classes that are not known stand as one line per class, as one word mends them all.
    """
    from pipelines.show import review as show_review
    from warehouse import review, settings

    district = settings.load(settings.find(config))
    rows = review.waiting(district, platform, reason)
    if as_json:
        json.dump(rows, sys.stdout, indent=1, default=str)
        print()
    else:
        single = [r for r in rows if reason or r["waits_for"] != "no_class"]
        classes = [] if reason else review.unknown_classes(district, platform)
        show_review.waiting(single, classes)


@app.command()
def show(ref: Ref, config: Config = None) -> None:
    """One account beside the students it may be."""
    from pipelines.show import review as show_review
    from warehouse import review, settings

    show_review.one(review.show(settings.load(settings.find(config)), ref))


@app.command()
def accept(ref: Ref, student: Student, config: Config = None, why: Why = "", by: By = _ME) -> None:
    """The account is that student's."""
    _decide("accept", ref, config, by, why, student=student)


@app.command()
def reject(ref: Ref, student: Student, config: Config = None, why: Why = "", by: By = _ME) -> None:
    """The account is not that student's."""
    _decide("reject", ref, config, by, why, student=student)


@app.command()
def nobody(ref: Ref, config: Config = None, why: Why = "", by: By = _ME) -> None:
    """The account is no student's: a test account, a teacher."""
    _decide("nobody", ref, config, by, why)


@app.command()
def merge(
    ref: Ref,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The other account's reference.")],
    config: Config = None,
    why: Why = "",
    by: By = _ME,
) -> None:
    """Two accounts of a platform are one student's."""
    _decide("merge", ref, config, by, why, other=other)


@app.command()
def split(
    ref: Ref,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The other account's reference.")],
    config: Config = None,
    why: Why = "",
    by: By = _ME,
) -> None:
    """Two accounts that were merged are not one student's."""
    _decide("split", ref, config, by, why, other=other)


@app.command()
def decisions(config: Config = None) -> None:
    """Everything that was decided, undone decisions too."""
    from pipelines.show import review as show_review
    from warehouse import review, settings

    show_review.decisions(review.decisions(settings.load(settings.find(config))))


@app.command()
def undo(
    decision: Annotated[str, typer.Argument(metavar="DECISION", help="Its id, or the beginning.")],
    config: Config = None,
    by: By = _ME,
) -> None:
    """Take a decision back. It stays in the list as undone."""
    from warehouse import review, settings

    undone = review.undo(settings.load(settings.find(config)), decision, by=by or getpass.getuser())
    print(f"Undone: {undone.kind}. The next homeroom run follows.")


@app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV file to write.")],
    config: Config = None,
) -> None:
    """Write every decision as CSV."""
    from warehouse import review, settings
    from warehouse.notes import decisions as notes

    count = notes.write_csv(file, review.decisions(settings.load(settings.find(config))))
    print(f"{count} decisions written to {file}")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV file to read.")],
    config: Config = None,
) -> None:
    """Take decisions from a CSV. Those that are known already are left as they are."""
    from warehouse import settings
    from warehouse.notes import decisions as notes
    from warehouse.notes.database import Notes

    told = notes.read_csv(file)
    with Notes(settings.load(settings.find(config)).notes) as store:
        fresh = notes.add(store, told)
    print(f"{fresh} new decisions of {len(told)}. The next homeroom run follows them.")


def _decide(
    kind: str,
    ref: str,
    config: Path | None,
    by: str,
    why: str,
    *,
    student: str | None = None,
    other: str | None = None,
) -> None:
    from warehouse import review, settings

    review.decide(
        settings.load(settings.find(config)),
        kind,
        ref,
        by=by or getpass.getuser(),
        why=why or "not said",
        student_id=student,
        other=other,
    )
    print("Kept. The next homeroom run follows it.")
