"""Short ways to perform operations in a test's own store."""

from collections.abc import Callable
from typing import Any

import pytest

from warehouse.oltp.engine import writing
from warehouse.operations.rooms import OPERATIONS
from warehouse.tenancy import Actor

Do = Callable[..., Any]


@pytest.fixture
def do(ana: Actor) -> Do:
    """Perform an operation by its name as the owner of acme, each in a transaction of its own."""

    def perform(operation: str, /, **values: Any) -> Any:
        run = OPERATIONS[operation]
        with writing() as session:
            return run(session, ana, run.input(**values))

    return perform


@pytest.fixture
def pebble(do: Do) -> Any:
    """A customer of acme."""
    return do("customers.create_customer", name="Pebble")
