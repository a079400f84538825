"""What a file's name and content say of it: its dates, its class, its scope. Pure.

The ledger records which evidence dated a file: its name, its content, or its time of change.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import PurePosixPath
from zoneinfo import ZoneInfo

from connectors.contract import Feed, Scope
from connectors.errors import FileRefused

#: Six digits right behind a date are its time; they belong to it.
_GLUED = r"(?:(?:[01]\d|2[0-3])[0-5]\d[0-5]\d)?"
_DATES = re.compile(
    rf"(?<!\d)(?:(?P<y>\d{{4}})(?P<s>[-_.]?)(?P<m>\d{{2}})(?P=s)(?P<d>\d{{2}}){_GLUED}"
    r"|(?P<m2>\d{2})-(?P<d2>\d{2})-(?P<y2>\d{4}))(?!\d)"
)
_HOUR, _MINUTE = r"(?P<h>[01]\d|2[0-3])", r"(?P<n>[0-5]\d)"
#: A time behind a date, seen from the date's end: marked by a T, or told to the second, or as two
#: numbers where no other follows: "_2025-2026" is a school year.
_TIMES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"T{_HOUR}[-_.:h]?{_MINUTE}(?:[-_.:m]?(?P<c>[0-5]\d))?Z?(?!\d)",
        rf"(?:[-_. ]|[-_ ]at[-_ ]){_HOUR}(?P<t>[-_.:]){_MINUTE}(?P=t)(?P<c>[0-5]\d)(?!\d)",
        rf"[-_. ]?{_HOUR}{_MINUTE}(?P<c>[0-5]\d)(?!\d)",
        rf"(?:[-_. ]|[-_ ]at[-_ ]){_HOUR}[-_.:]?{_MINUTE}(?P<c>)(?![-_.:]?\d)",
    )
)
#: Of these, the ones that cannot be the number of a class.
_SURE_TIMES = _TIMES[:2]
#: A longer list of what a file holds is told by its hash.
_MOST_SCOPE = 80
#: Words in a file name that belong to the export, not to the class.
_EXPORT_WORDS = {
    "assignment",
    "assignments",
    "score",
    "scores",
    "export",
    "report",
    "khan",
    "academy",
    "corrected",
    "copy",
    "final",
    "csv",
    "zip",
}
#: Words in the name of a file about one student.
_STUDENT_WORDS = {"activity", "log", "progress", "student", "for", "of"}


@dataclass(frozen=True)
class Described:
    """What a file covers. Days are local; `dated_by` is name, content or modified.

    `exported_at`: `exported_on` with the local time of day, for ordering the files of a scope.
    """

    scope: str
    exported_on: date
    exported_at: str
    dated_by: str
    covers_from: date | None = None
    covers_to: date | None = None
    class_key: str | None = None
    student: str | None = None

    @property
    def school_year(self) -> int:
        """The year in which the file's school year ends; school years begin in July."""
        return self.exported_on.year + (self.exported_on.month >= 7)


def dates_in(name: str) -> list[date]:
    """The dates that a name spells, in order."""
    return [day for day, _ in _dated(name)]


def _dated(name: str) -> list[tuple[date, re.Match[str]]]:
    """The dates that a name spells, each with where it stands."""
    found = []
    for match in _DATES.finditer(name):
        parts = match.groupdict()
        year, month, day = (parts[k] or parts[k + "2"] for k in ("y", "m", "d"))
        try:
            found.append((date(int(year), int(month), int(day)), match))
        except ValueError:
            continue
    return [(d, m) for d, m in found if 1990 <= d.year <= 2100]


def time_in(name: str) -> str | None:
    """The time of day told behind a name's last date, as hh:mm:ss; None where none is told."""
    dated = _dated(name)
    if not dated:
        return None
    match = dated[-1][1]
    end = match.end("d") if match["d"] else match.end()
    for pattern in _TIMES:
        if found := pattern.match(name, end):
            return f"{found['h']}:{found['n']}:{found['c'] or '00'}"
    return None


def words(text: str) -> str:
    """Text for comparing titles: lower case, runs of letters and digits, one space between."""
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def class_key(name: str) -> str:
    """The class as a file's name and folder tell it: `folder/stem` without dates and the like."""
    path = PurePosixPath(name)
    stem = _class_words(path.name.split(".")[0] if path.suffix else path.name)
    folder = _class_words(path.parent.name)
    # A file that its folder names is the same class as one beside the folder with its name.
    return f"{folder}/{stem}" if stem or not folder else _class_of_folder(path.parent)


def _class_of_folder(folder: PurePosixPath) -> str:
    return f"{_class_words(folder.parent.name)}/{_class_words(folder.name)}"


def student_of(name: str) -> str:
    """The student whom a file is named after, without dates and the like; empty where none is."""
    stem = re.sub(r"\(\d+\)", " ", _DATES.sub(" ", PurePosixPath(name).name.split(".")[0]))
    return " ".join(w for w in words(stem).split() if w not in _EXPORT_WORDS | _STUDENT_WORDS)


def plain_words(text: str) -> str:
    """The words of a name, without the dates in it."""
    return words(_DATES.sub(" ", text))


def _class_words(text: str) -> str:
    # A browser's "(1)" may be a second download or a second class of that title: it stays apart.
    copy = re.search(r"\((\d+)\)", text)
    plain = re.sub(r"\(\d+\)", " ", _without_dates(text))
    kept = " ".join(w for w in words(plain).split() if w not in _EXPORT_WORDS)
    return f"{kept}~{copy[1]}" if copy else kept


def _without_dates(text: str) -> str:
    """Text without its dates and the times that stand behind them."""
    kept, done = [], 0
    for match in _DATES.finditer(text):
        kept.append(text[done : match.start()])
        done = match.end()
        for pattern in _SURE_TIMES:
            if found := pattern.match(text, done):
                done = found.end()
                break
    return " ".join([*kept, text[done:]])


def describe(
    feed: Feed,
    name: str,
    modified_ns: int,
    zone: str,
    newest: datetime | date | None,
    values: list[str],
    parts: Sequence[str | None] = (),
) -> Described:
    """What one file covers. `newest`: the newest activity inside; `values`: of the scope column;
    `parts`: of the column that tells its part, such as the school.

    Raises FileRefused where the feed needs a period and the name tells none.
    """
    named = dates_in(name)
    exported_on, dated_by = _exported(named, newest, modified_ns, zone)
    told = time_in(name) if named else None
    exported_at = f"{exported_on}T{told}" if told else moment_of(exported_on, modified_ns, zone)
    made = (exported_on, exported_at, dated_by)
    match feed.scope:
        case Scope.WHOLE:
            return Described("all", *made)
        case Scope.DAY:
            return Described(f"day={exported_on}{_within(values)}", *made)
        case Scope.CLASS:
            key = class_key(name)
            return Described(f"class={key}", *made, class_key=key)
        case Scope.STUDENT | Scope.STUDENT_DAY:
            return _of_student(feed, name, *made)
        case Scope.VALUE:
            part = f"|{parts[0]}" if len(parts) == 1 and parts[0] else ""
            return Described(f"{_told(values)}{part}", *made)
        case Scope.FOLDER:
            return Described(f"folder={_folder(name)}", *made)
        case Scope.FILE:
            return Described(f"file={name}", *made)
        case Scope.PERIOD | Scope.SPAN:
            if not named:
                raise FileRefused("no_period")
            first, last = min(named[:2]), max(named[:2])
            if feed.scope is Scope.PERIOD and last > monday(first) + timedelta(days=6):
                raise FileRefused("odd_period")
            return Described(f"days={first}_{last}", *made, first, last)


def moment_of(day: date, modified_ns: int, zone: str) -> str:
    """When on that day a file was made whose name tells no time: when it was changed, held within
    the day. So files with and without a time in their names stand in one order."""
    changed = datetime.fromtimestamp(modified_ns / 1e9, ZoneInfo(zone))
    if changed.date() == day:
        return f"{day}T{changed:%H:%M:%S}"
    return f"{day}T{'24' if changed.date() > day else '00'}:00:00"


def _of_student(
    feed: Feed, name: str, exported_on: date, exported_at: str, dated_by: str
) -> Described:
    student, key = student_of(name), _class_of_folder(PurePosixPath(name).parent)
    if not student:
        raise FileRefused("no_student")
    if not key.split("/")[1]:
        raise FileRefused("no_single_class")
    # Scopes become names of folders, which must not spell a child's.
    scope = f"student={hashlib.sha256(f'{key}|{student}'.encode()).hexdigest()[:16]}"
    if feed.scope is Scope.STUDENT_DAY:
        scope += f"|{exported_on}"
    return Described(scope, exported_on, exported_at, dated_by, class_key=key, student=student)


def _within(values: list[str]) -> str:
    """What part of the day's whole a file holds, such as its schools: exports of two schools made
    on one day stand beside each other."""
    told = _told(values)
    return f"|{told}" if told else ""


def _told(values: list[str]) -> str:
    told = "|".join(sorted(v for v in values if v))
    if len(told) > _MOST_SCOPE:
        told = hashlib.sha256(told.encode()).hexdigest()[:16]
    return told


def _folder(name: str) -> str:
    """A file's folder as a scope: whoever delivers may change its case."""
    return PurePosixPath(name).parent.as_posix().casefold()


def monday(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def _exported(
    named: list[date], newest: datetime | date | None, modified_ns: int, zone: str
) -> tuple[date, str]:
    if named:
        return named[-1], "name"
    if isinstance(newest, datetime):
        local = newest.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
        return local.date(), "content"
    if newest is not None:
        return newest, "content"
    changed = datetime.fromtimestamp(modified_ns / 1e9, ZoneInfo(zone))
    return changed.date(), "modified"
