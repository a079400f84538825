"""Clever: daily participation of students, as counts of logins and of resources opened.

Counts are events and never minutes. Every student has a row on every day, also without activity.
"""

from __future__ import annotations

from connectors.contract import Column, Feed, Kind, Output, Platform, Scope

_PARTICIPATION = Feed(
    "daily_participation",
    "daily participation of students",
    (
        Column("date", Kind.DATE, ("date",), filled=True, formats=("%Y-%m-%d", "%m/%d/%Y")),
        Column("clever_id", Kind.ID, ("clever_user_id",), filled=True),
        Column("sis_id", Kind.ID, ("sis_id",), required=False),
        Column("school", Kind.TEXT, ("school_name",), required=False),
        Column("active", Kind.BOOLEAN, ("active",), required=False),
        Column("logins", Kind.INTEGER, ("num_logins",), low=0),
        Column("resources", Kind.INTEGER, ("num_resources_accessed",), low=0),
    ),
    (
        Output(
            "account",
            """SELECT _no, clever_id AS account_key, 'clever_id' AS account_kind,
                      max_by(sis_id, date) FILTER (WHERE sis_id IS NOT NULL) AS sis_id,
                      max_by(school, date) FILTER (WHERE school IS NOT NULL) AS school_name
               FROM rows GROUP BY _no, clever_id""",
        ),
        Output(
            "daily_activity",
            # Called active without a count: something was done, and how often is not known.
            """SELECT _no, clever_id AS account_key, date,
                      CASE WHEN logins + resources > 0 OR active IS NOT TRUE
                           THEN logins + resources ELSE 1 END AS events
               FROM rows WHERE active IS NOT NULL OR logins + resources IS NOT NULL""",
        ),
        Output(
            "coverage",
            """SELECT _no, min(date) AS covers_from, max(date) AS covers_to, 'activity' AS of,
                      FALSE AS absence_is_zero FROM rows GROUP BY _no""",
        ),
    ),
    Scope.FILE,
    key=("date", "clever_id"),
    dated_by="date",
    stems=("*daily-participation*student*", "*daily_participation*student*"),
)

_ABOUT = """
Logins and opened resources are counts: their sum is `events`, and no minutes are made of them. So
Clever has active days and no measure of time. A student who did nothing has a row that says so,
and is shown as zero; a student without a row is not known. Files add to each other; a day that two
files tell of is taken from the newer one. The files of teachers and staff, and those of resource
usage, are not read.

A student is known by `clever_user_id`. `sis_id` is blank once a user has left: the last one told in
the newest file links the account.
"""

PLATFORM = Platform(
    "clever",
    "Clever",
    (_PARTICIPATION,),
    ignores=("*participation*teacher*", "*participation*staff*", "*resource-usage*"),
    carries="logins and resources opened, by day",
    tested_on="the real layout with synthetic values",
    about=_ABOUT,
)
