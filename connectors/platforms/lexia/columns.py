"""Columns and phrases that several of Lexia's exports share."""

from __future__ import annotations

from connectors.contract import Column, Kind

NOTHING = ("-", "--")
_TIMES = ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M %p", "%m/%d/%Y")


def text(name: str, *headers: str, required: bool = False, filled: bool = False) -> Column:
    """A text."""
    return Column(name, Kind.TEXT, headers, required=required, filled=filled, nothing=NOTHING)


def number(name: str, *headers: str, high: float | None = None, required: bool = False) -> Column:
    """A number that is not below zero."""
    return Column(name, Kind.NUMBER, headers, required=required, nothing=NOTHING, low=0, high=high)


def time(name: str, *headers: str) -> Column:
    """An instant, local where it carries no offset."""
    return Column(name, Kind.TIME, headers, required=False, nothing=NOTHING, formats=_TIMES)


def truth(column: str) -> str:
    """A flag that is written in words: true, false, or not known where it is empty."""
    return f"""CASE WHEN lower({column}) IN ('1', 'y', 'yes', 'true') THEN TRUE
                    WHEN {column} IS NOT NULL THEN FALSE END"""


def class_key(school: str, title: str) -> str:
    """A class is known by its title within its school, which all exports tell."""
    return f"lower(concat_ws('/', {school}, {title}))"
