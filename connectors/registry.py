"""Every platform that is declared in Python. A new one is one module of `connectors/platforms`;
a module whose name begins with an underscore is a part of one."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from connectors import platforms
from connectors.contract import Platform

#: By name, in the order of the alphabet.
PLATFORMS: dict[str, Platform] = {
    platform.name: platform
    for module in sorted(m.name for m in iter_modules(platforms.__path__) if m.name[0] != "_")
    for platform in (import_module(f"connectors.platforms.{module}").PLATFORM,)
}
