"""OneRoster 1.1, bulk, as a zip or a folder of CSVs. Header names: the 1EdTech specification."""

from __future__ import annotations

from connectors.contract import Column, Feed, Kind, Output, Platform, Scope

_ISO = ("%Y-%m-%d", "%m/%d/%Y")
_KEPT = "coalesce(lower(status), '') <> 'tobedeleted'"


def _id(name: str, *headers: str, required: bool = True, filled: bool = False) -> Column:
    return Column(name, Kind.ID, headers, required=required, filled=filled)


def _text(name: str, *headers: str, required: bool = False, filled: bool = False) -> Column:
    return Column(name, Kind.TEXT, headers, required=required, filled=filled)


def _date(name: str, *headers: str) -> Column:
    return Column(name, Kind.DATE, headers, required=False, formats=_ISO)


_SOURCED = _id("sourced_id", "sourcedId", filled=True)
_STATUS = _text("status", "status")

_ORGS = Feed(
    "orgs",
    "schools and districts",
    (
        _SOURCED,
        _STATUS,
        _text("name", "name", required=True, filled=True),
        _text("org_type", "type", required=True, filled=True),
        _id("identifier", "identifier", required=False),
        _id("parent_id", "parentSourcedId", required=False),
    ),
    (
        Output(
            "org",
            f"""SELECT _no, sourced_id AS org_id, name, lower(org_type) AS org_type,
                       identifier, parent_id
                FROM rows WHERE {_KEPT}""",
        ),
    ),
    Scope.WHOLE,
    key=("sourced_id",),
    stems=("orgs",),
)

_USERS = Feed(
    "users",
    "students and adults",
    (
        _SOURCED,
        _STATUS,
        Column("enabled", Kind.BOOLEAN, ("enabledUser",), required=False),
        _text("orgs", "orgSourcedIds", "orgSourcedId", required=True),
        _text("role", "role", required=True, filled=True),
        _text("username", "username"),
        _text("given_name", "givenName", required=True),
        _text("family_name", "familyName", required=True),
        _text("middle_name", "middleName"),
        _text("preferred_name", "preferredGivenName", "metadata.preferredGivenName"),
        _id("identifier", "identifier", required=False),
        _text("email", "email"),
        _text("grades", "grades"),
    ),
    (
        Output(
            "person",
            f"""SELECT _no, sourced_id AS person_id, lower(role) AS role,
                       coalesce(identifier, sourced_id) AS sis_id,
                       username, email, given_name, family_name, middle_name, preferred_name,
                       nullif(trim(split_part(grades, ',', 1)), '') AS grade_level,
                       nullif(trim(split_part(orgs, ',', 1)), '') AS org_id,
                       coalesce(enabled, TRUE) AS enabled
                FROM rows WHERE {_KEPT}""",
        ),
    ),
    Scope.WHOLE,
    key=("sourced_id",),
    stems=("users",),
    guards_size=True,
)

_COURSES = Feed(
    "courses",
    "courses",
    (
        _SOURCED,
        _STATUS,
        _text("title", "title", required=True),
        _text("course_code", "courseCode"),
        _id("org_id", "orgSourcedId", required=False),
        _text("subjects", "subjects"),
    ),
    (
        Output(
            "course",
            f"""SELECT _no, sourced_id AS course_id, title, course_code, org_id, subjects
                FROM rows WHERE {_KEPT}""",
        ),
    ),
    Scope.WHOLE,
    key=("sourced_id",),
    stems=("courses",),
)

_CLASSES = Feed(
    "classes",
    "classes",
    (
        _SOURCED,
        _STATUS,
        _text("title", "title", required=True),
        _text("grades", "grades"),
        _id("course_id", "courseSourcedId", required=False),
        _text("class_code", "classCode"),
        _text("class_type", "classType"),
        _id("school_id", "schoolSourcedId", filled=True),
        _text("terms", "termSourcedIds", "termSourcedId"),
        _text("subjects", "subjects"),
        _text("periods", "periods", "period"),
    ),
    (
        Output(
            "class_section",
            f"""SELECT _no, sourced_id AS class_id, title, class_code,
                       lower(class_type) AS class_type,
                       school_id, nullif(trim(split_part(terms, ',', 1)), '') AS term_id, course_id,
                       subjects AS subject, grades AS grade_level, periods AS period
                FROM rows WHERE {_KEPT}""",
        ),
    ),
    Scope.WHOLE,
    key=("sourced_id",),
    stems=("classes",),
    guards_size=True,
)

_ENROLLMENTS = Feed(
    "enrollments",
    "who is in which class",
    (
        _SOURCED,
        _STATUS,
        _id("class_id", "classSourcedId", filled=True),
        _id("person_id", "userSourcedId", filled=True),
        _text("role", "role", required=True, filled=True),
        _date("begin_date", "beginDate"),
        _date("end_date", "endDate"),
    ),
    (
        Output(
            "enrollment",
            f"""SELECT _no, class_id, person_id, lower(role) AS role, begin_date,
                       CASE WHEN bool_or(end_date IS NULL) THEN NULL ELSE max(end_date) END
                           AS end_date
                FROM rows WHERE {_KEPT} GROUP BY ALL""",
        ),
    ),
    Scope.WHOLE,
    key=("sourced_id",),
    stems=("enrollments",),
    guards_size=True,
)

_SESSIONS = Feed(
    "academic_sessions",
    "terms",
    (
        _SOURCED,
        _STATUS,
        _text("title", "title", required=True),
        _text("term_type", "type", required=True),
        Column("start_date", Kind.DATE, ("startDate",), formats=_ISO),
        Column("end_date", Kind.DATE, ("endDate",), formats=_ISO),
        _id("parent_id", "parentSourcedId", required=False),
        _text("school_year", "schoolYear"),
    ),
    (
        Output(
            "term",
            f"""SELECT _no, sourced_id AS term_id, title, term_type, start_date, end_date,
                       parent_id, school_year
                FROM rows WHERE {_KEPT}""",
        ),
    ),
    Scope.WHOLE,
    key=("sourced_id",),
    stems=("academicSessions",),
)

_RACES = (
    "americanIndianOrAlaskaNative",
    "asian",
    "blackOrAfricanAmerican",
    "nativeHawaiianOrOtherPacificIslander",
    "white",
    "demographicRaceTwoOrMoreRaces",
)

_DEMOGRAPHICS = Feed(
    "demographics",
    "demographics; they stay in the lake and enter no measure",
    (
        _SOURCED,
        _STATUS,
        _date("birth_date", "birthDate", "birthdate"),
        _text("sex", "sex"),
        _text("hispanic_or_latino", "hispanicOrLatinoEthnicity"),
        *(_text(race.lower(), race) for race in _RACES),
    ),
    (
        Output(
            "demographic",
            "SELECT _no, sourced_id AS person_id, birth_date, sex, hispanic_or_latino, "
            "concat_ws(';', "
            + ", ".join(
                f"CASE WHEN lower({r.lower()}) IN ('true', '1') THEN '{r}' END" for r in _RACES
            )
            + f") AS races FROM rows WHERE {_KEPT}",
        ),
    ),
    Scope.WHOLE,
    key=("sourced_id",),
    stems=("demographics",),
)

_MANIFEST = Feed(
    "manifest",
    "what the delivery says of itself",
    (
        _text("property", "propertyName", required=True, filled=True),
        _text("value", "value", required=True),
    ),
    (Output("roster_property", "SELECT _no, property, value FROM rows"),),
    Scope.WHOLE,
    key=("property",),
    stems=("manifest",),
)

_ABOUT = """
Send the **bulk** export, as one zip or as a folder of CSV files. The files of one zip stand or
fall together: if one of them is turned away, the last good roster stays. A student who is no
longer in the newest bulk is kept as not active. Rows whose `status` is `tobedeleted` are left out.

Not read: deltas (the manifest is kept but not judged, so a delta would be taken for a bulk),
OneRoster 1.2 (its `users.csv` has no `role`, so it is turned away with `missing_column`), the
gradebook files, and roster services over the network.
"""

PLATFORM = Platform(
    "oneroster",
    "OneRoster",
    (_ORGS, _USERS, _COURSES, _CLASSES, _ENROLLMENTS, _SESSIONS, _DEMOGRAPHICS, _MANIFEST),
    whole_archives=True,
    ignores=(
        "categories",
        "lineItems",
        "results",
        "resources",
        "classResources",
        "courseResources",
        "userResources",
        "userProfiles",
        "scoreScales",
        "lineItemLearningObjectiveIds",
        "lineItemScoreScales",
        "resultLearningObjectiveIds",
        "resultScoreScales",
        "roles",
    ),
    carries="who is who: schools, people, classes, enrollments, terms, demographics",
    tested_on="real header lines, fictional people (OneRoster 1.0 and 1.1); the sample district",
    about=_ABOUT,
)
