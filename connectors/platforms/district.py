"""The district's own files, kept in a spreadsheet: calendar, attendance, mentors, interests,
check-ins.

All are optional. `student_id` in them is the SIS id.
"""

from __future__ import annotations

from connectors.contract import Column, Feed, Kind, Output, Platform, Scope

_STUDENT = Column("student", Kind.ID, ("student_id", "sis_id"), filled=True)
_DATE = Column("date", Kind.DATE, ("date",), filled=True)

_CALENDAR = Feed(
    "calendar",
    "school days and holidays",
    (
        _DATE,
        Column("is_school_day", Kind.BOOLEAN, ("is_school_day",), filled=True),
        Column("note", Kind.TEXT, ("note",), required=False),
        Column("school_id", Kind.ID, ("school_id",), required=False),
    ),
    (Output("calendar_day", "SELECT _no, school_id, date, is_school_day, note FROM rows"),),
    Scope.WHOLE,
    key=("school_id", "date"),
)

_ATTENDANCE = Feed(
    "attendance",
    "who was present on which day",
    (_STUDENT, _DATE, Column("present", Kind.BOOLEAN, ("present",), filled=True)),
    (Output("attendance", "SELECT _no, student AS student_sis_id, date, present FROM rows"),),
    Scope.WHOLE,
    key=("student", "date"),
)

_MENTORS = Feed(
    "mentors",
    "each student's one consistent adult",
    (
        _STUDENT,
        Column("staff", Kind.ID, ("staff_id",), filled=True),
        Column("begin_date", Kind.DATE, ("begin_date",), required=False),
        Column("end_date", Kind.DATE, ("end_date",), required=False),
    ),
    (
        Output(
            "mentor",
            """SELECT _no, student AS student_sis_id, staff AS staff_id, begin_date, end_date
               FROM rows""",
        ),
    ),
    Scope.WHOLE,
    key=("student", "staff", "begin_date"),
)

_CHECK_INS = Feed(
    "check_ins",
    "conversations with students, for schools that note them elsewhere",
    (
        _STUDENT,
        Column("staff", Kind.ID, ("staff_id",)),
        _DATE,
        Column("topic", Kind.TEXT, ("topic",), required=False),
        Column("note", Kind.TEXT, ("note",), required=False),
        Column("next_step", Kind.TEXT, ("next_step",), required=False),
        Column("owner", Kind.ID, ("owner_id", "owner"), required=False),
        Column("due_date", Kind.DATE, ("due_date",), required=False),
    ),
    (
        Output(
            "check_in",
            """SELECT _no, student AS student_sis_id, staff AS staff_id, date, topic, note,
                      next_step, owner AS owner_id, due_date
               FROM rows""",
        ),
    ),
    Scope.WHOLE,
    key=("student", "staff", "date", "topic", "note", "next_step", "owner", "due_date"),
)

_INTERESTS = Feed(
    "interests",
    "what students said they like",
    (_STUDENT, _DATE, Column("said", Kind.TEXT, ("said",), filled=True)),
    (Output("interest", "SELECT _no, student AS student_sis_id, date, said FROM rows"),),
    Scope.WHOLE,
    key=("student", "date", "said"),
)

_GROUPS = Feed(
    "groups",
    "groups by which the rules are audited; they enter no measure, only the fairness audit",
    (
        _STUDENT,
        Column("group_name", Kind.TEXT, ("group_name",), filled=True),
        Column("group_value", Kind.TEXT, ("group_value",), filled=True),
    ),
    (
        Output(
            "student_group",
            "SELECT _no, student AS student_sis_id, group_name, group_value FROM rows",
        ),
    ),
    Scope.WHOLE,
    key=("student", "group_name", "group_value"),
)

_ABOUT = """
Plain CSV files that a coordinator can keep in a spreadsheet. All are optional. `student_id` is
the SIS id, or the roster's sourcedId. Without a calendar Monday to Friday are school days;
without attendance every student counts as present. An empty `school_id` in the calendar means
every school; a school's own row comes before it.

`check_ins.csv` is for schools that note their conversations elsewhere than in the portal. A line
whose day lies after the day the file was made is left out: it is a plan.

`interests.csv` holds what students said they like and want to reach; their pages show it.
`groups.csv` tells what the roster does not, such as English learner or special education, one row
per student and group: `student_id,group_name,group_value`. `ops.fairness_audit` alone reads it.
"""

PLATFORM = Platform(
    "district",
    "The district's own files",
    (_CALENDAR, _ATTENDANCE, _MENTORS, _CHECK_INS, _INTERESTS),
    carries="calendar, attendance, mentors, check-ins, interests",
    tested_on="the sample district",
    about=_ABOUT,
)
