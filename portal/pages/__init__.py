"""The pages: one module per page, each with a `router`; a new one is imported and listed here."""

from __future__ import annotations

from portal.pages import (
    accessibility,
    accounts,
    alerts,
    ask,
    board,
    check_ins,
    classes,
    decisions,
    drift,
    exclusions,
    exports,
    find,
    health,
    home,
    identity_review,
    operations,
    sign_in,
    static,
    student,
)

ROUTERS = (
    static.router,
    accessibility.router,
    health.router,
    sign_in.router,
    home.router,
    board.router,
    classes.router,
    student.router,
    check_ins.router,
    decisions.router,
    exclusions.router,
    alerts.router,
    find.router,
    ask.router,
    accounts.router,
    operations.router,
    identity_review.router,
    drift.router,
    exports.router,
)
