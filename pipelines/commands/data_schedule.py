"""`homeroom data-schedule`: the schedule of data of one district, as CSV."""

from __future__ import annotations

import csv
import sys

from pipelines.commands.options import Config


def data_schedule(config: Config = None) -> None:
    """Every element that the district's platforms send, as CSV.

    Its privacy class, purpose, and how long it is kept.
    """
    from pipelines import data_schedule as schedule
    from warehouse import settings

    district = settings.load(settings.find(config))
    names = dict.fromkeys(s.platform for s in district.sources)
    told = schedule.elements([district.registry[n] for n in names], district.retention)
    write = csv.writer(sys.stdout, lineterminator="\n").writerow
    write(schedule.COLUMNS)
    for element in told:
        write(element.row())
