"""Writing SVG: elements with every value escaped."""

from __future__ import annotations

from markupsafe import Markup, escape


def element(name: str, *inner: str, **attributes: str | float) -> Markup:
    """One element. An underscore in an attribute's name stands for a hyphen; text is escaped."""
    told = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), _written(value))
        for key, value in attributes.items()
    )
    body = Markup("").join(escape(part) for part in inner)
    return Markup("<{0}{1}>{2}</{0}>").format(name, told, body)


def picture(label: str, kind: str, width: float, height: float, *inner: str) -> Markup:
    """A whole picture: one image with a label for those who do not see it."""
    return element(
        "svg", *inner, role="img", aria_label=label, class_=f"picture {kind}",
        viewBox=f"0 0 {_written(width)} {_written(height)}",
        width=width, height=height,
    )  # fmt: skip


def line(kind: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    """A line of a kind that the stylesheet knows."""
    return element("line", class_=kind, x1=x1, y1=y1, x2=x2, y2=y2)


def text(kind: str, x: float, y: float, words: str, anchor: str = "middle") -> Markup:
    """Words at a place."""
    return element("text", words, class_=kind, x=x, y=y, text_anchor=anchor)


def _written(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
