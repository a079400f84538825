"""Khan: mastery by week, the student's log and assignments beside the overview and the scores."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures import OVERVIEW, SCORES, District, lines, roster

#: Whole runs of small districts.
pytestmark = pytest.mark.slow

LOG = "Activity,Date,Level,Change,Correct/Total Problems,Time (min)"
TABLE = "Assignment,Due date & time,Status,Attempts,Best Score"
PEOPLE = ("1 Ann Lee c1", "2 Bob Day c1")
ANN_LOG = lines(
    LOG,
    '"Add, subtract","Sep 9, 2025",Familiar,+1,7/10,12',
    '"Add, subtract","Sep 9, 2025",Proficient,+1,4/4,5',
    'Watch,"Sep 10, 2025",–,–,–,3',
)


def khan(folder: Path) -> District:
    return District(folder, ("khan",))


@pytest.mark.parametrize(
    ("header", "week"),
    [
        ("2025-09-01", "2025-09-01"),
        ("09/01/2025", "2025-09-01"),
        ("9/3/2025 - 9/7/2025", "2025-09-01"),
        ("20250901_20250907", "2025-09-01"),
        ('"Sep 1, 2025"', "2025-09-01"),
        ('"Sep 1 - Sep 7, 2025"', "2025-09-01"),
        ('"Sep 1 – 7, 2025"', "2025-09-01"),
        ('"Dec 30 - Jan 5, 2025"', "2024-12-30"),
        ("Week of September 1", "2025-09-01"),
        ("9/1", "2025-09-01"),
    ],
)
def test_a_week_of_mastery_is_headed_by_a_day_or_a_range(
    tmp_path: Path, header: str, week: str
) -> None:
    district = khan(tmp_path)
    text = lines(f"Student Email,Total,{header}", "Ann@x.org,9,40%")
    district.put("khan/North_MasteryProgressStudent_20250910.csv", text)
    district.take()
    assert district.lake(
        "progress_week", "account_key, CAST(week_start AS VARCHAR), measure, value"
    ) == [("ann@x.org", week, "mastery progress", 40.0)]


def test_the_current_week_of_mastery_is_told_as_not_over(tmp_path: Path) -> None:
    district = khan(tmp_path)
    head = "Student Name,Student Email,Student SIS ID,Total,2025-09-01,2025-09-08,2025-09-15"
    rows = ("Ann Lee,ann@x.org,1,9,40,,7", "Bob Day,,2,9,10,12,", "Bob Day,,2,9,10,13,")
    district.put("khan/N_MasteryProgressStudent_20250917.csv", lines(head, *rows))
    district.take()
    assert district.lake(
        "progress_week", "account_key, CAST(week_start AS VARCHAR), CAST(through AS VARCHAR), value"
    ) == [
        ("ann@x.org", "2025-09-01", "2025-09-07", 40.0),
        ("ann@x.org", "2025-09-15", "2025-09-17", 7.0),
        ("sis:2", "2025-09-01", "2025-09-07", 10.0),
    ]


@pytest.mark.parametrize(
    ("name", "text", "state"),
    [
        ("N_MasteryProgressStudent_1.csv", "Student Email,Total\na,1\n", "unknown_layout"),
        ("N_MasteryProgressStudent_1.csv", "Student Email,2025-09-01\n", "header_only"),
        ("N_MasteryProgressStudent_1.csv", "Student Email,2025-09-01\na,1\nb", "cut_file"),
        ("N_MasteryProgressClassroom_1.csv", "a,b\n1,2\n", "not_read_yet"),
        ("N_20250901_20250907_skills_progress_Algebra.csv", "a,b\n1,2\n", "not_read_yet"),
        ("Reading 3A/log.csv", ANN_LOG, "no_student"),
        ("Ann Lee.csv", ANN_LOG, "no_single_class"),
        ("Reading 3A/Ann Lee.csv", ANN_LOG.replace("Time (min)", "Duration"), "missing_column"),
        ("Reading 3A/Ann Lee.csv", f"{LOG}\n", "header_only"),
        ("Reading 3A/Ann Lee.csv", f"{TABLE}\n", "header_only"),
        ("Reading 3A/Ann Lee.csv", ANN_LOG[:-4], "cut_file"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, name: str, text: str, state: str) -> None:
    district = khan(tmp_path)
    district.put(f"khan/{name}", text)
    district.take()
    assert [reason for _, reason in district.states("khan").values()] == [state]


def test_a_log_tells_problems_by_day_and_no_minutes_of_the_day(tmp_path: Path) -> None:
    district = khan(tmp_path)
    district.put("khan/Reading 3A/Ann Lee_20250912.csv", ANN_LOG)
    district.take()
    assert district.lake(
        "daily_activity", "CAST(date AS VARCHAR), minutes, items_attempted, items_correct"
    ) == [("2025-09-09", None, 14, 11)]
    assert district.lake("progress_week", "measure, value") == [
        ("minutes in the activity log", 20.0)
    ]
    assert district.lake("skill_state", "skill_name, CAST(date AS VARCHAR), level") == [
        ("Add, subtract", "2025-09-09", None),
        ("Watch", "2025-09-10", None),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("days", ["20250908_20250914", "20250909"])
def test_the_log_and_the_overview_are_never_added(tmp_path: Path, days: str) -> None:
    district = District(tmp_path, ("oneroster", "khan"))
    district.put_all("oneroster", roster(PEOPLE))
    district.put(f"khan/overview_{days}.csv", lines(OVERVIEW, "Ann Lee,ann@x.org,30,1,0"))
    district.put("khan/Reading 3A/Ann Lee_20250912.csv", ANN_LOG)
    district.build()
    linked = district.ask("SELECT account_kind, student_id FROM facts.account ORDER BY 1")
    assert [tuple(r.values()) for r in linked] == [("login", "U1"), ("name_in_class", "U1")]
    weeks = district.ask(
        "SELECT observed_minutes, active_days FROM views.student_platform_week "
        "WHERE student_id = 'U1' AND platform = 'khan' AND week_start = DATE '2025-09-08'"
    )
    assert [w["observed_minutes"] for w in weeks] == [30.0]
    items = district.ask("SELECT sum(items_attempted) AS n FROM facts.daily_activity")
    assert items == [{"n": 14}]


def test_two_logs_of_a_student_give_each_day_once(tmp_path: Path) -> None:
    district = District(tmp_path, ("oneroster", "khan"))
    district.put_all("oneroster", roster(PEOPLE))
    longer = ANN_LOG + 'Add,"Sep 11, 2025",,,2/2,4\n'
    district.put("khan/Reading 3A/Ann Lee_20250910.csv", ANN_LOG)
    district.put("khan/Reading 3A/Ann Lee_20250912.csv", longer)
    district.put("khan/Reading 3A/Bob Day_20250912.csv", ANN_LOG)
    district.build()
    told = district.ask(
        "SELECT student_id, sum(items_attempted) AS n FROM facts.daily_activity GROUP BY 1 ORDER BY 1"
    )
    assert told == [{"student_id": "U1", "n": 16}, {"student_id": "U2", "n": 14}]


@pytest.mark.parametrize("scores", ["Reading 3A_20250920.csv", "Reading 3A/scores_20250920.csv"])
def test_the_scores_say_whether_it_was_late_whatever_the_students_table_adds(
    tmp_path: Path, scores: str
) -> None:
    district = District(tmp_path, ("oneroster", "khan"))
    district.put_all("oneroster", roster(["1 Ann O'Neil c1", "2 Bob Day c1"]))
    district.put(
        f"khan/{scores}",
        lines(SCORES, 'Ann O\'Neil,Fractions,Exercise,"Sep 12, 2025",,8,10,2'),
    )
    table = lines(
        TABLE,
        'Fractions,"Sep 12, 2025, 11:59 PM",Completed,3,9',
        'Decimals,"Sep 15, 2025, 11:59 PM",Not started,0,–',
        "Loose work,,Completed,1,80%",
    )
    district.put("khan/Reading 3A/Ann O'Neil_20250925.csv", table)
    district.build()
    assert district.states("khan") == {
        scores: ("loaded", None),
        "Reading 3A/Ann O'Neil_20250925.csv": ("loaded", None),
    }
    rows = district.ask(
        "SELECT a.title, s.student_id, s.timing, s.score, s.score_percent, s.attempts "
        "FROM facts.submission s JOIN facts.assignment a USING (platform, assignment_id) ORDER BY 1"
    )
    assert [tuple(r.values()) for r in rows] == [
        ("Decimals", "U1", "not_submitted", None, None, 0),
        ("Fractions", "U1", "late", 8.0, 80.0, 2),
        ("Loose work", "U1", None, None, 80.0, 1),
    ]
