"""OneRoster 1.0, 1.1 and 1.2: rosters, bulk and delta, as a zip or a folder of CSVs.

Header names: the 1EdTech specification.
"""

from __future__ import annotations

from connectors.contract import Column, Feed, Kind, Output, Platform, Scope, words_between
from connectors.platforms._oneroster import CHANGE as _CHANGE
from connectors.platforms._oneroster import CHANGED as _CHANGED
from connectors.platforms._oneroster import KEPT as _KEPT
from connectors.platforms._oneroster import SOURCED as _SOURCED
from connectors.platforms._oneroster import STATUS as _STATUS
from connectors.platforms._oneroster import change as _change
from connectors.platforms._oneroster import date_column as _date
from connectors.platforms._oneroster import delta as _delta
from connectors.platforms._oneroster import id_column as _id
from connectors.platforms._oneroster import text_column as _text
from connectors.platforms._oneroster_gradebook import LINE_ITEMS, RESULTS

_ORGS = Feed(
    "orgs",
    "schools and districts",
    (
        _SOURCED,
        _STATUS,
        _CHANGED,
        _text("name", "name", required=True, filled=True),
        _text("org_type", "type", required=True, filled=True),
        _id("identifier", "identifier", required=False),
        _id("parent_id", "parentSourcedId", required=False),
    ),
    (
        Output(
            "org",
            f"""SELECT _no, {_CHANGE},
                       sourced_id AS org_id, name, lower(org_type) AS org_type,
                       identifier, parent_id
                FROM rows WHERE {_KEPT}""",
        ),
    ),
    Scope.WHOLE,
    key=("sourced_id",),
    stems=("orgs",),
    delta=_delta("orgs"),
)

_USERS = Feed(
    "users",
    "students and adults",
    (
        _SOURCED,
        _STATUS,
        _CHANGED,
        Column("enabled", Kind.BOOLEAN, ("enabledUser",), required=False),
        _text("orgs", "orgSourcedIds", "orgSourcedId", "primaryOrgSourcedId", required=True),
        # 1.2 tells the role in roles.csv; a file of neither layout lacks it.
        _text("layout", "role", "primaryOrgSourcedId", "userMasterIdentifier", required=True),
        _text("role", "role", filled=True),
        _text("username", "username"),
        _text("given_name", "givenName", required=True),
        _text("family_name", "familyName", required=True),
        _text("middle_name", "middleName"),
        _text("preferred_name", "preferredGivenName", "metadata.preferredGivenName"),
        _id("identifier", "identifier", required=False),
        _text("email", "email"),
        _text("grades", "grades", "grade"),
    ),
    (
        Output(
            "person",
            f"""SELECT _no, {_CHANGE},
                       sourced_id AS person_id, lower(role) AS role,
                       coalesce(identifier, sourced_id) AS sis_id,
                       username, email, given_name, family_name, middle_name, preferred_name,
                       nullif(trim(split_part(grades, ',', 1)), '') AS grade_level,
                       nullif(trim(split_part(orgs, ',', 1)), '') AS org_id,
                       coalesce(enabled, coalesce(lower(status), '') <> 'inactive') AS enabled
                FROM rows WHERE {_KEPT}""",
        ),
    ),
    Scope.WHOLE,
    key=("sourced_id",),
    stems=("users",),
    delta=_delta("users"),
    guards_size=True,
)

_ROLES = Feed(
    "roles",
    "roles of people",
    (
        _SOURCED,
        _STATUS,
        _CHANGED,
        _id("person_id", "userSourcedId", filled=True),
        _text("role_type", "roleType"),
        _text("role", "role", required=True, filled=True),
        _date("begin_date", "beginDate"),
        _date("end_date", "endDate"),
        _id("org_id", "orgSourcedId", required=False),
    ),
    (
        Output(
            "person_role",
            f"""SELECT _no, {_CHANGE},
                       sourced_id AS role_ref, person_id,
                       lower(role_type) AS role_type, lower(role) AS role, org_id, begin_date,
                       end_date
                FROM rows WHERE {_KEPT}""",
        ),
    ),
    Scope.WHOLE,
    key=("sourced_id",),
    stems=("roles",),
    delta=_delta("roles"),
    guards_size=True,
    layouts="1.2",
)

_COURSES = Feed(
    "courses",
    "courses",
    (
        _SOURCED,
        _STATUS,
        _CHANGED,
        _text("title", "title", required=True),
        _text("course_code", "courseCode"),
        _id("org_id", "orgSourcedId", required=False),
        _text("subjects", "subjects"),
    ),
    (
        Output(
            "course",
            f"""SELECT _no, {_CHANGE},
                       sourced_id AS course_id, title, course_code, org_id, subjects
                FROM rows WHERE {_KEPT}""",
        ),
    ),
    Scope.WHOLE,
    key=("sourced_id",),
    stems=("courses",),
    delta=_delta("courses"),
)

_CLASSES = Feed(
    "classes",
    "classes",
    (
        _SOURCED,
        _STATUS,
        _CHANGED,
        _text("title", "title", required=True),
        _text("grades", "grades", "grade"),
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
            f"""SELECT _no, {_CHANGE},
                       sourced_id AS class_id, title, class_code,
                       lower(class_type) AS class_type,
                       school_id, nullif(trim(split_part(terms, ',', 1)), '') AS term_id, course_id,
                       subjects AS subject, grades AS grade_level, periods AS period
                FROM rows WHERE {_KEPT}""",
        ),
    ),
    Scope.WHOLE,
    key=("sourced_id",),
    stems=("classes",),
    delta=_delta("classes"),
    guards_size=True,
)

_ENROLLMENTS = Feed(
    "enrollments",
    "who is in which class",
    (
        _SOURCED,
        _STATUS,
        _CHANGED,
        _id("class_id", "classSourcedId", filled=True),
        _id("person_id", "userSourcedId", filled=True),
        _text("role", "role", required=True, filled=True),
        _date("begin_date", "beginDate"),
        _date("end_date", "endDate"),
    ),
    (
        Output(
            "enrollment",
            f"""SELECT _no, {_change("inactive")},
                       sourced_id AS enrollment_ref, class_id, person_id,
                       lower(role) AS role, begin_date, end_date
                FROM rows
                WHERE {_KEPT} AND (_is_delta OR coalesce(lower(status), '') <> 'inactive')""",
        ),
    ),
    Scope.WHOLE,
    key=("sourced_id",),
    stems=("enrollments",),
    delta=_delta("enrollments"),
    guards_size=True,
)

_SESSIONS = Feed(
    "academic_sessions",
    "terms",
    (
        _SOURCED,
        _STATUS,
        _CHANGED,
        _text("title", "title", required=True),
        _text("term_type", "type", required=True),
        _date("start_date", "startDate", required=True),
        _date("end_date", "endDate", required=True),
        _id("parent_id", "parentSourcedId", required=False),
        _text("school_year", "schoolYear"),
    ),
    (
        Output(
            "term",
            f"""SELECT _no, {_CHANGE},
                       sourced_id AS term_id, title, term_type, start_date, end_date,
                       parent_id, school_year
                FROM rows WHERE {_KEPT}""",
        ),
    ),
    Scope.WHOLE,
    key=("sourced_id",),
    stems=("academicSessions",),
    delta=_delta("academicSessions"),
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
    "demographics without the birth date; they enter no measure, only the fairness audit",
    (
        _id("sourced_id", "sourcedId", "userSourcedId", filled=True),
        _STATUS,
        _CHANGED,
        _text("sex", "sex"),
        _text("hispanic_or_latino", "hispanicOrLatinoEthnicity"),
        *(_text(race.lower(), race) for race in _RACES),
    ),
    (
        Output(
            "demographic",
            f"SELECT _no, {_CHANGE}, sourced_id AS person_id, sex, hispanic_or_latino, "
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
    delta=_delta("demographics"),
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
Send each export as one zip (best) or as a folder of CSV files, bulk or delta. The files of one zip
stand or fall together: if one of them is turned away, the last good roster stays; the gradebook's
files alone fall by themselves. A student who is no longer in the newest bulk is kept as not
active. Rows of a bulk whose `status` is `tobedeleted` are left out, and enrollments that 1.0 calls
`inactive`.

**Bulk or delta** is told by the manifest of the same zip or folder, per file (`file.users`).
Without a manifest, or without a word on the file, it is a bulk. A file that the manifest calls
absent is not read, and what is known stays. A delta's rows are laid over the newest bulk, if they
were made after it: of several changes of one `sourcedId` the one with the newest
`dateLastModified` counts, else the one of the newest delta. `tobedeleted` takes a row away; a
student stays known as not active. Deltas made before the newest bulk no longer count, in whatever
order they arrive, and a delta sent twice counts once. Where no bulk ever came, the deltas are all
that is known. In a folder that is written anew for each delivery the manifest nearest in time is
meant, so a zip is the safer way.

**1.2** tells the role of a person in `roles.csv`, and a person may have several: a role that has
not ended comes before one that has, a primary one before a secondary one, then student before the
others. A delivery whose users have no `role` and that has no `roles.csv` knows no students.

**Gradebook** (`lineItems`, `results`): a due date without a clock time, or with midnight, is the
end of that day. `scoreDate` is the day of the score, not of handing in, and enters no measure. On
time and late come from the flags of 1.2 alone; 1.1 tells what was not submitted, and nothing of
time. Only students with a result have an assignment. A result that tells neither a score nor a
state is left out.

Unknown: whether work without a `late` flag was on time; what a score means on a scale of letters
(a `score` that is no number turns the row away). Not read: categories, score scales, resources,
user profiles, and roster services over the network.
"""

#: Columns that the platform documents and nothing here reads.
_LEAVES = """
metadata.*|ext_*|location|subjectCodes|grade|grades|schoolYear*|countryOfBirthCode
stateOfBirthAbbreviation|cityOfBirth|publicSchoolResidenceStatus|schoolSourcedId|primary
userId*|sms|phone|agent*|password|birthDate|birthdate
"""

PLATFORM = Platform(
    "oneroster",
    "OneRoster",
    (
        _ORGS,
        _USERS,
        _ROLES,
        _COURSES,
        _CLASSES,
        _ENROLLMENTS,
        _SESSIONS,
        _DEMOGRAPHICS,
        LINE_ITEMS,
        RESULTS,
        _MANIFEST,
    ),
    whole_archives=True,
    manifest="manifest",
    ignores=(
        "categories",
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
    ),
    leaves=words_between(_LEAVES),
    carries="who is who: schools, people, classes, enrollments, terms, demographics; the gradebook",
    tested_on="real header lines, fictional people (1.0, 1.1 and 1.2); the sample district",
    about=_ABOUT,
)
