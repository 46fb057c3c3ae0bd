"""Encrypting a backup for a public key, so that where it is stored nobody can read it.

GnuPG does it, with a file that holds the key and no keyring. The private key is on no server: it is
in the safe, beside the printed keys.
"""

import subprocess
import tempfile
from pathlib import Path

LONGEST = 60 * 60  # seconds


class Failed(Exception):
    """Nothing was encrypted; the text says why."""


def seal(file: Path, recipient: Path) -> Path:
    """Encrypt a file for the key in `recipient`; returns the new file beside it. Raises Failed."""
    sealed = file.with_name(f"{file.name}.gpg")
    with tempfile.TemporaryDirectory(prefix=".gnupg-", dir=file.parent) as home:
        command = [
            *("gpg", "--batch", "--quiet", "--no-options", "--homedir", home),
            *("--trust-model", "always", "--no-auto-key-locate", "--compress-algo", "none"),
            *("--recipient-file", str(recipient), "--output", str(sealed), "--encrypt", str(file)),
        ]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=LONGEST, check=False
            )
        except FileNotFoundError:
            raise Failed("gpg is not installed: apt-get install gnupg") from None
        except subprocess.TimeoutExpired:
            raise Failed("gpg did not end.") from None
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"]
        raise Failed(f"The backup could not be encrypted for {recipient}: {said[0]}")
    return sealed
