"""No thread of the web server waits long for a sender, and never all of them."""

import io
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clinic.lib.web import deadlines
from clinic.lib.web.deadlines import DeadlineSocket, Waiting

Pair = tuple[DeadlineSocket, socket.socket]


@pytest.fixture
def pairs() -> Iterator[list[Pair]]:
    """Three connections to a worker of which two may wait."""
    waiting, made = Waiting(2), []
    for _ in range(3):
        ours, theirs = socket.socketpair()
        connection = DeadlineSocket(fileno=ours.detach())
        connection.waiting = waiting
        connection.allow(60)
        made.append((connection, theirs))
    yield made
    for connection, theirs in made:
        connection.close()
        theirs.close()


def read_all(connection: DeadlineSocket, sender: socket.socket) -> None:
    """Read what a sender without an end sends, byte by byte."""
    while True:
        sender.sendall(b"a")
        connection.recv(1)
        time.sleep(0.01)


def test_what_has_arrived_is_read_at_once(pairs: list[Pair]) -> None:
    connection, theirs = pairs[0]
    theirs.sendall(b"form")
    assert connection.recv(100) == b"form"


def test_every_byte_counts_against_one_deadline(pairs: list[Pair]) -> None:
    connection, theirs = pairs[0]
    connection.allow(0.2)
    begun = time.monotonic()
    with pytest.raises(TimeoutError):
        read_all(connection, theirs)
    assert time.monotonic() - begun < 30


def test_who_sends_nothing_is_not_waited_for(pairs: list[Pair]) -> None:
    connection, _ = pairs[0]
    connection.allow(0.05)
    with pytest.raises(TimeoutError):
        connection.recv(1)


def test_a_third_that_waits_ends_the_one_with_least_time_left(pairs: list[Pair]) -> None:
    (first, _), (second, _), (third, third_sender) = pairs
    first.allow(50)
    ended: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: ended.append(first.recv(1)), daemon=True),
        threading.Thread(target=lambda: second.recv(1), daemon=True),
    ]
    for thread in threads:
        thread.start()
    while len(first.waiting._until) < 2:
        time.sleep(0.01)
    threading.Timer(0.2, third_sender.sendall, [b"x"]).start()
    assert third.recv(1) == b"x"
    threads[0].join(30)
    assert ended == [b""]
    assert threads[1].is_alive()
    second.give_up()
    threads[1].join(30)


def test_after_the_answer_nothing_is_waited_for(pairs: list[Pair]) -> None:
    connection, theirs = pairs[0]
    theirs.sendall(b"rest")
    theirs.shutdown(socket.SHUT_WR)
    connection.finish()
    assert theirs.recv(1) == b""
    with pytest.raises(TimeoutError):
        connection.recv(1)


def test_an_answer_that_is_not_taken_ends(pairs: list[Pair], monkeypatch: Any) -> None:
    monkeypatch.setattr(deadlines, "SEND_SECONDS", 0.2)
    connection, theirs = pairs[0]
    ended: list[Exception] = []

    def trickle() -> None:
        try:
            while theirs.recv(1):
                time.sleep(0.01)
        except OSError as error:
            ended.append(error)

    threading.Thread(target=trickle, daemon=True).start()
    begun = time.monotonic()
    with pytest.raises(BrokenPipeError):
        connection.sendfile(io.BytesIO(bytes(20_000_000)))
    assert time.monotonic() - begun < 30


def test_an_answer_that_is_taken_is_whole(pairs: list[Pair], tmp_path: Path) -> None:
    connection, theirs = pairs[0]
    whole = bytes(range(256)) * 20_000
    (tmp_path / "picture").write_bytes(whole)
    taken: list[bytes] = []

    def take() -> None:
        while piece := theirs.recv(100_000):
            taken.append(piece)

    reader = threading.Thread(target=take, daemon=True)
    reader.start()
    with (tmp_path / "picture").open("rb") as file:
        assert connection.sendfile(file, offset=6, count=len(whole) - 10) == len(whole) - 10
    connection.shutdown(socket.SHUT_WR)
    reader.join(30)
    assert b"".join(taken) == whole[6:-4]


def test_an_answer_is_given_up_before_a_request(pairs: list[Pair]) -> None:
    (first, _), (second, _), (third, third_sender) = pairs
    second.allow(30)  # less time than the answer has
    ended: list[type] = []

    def send() -> None:
        try:
            first.sendall(bytes(20_000_000))
        except OSError as error:
            ended.append(type(error))

    threads = [
        threading.Thread(target=send, daemon=True),
        threading.Thread(target=lambda: second.recv(1), daemon=True),
    ]
    for thread in threads:
        thread.start()
    while len(first.waiting._until) < 2:
        time.sleep(0.01)
    threading.Timer(0.2, third_sender.sendall, [b"x"]).start()
    assert third.recv(1) == b"x"
    threads[0].join(30)
    assert ended == [BrokenPipeError]
    assert threads[1].is_alive()
    second.give_up()
    threads[1].join(30)
