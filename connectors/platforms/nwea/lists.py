"""NWEA's lists: who is at which school, in which class, in which program."""

from __future__ import annotations

from connectors.contract import Feed, Kind, Output, Scope
from connectors.platforms.nwea.columns import ACCOUNT, PERSON, SCHOOL, STUDENT, TERM, col

STUDENTS = Feed(
    "students_by_school",
    "StudentsBySchool",
    (TERM, STUDENT, *PERSON),
    (Output("account", ACCOUNT),),
    Scope.VALUE,
    key=("term", "student", "school_name"),
    scope_column="term",
    scope_part="school_name",
    stems=("StudentsBySchool", "StudentBySchool"),
    layouts="11 columns, 16 since 2020",
)

#: Classes of one name at one school are told apart by their teacher, and each term has its own.
_CLASS_KEY = (
    "'nwea:' || left(sha256(concat_ws('|', term, coalesce(school_name, ''), class_name, "
    "coalesce(teacher_id, teacher_name, ''))), 32)"
)
CLASSES = Feed(
    "class_assignments",
    "ClassAssignments",
    (
        TERM,
        STUDENT,
        SCHOOL,
        col("class_name", Kind.TEXT, "ClassName", required=True, filled=True),
        col("teacher_name", Kind.TEXT, "TeacherName"),
        col("teacher_id", Kind.TEXT, "TeacherID"),
    ),
    (
        Output(
            "platform_class",
            f"""SELECT DISTINCT _no, {_CLASS_KEY} AS class_key, class_name AS title FROM rows""",
        ),
        Output(
            "class_member",
            f"""SELECT DISTINCT _no, {_CLASS_KEY} AS class_key, student AS account_key,
                       'student' AS role FROM rows""",
        ),
    ),
    Scope.VALUE,
    key=("term", "student", "school_name", "class_name", "teacher_name", "teacher_id"),
    scope_column="term",
    scope_part="school_name",
    stems=("ClassAssignments", "ClassAssignment"),
    layouts="5 columns, 11 since 2020",
)

PROGRAMS = Feed(
    "program_assignments",
    "ProgramAssignments; they stay in the lake and enter no measure",
    (TERM, STUDENT, col("program", Kind.TEXT, "Program", required=True, filled=True)),
    (
        Output(
            "student_program",
            """SELECT _no, student AS account_key, term, 'program' AS kind, program AS name
               FROM rows""",
        ),
    ),
    Scope.VALUE,
    key=("term", "student", "program"),
    scope_column="term",
    stems=("ProgramAssignments", "ProgramAssignment"),
    layouts="3 columns, 5 since 2020",
)

ACCOMMODATIONS = Feed(
    "accommodation_assignments",
    "AccommodationAssignment; they stay in the lake and enter no measure",
    (
        TERM,
        STUDENT,
        col("test_id", Kind.TEXT, "TestID"),
        col("category", Kind.TEXT, "AccommodationCategory"),
        col("accommodation", Kind.TEXT, "Accommodation", required=True, filled=True),
    ),
    (
        Output(
            "student_program",
            """SELECT DISTINCT _no, student AS account_key, term, 'accommodation' AS kind,
                      concat_ws(': ', category, accommodation) AS name FROM rows""",
        ),
    ),
    Scope.VALUE,
    key=("term", "student", "test_id", "category", "accommodation"),
    scope_column="term",
    stems=("AccommodationAssignment", "AccommodationAssignments"),
    layouts="6 columns",
)
