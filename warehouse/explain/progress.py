"""How the measures of a student in a subject (views.student_progress) are told: the test, its growth,
the own path and the class assignments."""

from __future__ import annotations

from warehouse.explain.recipe import Need, Recipe, Recipes, Rows, Step

_TEST = Rows(
    "The test, as the publisher tells it",
    """SELECT test_name, taken_on AS test_day, score, standard_error AS score_error,
        percentile AS told_percentile, rapid_guess_percent AS too_fast,
        $rapid_guess_percent AS too_fast_least, $test_scale = 'RIT' AS on_rit
    FROM facts.assessment_result
    WHERE student_id = $student AND platform = $test_platform AND result_id = $test_id
    ORDER BY account_key LIMIT 1""",
    one=True,
)
_TESTS = Rows(
    "The valid tests of the subject that count",
    """SELECT test.platform AS test_platform, test.term AS test_term, test.test_name,
        test.taken_on AS test_day
    FROM facts.assessment_result AS test
    JOIN facts.subject_name AS named ON named.written = test.subject
    LEFT JOIN facts.subject_name AS course ON course.written = test.course
    WHERE test.student_id = $student AND test.status = 'valid' AND test.taken_on IS NOT NULL
        AND coalesce(test.growth_measure, TRUE)
        AND $subject = CASE
            WHEN named.subject = 'Language Arts' AND course.is_known THEN course.subject
            ELSE named.subject
        END
    ORDER BY test.taken_on, test.platform, test.result_id""",
)


def growth_of(platform: str, result: str) -> Rows:
    """The growth that a test ends; both names as they stand in a SELECT."""
    return Rows(
        "The growth that the test ends: within the school year where it can be, else over a year",
        f"""SELECT from_term AS from_season, to_term AS to_season, observed_growth AS observed,
            observed_growth_se AS growth_error, projected_growth AS projected
        FROM facts.assessment_growth
        WHERE student_id = $student AND platform = {platform} AND result_id = {result}
            AND observed_growth IS NOT NULL AND observed_growth_se IS NOT NULL
            AND projected_growth IS NOT NULL
        ORDER BY CASE WHEN from_term = to_term THEN 1 WHEN from_term = 'fall' THEN 3 ELSE 2 END DESC
        LIMIT 1""",
        one=True,
    )


#: Decimal fractions are not exact: within this much of the error is within it.
BEYOND = Step("beyond_error", "abs(observed - projected) - growth_error")
BEYOND_LEAST = "0.000000001"
_GROWTH = growth_of("$test_platform", "$test_id")
_PATH = Rows(
    "The weeks of the own path",
    """WITH recent AS (
        SELECT week_start, units_completed,
            CASE WHEN target_units > 0 THEN target_units END AS target_units
        FROM views.student_platform_week
        WHERE student_id = $student AND platform = $path_platform AND eligible_rank <= 4
            AND week_start > CAST($as_of AS DATE) - 56 AND units_completed IS NOT NULL
    )
    SELECT week_start AS week, units_completed AS week_units, target_units AS week_target
    FROM recent
    WHERE target_units IS NOT NULL OR (SELECT count(target_units) FROM recent) = 0
    ORDER BY week_start""",
)
_CLASS = Rows(
    "The closed class assignments of the last 8 weeks",
    """SELECT timing.title, timing.due_on AS due_day, timing.state AS stands,
        coalesce(timing.state IN ('on_time', 'late', 'missing'), FALSE) AS is_counted,
        coalesce(timing.state = 'on_time', FALSE) AS is_on_time,
        CASE WHEN timing.state IS DISTINCT FROM 'excused' THEN timing.score_percent END AS percent
    FROM views.assignment_timing AS timing
    JOIN roster.class_section AS section ON section.class_id = timing.class_id
    JOIN facts.subject_name AS named ON named.written = section.subject AND named.is_known
    WHERE timing.student_id = $student AND named.subject = $subject AND timing.closed
        AND timing.due_on > CAST($as_of AS DATE) - 56 AND timing.due_on <= CAST($as_of AS DATE)
    ORDER BY timing.due_on, timing.assignment_id""",
)
_STORIES = Rows(
    "The stories; growth tells one for half a year after the test",
    """SELECT path_story AS of_path,
        CASE WHEN taken_on > as_of - 182 THEN growth_story END AS of_growth, class_story AS of_class
    FROM views.student_progress WHERE student_id = $student AND subject = $subject""",
    one=True,
)

_TESTED = Need("no_feed", "count(test_day)", "1", says="no valid test of the subject is told")
_ON_RIT = Need("target_na", "count(on_rit)", "1", says="the score is not on the RIT scale")
_GREW = Need("no_feed", "count(observed)", "1", says="no growth with its error is told")
_UNITS = Step("units_completed", "sum(week_units)")
_TARGET = Step("units_target", "sum(week_target)")
_MEDIAN = Step("class_score_median", "median(percent)")


def _test(name: str, expression: str, *needs: Need) -> Recipe:
    return Recipe((_TEST,), (Step(name, expression),), (_TESTED, *needs), status="test_status")


def _growth(*steps: Step) -> Recipe:
    return Recipe((_GROWTH,), steps, (_GREW,), status="growth_status")


def _path(*steps: Step, needs: tuple[Need, ...] = ()) -> Recipe:
    return Recipe((_PATH,), steps, needs, status="path_status")


def _class(*steps: Step, needs: tuple[Need, ...] = ()) -> Recipe:
    return Recipe((_CLASS,), steps, needs, status="class_status")


RECIPES: Recipes = {
    "tests_counted": Recipe((_TESTS,), (Step("tests_counted", "count(test_day)"),)),
    "rit_score": _test("rit_score", "score", _ON_RIT),
    "rit_standard_error": _test("rit_standard_error", "score_error", _ON_RIT),
    "test_score": _test("test_score", "score"),
    "test_standard_error": _test("test_standard_error", "score_error"),
    "percentile": _test("percentile", "told_percentile"),
    "rapid_guess_percent": _test("rapid_guess_percent", "too_fast"),
    "score_may_understate": _test("score_may_understate", "too_fast >= too_fast_least"),
    "observed_growth": _growth(Step("observed_growth", "observed")),
    "observed_growth_se": _growth(Step("observed_growth_se", "growth_error")),
    "projected_growth": _growth(Step("projected_growth", "projected")),
    "growth_story": _growth(
        BEYOND,
        Step(
            "growth_story",
            f"'too close to call' if beyond_error <= {BEYOND_LEAST} else"
            " ('more than projected' if observed > projected else 'less than projected')",
        ),
    ),
    "units_completed": _path(_UNITS),
    "units_target": _path(_TARGET),
    "path_weeks": _path(Step("path_weeks", "count(week)")),
    "path_story": _path(
        _UNITS,
        _TARGET,
        Step(
            "path_story",
            "'own target reached' if units_completed >= units_target else 'under the own target'",
        ),
        needs=(Need("too_few", "count(week_target)", "4", "weeks with a target"),),
    ),
    "class_closed_count": _class(Step("class_closed_count", "count(is_counted)")),
    "class_on_time_count": _class(Step("class_on_time_count", "count(is_on_time)")),
    "class_score_count": _class(Step("class_score_count", "count(percent)")),
    "class_score_median": _class(_MEDIAN),
    "class_story": _class(
        _MEDIAN,
        Step(
            "class_story",
            "'middle score at the threshold or above' if class_score_median >= below_percent"
            " else 'middle score below the threshold'",
        ),
        needs=(Need("too_few", "count(percent)", "3", "scores"),),
    ),
    "stories": Recipe(
        (_STORIES,), (Step("stories", "count(of_path) + count(of_growth) + count(of_class)"),)
    ),
}
