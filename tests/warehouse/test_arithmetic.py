"""The closed arithmetic of explanations."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from warehouse.explain.arithmetic import Operand, evaluate, shown

NAMES: dict[str, Operand] = {
    "minutes": [50, 55, None, 60],
    "day": [1, 2, 3, 4],
    "late": [True, False, None, True],
    "usual": 53.5,
    "nobody": None,
    "due": datetime(2026, 9, 11, 16, tzinfo=UTC),
    "handed_in": datetime(2026, 9, 11, 15, 10, tzinfo=UTC),
}


@pytest.mark.parametrize(
    ("expression", "text", "value"),
    [
        ("median(minutes)", "median(50, 55, unknown, 60)", 55),
        ("sum(minutes * day)", "sum(50 x 1, 55 x 2, unknown x 3, 60 x 4)", 400),
        ("17 / usual", "17 / 53.5", 17 / 53.5),
        ("(1 + usual) / (3 - 1)", "(1 + 53.5) / (3 - 1)", 27.25),
        ("5 + 1 - 2 * usual", "5 + 1 - 2 x 53.5", -101),
        ("1 - (2 - usual)", "1 - (2 - 53.5)", 52.5),
        ("count(late)", "count(yes, no, unknown, yes)", 2),
        ("count(minutes >= 55)", "count(no, yes, unknown, yes)", 2),
        ("median(abs(minutes - usual))", "median(abs(-3.5), abs(1.5), abs(unknown), abs(6.5))", 3.5),
        ("due - handed_in", "2026-09-11 16:00 - 2026-09-11 15:10", 50 / 60),
        ("max(0, min(1, usual))", "max(0, min(1, 53.5))", 1),
        ("usual >= 50 and usual < 53.5", "53.5 >= 50 and 53.5 < 53.5", False),
        ("-sqrt(4)", "-sqrt(4)", -2),
        ("1 if usual > 50 else 2", "1 if 53.5 > 50 else 2", 1),
    ],
)  # fmt: skip
def test_an_expression_is_computed_and_written_with_its_numbers(
    expression: str, text: str, value: float
) -> None:
    result = evaluate(expression, NAMES)
    assert result.text == text
    assert result.value == pytest.approx(value)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("nobody + 1", None),
        ("nobody >= 1", None),
        ("1 / 0", None),
        ("nobody >= 1 and 1 >= 2", False),
        ("nobody >= 1 and 2 >= 1", None),
        ("nobody >= 1 or 2 >= 1", True),
    ],
)
def test_from_what_is_not_known_nothing_is_known_unless_it_does_not_matter(
    expression: str, value: bool | None
) -> None:
    assert evaluate(expression, NAMES).value is value


@pytest.mark.parametrize(
    ("threshold", "story"), [("50", "above"), ("53.5", "at most"), ("nobody", None)]
)
def test_a_choice_ends_in_words(threshold: str, story: str | None) -> None:
    assert evaluate(f"'above' if usual > {threshold} else 'at most'", NAMES).value == story


@pytest.mark.parametrize(
    "expression",
    ["open('x')", "usual.real", "usual ** 2", "[1, 2]", "minutes[0]", "'a'", "'a' + 'b'", "lambda: 1", "1 < 2 < 3"],
)  # fmt: skip
def test_nothing_but_arithmetic_is_evaluated(expression: str) -> None:
    with pytest.raises(ValueError, match="outside of the closed arithmetic"):
        evaluate(expression, NAMES)


def test_numbers_are_written_for_people() -> None:
    values: list[Operand] = [1 / 3, 50.0, True, None, [1, 2], [], [*range(14)]]
    told = [shown(v) for v in values]
    assert told[:6] == ["0.333333", "50", "yes", "unknown", "1, 2", "nothing"]
    assert told[6].endswith("11, ... 14 in all")
