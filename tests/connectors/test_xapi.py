"""xAPI statements end to end: each once, voided ones not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures import District, roster

ADL = "http://adlnet.gov/expapi"
ANN = {"mbox": "mailto:Ann@x.org", "objectType": "Agent"}
COURSE = {"id": "https://x.org/c/1", "definition": {"name": {"en-US": "Reading 3A"}}}


def statement(number: int, clock: str, actor: Any = ANN, **more: Any) -> dict[str, Any]:
    return {
        "id": f"{number:08d}-0000-4000-8000-00000000000A",
        "actor": actor,
        "verb": {"id": f"{ADL}/verbs/experienced", "display": {"en-US": "experienced"}},
        "object": {"id": "https://x.org/pages/1", "objectType": "Activity"},
        "timestamp": f"2025-09-08T{clock}:00Z",
        "stored": "2025-09-10T00:00:00Z",
        **more,
    }


def void(number: int, voided: int) -> dict[str, Any]:
    target = {"objectType": "StatementRef", "id": statement(voided, "00:00")["id"].lower()}
    verb = {"id": f"{ADL}/verbs/voided"}
    admin = {"account": {"name": "admin", "homePage": "https://x.org"}}
    return statement(number, "20:00", admin, verb=verb, object=target)


def result(*statements: Any) -> str:
    return json.dumps({"statements": list(statements), "more": ""})


@pytest.fixture
def district(tmp_path: Path) -> District:
    made = District(tmp_path, ("oneroster", "xapi"))
    made.put_all("oneroster", roster(("11 Ann Ash c1", "12 Bob Bell c1")))
    return made


def days(district: District, columns: str = "student_id, minutes, events") -> list[Any]:
    found = district.ask(
        f"SELECT {columns} FROM facts.daily_activity WHERE platform = 'xapi' ORDER BY ALL"
    )
    return [tuple(row.values()) for row in found]


def test_statements_become_minutes_answers_and_classes(district: District) -> None:
    answered = {"verb": {"id": f"{ADL}/verbs/answered"}}
    grouping = {"context": {"contextActivities": {"grouping": [COURSE]}}}
    district.put(
        "xapi/day.json",
        result(
            statement(1, "14:00", **grouping),
            statement(2, "14:05", result={"success": True}, **answered, **grouping),
            statement(3, "14:08", result={"success": False}, **answered, **grouping),
            statement(4, "14:20", result={"success": True, "duration": "PT4M"}, **grouping),
            statement(5, "14:00", {"account": {"name": "bob", "homePage": "https://x.org"}}),
            statement(6, "14:01", {"objectType": "Group", "mbox": "mailto:all@x.org"}),
        ),
    )
    district.build()
    columns = "student_id, class_id, minutes, minutes_basis, items_attempted, items_correct, events"
    assert days(district, columns) == [
        ("U11", "c1", 8.0, "sessionised", 2, 1, 4),
        ("U12", None, 0.0, "sessionised", None, None, 1),
    ]
    assert district.lake("event", "seconds", "seconds IS NOT NULL") == [(240.0,)]


@pytest.mark.slow
def test_a_voided_statement_counts_not_at_all_whichever_file_comes_first(
    district: District,
) -> None:
    district.put("xapi/a.json", result(void(8, 2), statement(1, "14:00")))
    district.put("xapi/b.json", result(statement(2, "14:05"), statement(3, "14:07")))
    district.put("xapi/c.json", result(statement(1, "14:00"), void(9, 3)))
    district.build()
    assert days(district) == [("U11", 0.0, 1)]


@pytest.mark.slow
def test_statements_as_lines_as_a_list_and_by_the_old_form(district: District) -> None:
    old = {"context": {"contextActivities": {"grouping": COURSE}}}
    district.put(
        "xapi/lines.jsonl", "".join(json.dumps(statement(n, f"14:0{n}")) + "\n" for n in (1, 2))
    )
    district.put(
        "xapi/list.json", json.dumps([statement(3, "14:03"), statement(4, "14:04", **old)])
    )
    unstored = statement(5, "14:06")
    del unstored["id"]
    district.put("xapi/noid.json", result(unstored))
    district.put("xapi/noid2.json", result(unstored, statement(6, "14:07")))
    district.build()
    assert days(district, "class_id, minutes, events") == [("c1", 2.0, 1), (None, 4.0, 5)]


def test_of_several_groupings_only_a_course_is_the_class(district: District) -> None:
    course = {"id": "https://x.org/c/1", "definition": {"type": f"{ADL}/activities/course"}}
    other = {"id": "https://x.org/unit"}
    drawn = [[course, other], [other, {"id": "https://x.org/u2"}], [other], []]
    made = [
        statement(n, f"14:0{n}", context={"contextActivities": {"grouping": groups}})
        for n, groups in enumerate(drawn)
    ]
    district.put("xapi/day.json", result(*made))
    district.take()
    assert district.lake("event", "left(event_id, 8), class_key") == [
        ("00000000", "https://x.org/c/1"),
        ("00000001", None),
        ("00000002", "https://x.org/unit"),
        ("00000003", None),
    ]


@pytest.mark.parametrize(
    ("content", "state"),
    [
        ("", ("refused", "empty_file")),
        (result(), ("refused", "header_only")),
        (result(statement(1, "14:00"))[:-9], ("refused", "cut_file")),
        ('[{"verb": {"id": "v"}, "object": {"id": "o"}}]', ("loaded", None)),
        ('[{"id": "1", "name": "x"}]', ("refused", "unknown_layout")),
    ],
)
def test_what_becomes_of_odd_files(
    district: District, content: str, state: tuple[str, str | None]
) -> None:
    district.put("xapi/day.json", content)
    district.take()
    assert district.states("xapi")["day.json"] == state
    assert district.lake("event", "*") == []


def test_a_statement_with_a_bad_time_is_turned_away_alone(district: District) -> None:
    district.put(
        "xapi/day.json", result(*(statement(n, f"14:0{n}") for n in (1, 2)), statement(3, "x"))
    )
    district.take()
    assert district.faults("day.json") == [(3, "told_at", "not_a_date")]
    assert len(district.lake("event", "*")) == 2
