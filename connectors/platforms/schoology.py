"""Schoology: the usage export, one row per user and kind of event, with seconds where told.

Belongs here: what its columns mean. Not here: assignments; that export is not known.
"""

from __future__ import annotations

from connectors.contract import Column, Feed, Kind, Output, Platform, Scope


def _text(name: str, header: str, *, required: bool = False) -> Column:
    return Column(name, Kind.TEXT, (header,), required=required)


def _id(name: str, header: str, *, required: bool = False, filled: bool = False) -> Column:
    return Column(name, Kind.ID, (header,), required=required, filled=filled)


#: Districts name their own roles; what a role that only sounds like a student does is harmless,
#: for the roster knows no such student.
_STUDENTS = "FROM rows WHERE contains(lower(role), 'student')"

_USAGE = Feed(
    "usage",
    "usage: events and seconds",
    (
        _text("role", "role_name", required=True),
        _id("person", "schoology_user_id", required=True, filled=True),
        _id("sis_id", "unique_user_id"),
        _text("login", "username"),
        _text("email", "email"),
        _text("given", "first_name"),
        _text("family", "last_name"),
        _text("school", "user_building_name"),
        _id("section", "section_id"),
        _text("course", "course_name"),
        _text("section_name", "section_name"),
        _text("section_code", "section_code"),
        _id("sis_section", "section_school_code"),
        Column("date", Kind.DATE, ("date",), filled=True, formats=("%m/%d/%Y", "%Y-%m-%d")),
        Column("events", Kind.INTEGER, ("event_count",), required=False, low=0),
        Column(
            "seconds", Kind.NUMBER, ("time spent (seconds)",), required=False, low=0, high=86400
        ),
    ),
    (
        Output(
            "account",
            f"""SELECT _no, person AS account_key, 'platform_user' AS account_kind,
                       CASE WHEN count(DISTINCT sis_id) = 1 THEN max(sis_id) END AS sis_id,
                       arg_max(email, date) AS email, arg_max(login, date) AS username,
                       arg_max(given, date) AS given_name, arg_max(family, date) AS family_name,
                       arg_max(school, date) AS school_name
                {_STUDENTS} GROUP BY _no, person""",
        ),
        Output(
            "platform_class",
            """SELECT _no, section AS class_key,
                      max(CASE WHEN course = section_name THEN course
                               ELSE concat_ws(' ', course, section_name) END) AS title,
                      max(section_code) AS class_code, max(sis_section) AS sis_id
               FROM rows WHERE section IS NOT NULL GROUP BY _no, section""",
        ),
        Output(
            "daily_activity",
            f"""SELECT _no, person AS account_key, date, section AS class_key,
                       sum(seconds) / 60 AS minutes,
                       CASE WHEN count(seconds) > 0 THEN 'exported' END AS minutes_basis,
                       CAST(sum(coalesce(events, 1)) AS BIGINT) AS events
                {_STUDENTS} GROUP BY 1, 2, 3, 4""",
        ),
        Output(
            "coverage",
            """SELECT _no, min(date) AS covers_from, max(date) AS covers_to, 'activity' AS of,
                      FALSE AS absence_is_zero FROM rows GROUP BY _no""",
        ),
    ),
    Scope.FILE,
    dated_by="date",
    layouts="CSV",
)

_ABOUT = """
The usage export has one row per user, kind of event, item and time, with a count and, for some
events, seconds. The minutes of a day are the sum of its seconds; a day on which no event has
seconds has events and no minutes. Rows are taken of users whose role names them students. Exports
may overlap: each file stays, and a day that several tell of is taken from the newest, per student
and section. The last day of an export may be told in part; a later export mends it.

Unknown: which events are timed at all, so the minutes are a lower bound; whether dates are the
district's or UTC (they are taken as written); and whether a user who did nothing is listed, so
nobody is given a zero. What an assignment's events say of handing in is not read: they have no due
date.
"""

PLATFORM = Platform(
    "schoology",
    "Schoology",
    (_USAGE,),
    sends_activity=True,
    carries="events and seconds by day and section",
    tested_on="a sample export with fictional people",
    about=_ABOUT,
)
