"""How the tables of a drawn case (spec.py) become rows of the lake: people, weeks and days. Tasks,
skills, tests and whole classes are in spec_tables.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from tests.transforms.conftest import Row, Warehouse, covered, monday
from tests.transforms.spec import Case, Table
from transforms.drawn import Titled

DAYS = "Mon Tue Wed Thu Fri Sat Sun".split()


Fill = Callable[["Drawing", Table, str], None]


def crowd(table: Table) -> list[tuple[str, dict[str, str | None]]]:
    """The students of a table: each named by its row, or so many that are alike."""
    return [
        (who, row)
        for number, row in enumerate(table.rows)
        for who in (
            [row["student"] or ""]
            if "student" in row
            else [f"k{number}{i:02}" for i in range(int(row["students"] or 0))]
        )
    ]


def week(told: str | None) -> int:
    """Number of a drawn week, the first being 0."""
    return int(told or "1") - 1


class Drawing:
    """One case drawn into a warehouse; `mark` ends every name, so that cases can share it. `fills`:
    what fills the titles that a case may give."""

    def __init__(
        self, case: Case, built: Warehouse, fills: Mapping[str, Fill], mark: str = ""
    ) -> None:
        tables, self.built, self.mark = case.given, built, mark
        self.platforms = platforms(case, mark)
        weeks = max([1, *(week(row.get("week")) + 1 for t in tables for row in t.rows)])
        working = {t.who for t in tables if t.what in _DEFAULT and t.what != "students"}
        working |= {who for t in tables if t.what == "students" for who, _ in crowd(t)}
        classes = [row for t in tables if t.what == "classes" for row in t.rows]
        self.subjects = {
            row["of"] or "": row["subject"]
            for t in tables
            if t.what == "subjects"
            for row in t.rows
        }
        self._people(working, classes)
        built.titles = [
            *built.titles,
            *(
                Titled(name.lower() + mark, name, subject or "")
                for name, subject in self.subjects.items()
                if name.lower() + mark in self.platforms
            ),
        ]
        for platform in self.platforms:
            links = [{"account_key": who, "student_id": who + mark} for who in working]
            built.add("identity.account_link", links, platform=platform, evidence="id")
        kinds: dict[str, set[str]] = {platform: set() for platform in self.platforms}
        for table in tables:
            if table.what not in fills:
                raise ValueError(f"{table.what!r} is none of {', '.join(fills)}")
            platform = self.platform(table)
            kinds.setdefault(platform, set()).add(table.what)
            fills[table.what](self, table, platform)
        for platform, told in kinds.items():
            if told & {"weeks", "days", "events"}:
                covered(built, platform, weeks, zero="weeks" not in told)

    def platform(self, table: Table) -> str:
        """The platform of a table; the case's only one where the title names none."""
        if told := table.platform or _DEFAULT.get(table.what):
            return told + self.mark
        if table.what.startswith("gives") and len(self.platforms) > 1:
            raise ValueError(f"{table.what!r} must say on which of {', '.join(self.platforms)}")
        return (self.platforms or [""])[0]

    def _people(self, working: set[str], classes: Sequence[dict[str, str | None]]) -> None:
        """A school with one class for all, unless classes are drawn."""
        school, built = f"s{self.mark}", self.built
        built.add("org", [{"org_id": school, "org_type": "school"}])
        people = working | {row["student"] or "" for row in classes}
        built.add(
            "person",
            [{"person_id": who + self.mark, "sis_id": f"9{who}{self.mark}"} for who in people],
            role="student",
            org_id=school,
            enabled=True,
        )
        every: list[dict[str, str | None]] = [{"student": who, "class": "c1"} for who in people]
        rows: list[Row] = [
            {
                "class_id": f"{row['class']}{self.mark}",
                "person_id": f"{row['student']}{self.mark}",
                "begin_date": first and monday(week(first)),
                "end_date": last and monday(week(last)) + timedelta(days=6),
            }
            for row in classes or every
            for first, last in [(row.get("from_week"), row.get("to_week"))]
        ]
        built.add("enrollment", rows, role="student")
        sections: list[Row] = [
            {"class_id": f"{name}{self.mark}", "subject": self.subjects.get(name)}
            for name in sorted({row["class"] or "" for row in classes or every})
        ]
        built.add("class_section", sections, class_type="homeroom", school_id=school)


def platforms(case: Case, mark: str = "") -> list[str]:
    """The platforms of a case."""
    return sorted(
        {(t.platform or _DEFAULT[t.what]) + mark for t in case.given if t.what in _DEFAULT}
    )


def _weeks(drawing: Drawing, table: Table, platform: str) -> None:
    """Weekly totals; `through`: last day of the week that the export knows."""
    rows: list[Row] = [
        {
            "account_key": table.who,
            "week_start": monday(week(row["week"])),
            "through": monday(week(row["week"]))
            + timedelta(days=DAYS.index(row.get("through") or "Sun")),
            "minutes": row.get("minutes"),
            "units_completed": row.get("units"),
            "target_minutes": row.get("target"),
            "target_units": row.get("unit_target"),
        }
        for row in table.rows
        if row.get("minutes") is not None or row.get("units") is not None
    ]
    drawing.built.add("usage_week", rows, platform=platform)


def _by_day(table: Table) -> list[tuple[int, int, str]]:
    """Week, day and what is told, where anything is."""
    return [
        (week(row.get("week")), day, told)
        for row in table.rows
        for day, name in enumerate(DAYS)
        if (told := row.get(name)) is not None
    ]


def _days(drawing: Drawing, table: Table, platform: str) -> None:
    rows: list[Row] = [
        {"account_key": table.who, "date": monday(w) + timedelta(days=d), "minutes": told}
        for w, d, told in _by_day(table)
    ]
    drawing.built.add("daily_activity", rows, platform=platform, minutes_basis="exported")


def _since_monday(drawing: Drawing, table: Table, platform: str) -> None:
    """A counter as each day's export shows it; a day with nothing has no export."""
    rows: list[Row] = [
        {
            "account_key": table.who,
            "date": monday(w) + timedelta(days=d),
            "week_start": monday(w),
            "week_minutes": told,
        }
        for w, d, told in _by_day(table)
    ]
    drawing.built.add("usage_snapshot", rows, platform=platform)
    covers = [{"covers_from": row["date"], "covers_to": row["date"]} for row in rows]
    drawing.built.add("coverage", covers, platform=platform, of="activity", absence_is_zero=False)


def _events(drawing: Drawing, table: Table, platform: str) -> None:
    """Events of the first Monday."""
    rows: list[Row] = [
        {
            "event_id": f"{table.who}{i}",
            "account_key": table.who,
            "happened_at": f"{monday(0)} {row['at']}",
            "date": monday(0),
        }
        for i, row in enumerate(table.rows)
    ]
    drawing.built.add("event", rows, platform=platform)


def _dates(table: Table) -> list[Row]:
    return [
        {"date": monday(week(row.get("week"))) + timedelta(days=DAYS.index(name))}
        for row in table.rows
        for name in (row["days"] or "").split(",")
    ]


def _no_school(drawing: Drawing, table: Table, platform: str) -> None:
    same = {"school_id": f"s{drawing.mark}", "is_school_day": False}
    drawing.built.add("calendar_day", _dates(table), **same)


def _absences(drawing: Drawing, table: Table, platform: str) -> None:
    drawing.built.add(
        "attendance", _dates(table), student_sis_id=f"9{table.who}{drawing.mark}", present=False
    )


def _left_out(drawing: Drawing, table: Table, platform: str) -> None:
    rows = [{"week_start": monday(week(row["week"]))} for row in table.rows]
    drawing.built.add("notes.exclusion", rows, student_id=table.who + drawing.mark)


#: The titles of tables that are given, and what each fills.
GIVEN: dict[str, Fill] = {
    "weeks": _weeks,
    "days": _days,
    "minutes since Monday": _since_monday,
    "events": _events,
    "no school": _no_school,
    "absences": _absences,
    "weeks left out": _left_out,
    "classes": lambda *_: None,
    "subjects": lambda *_: None,
}

#: The platform of a table whose title names none.
_DEFAULT = {"weeks": "khan", "days": "lexia", "minutes since Monday": "lexia", "events": "lexia"}
_DEFAULT |= {"tasks": "khan", "work": "khan", "students": "khan"}
_DEFAULT |= {"answers": "xapi", "flags": "lexia", "tests": "nwea", "growth": "nwea"}
