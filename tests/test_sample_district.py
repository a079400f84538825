"""The sample district through the whole pipeline, held against what only its generator knows."""

from __future__ import annotations

from tests.scenario import Scenario
from warehouse import nightly


def test_every_rows_fate_is_known_for_every_file(district: Scenario) -> None:
    assert district.rows("SELECT count(*) FROM ops.file")[0][0] > 100
    assert not district.rows(
        "SELECT name FROM ops.file WHERE rows_in <> rows_kept + rows_quarantined + rows_duplicate "
        "OR rows_in IS NULL"
    )


def test_every_planted_oddity_ends_as_the_generator_says(district: Scenario) -> None:
    """One line per oddity that names a file; accounts have a test of their own."""
    wrong = district.rows("""
        WITH told AS (
          SELECT regexp_replace(file, '^exports/[a-z]+/', '') AS name, split_part(file, '/', 2) AS platform,
                 oddity, expected_status AS status, expected_reason AS reason
          FROM oddities WHERE file NOT LIKE '%*%' AND expected_status <> 'absent'
            AND oddity NOT IN ('id_without_zeros', 'test_account')),
        found AS (
          SELECT platform, split_part(name, '.zip/', 1) || CASE WHEN contains(name, '.zip/') THEN '.zip' ELSE '' END AS name,
                 list(DISTINCT status) AS statuses, list(DISTINCT reason) AS reasons,
                 list(DISTINCT sha256) AS hashes
          FROM ops.file GROUP BY ALL)
        SELECT told.*, found.statuses, found.reasons FROM told LEFT JOIN found USING (platform, name)
        WHERE NOT coalesce(list_contains(found.statuses, told.status), FALSE)
           OR (told.status IN ('refused', 'waiting') AND NOT coalesce(list_contains(found.reasons, told.reason), FALSE))
           OR (told.status = 'loaded' AND told.reason IS NOT NULL AND NOT EXISTS (
                 SELECT 1 FROM ops.quarantine q WHERE list_contains(found.hashes, q.source_file) AND q.reason = told.reason))""")
    assert wrong == []


def test_planted_row_faults_are_turned_away_in_the_planted_number(district: Scenario) -> None:
    told = district.rows("""
        SELECT expected_reason, sum(CAST(rows AS BIGINT)) FROM oddities
        WHERE expected_status = 'loaded' AND expected_reason IS NOT NULL GROUP BY 1 ORDER BY 1""")
    found = district.rows("SELECT reason, count(*) FROM ops.quarantine GROUP BY 1 ORDER BY 1")
    assert [(reason, int(rows)) for reason, rows in told] == found


def test_no_account_is_linked_to_another_child(district: Scenario) -> None:
    linked = district.rows("SELECT count(*) FROM facts.account WHERE student_id IS NOT NULL")[0][0]
    wrong = district.rows("""
        SELECT a.platform, a.account_kind FROM facts.account a JOIN accounts t
          ON t.platform = a.platform AND t.account_kind NOT IN ('username', 'name_in_class')
          AND lower(t.account) = lower(a.account_key)
        WHERE a.student_id IS NOT NULL AND a.student_id IS DISTINCT FROM t.student_id
        UNION ALL
        SELECT a.platform, a.account_kind FROM facts.account a
        WHERE a.account_kind = 'name_in_class' AND a.student_id IS NOT NULL AND NOT EXISTS (
          SELECT 1 FROM accounts t WHERE t.account_kind = 'name_in_class'
          AND t.class_id = a.class_id AND t.student_id = a.student_id)""")
    assert linked > 500
    assert wrong == []


def test_accounts_that_must_wait_do_wait(district: Scenario) -> None:
    assert not district.rows("""
        SELECT a.platform FROM facts.account a JOIN accounts t
          ON t.platform = a.platform AND t.account_kind NOT IN ('username', 'name_in_class')
          AND lower(t.account) = lower(a.account_key)
        WHERE a.student_id IS NOT NULL AND t.expect <> 'linked'""")


def test_every_observed_week_has_the_true_minutes(district: Scenario) -> None:
    """A week that the views call observed holds exactly the minutes that were worked."""
    observed = district.rows(
        "SELECT count(*) FROM views.student_platform_week WHERE status IN ('ok', 'zero')"
    )
    wrong = district.rows("""
        SELECT w.student_id, w.platform, w.week_start, w.minutes, t.minutes
        FROM views.student_platform_week w LEFT JOIN (
          SELECT student_id, platform, CAST(date_trunc('week', date) AS DATE) AS week_start,
                 CAST(sum(minutes) AS DOUBLE) AS minutes
          FROM minutes GROUP BY ALL) t USING (student_id, platform, week_start)
        WHERE w.status IN ('ok', 'zero') AND w.minutes IS DISTINCT FROM coalesce(t.minutes, 0)""")
    assert observed[0][0] > 4000
    assert wrong == []


def test_every_placed_day_has_the_true_minutes(district: Scenario) -> None:
    wrong = district.rows("""
        SELECT d.student_id, d.date, d.minutes, t.minutes FROM (
          SELECT student_id, date, sum(minutes) AS minutes FROM facts.daily_activity
          WHERE platform = 'lexia' AND student_id IS NOT NULL
          GROUP BY student_id, date HAVING bool_and(earliest_date = date)) d
        LEFT JOIN minutes t ON t.platform = 'lexia' AND t.student_id = d.student_id AND t.date = d.date
        WHERE d.minutes IS DISTINCT FROM coalesce(t.minutes, 0)""")
    assert wrong == []


def test_every_assignment_state_is_the_true_one(district: Scenario) -> None:
    pairs = district.rows("""
        SELECT a.state = t.state, count(*) FROM views.assignment_timing a
        JOIN assignments t ON t.student_id = a.student_id AND t.class_id = a.class_id AND t.title = a.title
        GROUP BY ALL""")
    assert pairs == [(True, pairs[0][1])]
    assert pairs[0][1] > 1000


def test_the_withdrawn_test_is_listed_without_a_score_and_no_other(district: Scenario) -> None:
    told = district.rows(
        "SELECT sum(CAST(rows AS BIGINT)) FROM oddities WHERE oddity = 'invalidated_test'"
    )
    found = district.rows(
        "SELECT count(*), count(score) FROM facts.assessment_result WHERE status = 'no_valid_score'"
    )
    assert found == [(int(told[0][0]), 0)]


def test_one_test_counts_for_growth_wherever_any_is_valid(district: Scenario) -> None:
    assert not district.rows(
        "SELECT account_key FROM facts.assessment_result WHERE status = 'valid' "
        "GROUP BY account_key, term, subject, course HAVING count_if(growth_measure) <> 1"
    )


def test_progress_shows_the_newest_valid_test_that_counts(district: Scenario) -> None:
    """Retests and the withdrawn test are planted; neither may be shown."""
    wrong = district.rows("""
        WITH newest AS (
          SELECT student_id, subject, max(taken_on) AS taken_on, count(*) AS tests
          FROM facts.assessment_result
          WHERE status = 'valid' AND growth_measure AND student_id IS NOT NULL GROUP BY ALL)
        SELECT n.student_id, n.subject FROM newest n LEFT JOIN views.student_progress p
          USING (student_id, subject)
        WHERE p.taken_on IS DISTINCT FROM n.taken_on OR p.tests_counted IS DISTINCT FROM n.tests
           OR p.rit_score IS NULL""")
    assert wrong == []
    shown = district.rows("SELECT count(rit_score) FROM views.student_progress")
    assert shown[0][0] > 300


def test_who_guessed_rapidly_in_the_newest_test_is_told_and_nobody_else(
    district: Scenario,
) -> None:
    shown = district.rows("""
        SELECT student_id, subject FROM views.student_progress
        WHERE score_may_understate ORDER BY ALL""")
    newest = district.rows("""
        SELECT p.student_id, p.subject FROM views.student_progress p
        JOIN facts.assessment_result r ON r.student_id = p.student_id AND r.subject = p.subject
          AND r.taken_on = p.taken_on AND r.growth_measure
        WHERE r.rapid_guess_percent >= 30 ORDER BY ALL""")
    assert shown == newest
    assert shown


def test_growth_agrees_with_the_publishers_own_word_where_it_is_sure(district: Scenario) -> None:
    """NWEA writes Yes and No, with a star where growth is within its error of the projection."""
    pairs = district.rows("""
        SELECT g.met_projected, p.growth_story, count(*) FROM views.student_progress p
        JOIN facts.assessment_result r ON r.student_id = p.student_id AND r.subject = p.subject
          AND r.taken_on = p.taken_on AND r.growth_measure
        JOIN facts.assessment_growth g ON g.account_key = r.account_key
          AND g.result_id = r.result_id AND g.from_term = p.from_term
        GROUP BY ALL ORDER BY ALL""")
    assert {(met, story) for met, story, _ in pairs} == {
        ("No", "less than projected"),
        ("No*", "too close to call"),
        ("Yes", "more than projected"),
        ("Yes*", "too close to call"),
    }


def test_school_days_present_are_the_calendars_minus_the_true_absences(district: Scenario) -> None:
    wrong = district.rows("""
        WITH truth_days AS (
          SELECT s.student_id, CAST(date_trunc('week', d.date) AS DATE) AS week_start,
                 count(*) AS school_days, count(*) FILTER (WHERE a.date IS NULL) AS days_present
          FROM students s JOIN school_days d USING (school_id)
          LEFT JOIN absences a ON a.student_id = s.student_id AND a.date = d.date
          WHERE s.move = '' GROUP BY ALL)
        SELECT w.student_id, w.week_start, w.days_present, t.days_present
        FROM views.student_platform_week w JOIN truth_days t USING (student_id, week_start)
        WHERE (w.school_days, w.days_present) IS DISTINCT FROM (t.school_days, t.days_present)""")
    assert wrong == []


def test_a_second_run_finds_nothing_new_and_changes_nothing(district: Scenario) -> None:
    before = district.warehouse
    report = nightly.run(district.settings)
    assert (report.landed.new, report.taken.files, report.published) == (0, [], None)
    assert district.warehouse == before


def test_every_published_column_is_commented(district: Scenario) -> None:
    bare = district.rows(
        "SELECT schema_name, table_name, column_name FROM duckdb_columns() "
        "WHERE database_name = 'w' AND schema_name IN ('roster', 'facts', 'views') AND comment IS NULL"
    )
    assert bare == []
    assert not district.rows(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'w' AND comment IS NULL"
    )


def test_nothing_of_the_building_is_published(district: Scenario) -> None:
    schemas = district.rows(
        "SELECT DISTINCT schema_name FROM duckdb_tables() WHERE database_name = 'w' ORDER BY 1"
    )
    assert schemas == [("facts",), ("ops",), ("roster",), ("views",)]
