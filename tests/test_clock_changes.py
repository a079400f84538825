"""Days, weeks and minutes around both clock changes, from events as platforms send them."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.fixtures import District, roster
from tests.independent.minutes import from_events
from tests.independent.told import monday_of

#: Chicago and Anchorage change their clocks, Phoenix and Honolulu do not; Lord Howe by half an hour.
ZONES = [
    "America/Chicago",
    *(
        pytest.param(zone, marks=pytest.mark.slow)
        for zone in (
            "America/Anchorage",
            "America/Phoenix",
            "Pacific/Honolulu",
            "Australia/Lord_Howe",
        )
    ),
]


def instants(zone: str) -> list[datetime]:
    """UTC instants, 6 minutes apart, before and after midnights and changes of the clock."""
    turns = [
        "2025-09-07T23:57",  # Sunday to Monday
        "2025-10-05T01:57",
        "2025-11-02T00:57",  # 1 o'clock comes twice in Chicago
        "2025-11-02T01:57",
        "2025-11-02T23:57",  # the end of a day of 25 hours
        "2026-03-08T01:57",  # there is no 2 o'clock in Chicago
        "2026-03-08T23:57",
        "2026-04-05T01:57",
        "2026-04-05T23:57",
    ]
    return [
        datetime.fromisoformat(turn)
        .replace(tzinfo=ZoneInfo(zone), fold=fold)
        .astimezone(UTC)
        .replace(tzinfo=None)
        + timedelta(minutes=6 * step)
        for turn in turns
        for fold in (0, 1)
        for step in range(2)
    ]


def statements(told: list[datetime]) -> str:
    """xAPI, written in UTC."""
    return json.dumps(
        {
            "statements": [
                {
                    "id": f"{number:08d}-0000-4000-8000-00000000000a",
                    "actor": {"mbox": "mailto:ann@x.org", "objectType": "Agent"},
                    "verb": {"id": "http://adlnet.gov/expapi/verbs/experienced"},
                    "object": {"id": "https://x.org/pages/1", "objectType": "Activity"},
                    "timestamp": f"{instant.isoformat()}Z",
                }
                for number, instant in enumerate(told)
            ],
            "more": "",
        }
    )


def envelope(told: list[datetime]) -> str:
    """Caliper, written with the distance from UTC of a place east of all these zones."""
    east = [instant.replace(tzinfo=UTC).astimezone(ZoneInfo("Asia/Kolkata")) for instant in told]
    return json.dumps(
        {
            "sensor": "https://x.org/sensor",
            "sendTime": "2026-06-01T00:00:00.000Z",
            "dataVersion": "http://purl.imsglobal.org/ctx/caliper/v1p1",
            "data": [
                {
                    "@context": "http://purl.imsglobal.org/ctx/caliper/v1p1",
                    "id": f"urn:uuid:{number:032d}",
                    "type": "NavigationEvent",
                    "actor": {
                        "id": "https://x.org/users/ann",
                        "type": "Person",
                        "otherIdentifiers": [
                            {
                                "type": "SystemIdentifier",
                                "identifierType": "EmailAddress",
                                "identifier": "ann@x.org",
                            }
                        ],
                    },
                    "action": "NavigatedTo",
                    "object": {"id": "https://x.org/pages/1", "type": "WebPage"},
                    "eventTime": instant.isoformat(timespec="milliseconds"),
                }
                for number, instant in enumerate(east)
            ],
        }
    )


@pytest.mark.parametrize("zone", ZONES)
def test_days_and_weeks_are_those_of_the_wall_clock(tmp_path: Path, zone: str) -> None:
    told = sorted(set(instants(zone)))
    district = District(tmp_path, ("oneroster", "xapi", "caliper"), zone=zone)
    district.put_all("oneroster", roster(("11 Ann Ash c1",)))
    district.put("xapi/all.json", statements(told))
    district.put("caliper/all.json", envelope(told))
    district.build()
    by_day = from_events(told, zone)
    by_week: dict[date, float] = defaultdict(float)
    for day, minutes in by_day.items():
        by_week[monday_of(day)] += minutes
    for platform in ("xapi", "caliper"):
        rows = district.ask(
            f"SELECT date, minutes FROM facts.daily_activity WHERE platform = '{platform}'"
        )
        assert {row["date"]: row["minutes"] for row in rows} == pytest.approx(by_day)
        rows = district.ask(
            "SELECT week_start, observed_minutes AS minutes FROM views.student_platform_week "
            f"WHERE platform = '{platform}' AND observed_minutes > 0"
        )
        want = {start: minutes for start, minutes in by_week.items() if minutes}
        assert {row["week_start"]: row["minutes"] for row in rows} == pytest.approx(want)


@pytest.mark.slow
def test_the_worked_case_of_two_sundays_holds_for_events(tmp_path: Path) -> None:
    district = District(tmp_path, ("oneroster", "xapi"))
    district.put_all("oneroster", roster(("11 Ann Ash c1",)))
    told = ["2026-11-01T04:30", "2026-11-02T05:30"]
    district.put("xapi/all.json", statements([datetime.fromisoformat(at) for at in told]))
    district.build()
    rows = district.ask("SELECT date FROM facts.daily_activity ORDER BY date")
    assert [str(row["date"]) for row in rows] == ["2026-10-31", "2026-11-01"]
    (week,) = district.ask("SELECT DISTINCT week_start FROM views.student_platform_week")
    assert str(week["week_start"]) == "2026-10-26"
