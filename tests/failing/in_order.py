"""A plugin of pytest: tests that fail on purpose run in the order in which they are written."""

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Undo the order of pytest-django, which puts tests that commit at the end."""
    items.sort(key=lambda item: item.function.order)  # type: ignore[attr-defined]
