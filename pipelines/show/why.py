"""What `homeroom why` prints: files, lines and words of the documentation; no value of a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from rich.console import Console

from connectors.errors import FILE_REASONS, ROW_REASONS
from pipelines.show import plain
from portal.words import STATUS
from warehouse.flow import OUTCOMES
from warehouse.review import ASKS

if TYPE_CHECKING:
    from warehouse.trace import Arrival, Fate, Trace
    from warehouse.trace.student import Week

_out = Console(highlight=False, soft_wrap=True, markup=False)
#: Numbers of lines, or names of files, in one line of text.
_MOST = 12


def _say(text: str) -> None:
    _out.print(plain(text))


def several(found: Sequence[Arrival]) -> None:
    """Files of which one may be meant."""
    for name in list(dict.fromkeys(f"{one.platform}: {one.name}" for one in found))[:_MOST]:
        _say(name)


def file(one: Trace, earlier: Sequence[Arrival], asked: Sequence[int]) -> None:
    """One file, what became of it, and of the lines that were asked for."""
    _arrival(one.arrival)
    for older in earlier:
        _say(f"  came before, {_when(older)}: {older.status}")
    _layout(one)
    for number in asked:
        _line(one, number)
    if asked:
        _fates(one)
    _next(one)


def accounts(found: Sequence[dict[str, Any]]) -> None:
    """Accounts of a platform, linked or waiting."""
    for one in found:
        if one["waits_for"]:
            _waits(one["account_ref"], one["waits_for"])
        elif one["student_id"]:
            _say(f"account {one['account_ref']}: linked to {one['student_id']}")
        else:
            _say(f"account {one['account_ref']}: nobody's, as a person said")


def files(found: Sequence[Arrival], monday: date) -> None:
    """Files about a week, in short."""
    _out.print()
    _say(f"Files that tell of the week of {monday}, or whose names say so:")
    for one in found:
        _say(f"  {one.name}: {_state(one)}")
    if not found:
        _say("  none came")


def week(student_id: str, platform: str, told: Week) -> None:
    """A student's week on a platform: accounts, what is shown, and the lines of every file."""
    _say(f"{student_id} on {platform}, week of {told.week}")
    for linked in told.linked:
        _say(f"  account {linked['account_ref']}: linked by {linked['method']}")
    if not told.linked:
        _say("  no account is linked")
    for waits in told.waiting:
        _say("  may be the student's:")
        _waits(waits["account_ref"], waits["waits_for"])
    if told.shown is None:
        _say("  views.student_platform_week: no row: not enrolled or not active in that week")
    else:
        status = told.shown["status"]
        words = STATUS.get(status, status)
        _say(
            f"  views.student_platform_week: {status}" + (f" ({words})" if words != status else "")
        )
    for found in told.files:
        _out.print()
        one = found.trace
        _arrival(one.arrival)
        _layout(one)
        if found.sure is None:
            continue
        if not found.sure and not found.maybe:
            _say("  no line of it is the student's")
        if found.maybe:
            _say(f"  lines with the name, and nothing that says whose: {_numbers(found.maybe)}")
        for away in one.read.turned_away if one.read else ():
            _line(one, away.line)
        if one.read and one.read.repeated:
            _say(f"  lines {_numbers(one.read.repeated)}: {OUTCOMES['repeated']}")
        if one.read and one.read.kept:
            _say(f"  lines kept: {_numbers(one.read.kept)}")
        elif found.sure and one.read is None:
            _say(f"  the student's lines: {_numbers(found.sure)}")
        _fates(one)
        _next(one)
    if not told.files:
        _say("\nNo file tells of that week, and none that was turned away says so by its name.")
    asks = f"{student_id} minutes --platform {platform} --week {told.week}"
    _out.print()
    _say(f"The numbers of the week: homeroom explain {asks}")


def _arrival(one: Arrival) -> None:
    _say(f"{one.platform}{f'/{one.feed}' if one.feed else ''}: {one.name}")
    _say(f"  {_when(one)}: {_state(one)}")
    if one.reason in FILE_REASONS:
        _say(f"  Fix: {FILE_REASONS[one.reason].fix}.")
    if one.left_out:
        _say(f"  {one.left_out} rows of forgotten students did not land, and count as no line")


def _state(one: Arrival) -> str:
    if one.status == "duplicate":
        return f'the same bytes are live already, as "{one.instead}"'
    if one.status == "superseded":
        return f'read, and replaced by "{one.instead}"'
    if one.reason:
        says = FILE_REASONS[one.reason].says if one.reason in FILE_REASONS else one.reason
        return f"{one.status}: {says}" + (f" ({one.culprit})" if one.culprit else "")
    if one.status == "pending":
        return "landed and not read yet: homeroom run"
    parts = [f"{one.rows_kept} of {one.rows_in} rows kept"]
    parts += [f"{one.rows_quarantined} turned away"] if one.rows_quarantined else []
    parts += [f"{one.rows_duplicate} twice in it"] if one.rows_duplicate else []
    return f"{one.status}: {', '.join(parts)}"


def _when(one: Arrival) -> str:
    made = f", made {one.exported_on} (by its {one.dated_by})" if one.exported_on else ""
    return f"landed {one.landed_at[:16].replace('T', ' ')} UTC{made}"


def _layout(one: Trace) -> None:
    """What a renamed column looks like: something missing, and something nothing reads."""
    read = one.read
    if read is None or not read.absent or not read.unread:
        return
    _say(f"  columns it lacks: {', '.join(header for _, header in read.absent)}")
    _say(f"  columns that nothing reads: {', '.join(read.unread)}")
    name, header = read.absent[0]
    _say(
        f"  Fix: if one was renamed, say so in homeroom.toml: [source.columns.{one.arrival.feed}]"
        f' and, such as for {header}: {name} = ["{read.unread[0]}"]. Then homeroom run.'
    )


def _line(one: Trace, number: int) -> None:
    read = one.read
    if read is None:
        _say(f"  line {number}: went with the file")
        return
    away = next((t for t in read.turned_away if t.line == number), None)
    if away is not None:
        reason = ROW_REASONS[away.reason]
        column = f", column {away.header or away.column}" if away.column else ""
        stood = f"{column} (there stands: {away.value_class})"
        _say(f"  line {number}: turned away: {reason.says}{stood}")
        _say(f"  Fix: {reason.fix}.")
    elif number in read.repeated:
        _say(f"  line {number}: {OUTCOMES['repeated']}; it counts once")
    elif number in read.kept:
        _say(
            f"  line {number}: "
            + ("kept" if one.arrival.status != "refused" else "went with the file")
        )
    else:
        _say(f"  line {number}: holds no row")


def _fates(one: Trace) -> None:
    if not one.is_published:
        _say("  the live warehouse was made before this file was read: homeroom run")
    onward = [fate for fate in one.fates if fate.outcome != "lake_only"]
    for fate in onward or one.fates:
        _say(f"    {fate.table}: {_fate(fate)}")
    for ref, why in dict.fromkeys((f.account_ref, f.waits_for) for f in one.fates if f.account_ref):
        _waits(ref, why)


def _fate(fate: Fate) -> str:
    many = f"{fate.rows} rows, " if fate.rows > 1 else ""
    if fate.outcome == "left_out":
        return (
            many
            + "not in the warehouse's tables"
            + (
                f"; of this file: {'; '.join(OUTCOMES[o] for o in fate.maybe)}"
                if fate.maybe
                else ""
            )
        )
    said = many + OUTCOMES[fate.outcome]
    if fate.view:
        said = f"{many}{OUTCOMES['in_views']}, {fate.view}"
    said += f", week of {fate.week}" if fate.week else ""
    said += f": {fate.student_id}" if fate.student_id and fate.table == "account" else ""
    return said + (f': "{fate.instead}"' if fate.instead else "")


def _waits(ref: str, why: str) -> None:
    _say(f"  account {ref} waits: {why}: {ASKS.get(why, why)}")
    _say(f"  Fix: homeroom review show {ref}")


def _next(one: Trace) -> None:
    """Mended how: the file is sent again under its own name."""
    if one.arrival.status == "refused" or (one.read and one.read.turned_away):
        _say("  Mended, put it where it was, under its name; then homeroom run.")


def _numbers(lines: Sequence[int]) -> str:
    more = f" and {len(lines) - _MOST} more" if len(lines) > _MOST else ""
    return ", ".join(map(str, lines[:_MOST])) + more
