"""Who may do what: the decision as a drawn table, and the same from a published warehouse."""

from __future__ import annotations

import pytest

from portal.live import Live
from portal.rights import Access, Right, access_of, why
from tests.fixtures import District
from tests.portal.conftest import COORDINATOR, ENDED, OTHER, TEACHER, UNKNOWN
from warehouse.settings.portal import PortalSettings

NOBODY = None
NEW = Access("T0")
TIA = Access("T1", students={"U1": ("teacher_of_class",)}, classes={"c1": ("teacher_of_class",)})
MENTOR = Access("T5", students={"U1": ("mentor", "school_leader")})
COCO = Access("T3", coordinator=True)
EVE = Access("T6", coordinator=True, everyone=True)


@pytest.mark.parametrize(
    ("access", "right", "what", "allowed", "reason"),
    [
        (NOBODY, Right.public, None, True, "public"),
        (NOBODY, Right.signed_in, None, False, "not_signed_in"),
        (NOBODY, Right.student, "U1", False, "not_signed_in"),
        (NOBODY, Right.operations, None, False, "not_signed_in"),
        (NEW, Right.signed_in, None, True, "signed_in"),
        (NEW, Right.student, "U1", False, "no_student"),
        (NEW, Right.class_, "c1", False, "no_class"),
        (NEW, Right.operations, None, False, "no_coordinator"),
        (TIA, Right.student, "U1", True, "teacher_of_class"),
        (TIA, Right.student, "U2", False, "no_student"),
        (TIA, Right.student, "", False, "no_student"),
        (TIA, Right.student, None, False, "no_student"),
        (TIA, Right.student, "c1", False, "no_student"),
        (TIA, Right.class_, "c1", True, "teacher_of_class"),
        (TIA, Right.class_, "U1", False, "no_class"),
        (TIA, Right.operations, None, False, "no_coordinator"),
        (MENTOR, Right.student, "U1", True, "mentor, school_leader"),
        (MENTOR, Right.class_, "c1", False, "no_class"),
        (COCO, Right.operations, None, True, "coordinator"),
        (COCO, Right.every_student, None, False, "no_every_student"),
        (EVE, Right.every_student, None, True, "coordinator"),
        (NEW, Right.every_student, None, False, "no_every_student"),
        (NOBODY, Right.every_student, None, False, "not_signed_in"),
        (COCO, Right.student, "U1", False, "no_student"),
        (COCO, Right.class_, "c1", False, "no_class"),
    ],
)
def test_a_right_is_answered_with_its_reason(
    access: Access | None, right: Right, what: str | None, allowed: bool, reason: str
) -> None:
    answer = why(access, right, what)
    assert (answer.allowed, answer.reason) == (allowed, reason)


PLAIN = PortalSettings(coordinators=frozenset({COORDINATOR}))
GRANTED = PortalSettings(coordinators=frozenset({COORDINATOR}), granted_children=True)


@pytest.mark.parametrize(
    ("staff_id", "settings", "students", "classes", "coordinator"),
    [
        (TEACHER, PLAIN, "U001 U002", "c1", False),
        (TEACHER, GRANTED, "U001 U002", "c1", False),
        (OTHER, PLAIN, "U003", "c2", False),
        (ENDED, PLAIN, "", "", False),
        (UNKNOWN, PLAIN, "", "", False),
        ("", PLAIN, "", "", False),
        (COORDINATOR, PortalSettings(), "", "", False),
        (COORDINATOR, PLAIN, "", "", True),
        (COORDINATOR, GRANTED, "U001 U002 U003", "c1 c2", True),
    ],
)
def test_what_an_adult_may_comes_from_the_warehouse_and_the_settings(
    small: District,
    staff_id: str,
    settings: PortalSettings,
    students: str,
    classes: str,
    coordinator: bool,
) -> None:
    with Live(small.settings.warehouse, seconds=3600) as live, live.reading() as version:
        assert version is not None
        found = access_of(version, staff_id, settings)
    assert (list(found.students), list(found.classes)) == (students.split(), classes.split())
    assert found.coordinator == coordinator
    assert found.everyone == (coordinator and settings.granted_children)
