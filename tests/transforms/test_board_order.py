"""No measure has a part in the order of the starters: whatever is changed in them, it stays."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.classroom import LATEST, STEADY, USUAL, block, class_of, seen, task

quiet = st.floats(0, 20)
score = st.floats(0, 64.999)


@settings(max_examples=4, deadline=None)
@given(st.lists(quiet, min_size=6, max_size=6), st.lists(score, min_size=3, max_size=3))
def test_the_order_is_the_same_for_all_minutes_and_scores_that_give_the_same_cards(
    minutes: list[float], scores: list[float]
) -> None:
    names = ["ann", "ben", "cal"]
    weeks = {
        name: [*USUAL, *minutes[2 * n : 2 * n + 2]] for n, name in enumerate(names)
    } | dict.fromkeys(("s0", "s1", "s2", "s3", "s4", "s5"), STEADY)
    built = task(class_of(weeks), "Volume", LATEST, dict(zip(names, scores, strict=True)))
    seen(built, ann="2026-10-20", ben="2026-10-21")
    got = [(row["kind"], row["student_id"]) for row in block(built, "starter")]
    assert got == [
        (kind, name)
        for kind in ("quieter than own usual", "below 65 on a task")
        for name in ("cal", "ann", "ben")
    ]
