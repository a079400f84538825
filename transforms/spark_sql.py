"""The transforms' SQL as Spark writes it.

Belongs here: where the same words mean something else on Spark and sqlglot leaves that to the
reader. Not here: what may be written at all (portable.py), how Spark is run (warehouse/engines/).
"""

from __future__ import annotations

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel

#: What DuckDB trims.
_SPACES = " \u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
#: BIGINT here, INTEGER there.
_WHOLE = (
    exp.RowNumber | exp.Rank | exp.DenseRank | exp.DateDiff | exp.Day | exp.Month | exp.Year
    | exp.Length | exp.ArraySize
)  # fmt: skip


def to_spark(sql: str) -> str:
    """The same SELECT as Spark writes it, its tables by their `spark_name`.

    Raises SqlglotError where it cannot be said.
    """
    query = sqlglot.parse_one(sql, read="duckdb")
    # Inner ones first, so that what is put in place of a node holds what was put in place of its
    # parts.
    for node in reversed(list(query.walk(bfs=False))):
        if (spark := _in_spark(node)) is not node:
            node.replace(spark)
    return query.sql(dialect="spark", unsupported_level=ErrorLevel.RAISE)


def spark_name(schema: str, name: str) -> str:
    """What a table is called on Spark, whose temporary views have no schema."""
    return f"{schema}__{name}"


def _in_spark(node: exp.Expr) -> exp.Expr:
    """What sqlglot leaves to the reader: where the same words mean something else on Spark."""
    match node:
        case exp.Table() if node.db:
            name = exp.to_table(spark_name(node.db, node.name))
            return exp.alias_(name, node.alias_or_name, table=True)
        case exp.Div():
            # Of doubles here; of decimals with six places there, where neither side is a double.
            return exp.Div(this=_cast(node.this, "DOUBLE"), expression=node.expression.copy())
        case exp.Bracket() if isinstance(node.expressions[0], exp.Literal):
            # NULL beyond the end here; an error there.
            position = int(node.expressions[0].name) + 1
            return exp.func("try_element_at", node.this.copy(), exp.Literal.number(position))
        case exp.TimeToUnix():
            # With its fraction here; whole seconds there.
            micros = exp.func("unix_micros", _cast(node.this, "TIMESTAMPLTZ"))
            return exp.Paren(
                this=exp.Div(this=_cast(micros, "DOUBLE"), expression=exp.Literal.number("1e6"))
            )
        case exp.Lower():
            # One letter for one letter here; there these two depend on what follows.
            text = exp.func("replace", node.this.copy(), *map(exp.Literal.string, "İi"))
            return exp.Lower(this=exp.func("replace", text, *map(exp.Literal.string, "Σσ")))
        case exp.Trim() if node.args.get("expression") is None:
            return exp.Trim(
                this=node.this.copy(),
                expression=exp.Literal.string(_SPACES),
                position=node.args.get("position") or "BOTH",
            )
        case exp.GenerateSeries():
            # Empty where the end lies before the start; there it counts down.
            return _counting_up(node)
        case exp.Floor() | exp.Ceil():
            return _cast(node, "DOUBLE")
        case exp.Window() if isinstance(node.this, _WHOLE):
            return _cast(node, "BIGINT")
        case _ if isinstance(node, _WHOLE) and not isinstance(node.parent, exp.Window):
            return _cast(node, "BIGINT")
    return node


def _counting_up(series: exp.GenerateSeries) -> exp.Expr:
    start, end, each = series.args["start"], series.args["end"], exp.to_identifier("each")
    last = exp.Case().when(exp.LT(this=end.copy(), expression=start.copy()), start.copy())
    steps = [series.args["step"].copy()] if series.args.get("step") else []
    listed = exp.func("sequence", start.copy(), last.else_(end.copy()), *steps)
    kept = exp.LTE(this=exp.column("each"), expression=end.copy())
    return exp.func("filter", listed, exp.Lambda(this=kept, expressions=[each]))


def _cast(node: exp.Expr, kind: str) -> exp.Expr:
    return exp.Cast(this=node.copy(), to=exp.DataType.build(kind))
