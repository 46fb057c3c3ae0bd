"""A mail server on its worst day: it refuses, stalls and hangs up, until it recovers."""

import contextlib
import random
import re
import socketserver
import threading
import time
from collections import Counter, defaultdict
from typing import Self

STALL = 3.0  # seconds


class BadMailServer:
    """`delivered`: the Message-IDs that it took, by recipient. `refused`: what else it did."""

    def __init__(self) -> None:
        self.delivered: defaultdict[str, list[str]] = defaultdict(list)
        self.refused: Counter[str] = Counter()
        self.is_well = threading.Event()
        outer = self

        class Handler(_Dialogue):
            mood = outer

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def recover(self) -> None:
        self.is_well.set()

    def misbehaves(self) -> str:
        """What to do to one command: nothing in most cases."""
        if self.is_well.is_set() or random.random() > 0.12:
            return ""
        what = random.choice(["refuses", "stalls", "hangs up"])
        self.refused[what] += 1
        return what


class _Dialogue(socketserver.StreamRequestHandler):
    mood: BadMailServer

    def handle(self) -> None:
        try:
            self._talk()
        except OSError:  # the other side was killed
            self.mood.refused["was left"] += 1

    def _talk(self) -> None:
        self._say("220 mail.example")
        recipient = ""
        while line := self._line():
            command = line[:4].upper()
            match self.mood.misbehaves():
                case "refuses":
                    self._say("451 4.3.0 Later")
                    continue
                case "stalls":
                    time.sleep(STALL)
                case "hangs up":
                    return
            if command == "RCPT":
                recipient = re.sub(r".*<(.*)>.*", r"\1", line)
            if command == "DATA":
                self._say("354 Go on")
                identity = self._take()
                if not identity:  # the sender died before the end
                    return
                self.mood.delivered[recipient].append(identity)
                # Hanging up now leaves the sender in doubt: it sends the mail again.
                if self.mood.misbehaves() == "hangs up":
                    return
            self._say("221 Bye" if command == "QUIT" else "250 OK")
            if command == "QUIT":
                return

    def _take(self) -> str:
        """Read a mail to its end; its Message-ID, empty if the end never comes."""
        identity = ""
        while (line := self._line()) != ".":
            if not line:
                return ""
            if line.lower().startswith("message-id:"):
                identity = line.partition(":")[2].strip()
        return identity

    def _line(self) -> str:
        read = self.rfile.readline().decode("latin-1")
        return read.rstrip("\r\n") or (" " if read else "")

    def _say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            super().finish()
