"""Mixed groups of children: by chance, or so that adults or interests mix. Never by a score.

Pure: the same children, wish and seed give the same groups, in whatever order the children come.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256


def mixed(children: Mapping[str, str], size: int, seed: int) -> list[list[str]]:
    """Groups of at most `size` children, whose sizes differ by one at most.

    `children`: student_id to what is to be mixed (an adult, an interest; one word for all: by
    chance alone). Those who have the same go to as many different groups as there are.
    """
    if size < 1:
        raise ValueError("a group has at least one child")
    if not children:
        return []
    dealt = sorted(
        children, key=lambda one: (_chance(seed, "", children[one]), _chance(seed, one), one)
    )
    count = -(-len(dealt) // size)
    return [dealt[place::count] for place in range(count)]


def _chance(seed: int, *words: str) -> bytes:
    return sha256("\0".join((str(seed), *words)).encode()).digest()
