"""Every platform that can be named in homeroom.toml. A new platform is one module and one line."""

from __future__ import annotations

from connectors import district, khan, lexia, nwea, oneroster, oulad
from connectors.contract import Platform

PLATFORMS: dict[str, Platform] = {
    module.PLATFORM.name: module.PLATFORM
    for module in (oneroster, lexia, khan, nwea, district, oulad)
}
