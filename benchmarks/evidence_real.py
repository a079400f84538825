"""The Open University sample as a district: real behaviour through the whole product.

The data set counts clicks and measures no time. Homeroom never takes clicks for minutes, so this
district declares a platform of its own, `clicks`, whose files say one minute for each click; hand-
ins come through the connector `oulad` as they are. Its roster ends an enrolment with the
presentation, and has tutor groups of about 60 students as homerooms: students in an order that only
their id's hash knows, so that a group is as mixed as its presentation.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from shutil import copyfile
from zoneinfo import ZoneInfo

import duckdb

from warehouse import nightly, settings

ZONE = "Europe/London"
#: Students of a tutor group, about.
GROUP = 60
_TAKEN = ("courses", "assessments", "studentInfo", "studentAssessment")
#: Every presentation has ended by then; files are dated by their time of change.
_MADE = datetime(2016, 1, 4, 12, tzinfo=ZoneInfo(ZONE)).timestamp()

_DECLARATION = """\
name = "clicks"
title = "Virtual learning environment"
about = "Clicks of the Open University data set, one click told as one minute."
sends_activity = true

[feed.daily]
title = "clicks by day"
files = ["clicks"]
scope = "whole"
key = ["class", "student", "day"]

[feed.daily.columns]
class = { headers = ["class"], type = "id", filled = true }
student = { headers = ["student"], type = "id", filled = true }
day = { headers = ["day"], type = "date", formats = ["%Y-%m-%d"], filled = true }
clicks = { headers = ["clicks"], type = "integer", filled = true, low = 0 }

[feed.daily.into.account]
account_key = "student"
account_kind = { constant = "sis_id" }
sis_id = "student"

[feed.daily.into.daily_activity]
account_key = "student"
class_key = "class"
date = "day"
minutes = { sum = "clicks" }
minutes_basis = { constant = "clicks" }
events = { sum = "clicks" }

[feed.daily.into.coverage]
class_key = "class"
covers_from = { min = "day" }
covers_to = { max = "day" }
of = { constant = "activity" }
absence_is_zero = { constant = true }
"""

_CONFIG = """\
[district]
name = "Open University sample"
time_zone = "{zone}"
home = "data"

[[source]]
platform = "oulad"
location = "oulad"

[[source]]
platform = "clicks"
location = "clicks"

[[source]]
platform = "oneroster"
location = "groups"

[measures]
board_weeks = 60
"""

_START = """make_date(CAST(left(code_presentation, 4) AS BIGINT),
    CASE right(code_presentation, 1) WHEN 'J' THEN 10 ELSE 2 END, 1)"""


@dataclass(frozen=True)
class Told:
    """What the roster tells. `withdrawals` false: those who gave up stay on it to the end."""

    withdrawals: bool = True


def write(folder: Path, source: Path, told: Told = Told()) -> settings.Settings:
    """A district's folder from the data set's; nothing is run yet."""
    for name in ("oulad", "clicks", "groups", "platforms"):
        (folder / name).mkdir(parents=True)
    for name in _TAKEN:
        copyfile(source / f"{name}.parquet", folder / "oulad" / f"{name}.parquet")
    (folder / "platforms" / "clicks.toml").write_text(_DECLARATION, "utf-8")
    (folder / "homeroom.toml").write_text(_CONFIG.format(zone=ZONE), "utf-8")
    with duckdb.connect() as db:
        for name in ("courses", "studentRegistration", "studentVle"):
            file = (source / f"{name}.parquet").as_posix().replace("'", "''")
            db.execute(f"CREATE VIEW {name} AS FROM '{file}'")
        _write_roster(db, folder, told)
        _copy(
            db,
            f"""SELECT code_module || '-' || code_presentation AS class, id_student AS student,
                       {_START} + CAST(date AS INTEGER) AS day, sum(sum_click) AS clicks
                FROM studentVle GROUP BY ALL ORDER BY ALL""",
            folder / "clicks" / "clicks.csv",
        )
    for path in folder.rglob("*.*"):
        if path.suffix in (".csv", ".parquet"):
            os.utime(path, (_MADE, _MADE))
    return settings.load(folder / "homeroom.toml")


def run(folder: Path, source: Path, told: Told = Told()) -> settings.Settings:
    """Write the district and publish its warehouse. Raises RuntimeError where nothing came out."""
    district = write(folder, source, told)
    if nightly.run(district).published is None:
        raise RuntimeError("the sample's warehouse was not published")
    return district


def _write_roster(db: duckdb.DuckDBPyConnection, folder: Path, told: Told) -> None:
    left = "date_unregistration" if told.withdrawals else "NULL"
    db.execute(
        f"""CREATE TABLE registration AS
            SELECT code_module, code_presentation, id_student, date_registration,
                   coalesce(least({left}, module_presentation_length), module_presentation_length)
                       AS date_unregistration
            FROM studentRegistration
            JOIN courses USING (code_module, code_presentation)
            -- Who gave up before the first day was never there.
            WHERE coalesce(date_unregistration, 1) > 0"""
    )
    _copy(db, "FROM registration ORDER BY ALL", folder / "oulad" / "studentRegistration.parquet")
    db.execute(
        f"""CREATE TABLE member AS
            SELECT code_module || '-' || code_presentation || '-'
                       || lpad(CAST(1 + (place - 1) * parts // students AS VARCHAR), 2, '0')
                       AS class_id,
                   id_student, {_START} + CAST(date_registration AS INTEGER) AS begin_date,
                   {_START} + CAST(date_unregistration AS INTEGER) AS end_date
            FROM (SELECT *, ceil(students / {GROUP}.0)::BIGINT AS parts FROM (
                SELECT *, count(*) OVER presentation AS students,
                       row_number() OVER (presentation ORDER BY md5(CAST(id_student AS VARCHAR)))
                           AS place
                FROM registration
                WINDOW presentation AS (PARTITION BY code_module, code_presentation)))"""
    )
    tables = {
        "orgs": "SELECT 'ou' AS sourcedId, 'Open University' AS name, 'school' AS type",
        "classes": """SELECT DISTINCT class_id AS sourcedId, class_id AS title,
                             'homeroom' AS classType, 'ou' AS schoolSourcedId,
                             class_id AS courseSourcedId, '' AS termSourcedIds
                      FROM member ORDER BY ALL""",
        "enrollments": """SELECT class_id || '-' || id_student AS sourcedId,
                                 class_id AS classSourcedId, id_student AS userSourcedId,
                                 'ou' AS schoolSourcedId, 'student' AS role,
                                 begin_date AS beginDate, end_date AS endDate
                          FROM member ORDER BY ALL""",
    }
    for name, select in tables.items():
        _copy(db, select, folder / "groups" / f"{name}.csv")


def _copy(db: duckdb.DuckDBPyConnection, select: str, path: Path) -> None:
    form = "FORMAT parquet" if path.suffix == ".parquet" else "FORMAT csv, HEADER true"
    target = path.as_posix().replace("'", "''")
    db.execute(f"COPY ({select}) TO '{target}' ({form})")
