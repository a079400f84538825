"""The one error family, and every reason a file or a row can be turned away for.

Belongs here: the codes, what they say to a coordinator, what to do. Not here: who decides.
No message ever holds a value from a file: values are about children.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """Why something was turned away, in plain words, and what mends it."""

    code: str
    says: str
    fix: str


def _reasons(*rows: tuple[str, str, str]) -> dict[str, Reason]:
    return {code: Reason(code, says, fix) for code, says, fix in rows}


# Drawn tables:
# fmt: off
#: Reasons that turn a whole file away.
FILE_REASONS: dict[str, Reason] = _reasons(
    ("empty_file", "the file has no content", "export it again"),
    ("header_only", "the file has a header and no rows", "export it again, or ignore it if the period was truly empty"),
    ("cut_file", "the file ends in the middle of a row", "send the complete file again"),
    ("wrong_encoding", "the text is neither UTF-8, UTF-16 nor Windows-1252", "export it as UTF-8"),
    ("unknown_layout", "no feed of this platform has these columns", "check that the file is in the right source folder"),
    ("missing_column", "a column that the feed needs is not there", "export with that column; the platform may have renamed it"),
    ("repeated_column", "two columns have the same name", "remove one of them and export again"),
    ("broken_json", "the JSON text is broken", "export it again; if it was written by hand, mend it"),
    ("several_lists", "the file holds several lists of records", "send one list per file"),
    ("too_large", "one JSON object is too large to be read", "export it in pages, or as JSON lines"),
    ("unsafe_archive", "the archive names a path outside of itself", "make a plain zip of the files"),
    ("archive_bomb", "the archive unpacks to far more than it may", "send the files unpacked"),
    ("broken_archive", "the archive cannot be opened", "send it again"),
    ("locked_workbook", "the workbook has a password", "save it without a password"),
    ("other_workbook", "the workbook is of another kind than .xlsx", "save it as .xlsx or CSV"),
    ("stale_twin", "the content is that of an older file under a new date", "export again; the platform had not refreshed"),
    ("roster_shrank", "the roster lost more than a tenth of its rows", "check it; if it is right, run again with --accept-smaller-roster"),
    ("ambiguous_dates", "day and month cannot be told apart in a date column", "export dates as YYYY-MM-DD"),
    ("too_many_rejects", "more than half of the rows are not usable", "see the quarantine's reasons, mend and send again"),
    ("nothing_survived", "not one row is usable", "see the quarantine's reasons, mend and send again"),
    ("no_period", "the file does not say which days it covers", "put the dates into its name, like _20260907_20260913"),
    ("odd_period", "the days in the file's name are not within one week, Monday to Sunday", "export one week, or one day, at a time"),
    ("part_of_refused", "another file of the same delivery was turned away", "mend that one and send the delivery again"),
    ("unreadable", "the file cannot be read", "check the permissions of the file and its folder"),
    ("no_single_class", "no single class of the roster fits the file's name", "name the file after the class, or map it under [source.classes]"),
    ("no_student", "the file's name does not tell the student", "name the file after the student, in a folder named after the class"),
    ("no_whole", "only changes came, and never the whole", "send a bulk export once"),
    ("no_changes", "the manifest calls the file a delta, and it holds no change", "nothing to do"),
    ("said_absent", "the manifest says that this file was not sent", "nothing to do; where it was meant to be read, mend the manifest and send the delivery again"),
    ("withheld", "every row is a forgotten student's, or may be one's", "nothing to do"),
    ("not_looked_into", "the file cannot be opened, so that nobody can tell whether it holds a forgotten student's rows; it was not kept", "send it again, whole and without a password"),
    ("kept_no_longer", "the landed file was removed by age", "send it again"),
    ("not_read_yet", "Homeroom does not read this kind of file", "nothing to do: it is kept in the landing area"),
)

#: Reasons that turn one row away.
ROW_REASONS: dict[str, Reason] = _reasons(
    ("missing_value", "a value that the feed needs is empty", "fill it in the platform"),
    ("not_a_number", "a number was expected", "mend the value"),
    ("not_a_date", "a date was expected", "mend the value"),
    ("not_a_truth_value", "true or false was expected", "mend the value"),
    ("unknown_choice", "the value is not one of those the platform documents", "mend the value"),
    ("out_of_range", "the value is outside of what is possible", "mend the value"),
    ("damaged_id", "a spreadsheet has rewritten the id", "export again without opening the file in a spreadsheet"),
    ("conflicting_key", "two rows say different things about the same thing", "remove the wrong one and send again"),
    ("broken_quote", "a quotation mark is opened or closed in the wrong place", "mend the row and send again"),
    ("too_many_fields", "the row has more fields than the header", "quote fields that hold the separator"),
    ("too_few_fields", "the row has fewer fields than the header", "mend the row and send again"),
    ("stub_row", "the row has a beginning and no values", "nothing to do: the platform writes such rows"),
    ("broken_json", "the record is no JSON object", "send it again"),
    ("bad_encoding", "the row has bytes that are not text", "export it as UTF-8"),
)


# fmt: on
class HomeroomError(Exception):
    """An error a person can act on: what, which, and what mends it.

    `retry`: true where the same call may succeed later (a server that is away), false where only
    a change helps.
    """

    def __init__(self, says: str, *, culprit: str = "", fix: str = "", retry: bool = False) -> None:
        self.says, self.culprit, self.fix, self.retry = says, culprit, fix, retry
        message = says if not culprit else f"{culprit}: {says}"
        super().__init__(f"{message}. Fix: {fix}." if fix else f"{message}.")


class ConfigError(HomeroomError):
    """homeroom.toml says something that cannot be followed."""


class SourceError(HomeroomError):
    """A location could not be listed or read."""


class FileRefused(HomeroomError):
    """One file is turned away as a whole; the other files go on.

    `culprit` names a column, a member or a line, never a value.
    """

    def __init__(self, code: str, culprit: str = "", *, rows: int = 0) -> None:
        self.reason = FILE_REASONS[code]
        self.code = code
        self.rows = rows
        super().__init__(self.reason.says, culprit=culprit, fix=self.reason.fix)
