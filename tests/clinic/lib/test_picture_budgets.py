"""What a picture from outside may cost: memory, whatever is in the file, and one at a time."""

import io
import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from clinic.lib import images, pixels
from tests.clinic.heavy_pictures import EITHER, PICTURES, TAKEN, encoded, gradient

ROOT = Path(__file__).parents[3]
MOST_MB = 350


@pytest.fixture(autouse=True)
def decoded_once() -> None:
    """Here each picture is decoded."""


def cost(content: bytes, path: Path, at_once: int = 1) -> dict[str, Any]:
    """In a process of its own, whose memory nobody else has used."""
    path.write_bytes(content)
    command = [sys.executable, "-m", "tests.clinic.heavy_pictures", str(path), str(at_once)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


# Of each kind the heaviest; `make test-slow` tries them all.
HEAVIEST = {
    "WebP, 16383 × 2441",
    "PNG, 40 megapixels, 16 bits RGBA",
    "PNG, a profile of 400 MB",
    "PNG, texts of 400 MB",
    "WebP, animated",
    "GIF, animated, 16 megapixels",
    "JPEG, progressive, 40 megapixels",
    "JPEG, EXIF of many entries",
}


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[] if name in HEAVIEST else [pytest.mark.slow]) for name in PICTURES],
)
def test_no_picture_takes_more_memory_than_it_may(name: str, tmp_path: Path) -> None:
    content = PICTURES[name]()
    assert len(content) <= 12 * images.MEGABYTE
    found = cost(content, tmp_path / "picture")
    assert found["own"] <= MOST_MB / 2, found
    assert found["others"] <= MOST_MB, found
    [said] = found["said"]
    if name not in EITHER:
        assert said.startswith("image/") == (name in TAKEN), said
    if not said.startswith("image/"):
        assert said.endswith((".", "again.")), said


def test_several_at_once_take_no_more_than_one(tmp_path: Path) -> None:
    content = PICTURES["WebP, 16 megapixels"]()
    found = cost(content, tmp_path / "picture", at_once=4)
    assert found["said"] == ["image/webp"] * 4
    assert found["own"] <= MOST_MB / 2, found
    assert found["others"] <= MOST_MB, found


def test_one_picture_is_decoded_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    run, inside, most = subprocess.run, [], []

    def counted(*args: Any, **kwargs: Any) -> Any:
        inside.append(1)
        most.append(len(inside))
        try:
            return run(*args, **kwargs)
        finally:
            inside.pop()

    monkeypatch.setattr(images.subprocess, "run", counted)
    content = encoded(gradient(60, 40), "PNG")
    threads = [threading.Thread(target=images.take_in, args=(content,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1, 1, 1]


@pytest.mark.parametrize(
    "ends", [[sys.executable, "-c", "while True: pass"], [sys.executable, "-c", "1 / 0"]]
)
def test_a_process_that_does_not_end_well_is_a_refusal(
    ends: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = subprocess.run
    monkeypatch.setattr(images, "LONGEST_WAIT", 1)
    monkeypatch.setattr(images.subprocess, "run", lambda command, **more: run(ends, **more))
    with pytest.raises(images.Refused, match="too much memory or time"):
        images.take_in(encoded(gradient(60, 40), "PNG"))


def test_who_waits_too_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "LONGEST_WAIT", 0.01)
    busy = pytest.raises(images.Refused, match="Other images are being uploaded")
    with images._one_at_a_time, busy:
        images.take_in(encoded(gradient(60, 40), "PNG"))


def test_the_process_limits_itself() -> None:
    """It may neither have more memory than it says, nor more seconds."""
    steps = (
        "from resource import *; from clinic.lib import pixels; pixels._limit()\n"
        "print(getrlimit(RLIMIT_AS)[0], getrlimit(RLIMIT_CPU)[0])\n"
        "try: bytes(500_000_000)\n"
        "except MemoryError: print('refused')\n"
    )
    done = subprocess.run([sys.executable, "-c", steps], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.split() == [str(pixels.MOST_MEMORY), str(pixels.MOST_SECONDS), "refused"]


def test_a_picture_for_which_memory_is_short_is_costly(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(self: Any) -> None:
        raise MemoryError

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", load)
    with pytest.raises(pixels.Unfit, match="costly"):
        pixels.prepare(encoded(gradient(60, 40), "PNG"), max_pixels=10_000, max_side=100)


def test_photographs_of_today_are_taken() -> None:
    photo = encoded(gradient(8160, 6144).convert("L"), "JPEG")  # 50 megapixels, as phones offer
    with pytest.raises(images.Refused, match="larger than 40 megapixels"):
        images.take_in(photo)
    intake = images.take_in(encoded(gradient(4032, 3024), "JPEG", quality=95))
    assert (intake.width, intake.height) == (2400, 1800)
    assert Image.open(io.BytesIO(intake.content)).format == "JPEG"
