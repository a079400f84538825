"""Canvas's classes and people: courses, sections, enrolments, users, logins, terms.

Part of canvas.py. Belongs here: who is who, and the columns that its feeds share. Not here: work.
"""

from __future__ import annotations

from connectors.contract import Column, Feed, Kind, Output, Scope

#: People, logins and enrolments that are no more.
_GONE = "lower(coalesce(state, 'active')) IN ('deleted', 'inactive', 'rejected', 'completed')"
EMAIL = "CASE WHEN contains({0}, '@') THEN {0} END"


def text(name: str, *headers: str, required: bool = False) -> Column:
    """A column of words, which a layout may lack."""
    return Column(name, Kind.TEXT, headers, required=required)


def number(name: str, *headers: str, required: bool = True, filled: bool = True) -> Column:
    """A column of Canvas's or the SIS's ids; one that is needed is filled unless told."""
    return Column(name, Kind.ID, headers, required=required, filled=filled and required)


_COURSES = Feed(
    "courses",
    "courses",
    (
        number("id", "id"),
        text("name", "name", required=True),
        text("code", "course_code", required=True),
        number("sis_id", "sis_course_id", "sis_source_id", required=False),
    ),
    (
        Output(
            "platform_class",
            """SELECT _no, id AS class_key, name AS title, code AS class_code, sis_id FROM rows""",
        ),
    ),
    Scope.VALUE,
    key=("id",),
    scope_column="id",
    layouts="API and Canvas Data",
)

_SECTIONS = Feed(
    "course_sections",
    "sections of courses",
    (
        number("id", "id"),
        text("name", "name", required=True),
        number("course", "course_id"),
        number("sis_id", "sis_section_id", "sis_source_id", required=False),
        text("nonxlist", "nonxlist_course_id", required=True),
    ),
    (
        Output(
            "platform_class",
            # The work belongs to the course: only a section that is the whole of it tells its id.
            """SELECT _no, course AS class_key, max(sis_id) AS sis_id FROM rows
               GROUP BY _no, course HAVING count(*) = 1 AND max(sis_id) IS NOT NULL""",
        ),
    ),
    Scope.VALUE,
    key=("id",),
    scope_column="course",
    layouts="API and Canvas Data",
)

_ENROLLMENTS = Feed(
    "enrollments",
    "who is in a course",
    (
        number("person", "user_id"),
        text("type", "type", required=True),
        number("part", "course_id", "course_section_id"),
        number("course", "course_id", required=False),
        text("state", "enrollment_state", "workflow_state"),
        number("sis_id", "user.sis_user_id", required=False),
        text("login", "user.login_id"),
        text("name", "user.name"),
    ),
    (
        Output(
            "class_member",
            f"""SELECT DISTINCT _no, CASE WHEN _has_course THEN course ELSE 'section:' || part END
                         AS class_key, person AS account_key, type AS role
                FROM rows WHERE NOT ({_GONE})""",
        ),
        Output(
            "account",
            f"""SELECT _no, person AS account_key, 'platform_user' AS account_kind,
                       max(sis_id) AS sis_id, max({EMAIL.format("login")}) AS email,
                       max(login) AS username, max(name) AS full_name
                FROM rows WHERE type = 'StudentEnrollment' GROUP BY _no, person""",
        ),
    ),
    Scope.VALUE,
    scope_column="part",
    layouts="API and Canvas Data",
)

_USERS = Feed(
    "users",
    "people",
    (
        number("id", "id"),
        text("name", "name", required=True),
        # One of these tells that the names are a person's.
        text("shown", "sortable_name", "login_id", "sis_user_id", "email", required=True),
        number("sis_id", "sis_user_id", required=False),
        text("login", "login_id"),
        text("email", "email"),
        text("state", "workflow_state"),
    ),
    (
        Output(
            "account",
            f"""SELECT _no, id AS account_key, 'platform_user' AS account_kind, sis_id,
                       coalesce(email, {EMAIL.format("login")}) AS email, login AS username,
                       name AS full_name
                FROM rows WHERE NOT ({_GONE})""",
        ),
    ),
    Scope.VALUE,
    key=("id",),
    scope_column="id",
    layouts="API and Canvas Data",
)

_LOGINS = Feed(
    "logins",
    "sign-in names of people",
    (
        number("person", "user_id"),
        text("login", "unique_id", "unique_name", "login_id", "login", required=True),
        number("sis_id", "sis_user_id", required=False),
        text("state", "workflow_state"),
    ),
    (
        Output(
            "account",
            # A person with two numbers is not known by either.
            f"""SELECT _no, person AS account_key, 'platform_user' AS account_kind,
                       CASE WHEN count(DISTINCT sis_id) = 1 THEN max(sis_id) END AS sis_id,
                       CASE WHEN count(DISTINCT login) = 1 THEN max({EMAIL.format("login")}) END
                         AS email,
                       CASE WHEN count(DISTINCT login) = 1 THEN max(login) END AS username
                FROM rows WHERE NOT ({_GONE}) GROUP BY _no, person""",
        ),
    ),
    Scope.VALUE,
    scope_column="person",
    layouts="Canvas Data pseudonyms",
)

_TERMS = Feed(
    "enrollment_terms",
    "terms; the roster tells them",
    (
        number("id", "id"),
        text("name", "name", required=True),
        text("starts_at", "start_at", required=True),
        text("ends_at", "end_at", required=True),
        text("sis_id", "sis_term_id", "sis_source_id"),
    ),
    (),
    Scope.WHOLE,
)

#: The feeds of this module, in the order of the documentation.
FEEDS = (_COURSES, _SECTIONS, _ENROLLMENTS, _USERS, _LOGINS, _TERMS)
