"""Accounts of the portal: which adult an account of a sign-in provider is, and who still waits.

An account is a provider's issuer and subject. An e-mail address only helps a coordinator decide:
addresses are given to other people, subjects are not.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from uuid import uuid4

import sqlalchemy as sa

from warehouse.notes.database import METADATA, Notes, mark_undone, now

_REQUEST = sa.Table(
    "account_request",
    METADATA,
    sa.Column("account_ref", sa.String, primary_key=True),
    sa.Column("issuer", sa.String, nullable=False),
    sa.Column("subject", sa.String, nullable=False),
    sa.Column("name", sa.String),
    sa.Column("email", sa.String),
    sa.Column("asked_at", sa.String, nullable=False),
)

_BINDING = sa.Table(
    "account_binding",
    METADATA,
    sa.Column("binding_id", sa.String, primary_key=True),
    sa.Column("account_ref", sa.String, nullable=False),
    sa.Column("issuer", sa.String, nullable=False),
    sa.Column("subject", sa.String, nullable=False),
    sa.Column("staff_id", sa.String, nullable=False),
    sa.Column("decided_at", sa.String, nullable=False),
    sa.Column("decided_by", sa.String, nullable=False),
    sa.Column("undone_at", sa.String),
    sa.Column("undone_by", sa.String),
    # Of two coordinators who decide at once, one is told.
    sa.Index(
        "one_standing_binding",
        "account_ref",
        unique=True,
        sqlite_where=sa.text("undone_at IS NULL"),
        postgresql_where=sa.text("undone_at IS NULL"),
    ),
)


@dataclass(frozen=True)
class Request:
    """An account that has signed in at a provider and is nobody yet. `email`: verified there."""

    account_ref: str
    issuer: str
    subject: str
    name: str | None
    email: str | None
    asked_at: str


@dataclass(frozen=True)
class Binding:
    """One account is one adult of the roster."""

    binding_id: str
    account_ref: str
    issuer: str
    subject: str
    staff_id: str
    decided_at: str
    decided_by: str
    undone_at: str | None = None
    undone_by: str | None = None


def account_ref(issuer: str, subject: str) -> str:
    """A short name for an account: 12 hexadecimal digits."""
    return hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()[:12]


def bound(notes: Notes, issuer: str, subject: str) -> Binding | None:
    """The binding of an account that holds."""
    same = (_BINDING.c.issuer == issuer, _BINDING.c.subject == subject)
    with notes.reading() as db:
        row = db.execute(
            sa.select(_BINDING).where(*same, _BINDING.c.undone_at.is_(None))
        ).one_or_none()
        return Binding(**row._mapping) if row else None


def standing(notes: Notes) -> list[Binding]:
    """Every binding that holds, the oldest first."""
    wanted = sa.select(_BINDING).where(_BINDING.c.undone_at.is_(None))
    with notes.reading() as db:
        rows = db.execute(wanted.order_by(_BINDING.c.decided_at, _BINDING.c.binding_id))
        return [Binding(**row._mapping) for row in rows]


def waiting(notes: Notes) -> list[Request]:
    """The requests of accounts that no binding holds for, the oldest first."""
    held = sa.select(_BINDING.c.account_ref).where(_BINDING.c.undone_at.is_(None))
    wanted = sa.select(_REQUEST).where(_REQUEST.c.account_ref.not_in(held))
    with notes.reading() as db:
        rows = db.execute(wanted.order_by(_REQUEST.c.asked_at, _REQUEST.c.account_ref))
        return [Request(**row._mapping) for row in rows]


def ask(notes: Notes, issuer: str, subject: str, name: str | None, email: str | None) -> str:
    """Let an account wait for a coordinator, once; its reference."""
    ref = account_ref(issuer, subject)
    with notes.writing() as db:
        if not db.scalar(sa.select(_REQUEST.c.account_ref).where(_REQUEST.c.account_ref == ref)):
            request = Request(ref, issuer, subject, name, email, now())
            db.execute(sa.insert(_REQUEST), asdict(request))
    return ref


def bind(notes: Notes, request: Request, staff_id: str, *, by: str) -> Binding:
    """The account is that adult's from now on. Raises HomeroomError where it is bound already."""
    made = Binding(
        uuid4().hex,
        request.account_ref,
        request.issuer,
        request.subject,
        staff_id,
        now(),
        by,
    )
    with notes.writing() as db:
        db.execute(sa.insert(_BINDING), asdict(made))
    return made


def unbind(notes: Notes, binding_id: str, *, by: str) -> bool:
    """The account is nobody's again; false where the binding does not hold."""
    with notes.writing() as db:
        return mark_undone(db, _BINDING, binding_id, by, now())
