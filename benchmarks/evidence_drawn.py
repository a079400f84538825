"""Drawn school years whose truth is known, through the whole product: files in, cards out.

Classes of 60 students on two platforms, whose weekly exports list every student. In half of the
classes nothing ever changes. In the others every tenth student's true minutes fall to a fifth, on
both platforms, in a week of the second half of the year, and stay there.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt

from warehouse import intervals, nightly, publish, settings

STUDENTS, PLATFORMS = 60, ("north", "south")
FALLS_TO, EVERY = 0.2, 10
#: Minutes that no drawn week exceeds; far above what a school week can hold.
_MOST = 3000
_FIRST = date(2025, 9, 1)


@dataclass(frozen=True)
class Kind:
    """How a student's weeks vary around the own level, which never changes by itself.

    `spread`: standard deviation beside the level; of the logarithm where `skewed`. `empty`: chance
    of a week with nothing. `promised`: the promises of the page speak of it.
    """

    name: str
    words: str
    spread: float
    skewed: bool = False
    empty: float = 0
    promised: bool = True


KINDS = (
    Kind("steady", "weeks vary by a fifth around the student's level", 0.2),
    Kind("skewed", "many small weeks and some large ones: lognormal, 0.6", 0.6, skewed=True),
    Kind("gaps", "steady, but one week in seven is empty", 0.2, empty=1 / 7),
    Kind("more skewed", "lognormal, 0.8", 0.8, skewed=True, promised=False),
    Kind("most skewed", "lognormal, 1.0", 1.0, skewed=True, promised=False),
    Kind("skewed, gaps", "lognormal, 0.6, and one week in seven is empty", 0.6, True, 1 / 7, False),
)

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

    classes: int = 80
    weeks: int = 36
    seed: int = 7


@dataclass(frozen=True)
class Quiet:
    """Cards "quieter" of one kind of history where nothing changes.

    `per_week`: cards per class of 60 and week in which any could be, with the interval of the mean
    over the classes; `most`: that of the class with the most.
    """

    kind: str
    classes: int
    weeks: int
    cards: int
    per_week: tuple[float, float, float]
    most: float


@dataclass(frozen=True)
class Found:
    """Students of one kind whose minutes fell, and how many had a card within so many weeks.

    `one_platform`: pairs of student and platform with a card within three weeks, of two a student.
    """

    kind: str
    students: int
    two_weeks: int
    three_weeks: int
    four_weeks: int
    one_platform: int


def draw(folder: Path, years: Years) -> settings.Settings:
    """Write the district's exports and configuration; nothing is run."""
    rng = np.random.default_rng(years.seed)
    classes = np.repeat(np.arange(years.classes * len(KINDS)), STUDENTS)
    students = np.arange(classes.size)
    kind = classes % len(KINDS)
    falls = (classes // len(KINDS) % 2 == 1) & (students % STUDENTS % EVERY == 0)
    fall_week = np.where(falls, rng.integers(years.weeks // 2, years.weeks - 3, students.size), -1)
    truth = {  # noqa: F841 - DuckDB reads it by its name
        "student": students,
        "class": classes,
        "kind": kind,
        "with_falls": classes // len(KINDS) % 2 == 1,
        "fall_week": fall_week,
    }
    for name in ("platforms", "roster", *PLATFORMS):
        (folder / name).mkdir(parents=True)
    with duckdb.connect() as db:
        for name in PLATFORMS:
            minutes = _minutes(rng, kind, fall_week, years.weeks)
            rows = {  # noqa: F841 - DuckDB reads it by its name
                "student": np.repeat(students, years.weeks),
                "week": np.tile(np.arange(years.weeks), students.size),
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
    made = datetime.combine(_FIRST + timedelta(weeks=years.weeks, days=1), time(12), UTC)
    for path in folder.rglob("*.csv"):
        os.utime(path, (made.timestamp(), made.timestamp()))
    sources = (("oneroster", "roster"), *((name, name) for name in PLATFORMS))
    config = '[district]\nname = "Drawn"\ntime_zone = "America/Chicago"\nhome = "data"\n'
    config += "".join(f'[[source]]\nplatform = "{p}"\nlocation = "{at}"\n' for p, at in sources)
    (folder / "homeroom.toml").write_text(config, "utf-8")
    return settings.load(folder / "homeroom.toml")


def _minutes(
    rng: np.random.Generator,
    kind: npt.NDArray[np.int64],
    fall_week: npt.NDArray[np.int64],
    weeks: int,
) -> npt.NDArray[np.float64]:
    """Minutes, student x week; the level of a student on a platform is 40 to 120 minutes."""
    shape = (kind.size, weeks)
    level = rng.uniform(40, 120, (kind.size, 1))
    drawn = [
        (
            rng.lognormal(0, k.spread, shape)
            if k.skewed
            else np.maximum(0, rng.normal(1, k.spread, shape))
        )
        * (rng.random(shape) >= k.empty)
        for k in KINDS
    ]
    fallen = (fall_week[:, None] >= 0) & (np.arange(weeks)[None, :] >= fall_week[:, None])
    minutes = level * np.choose(kind[:, None], drawn) * np.where(fallen, FALLS_TO, 1.0)
    return np.asarray(np.minimum(minutes, _MOST), dtype=np.float64)


def measure(folder: Path, years: Years) -> tuple[list[Quiet], list[Found]]:
    """Draw, run the product, and hold its cards against the truth."""
    district = draw(folder, years)
    if nightly.run(district).published is None:
        raise RuntimeError("the drawn district was not published")
    live = publish.live_file(district.warehouse)
    with duckdb.connect() as db:
        db.execute(f"ATTACH '{live}' AS live (READ_ONLY)")
        db.execute(
            f"""CREATE TABLE truth AS FROM '{folder / "truth.parquet"}';
            CREATE TABLE card AS
            SELECT CAST(substr(student_id, 2) AS BIGINT) AS student, platform,
                   date_diff('day', DATE '{_FIRST}', week_start) // 7 AS week
            FROM live.views.card WHERE rule_id = 'quieter_than_usual'"""
        )
        return _quiet(db), _found(db)


def _quiet(db: duckdb.DuckDBPyConnection) -> list[Quiet]:
    weeks = db.execute(
        """SELECT count(DISTINCT week_start) FROM live.views.student_platform_week
           WHERE judged_share IS NOT NULL"""
    ).fetchall()[0][0]
    rows = db.execute(
        """SELECT truth.kind, truth.class, count(card.student) AS cards
           FROM truth LEFT JOIN card USING (student)
           WHERE NOT with_falls GROUP BY ALL ORDER BY ALL"""
    ).fetchall()
    told = []
    for number, kind in enumerate(KINDS):
        cards = [row[2] for row in rows if row[0] == number]
        per_week = [c / weeks for c in cards]
        told.append(
            Quiet(kind.name, len(cards), weeks, sum(cards), intervals.mean(per_week), max(per_week))
        )
    return told


def _found(db: duckdb.DuckDBPyConnection) -> list[Found]:
    rows = db.execute(
        """SELECT kind, count(*), count(CASE WHEN after < 2 THEN 1 END),
                  count(CASE WHEN after < 3 THEN 1 END), count(CASE WHEN after < 4 THEN 1 END),
                  sum(platforms)
           FROM (SELECT truth.student, truth.kind, min(card.week - fall_week) AS after,
                        count(DISTINCT CASE WHEN card.week - fall_week < 3 THEN platform END)
                            AS platforms
                 FROM truth
                 LEFT JOIN card
                     ON card.student = truth.student AND card.week >= truth.fall_week
                 WHERE truth.fall_week >= 0
                 GROUP BY truth.student, truth.kind)
           GROUP BY kind ORDER BY kind"""
    ).fetchall()
    return [Found(KINDS[number].name, *counts) for number, *counts in rows]
