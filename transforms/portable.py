"""The subset of SQL that means the same on DuckDB and on Spark.

Belongs here: the allow-list of functions and the check against it. A function is added only after
both engines were compared on it. What is silently different (dayofweek, regexp_replace, log, mad,
percentile_cont, framed medians, ordered list aggregates, ...) stays out by not being listed.
"""

from __future__ import annotations

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

#: Functions that agree on both engines, by sqlglot's name of the node (or by their own). ArgMax
#: (max_by) does where its order has no ties and a FILTER keeps NULLs out.
ALLOWED = frozenset(
    """
    Abs And ArgMax Array ArrayFilter ArraySize ArraySort BitwiseAndAgg BitwiseOrAgg Case Cast
    Coalesce Count DateDiff Day DenseRank Explode Floor GenerateSeries Greatest If Lag Lead Least
    List Ln LogicalAnd LogicalOr Lower Max Median Min Month Nullif Or Replace RowNumber Sqrt Sum
    TimeToUnix TimestampTrunc Transform Trim TryCast Upper bit_count
    """.split()
)

#: Units in which two dates (never timestamps) may be subtracted.
_DATE_UNITS = frozenset({"DAY"})


def offences(sql: str) -> tuple[str, ...]:
    """What in this SELECT does not carry over to Spark; empty when all of it does."""
    query = sqlglot.parse_one(sql, read="duckdb")
    return tuple(dict.fromkeys([*_functions(query), *_indexes(query), *_spark(sql)]))


def to_spark(sql: str) -> str:
    """The same SELECT as Spark writes it; raises SqlglotError where it cannot be said."""
    strict = ErrorLevel.RAISE
    (spark,) = sqlglot.transpile(sql, read="duckdb", write="spark", unsupported_level=strict)
    return spark


def _functions(query: exp.Expr) -> list[str]:
    found = []
    for node in query.find_all(exp.Func):
        name = node.name.lower() if isinstance(node, exp.Anonymous) else type(node).__name__
        if name not in ALLOWED:
            found.append(f"function {name.lower()} is not on the allow-list")
        if isinstance(node, exp.DateDiff) and str(node.args.get("unit")).upper() not in _DATE_UNITS:
            found.append("date_diff other than in days counts boundaries, not elapsed time")
        if isinstance(node, exp.List | exp.ArrayAgg) and node.find(exp.Order):
            found.append("an ordered list aggregate differs between the engines")
        if isinstance(node, exp.Median) and isinstance(node.parent, exp.Window):
            found.append("a framed median differs between the engines")
        if isinstance(node, exp.Cast) and _cuts_a_fraction(node):
            found.append("a cast of a fraction to a whole number rounds here and cuts there")
    return found


def _cuts_a_fraction(cast: exp.Cast) -> bool:
    if isinstance(cast.this, exp.Floor):
        return False
    fractions = (
        not literal.is_string and not literal.is_int for literal in cast.this.find_all(exp.Literal)
    )
    return cast.to.this in exp.DataType.INTEGER_TYPES and (
        cast.this.find(exp.Div) is not None or any(fractions)
    )


def _indexes(query: exp.Expr) -> list[str]:
    """List positions start at 1 here and at 0 there; only a literal one is translated."""
    return [
        "a list position must be a literal number"
        for node in query.find_all(exp.Bracket)
        if not all(isinstance(index, exp.Literal) for index in node.expressions)
    ]


def _spark(sql: str) -> list[str]:
    try:
        to_spark(sql)
    except SqlglotError as error:
        return [f"Spark cannot say it: {error}"]
    return []
