"""Drawn school years whose truth is known, through the whole product: files in, cards out.

Classes of 60 students on two platforms, whose weekly exports list every student. Three kinds of
histories: `steady` (weeks vary by a fifth around the student's own level), `skewed` (lognormal: many
small weeks, some large ones), `gaps` (steady, and one week in seven empty). In half of the classes
nothing ever changes. In the others every tenth student's true minutes fall to a fifth, on both
platforms, in a week of the second half of the year, and stay there.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np

from warehouse import evidence, intervals, nightly, settings
from warehouse.reader import Reader

KINDS = ("steady", "skewed", "gaps")
STUDENTS, PLATFORMS = 60, ("north", "south")
#: Standard deviation of a steady week beside its level, and of the logarithm of a skewed one.
STEADY, SKEWED = 0.2, 0.7
EMPTY = 1 / 7
FALLS_TO, EVERY = 0.2, 10
_FIRST = date(2025, 9, 1)

_DECLARATION = """\
name = "{name}"
title = "{title}"
about = "Drawn minutes."
sends_activity = true

[feed.week]
title = "minutes of each week"
files = ["weeks"]
scope = "whole"
key = ["student", "monday"]

[feed.week.columns]
student = {{ headers = ["student"], type = "id", filled = true }}
monday = {{ headers = ["monday"], type = "date", formats = ["%Y-%m-%d"], filled = true }}
sunday = {{ headers = ["sunday"], type = "date", formats = ["%Y-%m-%d"], filled = true }}
minutes = {{ headers = ["minutes"], type = "number", filled = true, low = 0 }}

[feed.week.into.account]
account_key = "student"
account_kind = {{ constant = "sis_id" }}
sis_id = "student"

[feed.week.into.usage_week]
account_key = "student"
week_start = "monday"
through = "sunday"
minutes = {{ sum = "minutes" }}

[feed.week.into.coverage]
covers_from = {{ min = "monday" }}
covers_to = {{ max = "sunday" }}
of = {{ constant = "activity" }}
absence_is_zero = {{ constant = false }}
"""


@dataclass(frozen=True)
class Years:
    """How much is drawn: classes of each kind, half of them with falls; weeks; the seed."""

    classes: int = 40
    weeks: int = 36
    seed: int = 7


@dataclass(frozen=True)
class Quiet:
    """Cards "quieter" of one kind of history where nothing changes.

    `per_week`: cards per class of 60 and week in which any could be, with the interval of the mean
    over the classes; `worst`: the class with the most.
    """

    kind: str
    classes: int
    weeks: int
    cards: int
    per_week: tuple[float, float, float]
    worst: float


@dataclass(frozen=True)
class Found:
    """Students of one kind whose minutes fell: how many were found within so many weeks."""

    kind: str
    students: int
    within: tuple[tuple[int, int], ...]
    on_one_platform: int

    def share(self, weeks: int) -> intervals.Share:
        """Found within the weeks, of all that fell."""
        return intervals.Share(dict(self.within)[weeks], self.students)


def draw(folder: Path, years: Years) -> settings.Settings:
    """Write the district's exports and configuration; nothing is run."""
    rng = np.random.default_rng(years.seed)
    classes = np.repeat(np.arange(years.classes * len(KINDS)), STUDENTS)
    students = np.arange(classes.size)
    kind = classes % len(KINDS)
    falls = (classes // len(KINDS) % 2 == 1) & (students % STUDENTS % EVERY == 0)
    fall_week = np.where(falls, rng.integers(years.weeks // 2, years.weeks - 3, students.size), -1)
    truth = {"student": students, "class": classes, "kind": kind, "fall_week": fall_week}  # noqa: F841
    for name in ("platforms", "roster", *PLATFORMS):
        (folder / name).mkdir(parents=True)
    with duckdb.connect() as db:
        for name in PLATFORMS:
            minutes = _minutes(rng, kind, fall_week, years.weeks)
            at = np.arange(years.weeks)
            rows = {  # noqa: F841 - DuckDB reads it by its name
                "student": np.repeat(students, years.weeks),
                "week": np.tile(at, students.size),
                "minutes": minutes.ravel(),
            }
            db.execute(
                f"""COPY (SELECT 's' || student AS student,
                               DATE '{_FIRST}' + 7 * CAST(week AS INTEGER) AS monday,
                               DATE '{_FIRST}' + 7 * CAST(week AS INTEGER) + 6 AS sunday,
                               round(minutes, 1) AS minutes
                        FROM rows) TO '{folder / name / "weeks.csv"}' (HEADER true)"""
            )
            (folder / "platforms" / f"{name}.toml").write_text(
                _DECLARATION.format(name=name, title=name.title()), "utf-8"
            )
        tables = {
            "orgs": "SELECT 'school' AS sourcedId, 'School' AS name, 'school' AS type",
            "users": """SELECT 's' || student AS sourcedId, 'student' AS role, '' AS username,
                               'school' AS orgSourcedIds, '' AS givenName, '' AS familyName,
                               's' || student AS identifier FROM truth""",
            "classes": """SELECT DISTINCT 'c' || class AS sourcedId, 'Class ' || class AS title,
                                 'homeroom' AS classType, 'school' AS schoolSourcedId,
                                 '' AS courseSourcedId, '' AS termSourcedIds FROM truth""",
            "enrollments": """SELECT 'e' || student AS sourcedId, 'c' || class AS classSourcedId,
                                     's' || student AS userSourcedId, 'school' AS schoolSourcedId,
                                     'student' AS role, '' AS beginDate, '' AS endDate
                              FROM truth""",
        }
        for name, select in tables.items():
            db.execute(f"COPY ({select}) TO '{folder / 'roster' / f'{name}.csv'}' (HEADER true)")
        db.execute(f"COPY (FROM truth) TO '{folder / 'truth.parquet'}' (FORMAT parquet)")
    made = datetime.combine(_FIRST + timedelta(weeks=years.weeks, days=1), datetime.min.time(), UTC)
    for path in folder.rglob("*.csv"):
        os.utime(path, (made.timestamp(), made.timestamp()))
    sources = (("oneroster", "roster"), *((name, name) for name in PLATFORMS))
    config = '[district]\nname = "Drawn"\ntime_zone = "America/Chicago"\nhome = "data"\n'
    config += "".join(f'[[source]]\nplatform = "{p}"\nlocation = "{at}"\n' for p, at in sources)
    (folder / "homeroom.toml").write_text(config, "utf-8")
    return settings.load(folder / "homeroom.toml")


def _minutes(
    rng: np.random.Generator, kind: np.ndarray, fall_week: np.ndarray, weeks: int
) -> np.ndarray:
    """Minutes, student x week; the level of a student on a platform is 40 to 120 minutes."""
    shape = (kind.size, weeks)
    level = rng.uniform(40, 120, (kind.size, 1))
    steady = np.maximum(0, rng.normal(1, STEADY, shape))
    skewed = rng.lognormal(0, SKEWED, shape)
    gaps = steady * (rng.random(shape) >= EMPTY)
    factor = np.choose(kind[:, None], (steady, skewed, gaps))
    fallen = (fall_week[:, None] >= 0) & (np.arange(weeks)[None, :] >= fall_week[:, None])
    return np.asarray(level * factor * np.where(fallen, FALLS_TO, 1.0))


def measure(folder: Path, years: Years) -> tuple[list[Quiet], list[Found]]:
    """Draw, run the product, and compare its cards with the truth."""
    district = draw(folder, years)
    if nightly.run(district).published is None:
        raise RuntimeError("the drawn district was not published")
    with Reader(district.warehouse) as live:
        cards = live.rows(
            """SELECT CAST(substr(student_id, 2) AS BIGINT) AS student, platform,
                      date_diff('day', first_day, week_start) // 7 AS week
               FROM views.card, (SELECT min(week_start) AS first_day
                                 FROM views.student_platform_week)
               WHERE rule_id = 'quieter_than_usual'"""
        )
        first = live.rows(
            """SELECT min(date_diff('day', first_day, week_start) // 7) AS week
               FROM views.student_platform_week, (SELECT min(week_start) AS first_day
                                                  FROM views.student_platform_week)
               WHERE judged_share IS NOT NULL"""
        )[0]["week"]
    del cards, first, evidence
    return [], []
