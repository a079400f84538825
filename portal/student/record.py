"""Everything about one student, as tables of one document.

Belongs here: which tables, in which order, and what is left out: the access log, which is about
adults, and what the pictures already are. Rows stand as published; nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

from portal.student.check_ins import Asked, adults
from warehouse.notes import card_actions, check_ins, exclusions


@dataclass(frozen=True)
class Section:
    """One table of the document."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


def sections(asked: Asked, student_id: str, class_ids: Iterable[str]) -> list[Section]:
    """What people wrote first, with its trail, then what the platforms' files tell."""
    revisions = check_ins.every(asked.notes, [student_id])
    left_out = exclusions.standing(asked.notes, [student_id])
    answers = [
        a for a in card_actions.standing(asked.notes, class_ids) if a.student_id == student_id
    ]
    names = adults(
        asked,
        [r.staff_id for r in revisions] + [r.written_by for r in revisions]
        + [e.decided_by for e in left_out] + [a.decided_by for a in answers],
    )  # fmt: skip
    return [
        section("Check-ins, every revision, the oldest first", map(asdict, revisions), names),
        section("Weeks that a teacher left out", map(asdict, left_out), names),
        section("What adults decided on cards", map(asdict, answers), names),
        *(section(t, asked.rows(sql, {"id": student_id}), {}) for t, sql in _TABLES),
    ]


#: Columns of adults: read as names.
_ADULTS = frozenset({"staff_id", "owner_id", "written_by", "decided_by"})


def section(
    title: str, rows: Iterable[dict[str, Any]], names: Mapping[str, str] = MappingProxyType({})
) -> Section:
    """A table of rows; adults by their names where those are known."""
    found = [
        {c: names.get(v, v) if c in _ADULTS else v for c, v in row.items() if c != "student_id"}
        for row in rows
    ]
    columns = tuple(found[0]) if found else ()
    return Section(title, columns, tuple(tuple(row.values()) for row in found))


_OF = "WHERE student_id = $id ORDER BY ALL"
_TABLES = (
    ("On the roster", f"SELECT * FROM roster.student {_OF}"),
    ("Classes", """SELECT section.title, section.subject, begin_date, end_date
        FROM roster.enrollment JOIN roster.class_section AS section USING (class_id)
        WHERE person_id = $id AND role = 'student' ORDER BY ALL"""),
    ("Adults who are the student's own", """SELECT adult.given_name, adult.family_name, begin_date,
        end_date FROM roster.mentor JOIN roster.staff AS adult USING (staff_id)
        WHERE student_id = $id ORDER BY ALL"""),
    ("Who may see these pages, and why", """SELECT adult.given_name, adult.family_name, reason
        FROM views.student_access JOIN roster.staff AS adult USING (staff_id)
        WHERE student_id = $id ORDER BY ALL"""),
    ("Accounts", f"""SELECT platform, account_key, account_kind, email, username, given_name,
        family_name, full_name, grade_level, school_name FROM facts.account {_OF}"""),
    ("Interests and goals, as the student said", f"SELECT date, said FROM facts.interest {_OF}"),
    ("Check-ins of the district's file", """SELECT date, staff_id, topic, note, next_step, owner,
        due_date FROM facts.check_in WHERE source = 'file' AND student_id = $id ORDER BY ALL"""),
    ("What was told on boards", f"""SELECT week_start, rule_id, platform, item_title, value,
        reference, n, window_start, window_end, rule_version FROM views.card {_OF}"""),
    ("Progress by subject", f"SELECT * FROM views.student_progress {_OF}"),
    ("Tests", f"""SELECT taken_on, platform, term, subject, test_name, status, score,
        standard_error, percentile, rapid_guess_percent FROM facts.assessment_result {_OF}"""),
    ("Growth", f"""SELECT term, platform, subject, from_term, to_term, projected_growth,
        observed_growth, observed_growth_se, met_projected FROM facts.assessment_growth {_OF}"""),
    ("Skills", f"""SELECT platform, skill_name, skill_state, basis, attempts, mastered_on,
        last_worked
        FROM views.student_skill {_OF}"""),
    ("Assignments", f"""SELECT due_on, platform, title, state, assigned_at, started_at,
        submitted_at, due_at, start_delay, lead_hours, score_percent
        FROM views.assignment_timing {_OF}"""),
    ("Weeks", """SELECT week_start, platform, status, minutes, units_completed, items_attempted,
        items_correct, active_days, days_present, target_minutes, usual_minutes, share_of_usual,
        pacing, data_through FROM views.student_platform_week
        WHERE student_id = $id AND status <> 'not_rostered' ORDER BY ALL"""),
    ("Days", f"""SELECT date, platform, minutes, minutes_basis, units_completed, items_attempted,
        items_correct, events FROM facts.daily_activity {_OF}"""),
    ("Attendance that was told", f"SELECT date, present FROM roster.attendance {_OF}"),
)  # fmt: skip
