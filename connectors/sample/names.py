"""Invented names: any likeness to a person is chance."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

GIVEN = tuple(
    """
Ada Adela Aiden Alba Amara Amir Ana Anders Anika Asha Aubrey Beatriz Bela Bodhi Bruno Callum Camila
Cleo Cora Dalia Dario Davi Delia Dorian Edda Efe Elena Elio Elsa Emil Enzo Esme Ezra Farah Felix
Fiona Flora Gemma Gwen Hana Hazel Hugo Ida Imani Inés Iris Isaac Ivo Jada Jaime Janek Jonas José
Juno Kai Kamila Keiko Kian Lara Leif Leila Léo Linus Lola Lucía Mabel Mael Maren Marco Mateo Mei
Milo Mina Nadia Naima Nico Noé Nora Odin Olive Omar Orla Oscar Pia Quinn Ravi Renée Rhea Rosa Rowan
Sable Sami Selma Sofía Suri Talia Tariq Theo Uma Vera Wren Yara Zoë
""".split()
)
FAMILY = tuple(
    """
Abbey Acosta Adeyemi Alder Almeida Amari Arden Ashby Ayala Bakari Barros Beck Bellamy Birch Bloom
Boyd Brandt Brook Caldera Carver Castaño Chandra Cho Clay Cruz Dahl Dane Delgado Dial Dove Dunn
Duval Eklund Ellery Engel Espino Fable Farrow Fenn Ferro Flint Ford Fox Frost Gable Galvez Garland
Gale Glass Grove Gutiérrez Hale Han Harlow Haven Heath Holm Hsu Ibarra Idris Ito Ivers Jaffe Jasper
Joshi Kaplan Keane Keller Kerr Khoury Kline Koh Lago Lane Lark Leaf Linden Lowe Lund Madera Mar
Marsh Mendes Mistry Moon Moss Müller Nair Nash Noor Novak Núñez Oakes Obi Okafor Olmos Ono Osei
Palmer Park Peña Pike Pine Quill Ramos Reed Reyes Ridge Rivers Roe Rowe Sage Salas Sato Shaw Silva
Singh Stone Strand Tan Thorne Vale Vega Vidal Voss Wade West Wilde Wren Yoon York Zamora Zeller
""".split()
)

_FIRST_HALF = tuple(
    """
Alder Birch Cedar Dogwood Elm Fir Hazel Juniper Laurel Maple Oak Pine Redbud Rowan Sequoia Sumac
Sycamore Tamarack Walnut Willow
""".split()
)
_SECOND_HALF = tuple(
    "Hill Creek Bend Field Grove Park Ridge Lake Point Valley Meadow Falls Harbor Prairie".split()
)

TOPICS = tuple(
    """
Place value|Add within 1000|Equal groups|Fractions on the number line|Multiply by one digit
Area and perimeter|Compare decimals|Round to any place|Factors and multiples|Line plots
Add fractions|Subtract mixed numbers|Volume of boxes|Order of operations|Multiply decimals
Unit rates|Ratio tables|Percent problems|Negative numbers|Absolute value|Evaluate expressions
One-step equations|Inequalities|Coordinate plane|Angles|Area of triangles|Surface area
Mean and median|Box plots|Proportional graphs|Scale drawings|Circles|Probability|Linear equations
Slope|Systems of equations|Exponents|Square roots|Pythagorean theorem|Functions|Scatter plots
Transformations|Similar triangles
""".strip()
    .replace("\n", "|")
    .split("|")
)

# Coprime to the number of pairs: neighbours differ, and no name comes twice in a long run.
_STRIDE = 1009


def person_names(offset: int, count: int) -> Iterator[tuple[str, str]]:
    """`count` pairs of given and family name, all different within a run of thirteen thousand."""
    pairs = len(GIVEN) * len(FAMILY)
    for n in range(count):
        place = (offset + n * _STRIDE) % pairs
        yield GIVEN[place % len(GIVEN)], FAMILY[place // len(GIVEN)]


def school_name(position: int) -> str:
    """A school's short name, different for the first 280 positions."""
    first = _FIRST_HALF[position % len(_FIRST_HALF)]
    # The second half moves on with each round of the first, so that no pair comes back.
    step = position % len(_FIRST_HALF) + position // len(_FIRST_HALF)
    return f"{first} {_SECOND_HALF[step % len(_SECOND_HALF)]}"


def ascii_lower(name: str) -> str:
    """A name as a sign-in system spells it."""
    flat = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return flat.lower()


def normalised(title: str) -> str:
    """A class title as letters and digits only, in lower case."""
    return "".join(ch for ch in title.lower() if ch.isalnum())
