"""Lexia Core5, Detailed Student export: the present column names and those of 2015-2019.

One row per student and activity. The student's minutes, units and targets repeat on every row:
one of them is taken per student and export, never a sum. The file does not say when it was made.
"""

from __future__ import annotations

from connectors.contract import Column, Feed, Kind, Output, Platform, Scope

_NOTHING = ("-", "--")
_TIMES = ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M %p", "%m/%d/%Y")
_DAY, _WEEK = 24 * 60.0, 7 * 24 * 60.0


def _text(name: str, *headers: str, required: bool = False, filled: bool = False) -> Column:
    return Column(name, Kind.TEXT, headers, required=required, filled=filled, nothing=_NOTHING)


def _number(name: str, *headers: str, high: float | None = None, required: bool = False) -> Column:
    return Column(name, Kind.NUMBER, headers, required=required, nothing=_NOTHING, low=0, high=high)


def _time(name: str, *headers: str) -> Column:
    return Column(name, Kind.TIME, headers, required=False, nothing=_NOTHING, formats=_TIMES)


_DETAILED_STUDENT = Feed(
    "detailed_student",
    "Core5 Detailed Student",
    (
        Column("lexia_id", Kind.ID, ("Lexia_ID",), filled=True, nothing=_NOTHING),
        _text("username", "username", required=True),
        _text("given_name", "fname"),
        _text("family_name", "lname"),
        _text("grade_level", "grade_label"),
        _text("school_name", "school_name"),
        Column("activity_id", Kind.ID, ("activity_id",), nothing=_NOTHING),
        _text("activity_name", "activity_name"),
        _text("complete", "status_flag_complete"),
        _text("needs_instruction", "needs_instruction", "struggling_indicator"),
        _text("level", "levelname"),
        _number("percent_completed", "percent_completed", high=100),
        _time("activity_start", "activity_start_time"),
        _time("activity_end", "activity_end_time", "activity_timestamp"),
        _number("activity_minutes", "activity_time", "duration_minutes"),
        _number("attempts_standard", "attempts_at_standard"),
        _number("attempts_practice", "attempts_at_practice"),
        _number("attempts_instruction", "attempts_at_instruction"),
        _number("today_minutes", "today_mins", high=_DAY),
        _number("today_units", "today_units"),
        _number("week_minutes", "week_time", high=_WEEK, required=True),
        _number("week_units", "week_units"),
        _number("target_minutes", "weekly_usage_target", "weekly_target", high=_WEEK),
        _number("target_units", "weekly_units_target"),
    ),
    (
        Output(
            "account",
            """SELECT _no, lexia_id AS account_key, 'lexia_id' AS account_kind,
                      any_value(username) AS username, any_value(given_name) AS given_name,
                      any_value(family_name) AS family_name, any_value(grade_level) AS grade_level,
                      any_value(school_name) AS school_name
               FROM rows GROUP BY _no, lexia_id""",
        ),
        Output(
            "usage_snapshot",
            # The figures are counters that only grow within a week: of differing rows, the
            # largest is the newest.
            """SELECT _no, lexia_id AS account_key, _exported_on AS date,
                      week_start(_exported_on) AS week_start,
                      max(week_minutes) AS week_minutes, max(today_minutes) AS today_minutes,
                      max(week_units) AS week_units, max(today_units) AS today_units,
                      max(target_minutes) AS target_minutes, max(target_units) AS target_units
               FROM rows WHERE week_minutes IS NOT NULL GROUP BY _no, _exported_on, lexia_id""",
        ),
        Output(
            "skill_state",
            """SELECT _no, lexia_id AS account_key, activity_id AS skill_id,
                      coalesce(local_date(activity_end), _exported_on) AS date,
                      arg_max(activity_name, seen) AS skill_name, arg_max(state, seen) AS state,
                      arg_max(percent_completed, seen) AS percent_completed,
                      CAST(arg_max(tries, seen) AS BIGINT) AS attempts,
                      arg_max(flag, seen) AS needs_instruction, arg_max(level, seen) AS level,
                      max(activity_minutes) AS minutes
               FROM (SELECT *, coalesce(activity_end, TIMESTAMP '1970-01-01') AS seen,
                            CASE WHEN lower(complete) IN ('1', 'y', 'yes', 'true', 'complete')
                                 THEN 'complete'
                                 WHEN activity_start IS NULL AND activity_end IS NULL
                                 THEN 'not_started' ELSE 'in_progress' END AS state,
                            coalesce(attempts_standard, 0) + coalesce(attempts_practice, 0)
                                + coalesce(attempts_instruction, 0) AS tries,
                            CASE WHEN lower(needs_instruction) IN ('1', 'y', 'yes', 'true')
                                 THEN TRUE
                                 WHEN needs_instruction IS NOT NULL THEN FALSE END AS flag
                     FROM rows WHERE activity_id IS NOT NULL)
               GROUP BY 1, 2, 3, 4""",
        ),
        Output(
            "coverage",
            """SELECT DISTINCT _no, week_start(_exported_on) AS covers_from,
                      _exported_on AS covers_to,
                      'activity' AS of, FALSE AS absence_is_zero FROM rows""",
        ),
    ),
    Scope.DAY,
    scope_column="school_name",
    key=("lexia_id", "activity_id", "activity_start"),
    dated_by="activity_end",
)

_ABOUT = """
The Detailed Student export has one row per student and activity. Minutes, units and targets of
the student repeat on every one of these rows; one of them is taken per student and export, never a
sum. `week_time` grows from Monday to Sunday: export daily, and the days come from the differences.
The older column names (2015 to 2019) are read as well. The file does not say when it was made: put
the date into its name.

Unknown: the file names an automatic delivery would use, and the columns of the Monthly, Year to
Date and Class Detailed Skills exports beyond their beginnings. These exports are not read; they
are turned away with `unknown_layout`. There is no SIS id in the file: a student is found by user
name.
"""

PLATFORM = Platform(
    "lexia",
    "Lexia Core5",
    (_DETAILED_STUDENT,),
    sends_activity=True,
    carries="minutes, units and targets of the week, skills and their state",
    tested_on="a real header line; the sample district",
    about=_ABOUT,
)
