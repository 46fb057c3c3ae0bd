"""A gunicorn worker whose threads never wait long for a request to arrive, or an answer to leave.

gunicorn's own time limits end at the first byte: after it, a thread waits for headers and body as
long as the sender likes, and as many slow senders as there are threads stop the site. Here a
request must have arrived within RECEIVE_SECONDS after a thread took it up, and some threads are
always free of waiting: when one more would wait, the request that has least time left is given
up. A form that arrives in one piece never waits, so it is never the one given up.

An answer that its reader does not take would hold a thread as well: a proxy that does not keep
whole answers passes the slowness on. It has SEND_SECONDS, and is given up before any request.
"""

import errno
import socket
import time
from select import POLLIN, POLLOUT, poll
from threading import Lock
from typing import Any

from gunicorn.workers.gthread import _DEFER, TConn, ThreadWorker

RECEIVE_SECONDS = 50.0  # less than the 60 of deploy/Caddyfile, so that our answer comes first
SEND_SECONDS = 120.0  # for an answer, from the first moment at which it cannot go on
NEVER_WAITING = 2  # threads of each worker
# After the answer to a request that was not read to its end, so that the answer is not lost.
LINGER_SECONDS = 2.0
LINGER_BYTES = 64 * 1024
PIECE = 64 * 1024  # bytes of a file that are sent at once


class Waiting:
    """The connections of one worker that wait for the other side, at most `most` of them."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._until: dict[DeadlineSocket, float] = {}
        self._lock = Lock()

    def add(self, connection: "DeadlineSocket") -> None:
        """Let one more wait; if they become too many, the one with least time left ends, answers
        before requests."""
        with self._lock:
            if len(self._until) >= self.most:
                first = min(self._until, key=lambda one: (not one.is_sending, self._until[one]))
                del self._until[first]
                first.give_up()
            self._until[connection] = connection.deadline

    def remove(self, connection: "DeadlineSocket") -> None:
        """Forget a connection, whether it still waits or was given up."""
        with self._lock:
            self._until.pop(connection, None)


class DeadlineSocket(socket.socket):
    """A connection whose `recv` raises TimeoutError once its deadline (monotonic) is over."""

    waiting: Waiting
    deadline = 0.0
    is_sending = False  # an answer could not go on at some moment

    def allow(self, seconds: float) -> None:
        """Set the deadline that many seconds from now."""
        self.deadline = time.monotonic() + seconds
        self.is_sending = False

    def give_up(self) -> None:
        """End the reading, or all; a thread that waits for this connection wakes up at once."""
        try:
            self.shutdown(socket.SHUT_RDWR if self.is_sending else socket.SHUT_RD)
        except OSError:
            return  # closed by the sender

    def finish(self) -> None:
        """Say that no more is sent, and take in what is still on its way; then wait no more."""
        self.allow(LINGER_SECONDS)
        left = LINGER_BYTES
        try:
            self.shutdown(socket.SHUT_WR)
            while left > 0 and (data := self.recv(4096)):
                left -= len(data)
        except OSError:
            pass
        self.deadline = 0.0

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """Return what has arrived, waiting for it until the deadline or the socket's timeout."""
        self._wait(POLLIN)
        return super().recv(size, flags)

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        """Send all of it, waiting for its reader until the deadline. Raises BrokenPipeError."""
        left = memoryview(data)
        while left:
            try:
                left = left[super().send(left, flags | socket.MSG_DONTWAIT) :]
            except BlockingIOError:
                if not self.is_sending:
                    self.allow(SEND_SECONDS)
                    self.is_sending = True
                try:
                    self._wait(POLLOUT)
                except TimeoutError as late:
                    # What gunicorn takes as a reader that has left.
                    raise BrokenPipeError(errno.EPIPE, "The answer was not taken.") from late

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        """Send `count` bytes of a file as `sendall` does, or all; return how many were sent."""
        file.seek(offset)
        sent = 0
        while count is None or sent < count:
            piece = file.read(PIECE if count is None else min(PIECE, count - sent))
            if not piece:
                break
            self.sendall(piece)
            sent += len(piece)
        return sent

    def _wait(self, event: int) -> None:
        """Wait until it can be read or written. Raises TimeoutError."""
        left = self.deadline - time.monotonic()
        if (limit := self.gettimeout()) is not None:
            left = min(left, limit)
        ready = poll()
        ready.register(self, event)
        if left <= 0:
            raise TimeoutError("The other side did not come in time.")
        if not ready.poll(0):
            self.waiting.add(self)
            try:
                if not ready.poll(left * 1000):
                    raise TimeoutError("The other side did not come in time.")
            finally:
                self.waiting.remove(self)


class DeadlineWorker(ThreadWorker):
    """gunicorn's threaded worker with a deadline for each request."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.waiting = Waiting(max(1, self.cfg.threads - NEVER_WAITING))

    def enqueue_req(self, conn: TConn) -> None:
        """Hand a connection to the threads, its socket replaced by one with a deadline."""
        if not isinstance(conn.sock, DeadlineSocket):
            conn.sock = DeadlineSocket(fileno=conn.sock.detach())
            conn.sock.waiting = self.waiting
        super().enqueue_req(conn)

    def handle(self, conn: TConn) -> Any:
        """Answer one request. A connection on which nothing has come yet takes no thread."""
        if not conn.initialized and not conn.wait_for_data(0):
            return _DEFER
        conn.sock.allow(RECEIVE_SECONDS)
        stays_open = super().handle(conn)
        if not stays_open:
            # The main thread closes it, and gunicorn would let it wait for the sender there.
            conn.sock.finish()
        return stays_open
