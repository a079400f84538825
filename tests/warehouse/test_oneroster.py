"""OneRoster's layouts end to end: 1.0, 1.1 and 1.2, their drift, and the gradebook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.fixtures import CLASSES, ENROLLMENTS, ORGS, District, lines, roster, zipped

#: Whole runs of many small districts.
pytestmark = pytest.mark.slow

USERS_12 = (
    "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,"
    "middleName,identifier,email,sms,phone,agentSourcedIds,grades,password,userMasterIdentifier,"
    "preferredGivenName,preferredMiddleName,preferredFamilyName,primaryOrgSourcedId,pronouns"
)
ROLES = (
    "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,"
    "userProfileSourcedId"
)
ITEMS_11 = (
    "sourcedId,status,dateLastModified,title,description,assignDate,dueDate,classSourcedId,"
    "categorySourcedId,gradingPeriodSourcedId,resultValueMin,resultValueMax"
)
ITEMS_12 = (
    "sourcedId,status,dateLastModified,title,description,assignDate,dueDate,classSourcedId,"
    "categorySourcedId,academicSessionSourcedId,resultValueMin,resultValueMax,schoolSourcedId"
)
RESULTS_11 = (
    "sourcedId,status,dateLastModified,lineItemSourcedId,studentSourcedId,scoreStatus,score,"
    "scoreDate,comment"
)
RESULTS_12 = RESULTS_11 + ",textScore,classSourcedId,inProgress,incomplete,late,missing"
SHARED = ("oneroster_1_0", "oneroster_1_1")


def user(who: str, org: str = "S1", enabled: str = "true", preferred: str = "") -> str:
    return f"{who},,,{enabled},{who},,{who.title()},Ash,,{who}9,,,,,4,,,{preferred},,,{org},"


def release_1_2(users: list[str], roles: list[str]) -> dict[str, str]:
    return {
        "orgs.csv": lines(ORGS, "D,,,Grand,district,,", "S1,,,North,school,,D", "S2,,,South,school,,D"),
        "users.csv": lines(USERS_12, *users),
        "roles.csv": lines(ROLES, *roles),
        "classes.csv": lines(CLASSES, "c1,,,Reading,4,,,homeroom,,S1,,,,"),
        "enrollments.csv": lines(ENROLLMENTS, "e1,,,c1,S1,ann,student,,,"),
        "userProfiles.csv": lines("sourcedId,status,dateLastModified,userSourcedId", "p1,,,ann"),
    }  # fmt: skip


def students(district: District) -> list[dict[str, Any]]:
    return district.ask("SELECT student_id, school_id, active FROM roster.student ORDER BY 1")


def staff(district: District) -> list[dict[str, Any]]:
    return district.ask("SELECT staff_id, role, school_id FROM roster.staff ORDER BY 1")


def test_a_person_of_1_2_has_the_role_that_counts(tmp_path: Path) -> None:
    district = District(tmp_path, ("oneroster",))
    files = release_1_2(
        [user("ann", preferred="Annie"), user("bob"), user("cyd", org=""), user("dan"), user("eve")],
        [
            "r1,,,ann,primary,student,,,S1,",
            "r2,,,bob,secondary,student,,,S2,",
            "r3,,,bob,primary,teacher,,,S1,",
            "r4,,,cyd,secondary,student,,,S2,",
            "r5,,,dan,primary,teacher,,2001-06-30,S1,",
            "r6,,,dan,secondary,Student,,,S1,",
            "r7,,,eve,primary,teacher,,,S1,",
            "r8,,,eve,primary,student,,,S1,",
        ],
    )  # fmt: skip
    district.put("oneroster/r_20251001.zip", zipped(dict(files)))
    district.build()
    assert {name: told for name, told in district.states("oneroster").items() if told[1]} == {
        "r_20251001.zip/userProfiles.csv": ("ignored", "not_read_yet")
    }
    assert students(district) == [
        {"student_id": "ann", "school_id": "S1", "active": True},
        {"student_id": "cyd", "school_id": "S2", "active": True},
        {"student_id": "dan", "school_id": "S1", "active": True},
        {"student_id": "eve", "school_id": "S1", "active": True},
    ]
    assert staff(district) == [{"staff_id": "bob", "role": "teacher", "school_id": "S1"}]
    ann = district.ask("SELECT * FROM roster.student WHERE student_id = 'ann'")[0]
    assert (ann["preferred_name"], ann["sis_id"], ann["grade_level"]) == ("Annie", "ann9", "4")


def test_who_leaves_a_1_2_roster_stays_known_and_a_lost_role_too(tmp_path: Path) -> None:
    district = District(tmp_path, ("oneroster",))
    kids = [f"k{n:02}" for n in range(20)]
    roles = [f"r{who},,,{who},primary,student,,,S1," for who in kids]
    district.put(
        "oneroster/r_20251001.zip", zipped(dict(release_1_2([user(k) for k in kids], roles)))
    )
    later = release_1_2([user(k) for k in kids[1:]], roles[2:])
    district.put("oneroster/r_20251002.zip", zipped(dict(later)))
    district.build()
    gone = [s["student_id"] for s in students(district) if not s["active"]]
    assert (gone, len(students(district))) == (["k00", "k01"], 20)


@pytest.mark.slow
def test_a_delta_of_1_2_may_change_a_role_alone(tmp_path: Path) -> None:
    district = District(tmp_path, ("oneroster",))
    roles = ["r1,,,ann,primary,student,,,S1,", "r2,,,bob,primary,student,,,S1,"]
    whole = release_1_2([user("ann"), user("bob")], roles)
    district.put("oneroster/r_20251001.zip", zipped(dict(whole)))
    delta = {
        "roles.csv": lines(
            ROLES, "r2,tobedeleted,2025-10-02,,,,,,,", "r3,active,2025-10-02,bob,primary,aide,,,S2,"
        ),
        "manifest.csv": lines("propertyName,value", "oneroster.version,1.2", "file.roles,delta"),
    }
    district.put("oneroster/d_20251002.zip", zipped(dict(delta)))
    district.build()
    assert [s["student_id"] for s in students(district) if s["active"]] == ["ann"]
    assert staff(district) == [{"staff_id": "bob", "role": "aide", "school_id": "S1"}]


def test_users_of_no_known_layout_are_turned_away(tmp_path: Path) -> None:
    district = District(tmp_path, ("oneroster",))
    files = roster(["001 Ann Ash c1"])
    files["users.csv"] = files["users.csv"].replace("role", "ext_role")
    district.put("oneroster/r_20251001.zip", zipped(dict(files)))
    district.take()
    assert district.states("oneroster")["r_20251001.zip/users.csv"] == ("refused", "missing_column")
    assert district.files()["r_20251001.zip/users.csv"]["culprit"] == "column role"


@pytest.mark.slow
def test_headers_drift_and_the_roster_is_the_same(tmp_path: Path) -> None:
    plain, drifted = (District(tmp_path / name, ("oneroster",)) for name in ("plain", "drifted"))
    files = roster(["001 Ann Ash c1", "002 Bob Bell c1", "003 Cyd Cole c1"])
    plain.put_all("oneroster", files)
    head, *rows = files["users.csv"].splitlines()
    flags = ["Yes", "y", "1"]
    drifted.put_all(
        "oneroster",
        {
            **files,
            "users.csv": "\ufeffext_room,"
            + head.upper()
            + ",metadata.bus\r\n"
            + "".join(
                f"7,{row.replace(',true,', f',{flag},')},x\r\n"
                for row, flag in zip(rows, flags, strict=True)
            ),
            "classes.csv": files["classes.csv"].replace("termSourcedIds", "termSourcedId"),
        },
    )
    told = []
    for district in (plain, drifted):
        district.build()
        told.append(district.ask("FROM roster.student ORDER BY ALL"))
        told.append(district.ask("FROM roster.class_section ORDER BY ALL"))
    assert told[:2] == told[2:]
    assert len(told[0]) == 3


@pytest.mark.parametrize("sample", SHARED)
def test_a_vendors_sample_becomes_a_roster(tmp_path: Path, shared_data: Path, sample: str) -> None:
    district = District(tmp_path, ("oneroster",))
    for path in sorted((shared_data / sample).glob("*.csv")):
        district.put(f"oneroster/{path.name}", path.read_bytes())
    district.build()
    assert set(district.states("oneroster").values()) == {("loaded", None)}
    counts = district.ask(
        """SELECT (SELECT count(*) FROM roster.student WHERE active) AS students,
                  (SELECT count(*) FROM roster.staff) AS staff,
                  (SELECT count(*) FROM roster.class_section) AS classes"""
    )[0]
    assert counts == {"students": 8, "staff": 2, "classes": 2}


def gradebook(tmp_path: Path, items: str, results: str) -> District:
    district = District(tmp_path, ("oneroster",))
    files = roster([f"{n:03} Kid{n} Ash c1" for n in range(1, 8)])
    held = {**files, "lineItems.csv": items, "results.csv": results}
    district.put("oneroster/r_20251020.zip", zipped(dict(held)))
    district.build()
    return district


TIMING = (
    "SELECT student_id, assignment_id, state, score_percent FROM views.assignment_timing "
    "ORDER BY ALL"
)


def test_a_gradebook_of_1_2_tells_what_was_late_by_its_flags(tmp_path: Path) -> None:
    district = gradebook(
        tmp_path,
        lines(
            ITEMS_12,
            "w1,,,Essay,,2025-10-01,2025-10-08,c1,,,0,20,S1",
            "w2,,,Quiz,,2025-10-01,2025-10-08T15:00:00Z,c1,,,0,,S1",
            "w3,,,Poem,,,2025-10-08T00:00:00.000Z,c1,,,0,,S1",
        ),
        lines(
            RESULTS_12,
            "x1,,,w1,U001,fully graded,18,2025-10-15,,,c1,false,false,false,false",
            "x2,,,w1,U002,fully graded,10,2025-10-07,,,c1,false,false,true,false",
            "x3,,,w1,U003,not submitted,,2025-10-15,,,c1,false,false,false,true",
            "x4,,,w1,U004,exempt,,2025-10-15,,,c1,,,,",
            "x5,,,w1,U005,fully graded,20,2025-10-30,,,c1,,,,",
            "x6,,,w1,U006,fully graded,,2025-10-15,,A,c1,,,,",
            "x7,,,w2,U001,submitted,,2025-10-15,,,c1,false,false,false,false",
            "x8,,,w2,U002,submitted,,2025-10-15,,,c1,true,false,false,false",
        ),
    )
    assert [tuple(row.values()) for row in district.ask(TIMING)] == [
        ("U001", "w1", "on_time", 90.0),
        ("U001", "w2", "on_time", None),
        ("U002", "w1", "late", 50.0),
        ("U003", "w1", "missing", None),
        ("U004", "w1", "excused", None),
        # A score and nothing of time: nobody can say.
        ("U005", "w1", None, 100.0),
    ]
    due = district.ask(
        "SELECT assignment_id, CAST(due_at AS VARCHAR) AS due_at, CAST(due_on AS VARCHAR) AS due_on, "
        "class_id, CAST(assigned_at AS VARCHAR) AS assigned_at FROM facts.assignment ORDER BY 1"
    )
    assert [tuple(row.values()) for row in due] == [
        ("w1", "2025-10-09 04:59:59", "2025-10-08", "c1", "2025-10-01 05:00:00"),
        ("w2", "2025-10-08 15:00:00", "2025-10-08", "c1", "2025-10-01 05:00:00"),
        ("w3", "2025-10-09 04:59:59", "2025-10-08", "c1", None),
    ]
    handed = "SELECT count(submitted_at) + count(submitted_on) AS n FROM facts.submission"
    assert district.ask(handed) == [{"n": 0}]


def test_a_gradebook_of_1_1_tells_no_time_but_what_is_missing(tmp_path: Path) -> None:
    district = gradebook(
        tmp_path,
        lines(
            ITEMS_11,
            "w1,,,Essay,,10/01/2025,10/08/2025,c1,,,0,20",
            "w2,,,Later,,10/01/2025,10/28/2025,c1,,,0,20",
            "w3,,,Gone,,10/01/2025,,c1,,,0,20",
        ),
        lines(
            RESULTS_11,
            "x1,,,w1,U001,fully graded,20,2025-10-15,",
            "x2,,,w1,U002,Not_Submitted,0,2025-10-15,",
            "x3,,,w2,U003,not submitted,,2025-10-15,",
            "x4,,,w1,U004,submitted,,2025-10-15,",
            "x5,tobedeleted,2025-10-15,w1,U005,fully graded,20,2025-10-15,",
        ),
    )
    assert [tuple(row.values()) for row in district.ask(TIMING)] == [
        ("U001", "w1", None, 100.0),
        ("U002", "w1", "missing", 0.0),
        ("U003", "w2", "not_due", None),
    ]
    links = district.ask("SELECT accounts, linked FROM ops.identity_coverage")
    assert links == [{"accounts": 4, "linked": 4}]


def test_a_broken_gradebook_leaves_the_roster_standing(tmp_path: Path) -> None:
    district = gradebook(tmp_path, lines("sourcedId,title", "w1,Essay"), lines(RESULTS_11, "x1,,"))
    told = {n.split("/")[1]: s for n, s in district.states("oneroster").items()}
    assert told["lineItems.csv"] == ("refused", "missing_column")
    assert told["results.csv"][0] == "refused"
    assert told["users.csv"] == ("loaded", None)
    assert len(students(district)) == 7


@pytest.mark.slow
def test_a_result_that_a_delta_changes_or_takes_away(tmp_path: Path) -> None:
    district = gradebook(
        tmp_path,
        lines(ITEMS_11, "w1,,,Essay,,2025-10-01,2025-10-08,c1,,,0,20"),
        lines(RESULTS_11, *(f"x{n},,,w1,U00{n},not submitted,,," for n in (1, 2, 3))),
    )
    delta = {
        "results.csv": lines(
            RESULTS_11,
            "x1,active,2025-10-21,w1,U001,exempt,,2025-10-21,",
            "x2,tobedeleted,2025-10-21,w1,U002,,,,",
        ),
        "manifest.csv": lines("propertyName,value", "file.results,delta"),
    }
    district.put("oneroster/r_20251021.zip", zipped(dict(delta)))
    district.build()
    assert [tuple(row.values()) for row in district.ask(TIMING)] == [
        ("U001", "w1", "excused", None),
        ("U003", "w1", "missing", None),
    ]
