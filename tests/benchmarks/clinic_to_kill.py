"""What is done in the clinic of bench_nothing_lost before it is killed, and after."""

# A clinic that takes requests (a new one would not before it is set up), with somebody who works
# every day, and those who answer: their sessions are printed.
PREPARE = """
import json
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.db import SessionStore
from bookings.models import Roster
from clinic.models import Clinic, Location, Practitioner, Service, User
keys = []
Clinic.objects.update(has_taken_requests=True)
service = Service.objects.create(name="Knee pain", slug="knee-pain", summary="Knees.")
place = Location.objects.create(name="Harbour", slug="harbour", street="1 Quay", city="Millbrook")
person = Practitioner.objects.create(name="Ines Okafor", slug="ines-okafor", role="Physiotherapist")
roster = Roster.objects.create(practitioner=person)
for weekday in range(7):
    roster.hours.create(weekday=weekday, starts="08:00", ends="18:00", location=place)
for number in range(%d):
    user = User.objects.create_user(f"reception-{number}", is_staff=True)
    user.groups.add(Group.objects.get(name="Receptionist"))
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    keys.append(session.session_key)
print(json.dumps(keys))
"""

# A day later every lease and pause is over.
AFTERWARDS = """
import json
from datetime import timedelta
from django.utils import timezone
from bookings.models import Enquiry, Offer
from clinic.mail import outbox
at = timezone.now() + timedelta(days=1)
while outbox.run_once(at): pass
held = Offer.objects.held().values_list("enquiry__name", "state")
names = list(Enquiry.objects.values_list("name", flat=True))
print(json.dumps({"names": names, "booked": [name for name, state in held if state == "accepted"]}))
"""
