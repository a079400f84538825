"""The figures of the portal's speed as text. Pure: what was measured in, Markdown out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from benchmarks import machine


def write(measured: dict[str, Any]) -> str:
    return ""
