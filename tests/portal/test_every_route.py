"""Hostile use, of every route there is: whoever may see nobody learns nothing from any of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from portal.rights import NAMED_BY, Right
from portal.visit import Needs
from tests.portal.conftest import COORDINATOR, ENDED, OTHER, TEACHER, UNKNOWN, Portal

#: Values for the parameters of any path; one that is not here is `x`.
KNOWN = {"student_id": "U001", "class_id": "c1", "staff_id": TEACHER, "measure": "minutes"}
#: A form that says something of everything.
FORM = KNOWN | {"account_ref": "x", "date": "2025-09-05", "topic": "reading", "next": "/"}
FORM |= {"sql": "SELECT * FROM mine.student, student_check_in", "file": "x", "decision": "accept"}
FORM |= {"week": "2025-09-01", "people": "ids"}
#: What only those may read who may see the children of c1.
CHILDREN = ("Ann", "Ash", "Bob", "Bell", "U001", "U002", "ann@x.org", "bob@x.org")


def routes(app: FastAPI) -> list[APIRoute]:
    """Every route of the app; another kind of route has no rights and is an error."""

    def walk(found: object) -> Iterator[APIRoute]:
        if isinstance(found, APIRoute):
            yield found
            return
        inner = getattr(found, "routes", None) or getattr(
            getattr(found, "original_router", None), "routes", None
        )
        assert inner, f"{found} is no route that can declare what it needs"
        for one in inner:
            yield from walk(one)

    return [one for found in app.routes for one in walk(found)]


def declared(dependant: Dependant) -> list[Needs]:
    """What a route says it needs, by itself or through what it depends on."""
    own = [dependant.call] if isinstance(dependant.call, Needs) else []
    return [*own, *(n for inner in dependant.dependencies for n in declared(inner))]


def asked(route: APIRoute) -> str:
    path = route.path
    for name in route.param_convertors:
        path = path.replace(f"{{{name}}}", KNOWN.get(name, "x"))
    return path


def test_every_route_declares_exactly_one_need(school: Portal) -> None:
    found = routes(school.app)
    assert len(found) > 8
    assert [r.path for r in found if len(declared(r.dependant)) != 1] == []


def test_a_route_that_needs_one_of_something_names_it_in_its_path(school: Portal) -> None:
    for route in routes(school.app):
        (need,) = declared(route.dependant)
        named = NAMED_BY.get(need.right)
        assert named is None or named in route.param_convertors, route.path


@pytest.mark.parametrize("who", [None, UNKNOWN, ENDED, OTHER, COORDINATOR], ids=str)
def test_whoever_may_not_see_them_learns_nothing_of_the_children(
    school: Portal, who: str | None
) -> None:
    for route in routes(school.app):
        (need,) = declared(route.dependant)
        for method in sorted(route.methods or ()):
            browser = school.browser(who)
            if who is None:
                browser.cookies.set(school.sessions.cookie, school.sessions.start().word)
            form = FORM | {"csrf": school.session(browser).csrf}
            answer = browser.request(
                method, asked(route), data=form if method not in ("GET", "HEAD") else None
            )
            where = f"{method} {route.path} as {who}: {answer.status_code}"
            assert answer.status_code < 500, where
            assert not [c for c in CHILDREN if c in answer.text], where
            if need.right in (Right.student, Right.class_) or who is None:
                refused = (401, 403) if method not in ("GET", "HEAD") else (303, 401, 403)
                assert answer.status_code in refused or need.right is Right.public, where
            if need.right is Right.operations and who != COORDINATOR:
                assert answer.status_code in (303, 401, 403), where


def test_their_teacher_does_see_them(school: Portal) -> None:
    page = school.browser(TEACHER).get("/students").text
    assert "Ash, Ann" in page
    assert "Bell, Bob" in page
    assert "Cole" not in page


def test_a_form_without_the_sessions_token_is_refused_at_every_route(school: Portal) -> None:
    for route in routes(school.app):
        for method in sorted((route.methods or set()) - {"GET", "HEAD"}):
            for token in ("", "0" * 64, school.sessions.start(TEACHER).csrf):
                browser = school.browser(COORDINATOR)
                answer = browser.request(method, asked(route), data=FORM | {"csrf": token})
                assert answer.status_code == 403, route.path
                assert "This form was refused" in answer.text
