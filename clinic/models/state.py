"""Rows by which the processes of one installation agree; nothing for staff to edit."""

import secrets
from datetime import datetime, timedelta

from django.db import IntegrityError, models, transaction


def new_epoch() -> str:
    return secrets.token_hex(4)


class ContentVersion(models.Model):
    """The version of all that is public, `(epoch, n)`: one row, see clinic.site.content_version."""

    epoch = models.CharField(max_length=8, default=new_epoch)
    n = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(name="content_version_is_one_row", condition=models.Q(id=1))
        ]

    def __str__(self) -> str:
        return f"{self.epoch}.{self.n}"


class HeartbeatManager(models.Manager["Heartbeat"]):
    def beat(self, name: str, at: datetime) -> None:
        """Record that it succeeded at this moment. Raises OperationalError if nothing can be
        written."""
        self.update_or_create(name=name, defaults={"at": at})

    def claim(self, name: str, at: datetime, *, every: timedelta) -> bool:
        """Whether the caller is the one to do this now: nobody has claimed it for so long. A claim
        of the future is of a clock that was set back, and does not count."""
        try:
            with transaction.atomic():
                self.create(name=name, at=at)
        except IntegrityError:
            stale = models.Q(at__lte=at - every) | models.Q(at__gt=at)
            return bool(self.filter(stale, name=name).update(at=at))
        return True


class Heartbeat(models.Model):
    """When something that must keep happening last succeeded, or was tried: a round of a worker, a
    backup, a copy of the keys."""

    WORKER = "worker"
    BACKUP = "backup"
    KEYS = "keys"  # copied for the safe

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    objects = HeartbeatManager()

    def __str__(self) -> str:
        return self.name


class KeyFingerprint(models.Model):
    """Which keys this database was used with (clinic.operations.installation_keys)."""

    name = models.CharField(max_length=20, primary_key=True)
    fingerprint = models.CharField(max_length=16)

    def __str__(self) -> str:
        return self.name


class Throttle(models.Model):
    """A count of attempts. The key is an HMAC: no address is kept (clinic.lib.throttle)."""

    key = models.CharField(max_length=64, unique=True)
    window_started_at = models.DateTimeField(db_index=True)
    hits = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.key
