"""Delivers Lexia's days: plainly on most, and with the planned oddity on some."""

from __future__ import annotations

from datetime import timedelta

from connectors.sample import damage
from connectors.sample.calendar import SchoolCalendar, export_time
from connectors.sample.lexia import OLD_NAMES, LexiaDesk
from connectors.sample.oddities import LEXIA_DAYS, OddityList
from connectors.sample.write import Outbox

_EVENING = "18:30"
#: How many accounts lack their minutes in the first version of a corrected day.
_UNSYNCED = 10
#: The row whose value is made impossible, and the one whose quote is broken.
_DAMAGED_ROW = 3


class LexiaDelivery:
    """Writes each day's export, or what became of it. `plan`: oddities by (week, weekday)."""

    def __init__(
        self,
        outbox: Outbox,
        calendar: SchoolCalendar,
        desk: LexiaDesk,
        oddities: OddityList,
        *,
        planted: bool,
    ) -> None:
        self._outbox, self._calendar, self._desk, self._oddities = outbox, calendar, desk, oddities
        self._plan = LEXIA_DAYS if planted else {}
        self._yesterday = b""
        self.rows = 0

    def deliver(self, day: int) -> None:
        """Write what arrives for one day; nothing on a day without school, unless planned."""
        what = self._plan.get((day // 7, day % 7), "")
        if what == "header_only":
            self._send(day, damage.header_only(self._desk.page(day)))
            self._note(day, what, "refused", what)
        if not self._calendar.is_school_day(day):
            return
        page = self._desk.page(day)
        rows = damage.count_rows(page)
        self.rows += rows
        name = self._name(day)
        match what:
            case "cp1252":
                self._send(day, damage.recoded(page, "cp1252"))
                self._note(day, what, "loaded", rows=rows)
            case "byte_order_mark":
                self._send(day, damage.marked(page))
                self._note(day, what, "loaded", rows=rows)
            case "old_layout":
                self._send(day, damage.renamed_and_reordered(page, OLD_NAMES))
                self._note(day, what, "loaded", rows=rows, note="column names of 2015-2018")
            case "missing_day":
                self._note(day, what, "absent", note="a school day without an export")
            case "corrected":
                self._send(day, self._desk.page(day, unsynced=_UNSYNCED))
                self._send(day, page, suffix="_corrected", later=2)
                self._note(day, what, "superseded", rows=rows, note=f"by {name[:-4]}_corrected.csv")
            case "unknown_column":
                self._send(day, damage.with_extra_column(page, "lexia_region", "Midwest"))
                self._note(day, what, "loaded", rows=rows, note="column lexia_region")
            case "broken_quote":
                self._send(day, damage.with_cell(page, _DAMAGED_ROW, "fname", lambda v: f'"{v}'))
                self._note(day, what, "loaded", what, rows=1)
            case "cut_then_complete":
                self._send_cut(day, page, "the complete file follows")
                self._send(day, page, suffix="_complete", later=1)
            case "cut":
                self._send_cut(day, page, "the complete file never arrives")
            case "same_bytes":
                self._send(day, page)
                self._send(day, page, suffix="_copy", later=1)
                self._note(day, what, "duplicate", suffix="_copy", rows=rows, note=f"of {name}")
            case "stale_twin":
                self._send(day, self._yesterday)
                stale = damage.count_rows(self._yesterday)
                self._note(day, what, "refused", what, rows=stale, note="the day before, re-dated")
            case "out_of_range":
                wrong = damage.with_cell(page, _DAMAGED_ROW, "week_time", lambda _: "99999")
                self._send(day, wrong)
                self._note(day, what, "loaded", what, rows=1)
            case _:
                self._send(day, page)
        self._yesterday = page

    def _send_cut(self, day: int, page: bytes, note: str) -> None:
        part = damage.cut(page)
        self._send(day, part)
        self._note(day, "cut", "refused", "cut_file", rows=damage.count_rows(part) + 1, note=note)

    def _send(self, day: int, page: bytes, *, suffix: str = "", later: int = 0) -> None:
        when = self._calendar.date_of(day) + timedelta(days=later)
        # What comes later comes in the morning, before that day's own export.
        clock = "09:00" if later else _EVENING
        self._outbox.put(self._name(day, suffix), page, export_time(when, clock))

    def _name(self, day: int, suffix: str = "") -> str:
        when = f"{self._calendar.date_of(day):%Y%m%d}"
        return f"exports/lexia/Lexia_Core5_Detailed_Student_{when}{suffix}.csv"

    def _note(
        self,
        day: int,
        oddity: str,
        status: str,
        reason: str = "",
        *,
        suffix: str = "",
        rows: int = 0,
        note: str = "",
    ) -> None:
        self._oddities.add(self._name(day, suffix), oddity, status, reason, rows=rows, note=note)
