#!/usr/bin/env python
"""Django's command line, for this project."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from environs import EnvError

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    try:
        settings.INSTALLED_APPS  # noqa: B018 (reads the environment)
    except (ImproperlyConfigured, EnvError) as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    execute_from_command_line(sys.argv)
