"""`python -m benchmarks.identity`: how right and how fast accounts are linked to students.

Judges the linking step against the drawn truth, and writes the figures into docs/identity.md.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas

from benchmarks import identity_people, machine
from benchmarks.identity_people import District
from connectors.sample import write_district
from warehouse import build, identity, nightly, publish, settings
from warehouse.lake.tables import LAKE

_PAGE = Path("docs/identity.md")
_BEGIN, _END = "<!-- figures: make bench-identity -->", "<!-- end of figures -->"


@dataclass(frozen=True)
class Judged:
    """One district's outcome. Counts of accounts; seconds and bytes of the linking step alone."""

    students: int
    hard: bool
    accounts: int
    resolvable: int
    linked: int
    wrong: int
    found: int
    waiting: int
    seconds: float
    memory: int
    causes: tuple[tuple[str, int], ...]


def prepare(db: duckdb.DuckDBPyConnection, district: District) -> None:
    """The roster and the accounts of a drawn district, as the tables that linking reads."""
    for name in identity.READS:
        db.execute(f"CREATE TABLE scratch.lake.{name} ({LAKE[name].ddl()})")
    who = pandas.DataFrame(  # noqa: F841 - DuckDB reads it by its name
        [
            asdict(s) | {"username": s.username, "class_title": identity_people.class_of(s)}
            for s in district.students
        ]
    )
    accounts = pandas.DataFrame([asdict(a) for a in district.accounts])  # noqa: F841
    db.execute(
        """CREATE TABLE target.roster.student AS
           SELECT student_id, sis_id, given AS given_name, family AS family_name,
                  CAST(NULL AS VARCHAR) AS preferred_name, CAST(grade AS VARCHAR) AS grade_level,
                  username || '@x.org' AS email, username, 'O' || school AS school_id,
                  TRUE AS active FROM who;
           CREATE TABLE target.roster.school AS
           SELECT DISTINCT 'O' || school AS school_id, 'School ' || school AS name FROM who;
           CREATE TABLE target.roster.class_section AS
           SELECT DISTINCT class_title AS class_id, class_title AS title,
                  CAST(NULL AS VARCHAR) AS class_code, 'O' || school AS school_id FROM who;
           CREATE TABLE target.roster.enrollment AS
           SELECT class_title AS class_id, student_id AS person_id, 'student' AS role FROM who;
           INSERT INTO scratch.lake.person BY NAME
           SELECT student_id AS person_id, 'student' AS role, sis_id, username,
                  username || '@x.org' AS email, given AS given_name, family AS family_name,
                  TRUE AS is_current, DATE '2025-09-01' AS exported_on FROM who;
           CREATE TABLE scratch.work.newest_account AS
           SELECT platform, account_key, account_kind, sis_id, email, username,
                  given AS given_name, family AS family_name, "full" AS full_name,
                  grade AS grade_level, school AS school_name, class_key, 'f' AS source_file
           FROM accounts;
           INSERT INTO scratch.lake.account BY NAME
           SELECT platform, account_key, class_key, DATE '2025-09-01' AS exported_on,
                  TRUE AS is_current FROM accounts"""
    )


def judge(students: int, *, hard: bool) -> Judged:
    """Link one drawn district and compare with the truth."""
    district = identity_people.draw(students, hard=hard)
    with tempfile.TemporaryDirectory() as folder:
        db = build.open_target(Path(folder, "t.duckdb"), Path(folder, "work"), memory="1200MB")
        prepare(db, district)
        start = time.perf_counter()
        identity.link(db, {})
        seconds = time.perf_counter() - start
        links = {
            (platform, key): student
            for platform, key, student in db.execute(
                "SELECT platform, account_key, student_id FROM identity.account_link"
            ).fetchall()
        }
        waiting = db.execute(
            "SELECT count(*) FROM identity.account_state WHERE waits_for IS NOT NULL"
        ).fetchall()[0][0]
        db.close()
    can = identity_people.resolvable(district)
    wrong: Counter[str] = Counter()
    found = 0
    for a in district.accounts:
        student = links.get((a.platform, a.account_key))
        if student is not None and student != a.student_id:
            wrong[a.hard.strip() or "plain"] += 1
        elif student is not None and (a.platform, a.account_key) in can:
            found += 1
    return Judged(
        students, hard, len(district.accounts), len(can), len(links), sum(wrong.values()), found,
        waiting, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        tuple(wrong.most_common()),
    )  # fmt: skip


#: Accounts of the sample's files beside their truth. A user name is no account of its own, and who
#: is known by name in a class is told by class and student.
_SAMPLE = """
WITH account AS (
  SELECT a.platform, a.account_kind, a.student_id, i.method, t.student_id AS truth,
         coalesce(t.expect, 'unknown') AS expect
  FROM facts.account a
  LEFT JOIN roster.identity_map i USING (platform, account_key)
  -- An account that the truth does not list (every test of it was withdrawn) is not judged.
  JOIN (SELECT DISTINCT platform, lower(account) AS account, student_id, expect FROM accounts
             WHERE account_kind NOT IN ('username', 'name_in_class')) t
    ON t.platform = a.platform AND t.account = lower(a.account_key)
  WHERE a.account_kind <> 'name_in_class'
  UNION ALL
  SELECT a.platform, a.account_kind, a.student_id, i.method, t.student_id,
         coalesce(t.expect, 'unknown')
  FROM facts.account a
  LEFT JOIN roster.identity_map i USING (platform, account_key)
  LEFT JOIN (SELECT DISTINCT class_id, student_id, expect FROM accounts
             WHERE account_kind = 'name_in_class' AND student_id IS NOT NULL) t
    ON t.class_id = a.class_id AND t.student_id = a.student_id
  WHERE a.account_kind = 'name_in_class' AND a.class_id IS NOT NULL)
SELECT platform, account_kind, count(*), count(student_id),
       count(*) FILTER (WHERE student_id IS NOT NULL AND student_id IS DISTINCT FROM truth),
       count(*) FILTER (WHERE expect = 'linked'),
       count(*) FILTER (WHERE expect = 'linked' AND student_id = truth)
FROM account GROUP BY ALL ORDER BY ALL
"""


def sample(students: int, weeks: int = 10) -> str:
    """The sample district through the whole pipeline, held against its truth: a table."""
    with tempfile.TemporaryDirectory() as folder:
        write_district(Path(folder), students=students, weeks=weeks, seed=7)
        district = settings.load(Path(folder, "homeroom.toml"))
        nightly.run(district)
        live = publish.live_file(district.warehouse)
        with duckdb.connect() as db:
            db.execute(f"ATTACH '{live}' AS w (READ_ONLY)")
            db.execute(f"CREATE VIEW accounts AS FROM '{folder}/truth/accounts.parquet'")
            db.execute("SET search_path = 'w.main,memory.main'")
            rows = db.execute(_SAMPLE).fetchall()
    head = (
        f"\nThe sample district, {students:,} students, {weeks} weeks, with its planted faults "
        "(known by name in a class: those of classes that are known, where only what is linked can "
        "be judged):\n\n| platform | kind of account | accounts | linked | wrong | truly linkable, "
        "and linked |\n|---|---|---|---|---|---|\n"
    )
    return head + "".join(
        f"| {p} | {kind} | {n:,} | {linked:,} | {wrong} | {found:,} of {can:,} |\n"
        for p, kind, n, linked, wrong, can, found in rows
    )


def _line(j: Judged) -> str:
    causes = ", ".join(f"{n} {why}" for why, n in j.causes) or "none"
    return (
        f"| {j.students:,} | {'hard' if j.hard else 'plain'} | {j.accounts:,} | {j.linked:,} | "
        f"{j.wrong} ({1e4 * j.wrong / max(j.linked, 1):.2f} in 10,000) | "
        f"{j.found:,} of {j.resolvable:,} ({j.found / j.resolvable:.2%}) | "
        f"{j.waiting:,} ({j.waiting / j.accounts:.2%}) | {j.seconds:.1f} s | "
        f"{j.memory / 2**30:.2f} GB | {causes} |"
    )


def page(judged: Sequence[Judged]) -> str:
    """The figures as a table."""
    m: dict[str, Any] = machine.describe()
    head = (
        f"{datetime.now(UTC).date()}, {m['processor']}, {m['cores']} cores, "
        f"{m['memory'] / 2**30:.0f} GiB.\n\n"
        "| students | district | accounts | linked by itself | wrong of those | resolvable ones "
        "linked | waiting | linking took | peak of the process | wrong by cause |\n"
        "|---|---|---|---|---|---|---|---|---|---|\n"
    )
    return head + "\n".join(map(_line, judged)) + "\n"


def main(arguments: list[str] | None = None) -> None:
    """Measure each size in a process of its own, and write the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.identity", description=__doc__)
    parser.add_argument("--students", type=int, nargs="+", default=[5_000, 33_334, 100_000])
    parser.add_argument("--sample", type=int, nargs="+", default=[5_000, 100_000])
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--print", action="store_true", help="print the figures, write nothing")
    told = parser.parse_args(arguments)
    if told.one:
        students, hard = told.one.split(",")
        print(json.dumps(asdict(judge(int(students), hard=hard == "hard"))))
        return
    judged = []
    for students in told.students:
        for kind in ("plain", "hard"):
            out = subprocess.run(
                [sys.executable, "-m", "benchmarks.identity", "--one", f"{students},{kind}"],
                check=True, capture_output=True, text=True,
            )  # fmt: skip
            judged.append(Judged(**json.loads(out.stdout.splitlines()[-1])))
            print(_line(judged[-1]))
    told_sample = "".join(map(sample, told.sample))
    print(told_sample)
    if not told.print:
        text = _PAGE.read_text("utf-8")
        before, rest = text.split(_BEGIN)
        after = rest.split(_END)[1]
        _PAGE.write_text(f"{before}{_BEGIN}\n{page(judged)}{told_sample}{_END}{after}", "utf-8")


if __name__ == "__main__":
    main()
