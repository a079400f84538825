"""What `homeroom review` prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from warehouse.notes.decisions import Decision
from warehouse.review import ASKS

_out = Console(highlight=False, soft_wrap=True)
_MOST = 50
_WIDEST = 400
#: What is told of both sides: in words, of the account, of a student.
_BESIDE = (
    ("grade", "grade_level", "grade_level"),
    ("school", "school", "school"),
    ("class", "class", "classes"),
)
#: Of these only whether they agree.
_AGREES = (("number", "sis_id"), ("e-mail", "email"), ("user name", "username"))


def waiting(rows: Sequence[dict[str, Any]], classes: Sequence[dict[str, Any]]) -> None:
    """The list and what each reason asks; classes that are not known, one a line."""
    if not rows and not classes:
        _out.print("Nobody waits.")
        return
    if rows:
        _accounts(rows)
    if classes:
        _out.print(f"{len(classes)} classes fit no class of the roster, or several:")
        for c in classes[:_MOST]:
            _out.print(
                f"  {c['platform']} {c['class_key']}: {c['accounts']} accounts", markup=False
            )
        if len(classes) > _MOST:
            _out.print(f"  ... and {len(classes) - _MOST} more (--reason no_class --json for all)")
        _out.print(
            "Fix: name the file after the class, or map it under [source.classes].", markup=False
        )
    if rows:
        _out.print("Next: homeroom review show REF")


def _accounts(rows: Sequence[dict[str, Any]]) -> None:
    _print(
        ("ref", "platform", "kind", "waits for", "may be", "score", "school"),
        [
            (
                r["account_ref"], r["platform"], r["account_kind"], r["waits_for"],
                str(r["candidates"] or "-"), _score(r["best_score"]), r["school"] or "-",
            )
            for r in rows[:_MOST]
        ],
    )  # fmt: skip
    if len(rows) > _MOST:
        _out.print(f"... and {len(rows) - _MOST} more (--json for all)")
    for reason, count in Counter(r["waits_for"] for r in rows).most_common():
        _out.print(f"{count} {reason}: {ASKS.get(reason, reason)}", markup=False)


def one(found: dict[str, Any]) -> None:
    """An account, and the students it may be, side by side."""
    account = found["account"]
    _out.print(
        f"{account['platform']} account {account['account_ref']} ({account['account_kind']})",
        markup=False,
    )
    if account["waits_for"]:
        says = ASKS.get(account["waits_for"], "")
        _out.print(f"waits for: {account['waits_for']}: {says}", markup=False)
    elif account["student_id"]:
        _out.print(f"linked to {account['student_id']}", markup=False)
    candidates = found["candidates"]
    _print(
        ("", "the account", *(c["student_id"] for c in candidates)),
        [
            ("name", account["name"] or "-", *(c["name"] for c in candidates)),
            *(
                (says, account[own] or "-", *(c[theirs] or "-" for c in candidates))
                for says, own, theirs in _BESIDE
            ),
            *(
                (says, "", *(c[column] for c in candidates))
                for says, column in _AGREES
                if candidates
            ),
            *(
                (says, "", *(form(c) for c in candidates))
                for says, form in (
                    ("found by", lambda c: c["evidence"]),
                    ("score", lambda c: _score(c["score"])),
                    ("accounts there", lambda c: str(c["accounts"])),
                )
                if candidates
            ),
        ],
    )
    if not candidates:
        _out.print("No student of the roster is like it.")
    decisions(found["decisions"])


def decisions(made: Sequence[Decision]) -> None:
    """What was decided, when, by whom and why."""
    for d in made:
        undone = f", undone {d.undone_at[:10]} by {d.undone_by}" if d.undone_at else ""
        whom = f" {d.student_id}" if d.student_id else ""
        _out.print(
            f"{d.decision_id[:8]} {d.decided_at[:10]} {d.platform} {d.kind}{whom} "
            f"by {d.decided_by}: {d.why}{undone}",
            markup=False,
        )


def _score(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _print(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table that is never cut: references and ids are there to be copied."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in head:
        table.add_column(name, no_wrap=True)
    for row in rows:
        table.add_row(*row)
    wide = Console(highlight=False, width=max(_out.width, _WIDEST))
    for line in wide.render_lines(table, pad=False):
        wide.print("".join(s.text for s in line).rstrip(), markup=False, soft_wrap=True)
