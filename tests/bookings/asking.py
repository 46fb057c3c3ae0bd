"""Doing something at the desk that is asked about first."""

from typing import Any


def answered(client: Any, address: str, sent: dict[str, Any], **more: Any) -> Any:
    """Send a form of a request's page; if it is asked about, send it again as its question does."""
    response = client.post(address, sent, **more)
    question = response.context.get("question") if response.context else None
    if question is None:
        return response
    return client.post(address, sent | {"confirmed": question.key}, **more)
