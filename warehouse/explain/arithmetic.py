"""A closed arithmetic: evaluates an expression over numbers and columns, and writes it out.

Belongs here: what an explanation may compute with. A name is one value or a column of them; words
are only what a choice ends in; a value that is not known (None) makes what is computed from it not known, and is left out of sums, as in
SQL. Not here: which expression explains which measure (the recipes do).
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from statistics import median
from typing import Any

#: One value: a number, a yes or no, a moment, or not known.
Value = float | int | bool | str | date | None
#: A value, or a column of values.
Operand = Value | list[Value]

#: So many values of a column are written out.
_MOST = 12


@dataclass(frozen=True)
class Result:
    """What an expression is, and how it reads with the numbers filled in.

    `binds`: 3 one word, 2 a product, 1 a sum, 0 anything looser.
    """

    value: Operand
    text: str
    binds: int = 3

    def within(self, binds: int) -> str:
        """As part of an expression that binds that much."""
        return self.text if self.binds >= binds else f"({self.text})"


def evaluate(expression: str, names: Mapping[str, Operand]) -> Result:
    """Raises ValueError for anything outside of the closed arithmetic, KeyError for a name."""
    return _evaluate(_parsed(expression), names)


def shown(value: Operand) -> str:
    """A value as people read it: 0.317757, yes, 2026-09-07 08:00, unknown."""
    if isinstance(value, list):
        told = [shown(v) for v in value[:_MOST]]
        more = [f"... {len(value)} in all"] if len(value) > _MOST else []
        return ", ".join(told + more) or "nothing"
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".") if abs(value) < 1e15 else f"{value:g}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}" if not value.second else f"{value:%Y-%m-%d %H:%M:%S}"
    return str(value)


@lru_cache(maxsize=512)
def _parsed(expression: str) -> ast.expr:
    return ast.parse(expression, mode="eval").body


def _evaluate(node: ast.expr, names: Mapping[str, Operand]) -> Result:
    match node:
        case ast.Constant(value=int() | float() as number):
            return Result(number, shown(number))
        case ast.Name(id=name):
            return Result(
                names[name], shown(names[name]), 0 if isinstance(names[name], list) else 3
            )
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            part = _evaluate(inner, names)
            return Result(_each(lambda x: -x, part.value), f"-{part.within(2)}")
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _OPERATORS:
            return _binary(operator, _evaluate(left, names), _evaluate(right, names))
        case ast.Compare(left=left, ops=[operator], comparators=[right]) if (
            type(operator) in _COMPARISONS
        ):
            return _compared(operator, _evaluate(left, names), _evaluate(right, names))
        case ast.BoolOp(op=operator, values=values):
            return _joined(operator, [_evaluate(value, names) for value in values])
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return _chosen(_evaluate(test, names), _answer(body, names), _answer(orelse, names))
        case ast.Call(func=ast.Name(id=function), args=args, keywords=[]) if function in _FUNCTIONS:
            return _called(function, [_evaluate(arg, names) for arg in args])
    raise ValueError(f"{ast.unparse(node)} is outside of the closed arithmetic")


def _each(function: Callable[..., Value], *operands: Operand) -> Operand:
    """Over values, or row by row over columns; from what is not known nothing is known."""
    columns = [o for o in operands if isinstance(o, list)]
    if not columns:
        return None if any(o is None for o in operands) else function(*operands)
    rows = zip(
        *(o if isinstance(o, list) else [o] * len(columns[0]) for o in operands), strict=True
    )
    return [None if any(v is None for v in row) else function(*row) for row in rows]


def _divided(a: float, b: float) -> float | None:
    return a / b if b else None


def _minus(a: Any, b: Any) -> float:
    difference = a - b
    # Between moments: hours.
    return float(
        difference.total_seconds() / 3600 if isinstance(difference, timedelta) else difference
    )


_OPERATORS: Mapping[type, tuple[str, Callable[..., Value]]] = {
    ast.Add: ("+", lambda a, b: a + b),
    ast.Sub: ("-", _minus),
    ast.Mult: ("x", lambda a, b: a * b),
    ast.Div: ("/", _divided),
}
_COMPARISONS: Mapping[type, tuple[str, Callable[..., Value]]] = {
    ast.LtE: ("<=", lambda a, b: a <= b),
    ast.Lt: ("<", lambda a, b: a < b),
    ast.GtE: (">=", lambda a, b: a >= b),
    ast.Gt: (">", lambda a, b: a > b),
    ast.Eq: ("=", lambda a, b: a == b),
}


def _binary(operator: ast.operator, left: Result, right: Result) -> Result:
    sign, function = _OPERATORS[type(operator)]
    value = _each(function, left.value, right.value)
    binds = 2 if sign in "x/" else 1
    return Result(value, _written(sign, binds, left, right), binds)


def _compared(operator: ast.cmpop, left: Result, right: Result) -> Result:
    sign, function = _COMPARISONS[type(operator)]
    value = _each(function, left.value, right.value)
    # Of a column the answers are written; the numbers stand in the table.
    text = shown(value) if isinstance(value, list) else f"{left.text} {sign} {right.text}"
    return Result(value, text, 0)


def _written(sign: str, binds: int, left: Result, right: Result) -> str:
    # What stands right of - and / keeps its own signs together.
    after = binds + 1 if sign in "-/" else binds
    columns = [r.value for r in (left, right) if isinstance(r.value, list)]
    if not columns:
        return f"{left.within(binds)} {sign} {right.within(after)}"

    def cell(of: Result, row: int, binds: int) -> str:
        return shown(of.value[row]) if isinstance(of.value, list) else of.within(binds)

    rows = len(columns[0])
    told = [
        f"{cell(left, i, binds)} {sign} {cell(right, i, after)}" for i in range(min(rows, _MOST))
    ]
    return ", ".join(told + ([f"... {rows} in all"] if rows > _MOST else [])) or "nothing"


def _joined(operator: ast.boolop, parts: Sequence[Result]) -> Result:
    is_and = isinstance(operator, ast.And)

    def join(values: Sequence[Value]) -> Value:
        # What decides, decides; else what is not known leaves it not known.
        if any(v is (not is_and) for v in values):
            return not is_and
        return None if any(v is None for v in values) else is_and

    columns = [p.value for p in parts if isinstance(p.value, list)]
    if not columns:
        value: Operand = join([p.value for p in parts if not isinstance(p.value, list)])
        return Result(value, (" and " if is_and else " or ").join(p.text for p in parts), 0)
    spread = (p.value if isinstance(p.value, list) else [p.value] * len(columns[0]) for p in parts)
    answers: list[Value] = [join(row) for row in zip(*spread, strict=True)]
    return Result(answers, shown(answers), 0)


def _answer(node: ast.expr, names: Mapping[str, Operand]) -> Result:
    """What a choice may give: a value, or the words of a story."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return Result(node.value, node.value)
    return _evaluate(node, names)


def _chosen(test: Result, body: Result, orelse: Result) -> Result:
    """One of two, by one yes or no; where that is not known, neither."""
    if isinstance(test.value, list):
        raise ValueError("a choice is of one yes or no, not of a column")
    text = f"{body.text} if {test.text} else {orelse.text}"
    if test.value is None:
        return Result(None, text, 0)
    return Result(body.value if test.value else orelse.value, text, 0)


def _known(values: Operand) -> list[float]:
    listed = values if isinstance(values, list) else [values]
    return [v for v in listed if isinstance(v, int | float)]


def _sum(values: Operand) -> float | None:
    return math.fsum(known) if (known := _known(values)) else None


def _count(values: Operand) -> int:
    """How many are known; of yes and no, how many are yes."""
    listed = values if isinstance(values, list) else [values]
    return sum(v is not None and v is not False for v in listed)


_AGGREGATES: Mapping[str, Callable[[Operand], Value]] = {
    "sum": _sum,
    "total": lambda v: _sum(v) or 0,
    "count": _count,
    "mean": lambda v: math.fsum(_known(v)) / len(_known(v)) if _known(v) else None,
    "median": lambda v: median(_known(v)) if _known(v) else None,
}
_SCALARS: Mapping[str, Callable[..., Value]] = {
    "sqrt": math.sqrt,
    "ln": math.log,
    "abs": abs,
    "min": min,
    "max": max,
}
_FUNCTIONS = frozenset(_AGGREGATES) | frozenset(_SCALARS)


def _called(function: str, args: Sequence[Result]) -> Result:
    """An aggregate of one column; or a function of values, row by row over columns."""
    said = "sum" if function == "total" else function
    if function in _AGGREGATES:
        (only,) = args
        return Result(_AGGREGATES[function](only.value), f"{said}({only.text})")
    value = _each(_SCALARS[function], *(a.value for a in args))
    if isinstance(value, list) and len(args) == 1 and isinstance(args[0].value, list):
        cells = [f"{said}({shown(v)})" for v in args[0].value[:_MOST]]
        more = [f"... {len(value)} in all"] if len(value) > _MOST else []
        return Result(value, ", ".join(cells + more) or "nothing", 0)
    return Result(value, f"{said}({', '.join(a.text for a in args)})")
