"""Contracts of the lake's tables: what every platform's exports are turned into.

Belongs here: names, grain, keys, types, units and meaning of each column. Not here: how a
platform's columns become these (connectors/), nor what is computed from them (transforms/).

Names follow OneRoster, Ed-Fi and Caliper. Instants are UTC; a DATE is a local day of the
district; minutes are DOUBLE, counts BIGINT, ids VARCHAR.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Columns that every lake table carries beside its own.
PROVENANCE: tuple[tuple[str, str, str], ...] = (
    ("platform", "VARCHAR", "platform that sent the row"),
    ("feed", "VARCHAR", "feed of that platform"),
    ("scope", "VARCHAR", "what the file covers; a newer file of the same scope replaces it"),
    ("source_file", "VARCHAR", "SHA-256 of the file the row came from"),
    ("exported_on", "DATE", "day the file was made, as the ledger knows it"),
    ("is_current", "BOOLEAN", "false where a newer file of the same scope has replaced this one"),
)


@dataclass(frozen=True)
class Field:
    """One column of a lake table: SQL type, meaning with unit, and whether it tells of a child."""

    name: str
    type: str
    doc: str

    @property
    def may_be_absent(self) -> bool:
        """Whether its meaning speaks of rows without it."""
        return "NULL" in self.doc or "where told" in self.doc


@dataclass(frozen=True)
class LakeTable:
    """One table of the lake.

    `keeps_history`: superseded files stay readable (`is_current` false), so that a student who
    disappears from a roster is still known as having been there. `merged_by`: columns by which a
    delta's row finds the row that it changes; the key where empty.
    """

    name: str
    grain: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    keeps_history: bool = False
    merged_by: tuple[str, ...] = ()

    def ddl(self) -> str:
        """The body of CREATE TABLE, own columns first, provenance last."""
        own = [f"{f.name} {f.type}" for f in self.fields]
        return ", ".join(own + [f"{name} {kind}" for name, kind, _ in PROVENANCE])

    @property
    def names(self) -> tuple[str, ...]:
        """Own column names in order."""
        return tuple(f.name for f in self.fields)


def _table(
    name: str,
    grain: str,
    key: str,
    fields: str,
    *,
    keeps_history: bool = False,
    merged_by: str = "",
) -> LakeTable:
    """Read a drawn table: one `name TYPE meaning` line per column."""
    rows = [line.split(None, 2) for line in fields.strip().splitlines()]
    return LakeTable(
        name,
        grain,
        tuple(key.split()),
        tuple(Field(n, t, d) for n, t, d in rows),
        keeps_history,
        tuple(merged_by.split()),
    )


# Drawn tables:
# fmt: off
LAKE: dict[str, LakeTable] = {
    table.name: table
    for table in (
        # -- rosters (OneRoster names) ---------------------------------------------------------
        _table("org", "school or district", "org_id", """
            org_id VARCHAR the roster's sourcedId
            name VARCHAR name as the roster spells it
            org_type VARCHAR school, district, ...
            identifier VARCHAR state or local number
            parent_id VARCHAR org above this one
        """),
        _table("person", "person of the roster", "person_id", """
            person_id VARCHAR the roster's sourcedId
            role VARCHAR student, teacher, administrator, ...; NULL = told in person_role
            sis_id VARCHAR number in the student information system, else the sourcedId
            username VARCHAR sign-in name
            email VARCHAR e-mail address
            given_name VARCHAR given name
            family_name VARCHAR family name
            middle_name VARCHAR middle name
            preferred_name VARCHAR name the person goes by
            grade_level VARCHAR grade as the roster writes it
            org_id VARCHAR first school of the person
            enabled BOOLEAN false where the roster has switched the person off
        """, keeps_history=True),
        _table("person_role", "role of a person", "role_ref", """
            role_ref VARCHAR the roster's own id of the line
            person_id VARCHAR person
            role_type VARCHAR primary or secondary
            role VARCHAR student, teacher, administrator, ...
            org_id VARCHAR school or district in which the person has it
            begin_date DATE first day, NULL = from the start
            end_date DATE last day, NULL = still
        """, keeps_history=True),
        _table("course", "course", "course_id", """
            course_id VARCHAR sourcedId
            title VARCHAR title
            course_code VARCHAR code
            org_id VARCHAR school or district that offers it
            subjects VARCHAR subjects as written
        """),
        _table("term", "term, semester or school year", "term_id", """
            term_id VARCHAR sourcedId
            title VARCHAR title
            term_type VARCHAR schoolYear, semester, term, gradingPeriod
            start_date DATE first day
            end_date DATE last day
            parent_id VARCHAR longer term that holds this one
            school_year VARCHAR year in which it ends
        """),
        _table("class_section", "class", "class_id", """
            class_id VARCHAR sourcedId
            title VARCHAR title
            class_code VARCHAR code
            class_type VARCHAR homeroom or scheduled
            school_id VARCHAR school
            term_id VARCHAR term, the first where the roster lists several
            course_id VARCHAR course
            subject VARCHAR subject as written
            grade_level VARCHAR grades as written
            period VARCHAR period
        """),
        _table("enrollment", "class x person x begin", "class_id person_id role begin_date enrollment_ref", """
            enrollment_ref VARCHAR the roster's own id of the line; NULL = none
            class_id VARCHAR class
            person_id VARCHAR person
            role VARCHAR student, teacher, aide, ...
            begin_date DATE first day in the class, NULL = from the start
            end_date DATE last day in the class, NULL = still there
        """, merged_by="enrollment_ref"),
        _table("demographic", "person", "person_id", """
            person_id VARCHAR person
            sex VARCHAR as written
            hispanic_or_latino VARCHAR as written
            races VARCHAR names of the race columns that say true, joined by a semicolon
        """),
        _table("roster_property", "line of the roster's manifest", "property", """
            property VARCHAR propertyName
            value VARCHAR value
        """),
        # -- the district's own files ----------------------------------------------------------
        _table("mentor", "student x adult x begin", "student_sis_id staff_id begin_date", """
            student_sis_id VARCHAR SIS id of the student
            staff_id VARCHAR the one consistent adult: sourcedId or SIS id
            begin_date DATE first day, NULL = from the start
            end_date DATE last day, NULL = still
        """),
        _table("calendar_day", "school x day", "school_id date", """
            school_id VARCHAR school, NULL = every school
            date DATE day
            is_school_day BOOLEAN whether children are expected
            note VARCHAR holiday's name or the like
        """),
        _table("attendance", "student x day", "student_sis_id date", """
            student_sis_id VARCHAR SIS id of the student
            date DATE day
            present BOOLEAN present that day
        """),
        _table("check_in", "check-in", "student_sis_id staff_id date topic note next_step owner_id due_date", """
            student_sis_id VARCHAR SIS id of the student
            staff_id VARCHAR the adult: sourcedId or SIS id; NULL = not told
            date DATE day of the conversation
            topic VARCHAR what it was about
            note VARCHAR what the student said, or the adult learned
            next_step VARCHAR what was agreed
            owner_id VARCHAR the adult who does it: sourcedId or SIS id; NULL = nobody
            due_date DATE until when
        """),
        _table("interest", "student x day x words", "student_sis_id date said", """
            student_sis_id VARCHAR SIS id of the student
            date DATE day it was said
            said VARCHAR in the student's own words
        """),
        _table("student_group", "student x group x value", "student_sis_id group_name group_value", """
            student_sis_id VARCHAR SIS id of the student
            group_name VARCHAR group, such as English learner
            group_value VARCHAR the student's value in it
        """),
        # -- accounts and activity -------------------------------------------------------------
        _table("account", "platform account", "account_key", """
            account_key VARCHAR the platform's own account; a hash where the platform tells only a name
            account_kind VARCHAR what the key is: sis_id, the platform's own id (lexia_id, clever_id, platform_user, ...), login, email, directory, name_in_class
            sis_id VARCHAR SIS or state id, where told
            email VARCHAR e-mail address, where told
            username VARCHAR sign-in name, where told
            given_name VARCHAR given name, where told
            family_name VARCHAR family name, where told
            full_name VARCHAR whole name, where the platform does not part it
            grade_level VARCHAR grade as written
            school_name VARCHAR school as written
            class_key VARCHAR the platform's class, where the account exists only within one
        """),
        _table("daily_activity", "account x day x class", "account_key date class_key", """
            account_key VARCHAR account
            date DATE local day
            class_key VARCHAR the platform's class, where told
            minutes DOUBLE minutes; NULL where the platform does not measure time
            minutes_basis VARCHAR exported, sessionised or clicks; NULL where no time is told
            items_attempted BIGINT items tried
            items_correct BIGINT items right
            units_completed DOUBLE units (lessons, skills) finished
            events BIGINT clicks or other events
        """),
        _table("usage_snapshot", "account x export day", "account_key date", """
            account_key VARCHAR account
            date DATE day of the export
            week_start DATE Monday of that week
            week_minutes DOUBLE minutes since Monday, as of the export
            today_minutes DOUBLE minutes of the export's day, where told
            week_units DOUBLE units since Monday
            today_units DOUBLE units of the export's day, where told
            target_minutes DOUBLE the student's own weekly target in minutes; NULL = none
            target_units DOUBLE the student's own weekly target in units; NULL = none
        """),
        _table("usage_week", "account x week", "account_key week_start", """
            account_key VARCHAR account
            week_start DATE Monday
            through DATE last day the figures cover
            minutes DOUBLE minutes in the week
            units_completed DOUBLE units finished in the week
            target_minutes DOUBLE weekly target in minutes; NULL = none
            target_units DOUBLE weekly target in units; NULL = none
        """),
        _table("assignment", "assignment", "assignment_id", """
            assignment_id VARCHAR the platform's id, else made of class, title and due day
            class_key VARCHAR the platform's class
            title VARCHAR title
            kind VARCHAR exercise, quiz, TMA, ... as the platform names it
            assigned_at TIMESTAMP when it opened (UTC); NULL = unknown
            due_at TIMESTAMP when it is due (UTC); the end of the local day where only a day is told
            due_on DATE local day on which it is due
            points_possible DOUBLE points possible
            listed_only BOOLEAN true where only students listed in the file have it, false where the whole class has
            class_starts_on DATE first day of the class, for platforms that count days from it
            data_through DATE last day the file can know of; NULL = it is no list of hand-ins and gives way to one
            withdrawn BOOLEAN true where the platform says that it is deleted or not published
        """),
        _table("submission", "assignment x account", "assignment_id account_key", """
            assignment_id VARCHAR assignment
            account_key VARCHAR account
            started_at TIMESTAMP when work began (UTC); NULL = unknown
            due_at TIMESTAMP when it is due for this student (UTC); NULL = as the assignment says
            due_on DATE local day of that
            submitted_at TIMESTAMP when it was handed in (UTC); NULL = unknown or not
            submitted_on DATE local day of handing in, where told
            submitted_day BIGINT day of handing in counted from the first day of the class, where the platform counts so
            timing VARCHAR on_time, late or not_submitted where the platform tells only that, missing where it says so itself, unknown where no hand-in is told and none may have been asked for; NULL = judge by the times
            worked_after_due BOOLEAN work went on after the due time; NULL = unknown
            score DOUBLE points of the best attempt
            score_percent DOUBLE percent, unrounded
            score_at_due DOUBLE points at the due time
            scored_on DATE local day on which the score was given; NULL = not told
            attempts BIGINT attempts
            excused BOOLEAN not counted for this student (banked, excused)
            data_through DATE last day the file can know of; NULL = as the assignment says
        """),
        _table("event", "event", "event_id", """
            event_id VARCHAR the platform's id of the event; one that comes again counts once
            account_key VARCHAR account
            happened_at TIMESTAMP when it happened (UTC)
            date DATE local day of that
            class_key VARCHAR the platform's class, where told
            action VARCHAR what was done, as the platform names it; `voided` takes back the event that object_id names
            object_id VARCHAR what it was done to
            seconds DOUBLE duration that the event itself tells; NULL = none
            correct BOOLEAN whether the answer was right; NULL = no answer, or not told
        """),
        _table("platform_class", "platform's class", "class_key", """
            class_key VARCHAR the platform's id of the class
            title VARCHAR title
            class_code VARCHAR code
            sis_id VARCHAR id of the class in the student information system, where told
        """),
        _table("class_member", "platform's class x account", "class_key account_key role", """
            class_key VARCHAR the platform's class
            account_key VARCHAR account
            role VARCHAR student, teacher, ... as the platform names it
        """),
        _table("student_program", "account x term x program", "account_key term kind name", """
            account_key VARCHAR account
            term VARCHAR term as written
            kind VARCHAR program or accommodation
            name VARCHAR as the platform names it
        """, keeps_history=True),
        _table("progress_week", "account x week x subject x measure", "account_key week_start subject measure", """
            account_key VARCHAR account
            week_start DATE Monday
            through DATE last day of the week the value covers; NULL = all of it, or not told
            subject VARCHAR course or subject
            measure VARCHAR what the platform counts, in its own words
            value DOUBLE its value for the week, unit as the platform has it
        """),
        _table("program_level", "account x program x day x moment", "account_key program date moment", """
            account_key VARCHAR account
            program VARCHAR the platform's program
            date DATE day of the export
            moment VARCHAR current, or start_of_year where the export tells where the student began
            level VARCHAR level as written
            grade_level_material VARCHAR grade of the material as written
            status VARCHAR status as written
            units_to_target DOUBLE units left to the platform's target or benchmark
        """),
        _table("resource", "learning resource", "resource_id", """
            resource_id VARCHAR the platform's id
            class_key VARCHAR the platform's class
            kind VARCHAR kind of activity
            week_from BIGINT first planned week
            week_to BIGINT last planned week
        """),
        # -- results ---------------------------------------------------------------------------
        _table("assessment_result", "test event", "result_id account_key", """
            result_id VARCHAR the platform's test id, or the key it documents
            account_key VARCHAR account
            term VARCHAR term as written
            school_year VARCHAR school year, such as 2013-2014; NULL = the term does not tell it
            school_name VARCHAR school as written
            subject VARCHAR subject
            course VARCHAR course
            test_name VARCHAR test
            taken_at TIMESTAMP start of the test (UTC)
            taken_on DATE local day of the test
            duration_minutes DOUBLE minutes
            score DOUBLE score in the scale of that test; NULL = no valid score
            standard_error DOUBLE standard error in scale points
            percentile BIGINT percentile within the publisher's norms
            rapid_guess_percent DOUBLE percent of items answered too fast to have been read; NULL = unknown
            growth_measure BOOLEAN true on the test that counts for growth, once per file, account, term, subject and course
            lexile VARCHAR reading measure as written, such as 805L or BR400L
            quantile VARCHAR mathematics measure as written
            lost_is_invalid BOOLEAN true where a result that a newer export lacks was declared invalid
        """, keeps_history=True),
        _table("result_unread", "test event of a row that was turned away", "result_id account_key term test_name taken_at", """
            result_id VARCHAR test event; NULL = could not be read
            account_key VARCHAR account; NULL = could not be read
            term VARCHAR term as written; NULL = could not be read
            test_name VARCHAR test; NULL = could not be read
            taken_at TIMESTAMP start of the test (UTC); NULL = could not be read
        """),
        _table("assessment_growth", "test event x term pair", "result_id account_key from_term to_term", """
            result_id VARCHAR test event that ends the pair
            account_key VARCHAR account
            subject VARCHAR subject
            term VARCHAR term of the test that ends the pair
            from_term VARCHAR fall, winter or spring
            to_term VARCHAR fall, winter or spring
            projected_growth DOUBLE scale points projected by the norms
            observed_growth DOUBLE scale points observed
            observed_growth_se DOUBLE its standard error
            met_projected VARCHAR Yes, No, Yes* or No* as written
            conditional_growth_index DOUBLE conditional growth index
            conditional_growth_percentile BIGINT conditional growth percentile
        """),
        _table("skill_state", "account x skill x day", "account_key skill_id date", """
            account_key VARCHAR account
            skill_id VARCHAR skill or activity
            date DATE local day of the latest work on it
            skill_name VARCHAR name
            class_key VARCHAR the platform's class, where told
            state VARCHAR complete, in_progress or not_started, as the platform flags it
            percent_completed DOUBLE percent of the skill's units done
            attempts BIGINT attempts of every kind
            needs_instruction BOOLEAN the platform's own flag
            level VARCHAR level as written
            minutes DOUBLE minutes on it so far
            passed BOOLEAN whether the platform calls it passed; NULL = not told
            score_percent DOUBLE percent right or mastered, as the platform tells it
        """),
        # -- what the files can know of -------------------------------------------------------
        _table("coverage", "file x class", "class_key covers_from", """
            class_key VARCHAR the platform's class, NULL = all
            covers_from DATE first day the file tells of
            covers_to DATE last day the file tells of
            of VARCHAR activity, assignments, assessments or roster
            absence_is_zero BOOLEAN true where no row means nothing was done (event logs); false where it means not observed
        """),
    )
}
