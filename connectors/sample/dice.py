"""Random numbers by name: each subject has its own stream, so no order of calls matters."""

from __future__ import annotations

import zlib

import numpy as np


def dice(seed: int, subject: str, *numbers: int) -> np.random.Generator:
    """A generator that depends on the seed, the subject and the numbers, and on nothing else."""
    return np.random.default_rng([seed, zlib.crc32(subject.encode()), *numbers])
