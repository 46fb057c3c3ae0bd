#!/usr/bin/env python
"""Django's command line, for this project."""

import gc
import os
import sys

try:
    from clinic.operations import command_line
except ModuleNotFoundError as error:
    sys.stderr.write(
        f"The package {error.name} is not installed for {sys.executable}. Run: .venv/bin/python "
        "manage.py …, or install the packages of requirements.txt there.\n"
    )
    sys.exit(2)

# Nearly all of the 200,000 objects made at the start live to its end. Python would search them for
# garbage after every 700 new ones, which makes each start a tenth longer.
OBJECTS_BETWEEN_SEARCHES = 100_000

if __name__ == "__main__":
    gc.set_threshold(OBJECTS_BETWEEN_SEARCHES)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    sys.exit(command_line.run(sys.argv))
