"""The address of every page, made from the routes themselves: a new page is looked at by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from portal.rights import Right
from tests.portal.browser.conftest import Site
from tests.portal.test_every_route import declared, routes
from warehouse.notes import check_ins

#: Routes that answer with a file or lead on, and show no page of their own.
NO_PAGE = (
    "/static/{name}", "/sign-in/{provider}", "/sign-in/{provider}/back", "/health",
    "/operations/exports/week.zip",
)  # fmt: skip


@dataclass(frozen=True)
class Address:
    """A page, who reads it, and its name for a file."""

    name: str
    path: str
    staff_id: str | None


def addresses(site: Site) -> list[Address]:
    """One address of each page of the portal, with something on it."""
    card, known = _known(site)
    more = {
        "/board": {"class": [site.class_id]},
        "/classes/{class_id}/card": {
            "week": card["week_start"], "rule_id": card["rule_id"],
            "student_id": card["student_id"], "platform": card["platform"] or "",
        },
        "/classes/{class_id}/groups": {"size": 4},
        "/students/{student_id}/how/{measure}": {
            "platform": card["platform"] or "", "week": card["week_start"]},
        "/find": {"class_id": site.class_id},
    }  # fmt: skip
    made = []
    for route in routes(site.app):
        if (
            "GET" not in (route.methods or ())
            or route.path in NO_PAGE
            or route.path.endswith(".csv")
        ):
            continue
        (need,) = declared(route.dependant)
        path = route.path
        for name in route.param_convertors:
            path = path.replace(f"{{{name}}}", known[name])
        if route.path in more:
            path += "?" + urlencode(more[route.path], doseq=True)
        who = {Right.public: None, Right.operations: site.coordinator}.get(need.right, site.teacher)
        name = route.path.strip("/").replace("{", "").replace("}", "").replace("/", "-") or "home"
        made.append(Address(name, path, who))
    return made


def _known(site: Site) -> tuple[dict[str, Any], dict[str, str]]:
    """The first card about a child on the board, and ids for every parameter of a path."""
    card = site.rows(
        "SELECT * FROM views.collaboration_board WHERE class_id = $c AND block = 'starter' "
        "AND week_start = (SELECT max(week_start) FROM views.collaboration_board) "
        "AND student_id IS NOT NULL AND platform IS NOT NULL ORDER BY position LIMIT 1",
        c=site.class_id,
    )[0]
    notes, student = site.app.state.notes, card["student_id"]
    kept = check_ins.every(notes, [student])
    if not kept:
        kept = [
            check_ins.new(
                student, site.teacher, str(card["week_start"]), by=site.teacher, note="Likes maps."
            )
        ]
        check_ins.add(notes, kept[0])
    (review,) = site.rows("SELECT min(account_ref) AS ref FROM ops.identity_review")
    known = {
        "class_id": site.class_id, "student_id": student, "measure": "minutes",
        "check_in_id": kept[0].check_in_id, "ref": review["ref"],
        "file": site.app.state.live._current.pointer.file,
    }  # fmt: skip
    return card, known
