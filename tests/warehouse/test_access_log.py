"""The access log where a district keeps its notes in PostgreSQL: added to, never changed."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from connectors.errors import HomeroomError
from warehouse.notes import access_log
from warehouse.notes.database import Notes


@pytest.mark.slow
def test_postgresql_refuses_to_change_the_log(postgres: str) -> None:
    with Notes(postgres) as notes:
        access_log.add(notes, [access_log.new("T1", "view", "board", ["U1", "U2"])])
    with Notes(postgres) as notes:
        for sql in (
            "UPDATE access_log SET staff_id = 'x'",
            "DELETE FROM access_log",
            "TRUNCATE access_log",
        ):
            with pytest.raises(HomeroomError), notes.writing() as db:
                db.execute(sa.text(sql))
        (kept,) = access_log.about(notes, "U2")
        assert (kept.staff_id, kept.students) == ("T1", ("U1", "U2"))


@pytest.mark.slow
def test_postgresql_lets_a_student_be_replaced_and_refuses_again(postgres: str) -> None:
    with Notes(postgres) as notes:
        access_log.add(notes, [access_log.new("T2", "view", "board", ["U7", "U8"])])
        assert access_log.put_instead(notes, ["U7"], "F-1") == 1
        assert access_log.about(notes, "U7") == []
        (kept,) = access_log.about(notes, "U8")
        assert (kept.staff_id, kept.students) == ("T2", ("F-1", "U8"))
        assert access_log.remove_before(notes, "2000-01-01") == 0
        with pytest.raises(HomeroomError), notes.writing() as db:
            db.execute(sa.text("DELETE FROM access_log"))
