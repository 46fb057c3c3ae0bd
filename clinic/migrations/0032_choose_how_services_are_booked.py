from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0031_say_what_to_bring_and_when_to_cancel"),
    ]

    operations = [
        migrations.AddField(
            model_name="service",
            name="booking_way",
            field=models.CharField(
                choices=[
                    ("asked", "Asked for: nothing is held until you offer it"),
                    ("held", "Held for the patient until you confirm or decline it"),
                ],
                default="asked",
                help_text="Matters once there are rosters and the booking form shows open times.",
                max_length=8,
                verbose_name="open times are",
            ),
        ),
        migrations.AddConstraint(
            model_name="service",
            constraint=models.CheckConstraint(
                condition=models.Q(("booking_way__in", ["asked", "held"])),
                name="service_booking_way_is_known",
            ),
        ),
    ]
