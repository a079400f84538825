"""Which records of one prepared file are a forgotten student's. DuckDB looks; nothing is changed.

A row that holds an id is judged by its ids alone. A row without any is judged by the name: within
a class of which it is known that the student had it, it is withheld; anywhere else it may be a
namesake's, and is held: kept out, and told apart, until a person decides. What cannot be taken
apart (a broken line) is judged by its words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow

from connectors.careful import salvage
from connectors.contract import Match, Scope, recognise
from connectors.errors import FileRefused
from connectors.prepared import Prepared
from connectors.privacy import Naming, naming
from warehouse.forgetting.marks import Marks
from warehouse.intake.naming import describe, student_of
from warehouse.intake.rawtext import rows_of
from warehouse.settings import Settings

WITHHELD, HELD = "withheld", "held"


@dataclass
class Found:
    """Records to be taken out, by the number they begin at, each withheld or held.

    `starts`: the lines at which records begin, where a record may have several; None where every
    line is one. `whole`: the verdict on the whole file, where its name tells whose it is.
    """

    records: dict[int, str] = field(default_factory=dict)
    starts: list[int] | None = None
    whole: str = ""


class Finder:
    """Looks for the forgotten in files. One connection: not shared between threads.

    `not_them`: hashes that, on the list, would let in the names that were held.
    """

    def __init__(self, settings: Settings, marks: Marks, work: Path) -> None:
        self._settings, self._marks, self._work = settings, marks, work
        self._db = duckdb.connect(config={"temp_directory": str(work), "threads": 2})
        self.not_them: set[str] = set()
        #: Most files of a platform are called alike but for their dates.
        self._spelled: dict[str, str] = {}
        marks.define(self._db)

    def close(self) -> None:
        """Let go of the connection."""
        self._db.close()

    def of_name(self, platform: str, name: str) -> str:
        """The verdict on a file that is called after a student; empty on any other."""
        for feed in self._settings.registry[platform].feeds:
            if feed.scope in (Scope.STUDENT, Scope.STUDENT_DAY):
                try:
                    told = describe(feed, name, 0, "UTC", None, [])
                except FileRefused:
                    continue
                return self._of_words(platform, told.class_key or "", told.student or "")
        return self._of_words(platform, "", student_of(name))

    def _of_words(self, platform: str, class_key: str, student: str) -> str:
        if student not in self._spelled:
            row = self._db.execute("SELECT coalesce(mark_name(?), '')", [student]).fetchone()
            self._spelled[student] = row[0] if row else ""
        return self._verdict(platform, class_key, self._spelled[student])

    def _verdict(self, platform: str, class_key: str, words: str) -> str:
        keyed, known = self._marks.keyed, self._marks.digests
        if not words or keyed("name", words) not in known:
            return ""
        spare = keyed("spare", platform, class_key, words)
        if spare in known:
            return ""
        if keyed("name", platform, class_key, words) in known:
            return WITHHELD
        self.not_them.add(spare)
        return HELD

    def of_rows(self, platform: str, name: str, prepared: Prepared) -> Found:
        """The records of a file that can be read."""
        match = recognise(self._settings.registry[platform], name, prepared.header)
        if match is None or match.missing or not match.feed.outputs:
            match = None
        if prepared.odd or not self._plain(prepared):
            return self._careful(platform, name, match, prepared)
        return Found(self._verdicts(platform, name, match, prepared))

    def _verdicts(
        self,
        platform: str,
        name: str,
        match: Match | None,
        prepared: Prepared,
        salvaged: Path | None = None,
    ) -> dict[int, str]:
        if match is None:
            return self._unread(platform, prepared, salvaged)
        self._load(prepared, _placed(match), salvaged)
        return self._judge(platform, _class_of(match, name))

    def _plain(self, prepared: Prepared) -> bool:
        """Whether a plain reading can be trusted."""
        if prepared.parquet:
            return True
        try:
            row = self._db.execute(f"SELECT count(*) FROM {rows_of([prepared])}").fetchone()
        except duckdb.InvalidInputException:
            return False
        return row == (prepared.lines,)

    def of_lines(self, platform: str, lines: Sequence[tuple[int, str]]) -> Found:
        """Of lines that cannot be taken apart, those with an id or the name of a forgotten one."""
        if not lines:
            return Found()
        told = pyarrow.table({"n": [n for n, _ in lines], "t": [t for _, t in lines]})  # noqa: F841
        self._db.execute("CREATE OR REPLACE TEMP TABLE line AS FROM told")
        return Found(self._in_words(platform))

    def _unread(
        self, platform: str, prepared: Prepared, salvaged: Path | None = None
    ) -> dict[int, str]:
        """Verdicts on the rows of a file that nothing here reads: no contract says what its
        columns are, so every word counts."""
        cells = ", ".join(f"c{i}" for i in range(len(prepared.header)))
        self._db.execute(
            "CREATE OR REPLACE TEMP TABLE line AS SELECT _line AS n, "
            f"concat_ws(',', {cells}) AS t FROM {rows_of([prepared], salvaged)}"
        )
        return self._in_words(platform)

    def _in_words(self, platform: str) -> dict[int, str]:
        """Verdicts on the texts of table `line` (n, t), by their words."""
        self._db.execute(
            """CREATE OR REPLACE TEMP TABLE word AS SELECT n, row_number() OVER () AS i, w FROM (
                 SELECT n, unnest(string_split_regex(t, '[,;|\\t"\\s:\\[\\]{}]+')) AS w FROM line)
               WHERE w <> ''"""
        )
        own = f"'id|{platform}|' || mark_id(w)"
        rows = self._db.execute(
            f"""SELECT DISTINCT n, TRUE AS by_id FROM word
                WHERE keyed('id||' || mark_id(w)) IN (FROM mark) OR keyed({own}) IN (FROM mark)
                UNION ALL
                SELECT DISTINCT n, FALSE FROM (
                  SELECT n, unnest([concat_ws(' ', w, w2), concat_ws(' ', w, w2, w3)]) AS name
                  FROM (SELECT n, w, lead(w) OVER ordered AS w2, lead(w, 2) OVER ordered AS w3
                    FROM word WINDOW ordered AS (PARTITION BY n ORDER BY i)))
                WHERE keyed('name|' || mark_name(name)) IN (FROM mark)"""
        ).fetchall()
        found: dict[int, str] = {}
        for number, by_id in sorted(rows, key=lambda r: r[1]):
            found[number] = WITHHELD if by_id else HELD
        return found

    def _load(
        self, prepared: Prepared, at: dict[str, list[int]], salvaged: Path | None = None
    ) -> None:
        """Make table `cell` of the columns that name a person."""
        self._at = at
        places = list(dict.fromkeys(at["roster"] + at["own"]))
        ids = [f"mark_id(c{i}) AS i{i}" for i in places]
        parts = at["given"][:1] + at["family"][:1]
        parted = f"concat_ws(' ', {', '.join(f'c{i}' for i in parts)})" if len(parts) == 2 else ""
        full = [f"c{i}" for i in at["full"]]
        written = f"mark_name(coalesce({', '.join([*full, parted or 'NULL', 'NULL'])}))"
        nameless = f"coalesce({', '.join([*(f'i{i}' for i in places), 'NULL', 'NULL'])}) IS NULL"
        # A name is looked at only where no id tells whose the row is.
        words = f"CASE WHEN {nameless} THEN {written} END AS words"
        columns = ", ".join(["_line", *ids, words])
        self._db.execute(
            f"CREATE OR REPLACE TEMP TABLE cell AS SELECT {columns} "
            f"FROM {rows_of([prepared], salvaged)}"
        )

    def _judge(self, platform: str, class_key: str) -> dict[int, str]:
        """Verdicts on the rows of `cell` by their numbers."""
        by_id = []
        for i in dict.fromkeys(self._at["roster"] + self._at["own"]):
            asks = [f"keyed('id|{platform}|' || i{i})"]
            asks += [f"keyed('id||' || i{i})"] if i in self._at["roster"] else []
            hit = " OR ".join(f"{ask} IN (FROM mark)" for ask in asks)
            by_id.append(f"i{i} IN (SELECT i{i} FROM (SELECT DISTINCT i{i} FROM cell) WHERE {hit})")
        rows = self._db.execute(
            f"""SELECT _line, {" OR ".join(by_id) or "FALSE"} AS by_id, words FROM cell
                WHERE by_id OR words IN (
                  SELECT words FROM (SELECT DISTINCT words FROM cell)
                  WHERE keyed('name|' || words) IN (FROM mark))"""
        ).fetchall()
        told = {
            line: WITHHELD if hit else self._verdict(platform, class_key, words)
            for line, hit, words in rows
        }
        return {line: verdict for line, verdict in told.items() if verdict}

    def _careful(self, platform: str, name: str, match: Match | None, prepared: Prepared) -> Found:
        """A damaged file, record by record; its broken lines by their words."""
        saved = salvage(prepared, self._work, stub_rows=False)
        records: dict[int, str] = {}
        broken = {fault.line for fault in saved.faults}
        starts = set(broken)
        if saved.rows:
            records = self._verdicts(platform, name, match, prepared, saved.path)
            table, number = ("line", "n") if match is None else ("cell", "_line")
            starts |= {n for (n,) in self._db.execute(f"SELECT {number} FROM {table}").fetchall()}
        with prepared.path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
            lines = [(n, text) for n, text in enumerate(stream, 1) if n in broken]
        records |= self.of_lines(platform, lines).records
        return Found(records, sorted(starts))


def _placed(match: Match) -> dict[str, list[int]]:
    """Where the columns that name a person stand, by what they tell."""
    told = naming(match.feed)
    return {
        part: sorted(match.positions[n] for n in getattr(told, part) if n in match.positions)
        for part in Naming.__dataclass_fields__
    }


def _class_of(match: Match | None, name: str) -> str:
    """The class that a file's name tells, where its feed goes by classes."""
    if match is None or match.feed.scope is not Scope.CLASS:
        return ""
    return describe(match.feed, name, 0, "UTC", None, []).class_key or ""
