"""The TOML of a drafted declaration: every guess said to be one, nothing from the file but headers.

Pure. Not here: looking at the file (drafting.py), what a declaration means
(connectors/declaration.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from warehouse.layouts.drafting import Draft, Guess

_SIS = ({"sis"}, {"student", "id"}, {"student", "number"}, {"local", "id"}, {"state", "id"},
        {"sourcedid"})  # fmt: skip
#: What the words of a header make of a column: the first set that is within them decides.
_ROLES: tuple[tuple[str, tuple[set[str], ...]], ...] = (
    ("sis_id", _SIS),
    ("email", ({"email"}, {"mail"})),
    ("username", ({"username"}, {"login"}, {"user", "name"})),
    ("given_name", ({"first"}, {"given"}, {"fname"})),
    ("family_name", ({"last"}, {"family"}, {"surname"}, {"lname"})),
    ("due", ({"due"}, {"deadline"})),
    ("submitted", ({"submitted"}, {"submission"}, {"turned"}, {"handed"})),
    ("minutes", ({"minutes"}, {"mins"}, {"minute"}, {"min"})),
    ("seconds", ({"seconds"}, {"secs"}, {"sec"})),
    ("possible", ({"possible"}, {"max"}, {"out"})),
    ("score", ({"score"}, {"points"}, {"earned"})),
    ("title", ({"assignment"}, {"title"}, {"task"}, {"checkpoint"})),
    ("day", ({"date"}, {"day"})),
    ("class_key", ({"class"}, {"section"}, {"course"})),
    ("school_name", ({"school"},)),
    ("full_name", ({"student"}, {"learner"}, {"name"})),
)
_KINDS = {
    "due": ("date", "time"), "submitted": ("date", "time"), "day": ("date", "time"),
    "minutes": ("number",), "seconds": ("number",),
    "possible": ("number",), "score": ("number",),
    "title": ("text", "id"), "class_key": ("text", "id"), "full_name": ("text",),
    "email": ("text",),
}  # fmt: skip
_EVIDENCE = ("sis_id", "email", "username")


def roles(draft: Draft) -> dict[str, Guess]:
    """What each column probably is, by the words of its header and its type."""
    found: dict[str, Guess] = {}
    for column in draft.columns:
        for role, sets in _ROLES:
            fits = column.kind in _KINDS.get(role, ("text", "id"))
            if role not in found and fits and any(s <= column.words for s in sets):
                found[role] = column
                break
    return found


def text_of(draft: Draft) -> str:
    """The whole file."""
    told = roles(draft)
    who = next((r for r in _EVIDENCE if r in told), None)
    tables = dict(_tables(told, who)) if who else {}
    used = {g.name for g in told.values()} | set(draft.key)
    filled = set(draft.key) | ({told[who].name} if who else set())
    filled |= {told[r].name for t in tables for r in ("day", "title", "class_key")
               if r in told and told[r].full and t in ("daily_activity", "assignment")}  # fmt: skip
    if "daily_activity" in tables:
        filled.add(told["day"].name)
    if "assignment" in tables:
        filled.add(told["title"].name)
    return "\n".join(_lines(draft, tables, used, filled)) + "\n"


def _lines(
    draft: Draft, tables: dict[str, list[str]], used: set[str], filled: set[str]
) -> Iterator[str]:
    feed = f"feed.{draft.feed}"
    yield f"# Drafted from one file of {draft.rows} rows. Look at each guess."
    yield f"# Then: homeroom connector check {draft.platform} FILE"
    yield f"name = {_text(draft.platform)}"
    yield f"title = {_text(draft.platform.replace('_', ' ').capitalize())}"
    yield 'about = "Say here what the platform sends, and what stays unknown."'
    activity = "true" if "daily_activity" in tables else "false"
    yield f"sends_activity = {activity}  # whether its files tell what students did on which day"
    yield f"\n[{feed}]"
    yield f"title = {_text(draft.feed.replace('_', ' '))}"
    yield f"files = [{_text(draft.stem)}]  # guess: names of its files, * for any text"
    scope = {"whole": "no date in the file's name", "day": "one date in the file's name",
             "period": "two dates in the file's name"}[draft.scope]  # fmt: skip
    yield f"scope = {_text(draft.scope)}  # guess: {scope}; a newer file replaces as much as this"
    keys = ", ".join(_text(k) for k in draft.key)
    few = "; that is a small sample" if draft.rows < 50 else ""
    why = f"no two of its {draft.rows} rows share them{few}" if draft.key else "rows may repeat"
    yield f"key = [{keys}]  # guess: {why}"
    yield f"\n[{feed}.columns]"
    for column in draft.columns:
        yield _column(column, column.name in used, column.name in filled)
    if draft.wide:
        pattern, example, count = draft.wide
        yield f"\n[{feed}.wide]  # guess: {count} columns that differ in a number only"
        yield f"pattern = {_text(pattern)}\nexample = {_text(example)}"
        yield 'type = "number"'
    if not tables:
        yield "\n# No column is surely the student's id, address or user name. Name it:"
        yield f"# [{feed}.into.account]"
        yield '# account_key = "column"'
        yield '# account_kind = { constant = "sis_id" }'
        yield '# sis_id = "column"'
        yield f"[{feed}.into]"
    for table, rules in tables.items():
        yield f"\n[{feed}.into.{table}]  # guess: by the words of the headers"
        yield from rules


def _column(column: Guess, used: bool, filled: bool) -> str:
    parts = [f"headers = [{_text(column.header)}]", f"type = {_text(column.kind)}"]
    if column.formats:
        parts.append(f"formats = [{', '.join(map(_text, column.formats))}]")
    if column.nothing:
        parts.append(f"nothing = [{', '.join(map(_text, column.nothing))}]")
    if filled:
        parts.append("filled = true")
    elif not used:
        parts.append("required = false")
    why = f"  # guess: {column.why}" if column.why else ""
    return f"{column.name} = {{ {', '.join(parts)} }}{why}"


def _tables(told: dict[str, Guess], who: str) -> Iterator[tuple[str, list[str]]]:
    key = f"account_key = {_text(told[who].name)}"
    kind = {"sis_id": "sis_id"}.get(who, "login")
    about = [r for r in (*_EVIDENCE, "given_name", "family_name", "full_name", "school_name")
             if r in told and told[r].kind in ("text", "id")]  # fmt: skip
    yield (
        "account",
        [key, f'account_kind = {{ constant = "{kind}" }}',
         *(f"{r} = {_text(told[r].name)}" for r in about)],
    )  # fmt: skip
    if "day" in told and ("minutes" in told or "seconds" in told):
        day = _day(told["day"])
        spent = (
            _text(told["minutes"].name)
            if "minutes" in told
            else f"{{ minutes_from_seconds = {_text(told['seconds'].name)} }}"
        )
        yield (
            "daily_activity",
            [key, f"date = {day}", f"minutes = {{ sum = {spent} }}",
             'minutes_basis = { constant = "exported" }'],
        )  # fmt: skip
        yield (
            "coverage",
            [f"covers_from = {{ min = {day} }}", f"covers_to = {{ max = {day} }}",
             'of = { constant = "activity" }', "absence_is_zero = { constant = false }"],
        )  # fmt: skip
    elif "title" in told and told.keys() & {"due", "submitted", "score"}:
        yield from _assignments(told, key)


def _assignments(told: dict[str, Guess], key: str) -> Iterator[tuple[str, list[str]]]:
    parts = [told[r].name for r in ("class_key", "title") if r in told and told[r].full]
    number = (
        f"assignment_id = {{ join = [{', '.join(map(_text, parts or [told['title'].name]))}] }}"
    )
    due = []
    if "due" in told:
        name = _text(told["due"].name)
        instant = f"{{ day_end = {name} }}" if told["due"].kind == "date" else name
        due = [f"due_on = {_day(told['due'])}", f"due_at = {instant}"]
    of_class = [f"class_key = {_text(told['class_key'].name)}"] if "class_key" in told else []
    most = (
        [f"points_possible = {{ max = {_text(told['possible'].name)} }}"]
        if "possible" in told
        else []
    )
    yield (
        "assignment",
        [number, *of_class, f"title = {_text(told['title'].name)}", *due, *most,
         "listed_only = { constant = true }", 'data_through = { file = "exported_on" }'],
    )  # fmt: skip
    done = []
    if "submitted" in told:
        done.append(f"submitted_on = {_day(told['submitted'])}")
        if told["submitted"].kind == "time":
            done.append(f"submitted_at = {_text(told['submitted'].name)}")
    if "score" in told:
        done.append(f"score = {{ max = {_text(told['score'].name)} }}")
    yield "submission", [number, key, *due, *done]


def _day(column: Guess) -> str:
    name = _text(column.name)
    return f"{{ date_of = {name} }}" if column.kind == "time" else name


def _text(text: str) -> str:
    # A JSON string is a TOML string.
    return json.dumps(text, ensure_ascii=False)
