"""What the assets need from outside: the district's settings."""

from pathlib import Path

import dagster as dg

from warehouse import settings


class District(dg.ConfigurableResource[settings.Settings]):
    """The district's homeroom.toml, read at the start of each step."""

    config: str = ""

    def load(self) -> settings.Settings:
        """The settings. Raises ConfigError naming the key, the file and the fix."""
        return settings.load(settings.find(Path(self.config) if self.config else None))
