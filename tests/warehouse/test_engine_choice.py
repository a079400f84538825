"""[engine] of homeroom.toml, and what is said where Spark is chosen and cannot be had."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from connectors.errors import ConfigError, HomeroomError
from tests.servers import free_port
from warehouse import settings
from warehouse.engines import Choice
from warehouse.engines.choice import MEANING
from warehouse.engines.session import masters, session
from warehouse.engines.session import settings as told

DISTRICT = '[district]\nname = "North"\n[[source]]\nplatform = "lexia"\nlocation = "lexia"\n'


def load(folder: Path, engine: str) -> settings.Settings:
    (folder / "lexia").mkdir()
    (folder / "homeroom.toml").write_text(DISTRICT + engine)
    return settings.load(folder / "homeroom.toml")


def test_without_a_word_it_is_duckdb(tmp_path: Path) -> None:
    assert load(tmp_path, "").engine == Choice("duckdb")


def test_spark_is_chosen_with_its_master_and_its_own_settings(tmp_path: Path) -> None:
    text = """
        [engine]
        name = "spark"
        master = "spark://one:7077,two"
        memory = "900m"
        [engine.spark]
        "spark.cores.max" = "8"
    """
    choice = load(tmp_path, text).engine
    assert choice == Choice("spark", "spark://one:7077,two", "900m", {"spark.cores.max": "8"})
    assert masters(choice.master) == [("one", 7077), ("two", 7077)]
    asked = told(choice, tmp_path)
    assert asked["spark.executor.memory"] == "900m"
    assert asked["spark.cores.max"] == "8"
    assert MEANING.items() <= asked.items()


@pytest.mark.parametrize(
    ("engine", "says"),
    [
        ('name = "sparc"', 'engine.name: "sparc" is not known'),
        ('nam = "spark"', "engine.nam: is not a known key|did you mean name"),
        ("name = 1", "engine.name: should be text"),
        ('name = "spark"', "engine.master: does not name Spark's master"),
        ('name = "spark"\nmaster = "http://x"', "engine.master: does not name Spark's master"),
        ('master = "spark://x"', "engine.master: is only for Spark"),
        ('name = "spark"\nmaster = "yarn"\nmemory = "4"', "engine.memory: is no size of memory"),
        (
            'name = "spark"\nmaster = "yarn"\n[engine.spark]\n"cores" = "4"',
            "engine.spark.cores: is no setting of Spark",
        ),
        (
            'name = "spark"\nmaster = "yarn"\n[engine.spark]\n"spark.sql.session.timeZone" = "CET"',
            "engine.spark.spark.sql.session.timeZone: would make the engines differ",
        ),
    ],
)
def test_a_mistake_is_named_with_its_key(tmp_path: Path, engine: str, says: str) -> None:
    with pytest.raises(ConfigError) as found:
        load(tmp_path, f"[engine]\n{engine}\n")
    assert all(part in str(found.value) for part in says.split("|"))


def test_without_pyspark_it_is_said_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.delitem(sys.modules, "pyspark", raising=False)
    importlib.invalidate_caches()
    with (
        pytest.raises(HomeroomError, match=r"homeroom\[spark\]"),
        session(Choice("spark", "yarn"), tmp_path),
    ):
        pass


@pytest.mark.skipif(importlib.util.find_spec("pyspark") is None, reason="pyspark: not installed")
@pytest.mark.parametrize(
    ("home", "says"), [("/nowhere", "no Java"), ("", "master does not answer")], ids=str
)
def test_without_java_or_a_master_it_is_said_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str, says: str
) -> None:
    monkeypatch.setenv("JAVA_HOME", home)
    with (
        pytest.raises(HomeroomError, match=says),
        session(Choice("spark", f"spark://127.0.0.1:{free_port()}"), tmp_path),
    ):
        pass
