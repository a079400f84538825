"""Every platform that comes with Homeroom: the modules of `connectors/platforms` and the
declarations of `connectors/declared`. A new one is one file in either; nothing is listed by hand. A
module whose name begins with an underscore is a part of one.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from connectors import declaration, platforms
from connectors.contract import Platform
from connectors.errors import ConfigError


def _modules() -> list[str]:
    return sorted(m.name for m in iter_modules(platforms.__path__) if m.name[0] != "_")


def shipped() -> dict[str, Platform]:
    """Read them all. Raises ConfigError where a declaration has a module's name."""
    found = {
        platform.name: platform
        for module in _modules()
        for platform in (import_module(f"connectors.platforms.{module}").PLATFORM,)
    }
    for path in sorted(declaration.SHIPPED.glob("*.toml")):
        if path.stem in found:
            raise ConfigError("a module has this name", culprit=str(path), fix="rename it")
        found[path.stem] = declaration.load(path)
    return found


#: By name: modules in the order of the alphabet, then declarations.
PLATFORMS: dict[str, Platform] = shipped()
