"""The subset of SQL that means the same on DuckDB and on Spark.

Belongs here: the allow-list of functions and the check against it. A function is added only after
both engines were compared on it. What is silently different (dayofweek, regexp_replace, log, mad,
percentile_cont, framed medians, ordered list aggregates, ...) stays out by not being listed.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from transforms.spark_sql import to_spark

#: Functions that agree on both engines, by sqlglot's name of the node (or by their own). ArgMax
#: (max_by) and ArgMin do where their order has no ties and a FILTER keeps NULLs out; ArrayAgg
#: (list) where no value is NULL and the order does not matter.
ALLOWED = frozenset(
    """
    Abs And ArgMax ArgMin Array ArrayAgg ArrayFilter ArraySize ArraySort Avg BitwiseAndAgg
    BitwiseOrAgg Case Cast Ceil Coalesce Concat ConcatWs Contains Count DateDiff Day DenseRank
    EndsWith Exists Exp Explode Floor GenerateSeries Greatest GroupConcat If Lag Lead Least Left
    Length Ln LogicalAnd LogicalOr Lower Max Median Min Month Nullif Or Pow Rank Replace
    RowNumber Sqrt StartsWith Substring Sum TimeToUnix TimestampTrunc Transform Trim TryCast
    Unnest Year bit_count
    """.split()
)

#: Units in which two dates (never timestamps) may be subtracted.
_DATE_UNITS = frozenset({"DAY"})


def offences(sql: str) -> tuple[str, ...]:
    """What in this SELECT does not carry over to Spark; empty when all of it does."""
    query = sqlglot.parse_one(sql, read="duckdb")
    found = [says for node in query.walk() for says in _offences(node)]
    return tuple(dict.fromkeys([*found, *_spark(sql)]))


def _offences(node: exp.Expr) -> Iterator[str]:
    if isinstance(node, exp.Func):
        name = node.name.lower() if isinstance(node, exp.Anonymous) else type(node).__name__
        if name not in ALLOWED:
            yield f"function {name.lower()} is not on the allow-list"
    match node:
        case exp.DateDiff() if str(node.args.get("unit")).upper() not in _DATE_UNITS:
            yield "date_diff other than in days counts boundaries, not elapsed time"
        case exp.ArrayAgg() if node.find(exp.Order):
            yield "an ordered list aggregate differs between the engines"
        case exp.ArrayAgg() if not isinstance(node.parent, exp.Filter) or not isinstance(
            node.parent.parent, exp.Coalesce
        ):
            yield (
                "Spark's lists leave NULLs out and are never NULL; "
                "write coalesce(list(x) FILTER (WHERE x IS NOT NULL), [])"
            )
        case exp.GroupConcat() if not _ordered_by_itself(node):
            yield "string_agg needs an ORDER BY that begins with what it joins"
        case exp.GroupConcat() if node.find(exp.Distinct):
            yield "Spark fails on string_agg(DISTINCT ...) beside another DISTINCT"
        case exp.Median() if isinstance(node.parent, exp.Window):
            yield "a framed median differs between the engines"
        case exp.Window() if isinstance(node.this.this, exp.Distinct):
            yield "Spark has no DISTINCT in a window"
        case exp.Cast() if _cuts_a_fraction(node):
            yield "a cast of a fraction to a whole number rounds here and cuts there"
        case exp.Cast() if node.to.this in exp.DataType.TEXT_TYPES and _is_a_fraction(node.this):
            yield "a fraction is written differently; cast floor(x) to BIGINT first"
        case exp.Cast() if node.to.this in exp.DataType.TEXT_TYPES and node.this.find(exp.Interval):
            yield "a date plus an interval is a timestamp here and a date there; cast it to DATE"
        case exp.Div() | exp.Mod() | exp.IntDiv() if not _guarded(node):
            yield "a division by zero is infinite here and an error there; divide by nullif(x, 0)"
        case exp.Bracket() if not all(_is_position(index) for index in node.expressions):
            yield "a list position must be a literal number from 1 on"
        case exp.Like() | exp.ILike() if not _is_plain_pattern(node.expression):
            yield "a backslash in a LIKE pattern escapes there only; write a literal without one"
        case exp.Interval() if not isinstance(node.this, exp.Literal):
            yield "Spark takes no expression in an INTERVAL; write n * INTERVAL 1 DAY"
        case exp.Substring() if not _is_position(node.args["start"]):
            yield "substring must start at a literal number from 1 on"
        case exp.Left() if not isinstance(node.expression, exp.Literal):
            yield "left must take a literal number of letters"
        case exp.SetOperation() if node.args.get("by_name"):
            yield "Spark has no UNION BY NAME"
        case exp.Collate() | exp.Pivot() | exp.TableSample():
            yield f"{type(node).__name__.lower()} was not compared on both engines"


def _ordered_by_itself(node: exp.GroupConcat) -> bool:
    order = node.this if isinstance(node.this, exp.Order) else node.find(exp.Order)
    if order is None:
        return False
    joined = order.this if order.this is not None else node.this
    return bool(order.expressions[0].this == joined)


def _guarded(node: exp.Binary) -> bool:
    """Whether the divisor is no zero to be seen: a number, a nullif, or a CASE around it."""
    divisor = node.expression.unnest()
    if isinstance(divisor, exp.Literal):
        return float(divisor.name) != 0
    return divisor.find(exp.Nullif) is not None or node.find_ancestor(exp.Case, exp.If) is not None


def _is_position(index: exp.Expr) -> bool:
    # sqlglot counts a position in brackets from 0.
    lowest = 0 if isinstance(index.parent, exp.Bracket) else 1
    return isinstance(index, exp.Literal) and index.is_int and int(index.name) >= lowest


def _is_plain_pattern(pattern: exp.Expr) -> bool:
    return isinstance(pattern, exp.Literal) and "\\" not in pattern.name


def _is_a_fraction(node: exp.Expr) -> bool:
    """Whether an expression is a fraction to be seen: a quotient, a mean, a number with a point."""
    node = node.unnest()
    if isinstance(node, exp.Literal):
        return not node.is_string and not node.is_int
    if isinstance(node, exp.Cast):
        return node.to.this in (exp.DataType.Type.DOUBLE, exp.DataType.Type.FLOAT)
    if isinstance(node, exp.Div | exp.Avg | exp.Median | exp.Sqrt | exp.Ln | exp.Exp | exp.Pow):
        return True
    if isinstance(node, exp.Floor | exp.Ceil):
        return True
    parts = node.args.values() if isinstance(node, exp.Binary | exp.Neg | exp.Abs) else ()
    return any(isinstance(part, exp.Expr) and _is_a_fraction(part) for part in parts)


def _cuts_a_fraction(cast: exp.Cast) -> bool:
    if cast.to.this not in exp.DataType.INTEGER_TYPES:
        return False
    whole = isinstance(cast.this.unnest(), exp.Floor | exp.Ceil)
    return not whole and (cast.this.find(exp.Div) is not None or _is_a_fraction(cast.this))


def _spark(sql: str) -> list[str]:
    try:
        to_spark(sql)
    except SqlglotError as error:
        return [f"Spark cannot say it: {error}"]
    return []
