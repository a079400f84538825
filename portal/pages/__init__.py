"""The pages: one module per page, each with a `router`; a new one is imported and listed here."""

from __future__ import annotations

from portal.pages import accounts, alerts, check_ins, decisions, exclusions, home, sign_in, static

ROUTERS = (
    static.router,
    sign_in.router,
    home.router,
    check_ins.router,
    decisions.router,
    exclusions.router,
    alerts.router,
    accounts.router,
)
