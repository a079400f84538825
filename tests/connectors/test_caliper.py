"""Caliper envelopes end to end: events become minutes, entities and software do not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.fixtures import District, roster
from warehouse.intake import casting

PEOPLE = tuple(f"{n} {given} Ash c1" for n, given in enumerate("Ann Bob Cid Dan Eve".split(), 11))
GROUP = {"id": "https://x.org/sections/1", "type": "CourseSection", "name": "Reading 3A"}


def person(user: str, **more: Any) -> dict[str, Any]:
    return {"id": f"https://x.org/users/{user}", "type": "Person", **more}


def by_email(name: str) -> dict[str, Any]:
    told = {"type": "SystemIdentifier", "identifierType": "EmailAddress"}
    return person(name, otherIdentifiers=[{**told, "identifier": f"{name}@x.org"}])


def event(number: int, clock: str, actor: Any, **more: Any) -> dict[str, Any]:
    return {
        "@context": "http://purl.imsglobal.org/ctx/caliper/v1p1",
        "id": f"urn:uuid:{number:032d}",
        "type": "NavigationEvent",
        "actor": actor,
        "action": "NavigatedTo",
        "object": {"id": "https://x.org/pages/1", "type": "WebPage"},
        "eventTime": clock if "T" in clock else f"2025-09-08T{clock}:00.000Z",
        **more,
    }


def envelope(*data: Any) -> str:
    head = {
        "sensor": "https://x.org/sensor",
        "sendTime": "2025-09-08T20:00:00.000Z",
        "dataVersion": "http://purl.imsglobal.org/ctx/caliper/v1p1",
    }
    return json.dumps({**head, "data": list(data)})


@pytest.fixture
def district(tmp_path: Path) -> District:
    made = District(tmp_path, ("oneroster", "caliper"))
    made.put_all("oneroster", roster(PEOPLE))
    return made


def days(district: District, columns: str = "account_key, minutes, events") -> list[Any]:
    found = district.ask(
        f"SELECT {columns} FROM facts.daily_activity WHERE platform = 'caliper' ORDER BY ALL"
    )
    return [tuple(row.values()) for row in found]


def test_events_of_persons_become_minutes_of_students(district: District) -> None:
    ann = by_email("ann")
    district.put(
        "caliper/day.json",
        envelope(
            event(1, "14:00", ann, group=GROUP),
            event(2, "14:06", ann, group=GROUP),
            event(3, "14:30", ann, group=GROUP),
            person("bob", name="Bob Bell"),
        ),
    )
    district.build()
    columns = "student_id, CAST(date AS VARCHAR), minutes, minutes_basis, events, class_id"
    assert days(district, columns) == [("U11", "2025-09-08", 6.0, "sessionised", 3, "c1")]
    assert district.lake("event", "action, object_id, seconds", "event_id LIKE '%1'") == [
        ("NavigatedTo", "https://x.org/pages/1", None)
    ]
    (week,) = district.ask(
        "SELECT observed_minutes, status FROM views.student_platform_week "
        "WHERE platform = 'caliper' AND student_id = 'U11' AND week_start = '2025-09-08'"
    )
    assert week == {"observed_minutes": 6.0, "status": "partial_week"}


@pytest.mark.slow
def test_one_event_in_several_files_counts_once(district: District) -> None:
    first, second = event(1, "14:00", by_email("ann")), event(2, "14:06", by_email("ann"))
    third = event(3, "14:08", by_email("ann"))
    district.put("caliper/a.json", envelope(first, second, second))
    district.put("caliper/b.json", envelope(second, third))
    district.build()
    assert days(district) == [("https://x.org/users/ann", 8.0, 3)]


@pytest.mark.slow
def test_a_file_that_comes_again_replaces_itself_and_no_other(district: District) -> None:
    ann = by_email("ann")
    district.put("caliper/a.json", envelope(event(1, "14:00", ann)))
    district.put("caliper/b.json", envelope(event(2, "14:04", ann), event(3, "14:09", ann)))
    district.take()
    district.put("caliper/b.json", envelope(event(2, "14:03", ann)))
    district.build()
    assert days(district) == [("https://x.org/users/ann", 3.0, 2)]


def test_plain_identifiers_and_old_names_are_read(district: District) -> None:
    ann = "https://x.org/users/ann"
    old = {
        "@type": "http://purl.imsglobal.org/caliper/v1/NavigationEvent",
        "actor": {"@id": ann, "@type": "http://purl.imsglobal.org/caliper/v1/lis/Person"},
        "action": "http://purl.imsglobal.org/vocab/caliper/v1/action#Started",
        "object": {"@id": "https://x.org/pages/2"},
        "eventTime": "2025-09-08T14:05:00.000Z",
    }
    new = event(1, "14:00", ann, object="https://x.org/pages/1", group="https://x.org/sections/1")
    district.put("caliper/new.jsonl", json.dumps(new) + "\n" + envelope(new) + "\n")
    district.put("caliper/plain.json", json.dumps([new]))
    district.put("caliper/old.json", envelope(old, old))
    district.take()
    assert {state for state, _ in district.states("caliper").values()} <= {"loaded", "refused"}
    assert district.states("caliper")["plain.json"] == ("loaded", None)
    assert set(district.lake("event", "account_key, class_key, action, object_id")) == {
        (ann, "https://x.org/sections/1", "NavigatedTo", "https://x.org/pages/1"),
        (ann, None, "Started", "https://x.org/pages/2"),
    }
    ids = district.lake("event", "DISTINCT event_id", "event_id LIKE 'made:%'")
    assert len(ids) == 1


@pytest.mark.slow
def test_software_and_gradings_are_no_work_of_a_person(district: District) -> None:
    app = {"id": "https://x.org/app", "type": "SoftwareApplication"}
    ann = by_email("ann")
    district.put(
        "caliper/day.json",
        envelope(
            app,
            event(1, "14:00", ann),
            event(2, "14:01", app),
            event(3, "14:02", "https://x.org/app"),
            event(4, "14:03", ann, type="GradeEvent", action="Graded"),
            event(5, "14:04", "https://x.org/other", edApp="https://x.org/other"),
        ),
    )
    district.build()
    assert days(district) == [("https://x.org/users/ann", 0.0, 1)]


def test_a_duration_is_the_attempts_own(district: District) -> None:
    attempt = {"id": "https://x.org/a", "type": "Attempt", "duration": "PT1M30.5S"}
    timed = {
        "id": "https://x.org/b",
        "type": "Attempt",
        "startedAtTime": "2025-09-08T14:00:00Z",
        "endedAtTime": "2025-09-08T14:02:00Z",
    }
    video = {"id": "https://x.org/v", "type": "VideoObject", "duration": "PT1H"}
    made = [
        event(n, f"14:0{n}", by_email("ann"), generated=thing)
        for n, thing in enumerate((attempt, timed, video, "https://x.org/c"))
    ]
    district.put("caliper/day.json", envelope(*made))
    district.take()
    told = district.lake("event", "right(event_id, 1), seconds")
    assert told == [("0", 90.5), ("1", 120.0), ("2", None), ("3", None)]


@pytest.mark.slow
def test_who_an_actor_is_is_told_by_what_stands_beside_its_id(district: District) -> None:
    sis = {"identifierType": "SisSourcedId", "identifier": "U14"}
    drawn: list[tuple[Any, str | None]] = [
        (person("a", extensions={"com.instructure.canvas": {"user_sis_id": "11"}}), "U11"),
        (person("b", extensions={"com.instructure.canvas": {"user_login": "bob"}}), "U12"),
        ({"id": "mailto:cid@x.org", "type": "Person"}, "U13"),
        (person("d", otherIdentifiers=[{"identifierType": "LtiUserId"}, sis]), "U14"),
        ("https://x.org/users/eve", "U15"),
        (person("f"), None),
        (person("16"), None),
    ]
    actors = [event(n, "14:00", who) for n, (who, _) in enumerate(drawn)]
    district.put("caliper/day.json", envelope(by_email("eve"), *actors))
    district.build()
    found = district.ask(
        "SELECT account_key, student_id FROM facts.account WHERE platform = 'caliper'"
    )
    told = {who if isinstance(who, str) else who["id"]: student for who, student in drawn}
    assert {row["account_key"]: row["student_id"] for row in found} == told


@pytest.mark.slow
def test_a_day_is_the_districts_and_not_that_of_the_clock_in_utc(district: District) -> None:
    ann = by_email("ann")
    late = event(1, "2025-09-09T03:30:00.000Z", ann)
    offset = event(2, "2025-09-08T22:34:00.000-05:00", ann)
    district.put("caliper/day.json", envelope(late, offset))
    district.build()
    assert days(district, "CAST(date AS VARCHAR), minutes") == [("2025-09-08", 4.0)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [("", "empty_file"), (envelope(), "header_only"), (envelope(person("ann")), "unknown_layout")],
)
def test_files_without_events_are_refused(district: District, content: str, reason: str) -> None:
    district.put("caliper/day.json", content)
    district.take()
    assert district.states("caliper")["day.json"] == ("refused", reason)


def test_a_cut_file_and_a_bad_time_are_told(district: District) -> None:
    good = [event(n, f"14:0{n}", by_email("ann")) for n in range(3)]
    district.put("caliper/cut.json", envelope(*good)[:-40])
    district.put("caliper/odd.json", envelope(*good, event(9, "yesterdayT", by_email("ann"))))
    district.take()
    assert district.states("caliper")["cut.json"][0] == "refused"
    assert district.faults("odd.json") == [(4, "happened", "not_a_date")]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT45S", 45), ("PT1H30M5.5S", 5405.5), ("P1DT2H", 93600), ("P2W", 1209600), ("PT0S", 0),
        ("P1M", None), ("P1Y2D", None), ("PT", None), ("P", None), ("45", None), ("-PT5S", None),
        ("", None), (None, None), ("PT1.2.3S", 0),
    ],
)  # fmt: skip
def test_durations_as_iso_8601_writes_them(text: str | None, seconds: float | None) -> None:
    with duckdb.connect() as db:
        for macro in casting.MACROS:
            db.execute(f"CREATE MACRO {macro.format(zone='UTC')}")
        assert db.execute("SELECT iso_seconds(?)", [text]).fetchone() == (seconds,)
