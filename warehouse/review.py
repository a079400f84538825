"""The review list: accounts that wait for a person, with the evidence side by side.

Belongs here: reading the list from the live warehouse, and turning a word on it into a decision.
What is shown is what is needed to decide: names, grade, school and class of both sides; of ids,
addresses and user names only whether they agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from connectors.errors import HomeroomError
from warehouse.identity import REF
from warehouse.intake.casting import quote
from warehouse.notes import decisions as notes
from warehouse.notes.database import Notes
from warehouse.notes.decisions import Decision
from warehouse.reader import Reader
from warehouse.settings import Settings

#: Asks a connection that is open already: a process opens a version once.
Rows = Callable[[str], list[dict[str, Any]]]

#: What each reason asks of a person.
ASKS: Mapping[str, str] = {
    "no_match": "nothing in the roster is like it: not on the roster yet, or nobody's account?",
    "probable": "one student is likely: is it this one?",
    "evidence_disagrees": "its ids point to different students: which one is it?",
    "name_disagrees": "its id is one student's and its name is not: handed on, or renamed?",
    "ids_doubted": "most ids of the platform are not the roster's, or other children's: check them",
    "two_students": "it fits several students alike: which one is it?",
    "two_accounts": "another account of the platform has this student: both, or which?",
    "no_class": "it is known by name in a class that is not known: name the class first",
    "decided_student_gone": "its student was decided and is no longer in the roster",
    "match_rate_fell": "many links of the platform would be lost: is its id column right?",
}


@dataclass(frozen=True)
class Account:
    """An account that a reference stands for."""

    platform: str
    account_key: str


@contextmanager
def _live(settings: Settings, rows: Rows | None) -> Iterator[Rows]:
    """`rows` where given, else a connection to the live warehouse for as long as the block."""
    if rows is not None:
        yield rows
        return
    with Reader(settings.warehouse) as live:
        yield live.rows


def waiting(
    settings: Settings,
    platform: str | None = None,
    reason: str | None = None,
    rows: Rows | None = None,
) -> list[dict[str, Any]]:
    """Accounts that wait: reference, platform, kind, reason, candidates, best score, school."""
    chosen = "".join(
        f" AND r.{column} = {quote(value)}"
        for column, value in (("platform", platform), ("waits_for", reason))
        if value is not None
    )
    with _live(settings, rows) as live:
        return live(
            f"""SELECT r.account_ref, r.platform, r.account_kind, r.waits_for, r.candidates,
                       r.best_score, s.name AS school
                FROM ops.identity_review r LEFT JOIN roster.school s USING (school_id)
                WHERE TRUE{chosen}
                ORDER BY r.platform, r.waits_for, r.best_score DESC NULLS LAST, r.account_ref"""
        )


def unknown_classes(
    settings: Settings, platform: str | None = None, rows: Rows | None = None
) -> list[dict[str, Any]]:
    """Classes that no class of the roster fits: platform, the class as it is told, accounts."""
    chosen = f" AND platform = {quote(platform)}" if platform is not None else ""
    with _live(settings, rows) as live:
        return live(
            f"""SELECT platform, class_key, count(*) AS accounts
                FROM facts.account a
                SEMI JOIN (SELECT account_ref FROM ops.identity_review
                           WHERE waits_for = 'no_class') r ON r.account_ref = {REF}
                WHERE TRUE{chosen} GROUP BY ALL ORDER BY accounts DESC, platform, class_key"""
        )


def find(settings: Settings, ref: str, rows: Rows | None = None) -> Account:
    """The account of a reference, or of its beginning. Raises HomeroomError."""
    with _live(settings, rows) as live:
        found = live(
            f"""SELECT DISTINCT platform, account_key FROM facts.account
                WHERE starts_with({REF}, {quote(ref)}) LIMIT 2"""
        )
    if len(found) != 1:
        says = "fits several accounts" if found else "is no account of the live warehouse"
        raise HomeroomError(says, culprit=ref, fix="take a reference from homeroom review list")
    return Account(**found[0])


def show(settings: Settings, ref: str, rows: Rows | None = None) -> dict[str, Any]:
    """An account beside its candidates: what both are called, where they are, and what agrees."""
    account = find(settings, ref, rows)
    key = f"platform = {quote(account.platform)} AND account_key = {quote(account.account_key)}"
    with _live(settings, rows) as live:
        own = live(
            f"""SELECT {REF} AS account_ref, platform, account_kind, a.student_id,
                       coalesce(full_name, concat_ws(' ', given_name, family_name)) AS name,
                       grade_level, school_name AS school, c.title AS class,
                       (SELECT waits_for FROM ops.identity_review r
                        WHERE r.account_ref = {REF}) AS waits_for
                FROM facts.account a LEFT JOIN roster.class_section c USING (class_id)
                WHERE {key}"""
        )[0]
        candidates = live(
            f"""WITH own AS (SELECT platform, sis_id, email, username FROM facts.account
                              WHERE {key}),
                     fit AS (SELECT student_id, max(score) AS score,
                                    string_agg(DISTINCT evidence, ', ' ORDER BY evidence)
                                      AS evidence
                             FROM ops.identity_candidate
                             WHERE account_ref = {quote(own["account_ref"])} GROUP BY student_id),
                     taught AS (SELECT e.person_id AS student_id,
                                       string_agg(DISTINCT c.title, ', ' ORDER BY c.title)
                                         AS classes
                                FROM roster.enrollment e
                                JOIN roster.class_section c USING (class_id)
                                WHERE e.role = 'student' GROUP BY 1),
                     has AS (SELECT student_id, count(*) AS accounts FROM facts.account
                             WHERE platform = {quote(account.platform)} GROUP BY 1)
                SELECT s.student_id, concat_ws(' ', s.given_name,
                         CASE WHEN s.preferred_name <> s.given_name
                              THEN '(' || s.preferred_name || ')' END, s.family_name) AS name,
                       s.grade_level, o.name AS school, taught.classes, s.active, fit.evidence,
                       fit.score, {_agrees("sis_id")} AS sis_id, {_agrees("email")} AS email,
                       {_agrees("username")} AS username, coalesce(has.accounts, 0) AS accounts
                FROM fit CROSS JOIN own JOIN roster.student s USING (student_id)
                LEFT JOIN roster.school o ON o.school_id = s.school_id
                LEFT JOIN taught ON taught.student_id = s.student_id
                LEFT JOIN has ON has.student_id = s.student_id
                ORDER BY fit.score DESC NULLS LAST, s.student_id"""
        )
    made = [d for d in decisions(settings) if (d.platform, d.account_key) == _key(account)]
    return {"account": own, "candidates": candidates, "decisions": made}


def _key(account: Account) -> tuple[str, str]:
    return account.platform, account.account_key


def _agrees(column: str) -> str:
    """Whether an id of both sides is one, in a word and without its value."""
    return (
        f"CASE WHEN own.{column} IS NULL OR s.{column} IS NULL THEN 'not told' "
        f"WHEN lower(trim(own.{column})) = lower(trim(s.{column})) THEN 'same' ELSE 'different' END"
    )


def decisions(settings: Settings) -> list[Decision]:
    """Every decision ever made, undone ones too."""
    with Notes(settings.notes) as store:
        return notes.every(store)


def decide(
    settings: Settings,
    kind: str,
    ref: str,
    *,
    by: str,
    why: str,
    student_id: str | None = None,
    other: str | None = None,
    rows: Rows | None = None,
) -> Decision:
    """Keep one decision on an account. Raises HomeroomError for an unknown account or student."""
    account = find(settings, ref, rows)
    second = find(settings, other, rows) if other else None
    if second is not None and second.platform != account.platform:
        raise HomeroomError(
            "the two accounts are of different platforms",
            culprit=f"{ref}, {other}",
            fix="accept the student for each of them",
        )
    if second == account:
        raise HomeroomError("is the same account", culprit=other or "", fix="name another one")
    if student_id is not None:
        _known_student(settings, student_id, rows)
    made = notes.new(
        kind,
        account.platform,
        account.account_key,
        by=by,
        why=why,
        student_id=student_id,
        other_account_key=second.account_key if second else None,
    )
    with Notes(settings.notes) as store:
        notes.add(store, [made])
    return made


def _known_student(settings: Settings, student_id: str, rows: Rows | None) -> None:
    with _live(settings, rows) as live:
        found = live(f"SELECT 1 AS one FROM roster.student WHERE student_id = {quote(student_id)}")
    if not found:
        raise HomeroomError(
            "is no student of the roster",
            culprit=student_id,
            fix="take a student_id from homeroom review show",
        )


def undo(settings: Settings, decision_id: str, *, by: str) -> Decision:
    """Undo a decision by its id or the beginning of it. Raises HomeroomError."""
    with Notes(settings.notes) as store:
        fits = [
            d
            for d in notes.every(store)
            if d.decision_id.startswith(decision_id) and d.undone_at is None
        ]
        if len(fits) != 1:
            says = "fits several decisions" if fits else "is no decision that stands"
            raise HomeroomError(
                says, culprit=decision_id, fix="take an id from homeroom review decisions"
            )
        notes.undo(store, fits[0].decision_id, by=by)
    return fits[0]
