"""truth/accounts.parquet: whose every account of every file is, and what can be known of it."""

from __future__ import annotations

import numpy as np

from connectors.sample.behaviour import Traits
from connectors.sample.calendar import SchoolCalendar, export_time
from connectors.sample.khan import TEST_LOGIN, TEST_NAME, khan_logins
from connectors.sample.lexia import lexia_ids, lexia_logins
from connectors.sample.nwea import stripped_student
from connectors.sample.nwea_scores import SUBJECTS, Term, sit
from connectors.sample.people import People, same_name_pair
from connectors.sample.text import Array, choose, concat, take, text
from connectors.sample.write import GrowingTable, Outbox

COLUMNS = {
    "platform": "text",
    "account_kind": "text",
    "account": "text",
    "class_id": "text",
    "class_title": "text",
    "name": "text",
    "student_id": "text",
    "expect": "text",
}
#: What a careful resolver does: links it, leaves it waiting, must not link it, cannot tell.
LINKED, WAITING, NEVER, AMBIGUOUS = "linked", "waiting", "never", "ambiguous"


def lexia_guests(people: People) -> list[tuple[str, str, str, str, int]]:
    """Lexia accounts that are nobody's: one unknown, one under a roster student's user name.

    As (Lexia id, user name, given, family, position of the student whose figures they borrow).
    """
    # The second user name is that of an older student without Lexia: a name handed on.
    older = int(np.flatnonzero(people.grade >= 6)[0])
    return [
        ("2990001", "summer.visitor1", "Quill", "Farrow", 3),
        ("2990002", people.usernames[older], "Wren", "Thorne", 5),
    ]


def write_accounts(
    outbox: Outbox,
    people: People,
    traits: Traits,
    calendar: SchoolCalendar,
    terms: list[Term],
    seed: int,
    *,
    planted: bool,
) -> None:
    """Write the table; `terms`: the test terms that were exported."""
    when = export_time(calendar.last_day, "21:00")
    ids, names = text(people.student_ids), text(people.full_names)
    with GrowingTable(outbox, "truth/accounts.parquet", COLUMNS, when) as table:

        def add(platform: str, kind: str, values: list[str], who: Array) -> None:
            same = np.zeros(len(who), np.int64)
            table.add(
                platform=choose([platform], same),
                account_kind=choose([kind], same),
                account=take(text(values), who),
                class_id=choose([""], same),
                class_title=choose([""], same),
                name=take(names, who),
                student_id=take(ids, who),
                expect=choose([LINKED], same),
            )

        lexia, khan = np.flatnonzero(traits.on_lexia), np.flatnonzero(traits.on_khan)
        add("lexia", "lexia_id", lexia_ids(people), lexia)
        add("lexia", "username", lexia_logins(people), lexia)
        add("khan", "login", khan_logins(people), khan)
        add("khan", "email", people.emails, khan)
        add("khan", "sis_id", people.sis_ids, khan)
        tested = np.zeros(people.count, np.bool_)
        for term in terms:
            for subject in SUBJECTS:
                tested |= sit(term, people, traits, subject, seed).rit > 0
        add("nwea", "sis_id", people.sis_ids, np.flatnonzero(tested))
        add("district", "sis_id", people.sis_ids, np.arange(people.count))
        _add_names_in_class(table, people, traits, calendar, planted=planted)
        if planted:
            _add_strangers(table, people)
            _add_stripped(table, people, stripped_student(people, traits, seed))


def _add_names_in_class(
    table: GrowingTable, people: People, traits: Traits, calendar: SchoolCalendar, *, planted: bool
) -> None:
    stints = people.stints(calendar)
    on_khan = np.flatnonzero(traits.on_khan[stints.student])
    student, class_ = stints.student[on_khan], stints.class_[on_khan]
    name = take(text(people.full_names), student)
    titles = choose([c.title for c in people.classes], class_)
    same = np.zeros(len(student), np.int64)
    pair = same_name_pair(people) if planted else ()
    table.add(
        platform=choose(["khan"], same),
        account_kind=choose(["name_in_class"], same),
        account=concat(titles, " | ", name),
        class_id=choose([c.class_id for c in people.classes], class_),
        class_title=titles,
        name=name,
        student_id=take(text(people.student_ids), student),
        expect=choose([LINKED, AMBIGUOUS], np.isin(student, pair).astype(np.int64)),
    )


def _add_strangers(table: GrowingTable, people: People) -> None:
    """Accounts of nobody on the roster."""
    unknown, handed_on = lexia_guests(people)
    tried = people.classes[people.find_class(0, 5)]
    rows = [
        ("lexia", "lexia_id", unknown[0], "", "", f"{unknown[2]} {unknown[3]}", WAITING),
        ("lexia", "username", unknown[1], "", "", f"{unknown[2]} {unknown[3]}", WAITING),
        ("lexia", "lexia_id", handed_on[0], "", "", f"{handed_on[2]} {handed_on[3]}", NEVER),
        ("lexia", "username", handed_on[1], "", "", f"{handed_on[2]} {handed_on[3]}", NEVER),
        ("khan", "login", TEST_LOGIN, "", "", TEST_NAME, WAITING),
        (
            "khan",
            "name_in_class",
            f"{tried.title} | {TEST_NAME}",
            tried.class_id,
            tried.title,
            TEST_NAME,
            WAITING,
        ),
    ]
    columns = [list(column) for column in zip(*rows, strict=True)]
    names = ("platform", "account_kind", "account", "class_id", "class_title", "name", "expect")
    table.add(
        **dict(zip(names, columns, strict=True)),
        student_id=[None] * len(rows),
    )


def _add_stripped(table: GrowingTable, people: People, student: int) -> None:
    """The id that lost its leading zeros: one student alone fits, and bears the name beside it."""
    table.add(
        platform=["nwea"],
        account_kind=["sis_id"],
        account=[people.sis_ids[student].lstrip("0")],
        class_id=[""],
        class_title=[""],
        name=[people.full_names[student]],
        student_id=[people.student_ids[student]],
        expect=[LINKED],
    )
