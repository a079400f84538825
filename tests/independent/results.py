"""Every row that the views of activity must hold for a drawn district, from its plain data."""

from __future__ import annotations

from collections import defaultdict

from tests.independent.beside import beside_class, together
from tests.independent.classes import Span
from tests.independent.one import student
from tests.independent.rows import Results
from tests.independent.told import seen
from tests.independent.world import PLATFORMS, World


def compute(world: World) -> Results:
    """All of them."""
    found = Results()
    told = {platform: seen(world, platform) for platform in PLATFORMS}
    spans: dict[str, list[Span]] = defaultdict(list)
    for span in world.spans:
        spans[span.student].append(span)
    for platform in PLATFORMS:
        for name in world.school_of:
            student(world, found, platform, name, told[platform], spans[name])
        beside_class(world, found, platform, spans)
    together(world, found, told)
    return found
