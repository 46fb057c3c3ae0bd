"""Drop the tables of django-axes, which held names and addresses of failed sign-ins.

Nothing reads them any more: clinic.accounts.guess_limits counts in clinic_throttle, without names or addresses.
Its migrations are forgotten with them, so that an earlier version of the website makes them again.
"""

from django.db import migrations

TABLES = (
    "axes_accessattemptexpiration",
    "axes_accessattempt",
    "axes_accesslog",
    "axes_accessfailurelog",
)
STATEMENTS = [
    *(f"DROP TABLE IF EXISTS {table}" for table in TABLES),
    "DELETE FROM django_migrations WHERE app = 'axes'",
]


class Migration(migrations.Migration):
    dependencies = [("clinic", "0011_add_message_to_address")]

    operations = [migrations.RunSQL(STATEMENTS, migrations.RunSQL.noop)]
