"""What the columns of a platform's files tell of people: derived from what the columns become.

Belongs here: which columns name a person and how, and the privacy class of each column. Not here:
whose rows they are (warehouse/forgetting/), how long they are kept (warehouse/retention/).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import sqlglot
from sqlglot import exp

from connectors.contract import Feed, Kind

#: Privacy classes, the closest to a person first, in plain words.
CLASSES = {
    "identifier": "an id, address or sign-in name of a person",
    "name": "the name of a person",
    "group": "a group that a child belongs to by origin, language, need or the like",
    "words": "what somebody said or wrote in own words",
    "result": "a test, score or mark",
    "activity": "what a child did, when and how long; states and times of the row itself",
    "place": "the school, class, course or term",
    "adult": "an adult at work",
    "not personal": "nothing about a person",
}
#: The table of the lake whose ids are those of classes.
_CLASSES = "platform_class"
#: Columns of the lake that name a child of the whole district, and those of one platform's own.
ROSTER_IDS = frozenset("person_id sis_id email username student_sis_id".split())
OWN_IDS = frozenset({"account_key"})
_NAME = frozenset("given_name family_name full_name preferred_name middle_name".split())
_OF_A_PERSON = {**dict.fromkeys(ROSTER_IDS | OWN_IDS, "identifier"), **dict.fromkeys(_NAME, "name")}
#: Column names of the lake by class; what is none of these and stands in a row of a child is
#: activity.
_BY_FIELD = {
    "group": "sex hispanic_or_latino races group_name group_value",
    "words": "said note next_step topic",
    "adult": "staff_id owner_id",
    "result": "score score_percent score_at_due percentile standard_error lexile quantile level "
    "observed_growth projected_growth met_projected observed_growth_se conditional_growth_index "
    "conditional_growth_percentile test_name growth_measure rapid_guess_percent result_id "
    "items_correct passed needs_instruction state",
    "place": "class_key class_id school_name school_id org_id grade_level term school_year course "
    "course_id class_code subject role title enrollment_ref",
}
_CLASS_OF = {f: name for name, fields in _BY_FIELD.items() for f in fields.split()} | _OF_A_PERSON
#: Headers by which a column names a person where nothing reads it, so that no contract tells.
_HEADER = re.compile(
    r"(lms)?(student|user|person|learner|pupil|member)[ _.]?"
    r"(sourced|source ?system|local|state|sis|renaissance|ref)?[ _.]?(id|identifier|number)s?|"
    r".*e[-_ ]?mail.*|.*user[ _]?name.*|.*login.*|"
    r"(sis|state|local|lexia|clever)[ _]?(user|student)?[ _]?(id|number)|"
    r"sourcedid|id|identifier",
    re.IGNORECASE,
)
_HEADER_NAME = re.compile(
    r"(student|user|full|display)?[ _.]?name|student|learner|pupil|sortable[ _]name", re.IGNORECASE
)
_HEADER_FIRST = re.compile(r".*(first|given|fname|preferred).*", re.IGNORECASE)
_HEADER_LAST = re.compile(r".*(last|family|lname|sur).*", re.IGNORECASE)


@dataclass(frozen=True)
class Naming:
    """The columns of a feed that name a person, by column name.

    `roster`: ids of the whole district; `own`: the platform's own account; `full`, or `given` and
    `family`: the name.
    """

    roster: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    full: frozenset[str] = frozenset()
    given: frozenset[str] = frozenset()
    family: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.roster or self.own or self.full or self.given or self.family)


@cache
def becomes(feed: Feed) -> dict[str, frozenset[tuple[str, str]]]:
    """Tables and columns of the lake that each column of a feed goes into; nothing for one that
    goes into none."""
    columns = {c.name for c in feed.columns}
    texts = {c.name for c in feed.columns if c.kind in (Kind.TEXT, Kind.ID)}
    found: dict[str, set[tuple[str, str]]] = {name: set() for name in columns}
    for output in feed.outputs:
        uses: dict[str, set[str]] = {}
        tree = sqlglot.parse_one(output.select, read="duckdb")
        for select in tree.find_all(exp.Select):
            for shown in select.expressions:
                names = {c.name for c in shown.find_all(exp.Column)}
                uses.setdefault(shown.alias_or_name, set()).update(names - {shown.alias_or_name})
                if isinstance(shown, exp.Column):
                    uses[shown.name].add(shown.name)
        outer = tree.find(exp.Select)
        top = {shown.alias_or_name for shown in outer.expressions} if outer else set()
        for target in set(uses) if "*" in top else top:
            # A number or a date beside an id chooses between two, and is none.
            of_person = target in _OF_A_PERSON
            if of_person and output.table == _CLASSES:
                continue
            for name in _reached(target, uses) & (texts if of_person else columns):
                found[name].add((output.table, target))
    return {name: frozenset(targets) for name, targets in found.items()}


def _reached(name: str, uses: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            waiting += uses.get(one, ())
    return seen


@cache
def naming(feed: Feed) -> Naming:
    """The columns of a feed that name a person."""
    if not feed.outputs:
        headers = {c.headers[0]: c.name for c in feed.columns}
        told = naming_of_headers(headers)
        return Naming(*(frozenset(headers[h] for h in part) for part in _parts(told)))
    into = becomes(feed)
    tells = {f for fields in into.values() for _, f in fields}
    if not tells & (ROSTER_IDS | OWN_IDS):
        return Naming()

    def of(*fields: str) -> frozenset[str]:
        return frozenset(n for n, into_ in into.items() if {f for _, f in into_} & set(fields))

    names = of(*_NAME)
    roster = of(*ROSTER_IDS) - names
    return Naming(
        roster,
        of(*OWN_IDS) - roster - names,
        of("full_name"),
        of("given_name", "preferred_name"),
        of("family_name"),
    )


def _parts(told: Naming) -> tuple[frozenset[str], ...]:
    return told.roster, told.own, told.full, told.given, told.family


def naming_of_headers(headers: Iterable[str]) -> Naming:
    """The columns that name a person as far as their headers tell; as headers."""
    plain = {h: h.rsplit(".", 1)[-1].strip() for h in headers}

    def like(pattern: re.Pattern[str]) -> frozenset[str]:
        return frozenset(
            h for h, last in plain.items() if pattern.fullmatch(last) or pattern.fullmatch(h)
        )

    ids = like(_HEADER)
    parted = like(_HEADER_FIRST) | like(_HEADER_LAST)
    return Naming(
        ids,
        ids,
        like(_HEADER_NAME) - ids - parted,
        like(_HEADER_FIRST) - ids,
        like(_HEADER_LAST) - ids,
    )


def class_of(feed: Feed, column: str) -> str:
    """The privacy class of a column. One that nothing tells apart counts as activity where the
    feed's rows are about a child."""
    told = naming(feed)
    if column in told.roster | told.own:
        return "identifier"
    if column in told.full | told.given | told.family:
        return "name"
    targets = {field for _, field in becomes(feed)[column]}
    for name in CLASSES:
        if any(_CLASS_OF.get(t) == name for t in targets):
            return name
    if column in _CLASS_OF:
        return _CLASS_OF[column]
    return "activity" if told else "not personal"
