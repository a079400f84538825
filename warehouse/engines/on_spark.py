"""The transforms on Spark: the lake's parts in, one folder of Parquet per table out.

Spark reads the lake's parts where they lie. What only DuckDB has (who is who, what people wrote,
tables with changes laid over them, empty ones) DuckDB writes to Parquet when it is first read.
Driver, workers and this process must see the same files under the same paths.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from connectors.errors import HomeroomError
from transforms.spark_sql import spark_name, to_spark
from transforms.table import Transform
from warehouse.intake.casting import quote
from warehouse.lake import lakehouse


class OnSpark:
    """Runs the SQL as Spark writes it; published tables then land in the DuckDB file."""

    def __init__(self, db: duckdb.DuckDBPyConnection, spark: SparkSession, work: Path) -> None:
        self.db = db
        self._spark = spark
        self._work = work.resolve()
        self._known: set[str] = set()
        self._wanted: DataFrame | None = None

    def make(self, transform: Transform) -> int:
        """Make one table whose inputs are there; its rows. Raises HomeroomError if Spark fails."""
        try:
            for table in sorted(transform.references - self._known):
                self._know(table, self._given(table))
            folder = self._work / transform.table
            made = self._spark.sql(to_spark(transform.sql))
            made.write.mode("overwrite").parquet(str(folder))
            self._know(transform.table, self._spark.read.schema(made.schema).parquet(str(folder)))
        except PySparkException as error:
            # Never the message: it may quote a row.
            raise HomeroomError(
                "Spark could not make a table; the live warehouse stays",
                culprit=f"{transform.table}: {error.getCondition() or type(error).__name__}",
                fix="see the log of the failed application on the cluster, then run again",
            ) from None
        return self._land(transform, folder)

    def _know(self, table: str, rows: DataFrame) -> None:
        rows.createOrReplaceTempView(spark_name(*table.split(".")))
        self._known.add(table)

    def _given(self, table: str) -> DataFrame:
        """A table that no transform makes: from the lake's parts, else by way of DuckDB."""
        schema, name = table.split(".")
        if schema == "lake" and (parts := lakehouse.plain_parts(self.db, name)):
            return self._from_parts(name, parts)
        return self._by_duckdb(f"FROM {table}", table)

    def _from_parts(self, name: str, parts: list[str]) -> DataFrame:
        if self._wanted is None:
            self._wanted = self._by_duckdb(lakehouse.WANTED, "wanted")
        rows = self._spark.read.parquet(*parts).withColumn("part", F.col("_metadata.file_name"))
        wanted = self._wanted.where(F.col("table_name") == name)
        return rows.join(F.broadcast(wanted), ["part", "arrival"]).select(*lakehouse.columns(name))

    def _by_duckdb(self, query: str, name: str) -> DataFrame:
        self._work.mkdir(parents=True, exist_ok=True)
        path = self._work / f"{name}.parquet"
        self.db.execute(f"COPY ({query}) TO {quote(str(path))} (FORMAT parquet)")
        return self._spark.read.parquet(str(path))

    def _land(self, transform: Transform, folder: Path) -> int:
        rows = f"FROM read_parquet({quote(str(folder / '*.parquet'))}, hive_partitioning=false)"
        if transform.published:
            order = f" ORDER BY {transform.stored_by}" if transform.stored_by else ""
            self.db.execute(f"CREATE OR REPLACE TABLE target.{transform.table} AS {rows}{order}")
        else:
            self.db.execute(f"CREATE OR REPLACE VIEW scratch.{transform.table} AS {rows}")
        count: int = self.db.execute(f"SELECT count(*) {rows}").fetchall()[0][0]
        return count
