"""More tables of drawn cases (spec.py): tasks, skills, tests, check-ins, and many students at once."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from tests.transforms.conftest import Row, covered, monday
from tests.transforms.spec import Table
from tests.transforms.spec_drawing import GIVEN, Drawing, Fill, crowd, week

#: The day, a Tuesday, up to which all files of tasks tell; the latest whole week is week 12.
KNOWN = date(2026, 12, 1)
#: The latest week of which everything is told.
LATEST = 12


def _tasks(drawing: Drawing, table: Table, platform: str) -> None:
    """Assignments of the class, all known up to 1 December."""
    rows = [
        {
            "assignment_id": row["task"],
            "assigned_at": row.get("opened"),
            "due_at": row["due"],
            "due_on": row["due"] and datetime.fromisoformat(row["due"]).date(),
            "points_possible": row.get("points"),
            "class_key": row.get("class"),
        }
        for row in table.rows
    ]
    same = {"listed_only": True, "data_through": KNOWN}
    drawing.built.add("assignment", rows, platform=platform, **same)
    links = [
        {"class_key": name, "class_id": f"{name}{drawing.mark}"}
        for name in {row["class_key"] for row in rows} - {None}
    ]
    drawing.built.add("identity.class_link", links, platform=platform, evidence="id")
    covers = [{"covers_from": monday(0), "covers_to": KNOWN}]
    drawing.built.add("coverage", covers, platform=platform, of="assignments")


def _work(drawing: Drawing, table: Table, platform: str) -> None:
    rows = [
        {
            "assignment_id": row["task"],
            "account_key": table.who,
            "started_at": row.get("started"),
            "submitted_at": row.get("handed_in"),
            "score": row.get("points"),
            "score_percent": row.get("percent"),
            "excused": row.get("excused") == "yes",
        }
        for row in table.rows
    ]
    drawing.built.add("submission", rows, platform=platform)


def _answers(drawing: Drawing, table: Table, platform: str) -> None:
    """Answers to skills, one a day from the first Monday on."""
    rows: list[Row] = [
        {
            "event_id": f"{table.who}-{row['skill']}-{number}",
            "happened_at": f"{monday(0) + timedelta(days=number)} 15:00",
            "date": monday(0) + timedelta(days=number),
            "object_id": row["skill"],
            "correct": told == "right",
        }
        for row in table.rows
        for number, told in enumerate((row["answers"] or "").split(","))
    ]
    same = {"platform": platform, "account_key": table.who, "action": "answered"}
    drawing.built.add("event", rows, **same)


def _flags(drawing: Drawing, table: Table, platform: str) -> None:
    rows = [
        {
            "skill_id": row["skill"],
            "date": row["on"],
            "state": (row.get("state") or "").replace(" ", "_") or None,
            "needs_instruction": row.get("needs_instruction"),
            "passed": row.get("passed"),
        }
        for row in table.rows
    ]
    drawing.built.add("skill_state", rows, platform=platform, account_key=table.who)


def _tests(drawing: Drawing, table: Table, platform: str) -> None:
    rows = [
        {
            "result_id": row["test"],
            "subject": row["subject"],
            "term": row["test"],
            "taken_on": row["on"],
            "rapid_guess_percent": row.get("rapid"),
        }
        for row in table.rows
    ]
    same = {"platform": platform, "account_key": table.who, "score": 200, "growth_measure": True}
    drawing.built.add("assessment_result", rows, **same)


def _growth(drawing: Drawing, table: Table, platform: str) -> None:
    rows = [
        {
            "result_id": row["test"],
            "from_term": "fall",
            "to_term": "winter",
            "observed_growth": row["observed"],
            "observed_growth_se": row["error"],
            "projected_growth": row["projected"],
        }
        for row in table.rows
    ]
    drawing.built.add("assessment_growth", rows, platform=platform, account_key=table.who)


def _check_ins(drawing: Drawing, table: Table, platform: str) -> None:
    rows = [{"date": row["on"]} for row in table.rows]
    drawing.built.add("notes.check_in", rows, student_id=table.who + drawing.mark)


def _ceiling(drawing: Drawing, table: Table, platform: str) -> None:
    drawing.built.ceilings[f"s{drawing.mark}"] = float(table.rows[0]["minutes"] or 0)


def _students(drawing: Drawing, table: Table, platform: str) -> None:
    """Many at once. `minutes`: of the weeks up to the twelfth; `skill`: flagged in the twelfth;
    `because`: week in which the team said of the card below_threshold that it knows why."""
    people, built, mark = crowd(table), drawing.built, drawing.mark
    weeks: list[Row] = []
    for who, row in people:
        told = (row.get("minutes") or "").split(",") if row.get("minutes") else []
        for back, minutes in enumerate(reversed(told), 1):
            start = monday(LATEST - back)
            weeks.append(
                {
                    "account_key": who,
                    "week_start": start,
                    "through": start + timedelta(days=6),
                    "minutes": minutes,
                    "target_minutes": row.get("target"),
                }
            )
    built.add("usage_week", weeks, platform=platform)
    if weeks:
        covered(built, platform, LATEST, zero=False)
    work = [
        {
            "account_key": who,
            "submitted_at": row.get("handed_in"),
            "score_percent": row.get("percent"),
        }
        for who, row in people
        if row.get("handed_in")
    ]
    built.add("submission", work, platform=platform, assignment_id="one")
    skills = [
        {"account_key": who, "skill_id": row["skill"], "date": monday(LATEST - 1)}
        for who, row in people
        if row.get("skill")
    ]
    built.add("skill_state", skills, platform=platform, needs_instruction=True)
    letters = [
        {"student_sis_id": f"9{who}{mark}", "group_value": row["group"]}
        for who, row in people
        if row.get("group")
    ]
    built.add("student_group", letters, group_name="group")
    talks = [
        {"student_id": who + mark, "date": row["checked_in"]}
        for who, row in people
        if row.get("checked_in")
    ]
    built.add("notes.check_in", talks)
    known = [
        {"student_id": who + mark, "week_start": monday(week(row["because"]))}
        for who, row in people
        if row.get("because")
    ]
    same = {"platform": platform, "rule_id": "below_threshold", "action": "we_know_why"}
    built.add("notes.card_action", known, **same)


#: All titles that a case may give, and what each fills.
FILLS: dict[str, Fill] = {
    **GIVEN,
    "tasks": _tasks,
    "work": _work,
    "answers": _answers,
    "flags": _flags,
    "tests": _tests,
    "growth": _growth,
    "check ins": _check_ins,
    "ceiling": _ceiling,
    "students": _students,
}
