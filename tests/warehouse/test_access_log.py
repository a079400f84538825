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
