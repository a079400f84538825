"""What the OneRoster feeds share: their columns, and what a delta says of a row."""

from __future__ import annotations

from connectors.contract import Column, Delta, Kind

_DATES = ("%Y-%m-%d", "%m/%d/%Y")


def id_column(name: str, *headers: str, required: bool = True, filled: bool = False) -> Column:
    """A column of ids."""
    return Column(name, Kind.ID, headers, required=required, filled=filled)


def text_column(name: str, *headers: str, required: bool = False, filled: bool = False) -> Column:
    """A column of text."""
    return Column(name, Kind.TEXT, headers, required=required, filled=filled)


def date_column(name: str, *headers: str, required: bool = False) -> Column:
    """A column of days."""
    return Column(name, Kind.DATE, headers, required=required, formats=_DATES)


def delta(file: str) -> Delta:
    """How a file may be sent as changes only."""
    return Delta(f"file.{file}", ("status", "tobedeleted"), CHANGED.name)


SOURCED = id_column("sourced_id", "sourcedId", filled=True)
STATUS = text_column("status", "status")
#: Text, so that a date written oddly costs nobody a row of a bulk.
CHANGED = text_column("changed", "dateLastModified")
#: The rows that count: a bulk leaves removed ones out, a delta needs them.
KEPT = "(_is_delta OR coalesce(lower(status), '') <> 'tobedeleted')"


def change(*removed: str) -> str:
    """SQL for what a delta says of a row beside its values; `removed`: further words of status."""
    words = ", ".join(f"'{word}'" for word in ("tobedeleted", *removed))
    return (
        f"coalesce(lower(status) IN ({words}), FALSE) AS is_removed, "
        "timezone('UTC', TRY_CAST(changed AS TIMESTAMPTZ)) AS changed_at"
    )


CHANGE = change()
