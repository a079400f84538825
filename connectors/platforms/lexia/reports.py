"""The other exports of myLexia: Class Detailed Skills, Monthly and Year to Date, as far as known.

Each is read by the column names that are documented; the rest stays in the landing area. They know
a student by user name and have no number.
"""

from __future__ import annotations

from connectors.contract import Column, Feed, Output, Scope
from connectors.platforms.lexia.columns import class_key, text, truth

_PERSON = (
    text("school_name", "School Name"),
    text("given_name", "First Name"),
    text("family_name", "Last Name"),
    text("username", "Username", required=True, filled=True),
    text("grade_level", "Grade"),
)
_ACCOUNT = Output(
    "account",
    """SELECT _no, lower(username) AS account_key, 'login' AS account_kind,
              any_value(username) AS username, any_value(given_name) AS given_name,
              any_value(family_name) AS family_name, any_value(grade_level) AS grade_level,
              any_value(school_name) AS school_name
       FROM rows GROUP BY _no, lower(username)""",
)


def _level(moment: str, program: str, level: str, material: str, status: str) -> Output:
    """Where a student stands in a program; where the rows of an export differ, nobody knows."""
    one = ", ".join(
        f"CASE WHEN count(DISTINCT {told}) = 1 THEN any_value({told}) END AS {name}"
        for name, told in (("level", level), ("grade_level_material", material), ("status", status))
    )
    return Output(
        "program_level",
        f"""SELECT _no, lower(username) AS account_key, {program} AS program,
                   _exported_on AS date, '{moment}' AS moment, {one}
            FROM rows WHERE coalesce({level}, {material}, {status}) IS NOT NULL
            GROUP BY _no, lower(username), {program}, _exported_on""",
    )


_CLASS_KEY = class_key("school_name", "class_name")
CLASS_SKILLS = Feed(
    "class_detailed_skills",
    "Class Detailed Skills",
    (
        *_PERSON,
        text("class_name", "Class", required=True),
        text("status", "GLM Status"),
        text("status_label", "GLM Status Label"),
        text("material", "GLM Program Level"),
        text("level", "Program Level"),
        text("skill", "Skill Activity", required=True, filled=True),
        text("needs_instruction", "Needs Instruction Indicator"),
    ),
    (
        _ACCOUNT,
        Output(
            "skill_state",
            f"""SELECT _no, lower(username) AS account_key, lower(skill) AS skill_id,
                       _exported_on AS date, any_value(skill) AS skill_name,
                       any_value({_CLASS_KEY}) AS class_key,
                       bool_or({truth("needs_instruction")}) AS needs_instruction,
                       CASE WHEN count(DISTINCT level) = 1 THEN any_value(level) END AS level
                FROM rows GROUP BY _no, lower(username), lower(skill), _exported_on""",
        ),
        _level("current", "'Core5'", "level", "material", "coalesce(status_label, status)"),
        Output(
            "platform_class",
            f"""SELECT _no, {_CLASS_KEY} AS class_key, any_value(class_name) AS title
                FROM rows WHERE class_name IS NOT NULL GROUP BY 1, 2""",
        ),
        Output(
            "class_member",
            f"""SELECT DISTINCT _no, {_CLASS_KEY} AS class_key, lower(username) AS account_key,
                       'student' AS role FROM rows WHERE class_name IS NOT NULL""",
        ),
    ),
    Scope.DAY,
    scope_column="class_name",
    layouts="the 15 documented columns",
)

_PROGRAM = text("program", "Program", required=True, filled=True)


def _start(name: str, title: str, columns: tuple[Column, ...], status: str, layouts: str) -> Feed:
    """An export that tells where each student began the year."""
    return Feed(
        name,
        title,
        (
            *_PERSON,
            _PROGRAM,
            text("material", "Start GLM"),
            text("status", "Start Status"),
            *columns,
        ),
        (_ACCOUNT, _level("start_of_year", "program", "level", "material", status)),
        Scope.DAY,
        scope_column="school_name",
        layouts=layouts,
    )


MONTHLY = _start(
    "monthly",
    "Monthly",
    (
        text("year", "Year", required=True),
        text("month", "Month", required=True),
        text("level", "Start of Year Level"),
        text("status_label", "Start Status Label"),
    ),
    "coalesce(status_label, status)",
    "the first 15 columns",
)
YEAR_TO_DATE = _start(
    "year_to_date",
    "Year to Date",
    (
        text("first_use", "First Use", required=True),
        text("last_use", "Last Use", required=True),
        text("level", "Start Lexia Level"),
    ),
    "status",
    "the first 14 columns",
)
