"""Pictures of every page, on the screen and on paper, into docs/screens (`make screens`).

The page docs/screens.md is written beside them, so that a new page of the portal stands there too.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

from tests import scenario
from tests.portal.browser.addresses import Address, addresses
from tests.portal.browser.conftest import Site, opened

DOCS = Path(__file__).parents[3] / "docs"
SCREEN = ViewportSize(width=900, height=1100)
PAPER = ViewportSize(width=794, height=1123)
HEAD = """# Screens

Every page of the [portal](portal.md) over the sample district, on the screen and on paper, each from
its top. `make screens` takes the pictures and writes this page.
"""


def take(site: Site, folder: Path) -> list[Address]:
    """Two pictures of each page into a folder; the pages. A document to keep is only sent as a file."""
    pages = [a for a in addresses(site) if not a.name.endswith("-record")]
    for address in pages:
        with site.reader(address.staff_id, viewport=SCREEN, color_scheme="light") as page:
            page.goto(address.path)
            _keep(page, folder / f"{address.name}.png")
            page.set_viewport_size(PAPER)
            page.emulate_media(media="print")
            _keep(page, folder / f"{address.name}-print.png")
    return pages


def _keep(page: Page, path: Path) -> None:
    """What the window shows, in sixteen colours: text needs no more."""
    image = Image.open(io.BytesIO(page.screenshot()))
    image.convert("RGB").quantize(16, dither=Image.Dither.NONE).save(path, optimize=True)


def written(pages: list[Address]) -> str:
    """The page of docs. Pure."""
    parts = [HEAD]
    for p in pages:
        title = p.name.replace("-", " ").replace("_id", "")
        parts.append(
            f"\n## {title}\n\n![The page {title} on the screen.](screens/{p.name}.png)\n"
            f"![The same on paper.](screens/{p.name}-print.png)\n"
        )
    return "".join(parts)


def main() -> None:
    """Make a district, serve it, take the pictures."""
    folder = DOCS / "screens"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright:
        district = scenario.make(Path(made) / "district")
        program = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        with opened(district.settings, Path(made) / "home", browser) as site:
            pages = take(site, folder)
        browser.close()
    (DOCS / "screens.md").write_text(written(pages), "utf-8")


if __name__ == "__main__":
    main()
