#!/usr/bin/env python
"""Django's command line, for this project."""

import gc
import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from environs import EnvError

# Nearly all of the 200,000 objects made at the start live to its end. Python would search them for
# garbage after every 700 new ones, which makes each start a tenth longer.
OBJECTS_BETWEEN_SEARCHES = 100_000

if __name__ == "__main__":
    gc.set_threshold(OBJECTS_BETWEEN_SEARCHES)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    try:
        settings.INSTALLED_APPS  # noqa: B018 (reads the environment)
    except (ImproperlyConfigured, EnvError) as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    execute_from_command_line(sys.argv)
