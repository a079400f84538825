"""From text to typed values by the contract: pure SQL text, one expression per column.

Belongs here: how each kind of column is cast and why a value is turned away. Not here: reading
files, writing parts. All casts are TRY_CAST: a value that does not fit becomes a named fault.
"""

from __future__ import annotations

from connectors.contract import Column, Feed, Kind, Match

#: What the connectors' SELECTs and the casts below may call. `zone` is the district's.
MACROS = (
    "utc(t) AS timezone('UTC', timezone('{zone}', t))",
    "local_date(t) AS CAST(timezone('{zone}', timezone('UTC', t)) AS DATE)",
    "day_end(d) AS timezone('UTC', timezone('{zone}', d + TIME '23:59:59'))",
    "week_start(d) AS CAST(date_trunc('week', d) AS DATE)",
    "simple_spaces(t) AS CASE WHEN contains(t, '  ') OR contains(t, chr(9)) "
    "OR contains(t, chr(160)) "
    "THEN trim(regexp_replace(replace(t, chr(160), ' '), '\\s+', ' ', 'g')) ELSE t END",
    # A duration as ISO 8601 writes it. Years and months have no fixed length: NULL, like any text
    # that is none.
    "iso_seconds(t) AS CASE WHEN regexp_full_match(t, 'P([0-9.]+W)?([0-9.]+D)?(T([0-9.]+H)?"
    "([0-9.]+M)?([0-9.]+S)?)?') AND regexp_matches(t, '[0-9]') THEN "
    "604800 * coalesce(TRY_CAST(regexp_extract(t, '([0-9.]+)W', 1) AS DOUBLE), 0) "
    "+ 86400 * coalesce(TRY_CAST(regexp_extract(t, '([0-9.]+)D', 1) AS DOUBLE), 0) "
    "+ 3600 * coalesce(TRY_CAST(regexp_extract(t, '([0-9.]+)H', 1) AS DOUBLE), 0) "
    "+ 60 * coalesce(TRY_CAST(regexp_extract(t, '([0-9.]+)M', 1) AS DOUBLE), 0) "
    "+ coalesce(TRY_CAST(regexp_extract(t, '([0-9.]+)S', 1) AS DOUBLE), 0) END",
    # A due date may carry a clock time in the same text; without one the day's end counts.
    "due_at(d, t) AS CASE WHEN regexp_matches(t, '[0-9]{{1,2}}:[0-9]{{2}}') THEN timezone('UTC', "
    "timezone('{zone}', d + CAST(try_strptime(upper(regexp_extract(t, "
    "'[0-9]{{1,2}}:[0-9]{{2}}\\s*([aApP][mM])?')), ['%I:%M %p', '%I:%M%p', '%H:%M']) AS TIME))) "
    "ELSE timezone('UTC', timezone('{zone}', d + TIME '23:59:59')) END",
)
#: Formats tried, per file and column, where a platform documents none.
DETECTED = ("%Y-%m-%d", "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d", "%d.%m.%Y", "%m/%d/%y", "%d/%m/%y")
_MIXABLE = (("%m/%d/%Y", "%d/%m/%Y"), ("%m/%d/%y", "%d/%m/%y"))
_TYPES = {
    Kind.TEXT: "VARCHAR",
    Kind.ID: "VARCHAR",
    Kind.INTEGER: "BIGINT",
    Kind.NUMBER: "DOUBLE",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.DATE: "DATE",
    Kind.TIME: "TIMESTAMP",
    Kind.CLOCK: "TIME",
}
_WRONG = {
    Kind.INTEGER: "not_a_number",
    Kind.NUMBER: "not_a_number",
    Kind.BOOLEAN: "not_a_truth_value",
    Kind.DATE: "not_a_date",
    Kind.TIME: "not_a_date",
    Kind.CLOCK: "not_a_date",
}
_BLANKS = "' ' || chr(9) || chr(10) || chr(13) || chr(160)"
#: An instant as ISO 8601 writes it; the cast alone would take other words behind it for nothing.
_ISO = "'^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([T ]+[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?)?$'"
_OFFSET = "'[0-9]:[0-9]{2}[0-9:.]* ?([zZ]|UTC|GMT|[+-][0-9]{2}(:?[0-9]{2})?)$'"
_YES, _NO = "('true', 't', 'yes', 'y', '1', '1.0')", "('false', 'f', 'no', 'n', '0', '0.0')"


def quote(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def detects_dates(feed: Feed) -> tuple[Column, ...]:
    """Columns whose date format each file shows by itself."""
    return tuple(c for c in feed.columns if c.kind is Kind.DATE and not c.formats)


def clean(column: Column, raw: str) -> str:
    """The trimmed text of a raw column, NULL where it means nothing."""
    # Trimming tabs and line ends costs three times as much, and only an id is lost by them.
    trimmed = f"trim({raw}, {_BLANKS})" if column.kind is Kind.ID else f"trim({raw})"
    text = f"nullif({trimmed}, '')"
    if column.nothing:
        texts = ", ".join(quote(n) for n in column.nothing)
        text = f"CASE WHEN lower({trimmed}) IN ({texts}) THEN NULL ELSE {text} END"
    return text


def value(column: Column, text: str, formats: tuple[str, ...]) -> str:
    """The typed value of a cleaned text, NULL where it does not fit."""
    match column.kind:
        case Kind.TEXT | Kind.ID:
            return text
        case Kind.NUMBER:
            return f"TRY_CAST({_plain_number(text)} AS DOUBLE)"
        case Kind.INTEGER:
            return f"TRY_CAST({_plain_number(text)} AS BIGINT)"
        case Kind.BOOLEAN:
            return (
                f"CASE WHEN lower({text}) IN {_YES} THEN TRUE "
                f"WHEN lower({text}) IN {_NO} THEN FALSE END"
            )
        case Kind.DATE:
            day = f"CAST({_strptime(text, formats)} AS DATE)"
            return f"CASE WHEN year({day}) BETWEEN 1900 AND 2100 THEN {day} END"
        case Kind.CLOCK:
            whole = f"regexp_matches({text}, '^[0-9]{{1,2}}:[0-9]{{2}}(:[0-9]{{2}}([.][0-9]+)?)?$')"
            return f"CASE WHEN {whole} THEN TRY_CAST({text} AS TIME) END"
        case Kind.TIME:
            local = (
                f"CASE WHEN regexp_matches({text}, {_ISO}) THEN TRY_CAST({text} AS TIMESTAMP) END"
            )
            if formats:
                local = f"coalesce({local}, {_strptime(text, formats)})"
            # A cast to TIMESTAMP would drop an offset without a word.
            joined = f"regexp_replace({text}, ' ([zZ+-])', '\\1')"
            instant = (
                f"CASE WHEN length({text}) > 16 AND regexp_matches({text}, {_OFFSET}) THEN "
                f"timezone('UTC', TRY_CAST({joined} AS TIMESTAMPTZ)) "
                f"ELSE {local if column.utc else f'utc({local})'} END"
            )
            return f"CASE WHEN year({instant}) BETWEEN 1900 AND 2100 THEN {instant} END"


def _plain_number(text: str) -> str:
    # 1,234 is a number with thousands; 3,5 is not told apart from a decimal comma and stays out.
    # The cast would read 1_5 as 15.
    return (
        f"CASE WHEN contains({text}, ',') AND regexp_matches({text}, "
        f"'^-?[0-9]{{1,3}}(,[0-9]{{3}})+(\\.[0-9]+)?$') THEN replace({text}, ',', '') "
        f"WHEN NOT contains({text}, '_') THEN {text} END"
    )


def _strptime(text: str, formats: tuple[str, ...]) -> str:
    # Without a digit it is a word like infinity, which would become the year 1900.
    read = f"try_strptime({text}, [{', '.join(quote(f) for f in formats)}])"
    return f"CASE WHEN regexp_matches({text}, '[0-9]') THEN {read} END"


def fault(column: Column, text: str, typed: str, removed: str = "") -> str | None:
    """An expression that is NULL for a good value, else `column|reason|class of the value`.

    `removed`: SQL that is true of a row which tells of a removal and needs no value here."""
    cases = []
    if column.filled:
        unless = f" AND NOT {removed}" if removed else ""
        cases.append((f"{text} IS NULL{unless}", "missing_value"))
    if column.kind is Kind.ID:
        cases.append(
            (
                f"(contains({text}, '.') OR contains({text}, '+')) AND regexp_matches({text}, "
                "'^[0-9]+\\.0+$|^[0-9]+([.,][0-9]+)?[eE]\\+[0-9]+$')",
                "damaged_id",
            )
        )
    if column.kind in _WRONG:
        cases.append((f"{text} IS NOT NULL AND {typed} IS NULL", _WRONG[column.kind]))
    if column.kind is Kind.NUMBER:
        cases.append((f"NOT isfinite({typed})", "not_a_number"))
    if column.kind is Kind.INTEGER:
        # A cast to an integer rounds 2.5 and reads 0x1F without a word.
        number = f"TRY_CAST({_plain_number(text)} AS DOUBLE)"
        cases.append((f"{typed} IS NOT NULL AND {number} IS DISTINCT FROM {typed}", "not_a_number"))
    if column.choices:
        texts = ", ".join(quote(c) for c in column.choices)
        cases.append((f"{text} NOT IN ({texts})", "unknown_choice"))
    if column.low is not None:
        cases.append((f"{typed} < {column.low}", "out_of_range"))
    if column.high is not None:
        cases.append((f"{typed} > {column.high}", "out_of_range"))
    if not cases:
        return None
    head = quote(f"{column.name}|")
    whens = " ".join(
        f"WHEN {test} THEN {head} || {quote(code + '|')} || {_class(text)}" for test, code in cases
    )
    return f"CASE {whens} END"


def _class(text: str) -> str:
    """What kind of value it is, in place of the value, which may be about a child."""
    return (
        f"CASE WHEN {text} IS NULL THEN 'empty' "
        f"WHEN regexp_matches({text}, '^[0-9]+$') THEN 'digits' "
        f"WHEN regexp_matches({text}, '^[0-9.]+[eE][+-]?[0-9]+$') THEN 'scientific number' "
        f"WHEN regexp_matches({text}, '^-?[0-9.,]+$') THEN 'number' "
        f"WHEN regexp_matches({text}, '^[0-9/.-]+$') THEN 'date-like' ELSE 'text' END"
    )


def typed_sql(match: Match, raw: str, formats: dict[str, tuple[str, ...]]) -> str:
    """A SELECT over `raw` (_no, _line, c0..cN): typed columns by name, `_wide` and `_fault`.

    `formats`: the date formats found in the files, for columns that declare none.
    """
    placed = [c for c in match.feed.columns if c.name in match.positions]
    absent = [c for c in match.feed.columns if c.name not in match.positions]
    texts = ", ".join(f"{clean(c, f'c{match.positions[c.name]}')} AS t_{c.name}" for c in placed)
    values = ", ".join(
        f"{value(c, f't_{c.name}', c.formats or formats.get(c.name, DETECTED[:1]))} AS {c.name}"
        for c in placed
    )
    removed = _removed(match)
    faults = [
        f
        for c in placed
        if (f := fault(c, f"t_{c.name}", c.name, "" if c.name in match.feed.key else removed))
    ]
    first = f"coalesce({', '.join(faults)}, NULL)" if faults else "CAST(NULL AS VARCHAR)"
    nulls = "".join(f", CAST(NULL AS {_TYPES[c.kind]}) AS {c.name}" for c in absent)
    has = "".join(
        f", {str(c.name in match.positions).upper()} AS _has_{c.name}"
        for c in match.feed.columns
        if not c.required
    )
    names = ", ".join(c.name for c in placed)
    if match.feed.wide is not None:
        cell = match.feed.wide.column()
        cells = [(n, clean(cell, f"c{i}"), label) for n, (i, label) in enumerate(match.wide)]
        texts += "".join(f", {text} AS w{n}" for n, text, _ in cells)
        typed = {n: value(cell, f"w{n}", ()) for n, _, _ in cells}
        values += ", list_filter([{}], lambda x: x.value IS NOT NULL) AS _wide".format(
            ", ".join(f"{{'label': {quote(label)}, 'value': {typed[n]}}}" for n, _, label in cells)
        )
        names += ", _wide"
        wrong = [f for n in typed if (f := fault(cell, f"w{n}", typed[n]))]
        first = f"coalesce({', '.join([first, *wrong])}, NULL)"
    return (
        f"SELECT _no, _line, {names}{nulls}{has}, {first} AS _fault, FALSE AS _twice "
        f"FROM (SELECT *, {values} FROM (SELECT _no, _line, {texts} FROM {raw}))"
    )


def _removed(match: Match) -> str:
    """SQL that is true of a row which tells of a removal; nothing where the file cannot say so."""
    delta = match.feed.delta
    if delta is None or delta.removed[0] not in match.positions:
        return ""
    column, word = delta.removed
    return f"coalesce(lower({column}) = {quote(word)}, FALSE)"


def settle_format(counts: dict[str, int], filled: int) -> tuple[str, ...] | None:
    """The one date format of a column from how many values fit each; None where day and month
    cannot be told apart. `counts` may hold "same": values that read alike either way."""
    if filled == 0:
        return DETECTED[:1]
    best = max(DETECTED, key=lambda f: (counts.get(f, 0), -DETECTED.index(f)))
    for month_first, day_first in _MIXABLE:
        fit = counts.get(month_first, 0)
        if best == month_first and fit and fit == counts.get(day_first, 0):
            return (best,) if counts.get("same", 0) >= fit else None
    return (best,)


def counts_sql(match: Match, column: Column, raw: str) -> str:
    """One row: filled values, values that fit each detectable format, values alike either way."""
    text = clean(column, f"c{match.positions[column.name]}")
    # The year's bound keeps 9/5/25 from being read as the year 25.
    fits = ", ".join(
        f"count(*) FILTER (WHERE year(try_strptime(t, {quote(f)})) >= 1900)" for f in DETECTED
    )
    same = " OR ".join(
        f"try_strptime(t, {quote(a)}) = try_strptime(t, {quote(b)})" for a, b in _MIXABLE
    )
    # A column of dates repeats itself: a format fits the file if it fits its distinct values.
    return (
        f"SELECT count(t), {fits}, count(*) FILTER (WHERE {same}) "
        f"FROM (SELECT DISTINCT {text} AS t FROM {raw})"
    )
