"""The pages: one module per page, each with a `router`; a new one is imported and listed here."""

from __future__ import annotations

from portal.pages import accounts, home, sign_in, static, student

ROUTERS = (static.router, sign_in.router, home.router, student.router, accounts.router)
