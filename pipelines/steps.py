"""What every step of a run does about an error: tried again where that can cure it, else failed.

Not here: the retries of a source within one run (connectors/patience.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import duckdb

from connectors.errors import HomeroomError
from pipelines import telling
from warehouse.settings import Settings

#: A step is tried again so often; the first pause in seconds, doubled each time.
RETRIES, FIRST = 5, 30.0
#: Its runs queue up behind each other: dagster.yaml holds one run of each value at a time.
DISTRICT = "homeroom/district"


def pause(tried: int) -> float:
    """Seconds before the next attempt after so many retries. Pure."""
    return float(FIRST * 2**tried)


@contextmanager
def step(context: dg.AssetExecutionContext, settings: Settings) -> Iterator[None]:
    """Turn errors into retries and failures, and tell coordinators of what failed.

    Raises dg.RetryRequested, dg.Failure.
    """
    tried = context.op_execution_context.retry_number
    try:
        yield
    except HomeroomError as error:
        if error.retry and tried < RETRIES:
            raise dg.RetryRequested(RETRIES, pause(tried)) from error
        tell(context, settings)
        raise dg.Failure(str(error), allow_retries=False) from error
    except duckdb.Error as error:
        tell(context, settings)
        # The kind alone: the engine's words may quote a value.
        raise dg.Failure(
            f"the database engine stopped ({type(error).__name__}); the live warehouse stays",
            allow_retries=False,
        ) from None


def tell(context: dg.AssetExecutionContext, settings: Settings) -> None:
    """Tell coordinators of what has changed; trouble with it is a line in the run's log."""
    telling.tell(settings, context.log.warning)
