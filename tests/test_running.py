"""The docs for operators name commands, options and files that there are."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

ROOT = Path(__file__).parent.parent
PAGES = ("running", "monitoring", "backups", "upgrading")
TEXT = "\n".join((ROOT / f"docs/{name}.md").read_text() for name in PAGES)
CALL = r"(?:manage\.py|^ {4}clinic|`clinic) ([a-z_]+)"
COMMANDS = sorted(set(re.findall(CALL, TEXT, re.MULTILINE)))
OPTIONS = sorted(set(re.findall(rf"{CALL}[^\n`]*?(--[a-z-]+)", TEXT, re.MULTILINE)))


def test_the_commands_are_found() -> None:
    assert {"backup", "restore", "fill", "redact", "rotate_health_keys", "migrate"} <= set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_it_names(name: str) -> None:
    assert name in get_commands()


@pytest.mark.parametrize(("name", "option"), OPTIONS)
def test_an_option_that_it_names(name: str, option: str) -> None:
    app = get_commands()[name]
    command = app if not isinstance(app, str) else load_command_class(app, name)
    parser = command.create_parser("manage.py", name)
    assert option in parser.format_help()


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`?(requirements[a-z-]*\.txt)", TEXT))))
def test_a_file_that_it_names(name: str) -> None:
    assert (ROOT / name).exists()
