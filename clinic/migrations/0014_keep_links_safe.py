from django.db import migrations, models

import clinic.lib.fields.href


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0013_mend_links"),
    ]

    operations = [
        migrations.AlterField(
            model_name="announcement",
            name="url",
            field=models.CharField(
                blank=True,
                help_text="Where the notice leads, such as /fees/. May stay empty.",
                max_length=300,
                validators=[clinic.lib.fields.href.validate_link],
                verbose_name="link",
            ),
        ),
        migrations.AlterField(
            model_name="credential",
            name="url",
            field=models.URLField(
                blank=True,
                validators=[clinic.lib.fields.href.validate_outside],
                verbose_name="where it can be checked",
            ),
        ),
        migrations.AlterField(
            model_name="location",
            name="booking_url",
            field=models.URLField(
                blank=True,
                help_text="If this location books elsewhere, its Book buttons go there.",
                validators=[clinic.lib.fields.href.validate_outside],
                verbose_name="outside booking address",
            ),
        ),
        migrations.AlterField(
            model_name="practitioner",
            name="booking_url",
            field=models.URLField(
                blank=True,
                help_text="If this person is booked elsewhere, their Book buttons go there.",
                validators=[clinic.lib.fields.href.validate_outside],
                verbose_name="outside booking address",
            ),
        ),
        migrations.AlterField(
            model_name="service",
            name="booking_url",
            field=models.URLField(
                blank=True,
                help_text="If this service is booked elsewhere, its Book buttons go there.",
                validators=[clinic.lib.fields.href.validate_outside],
                verbose_name="outside booking address",
            ),
        ),
        migrations.AlterField(
            model_name="waytostart",
            name="url",
            field=models.CharField(
                blank=True,
                help_text="For a page: its address, such as /articles/sciatica/.",
                max_length=300,
                validators=[clinic.lib.fields.href.validate_link],
                verbose_name="address",
            ),
        ),
        migrations.AddConstraint(
            model_name="announcement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("url", ""),
                    models.Q(
                        models.Q(
                            ("url__istartswith", "https://"),
                            ("url__istartswith", "http://"),
                            ("url__istartswith", "mailto:"),
                            ("url__istartswith", "tel:"),
                            _connector="OR",
                        ),
                        models.Q(("url__contains", "\\"), _negated=True),
                        models.Q(("url__contains", "\t"), _negated=True),
                        models.Q(("url__contains", "\n"), _negated=True),
                        models.Q(("url__contains", "\r"), _negated=True),
                    ),
                    models.Q(
                        ("url__startswith", "/"),
                        models.Q(("url__startswith", "//"), _negated=True),
                        models.Q(("url__contains", "\\"), _negated=True),
                        models.Q(("url__contains", "\t"), _negated=True),
                        models.Q(("url__contains", "\n"), _negated=True),
                        models.Q(("url__contains", "\r"), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="announcement_link_is_safe",
                violation_error_message="Begin with / for a page of this site, or with https://, mailto: or tel:.",
            ),
        ),
        migrations.AddConstraint(
            model_name="credential",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("url", ""),
                    models.Q(
                        models.Q(
                            ("url__istartswith", "https://"),
                            ("url__istartswith", "http://"),
                            _connector="OR",
                        ),
                        models.Q(("url__contains", "\\"), _negated=True),
                        models.Q(("url__contains", "\t"), _negated=True),
                        models.Q(("url__contains", "\n"), _negated=True),
                        models.Q(("url__contains", "\r"), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="credential_link_is_safe",
                violation_error_message="Begin with https://.",
            ),
        ),
        migrations.AddConstraint(
            model_name="location",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("booking_url", ""),
                    models.Q(
                        models.Q(
                            ("booking_url__istartswith", "https://"),
                            ("booking_url__istartswith", "http://"),
                            _connector="OR",
                        ),
                        models.Q(("booking_url__contains", "\\"), _negated=True),
                        models.Q(("booking_url__contains", "\t"), _negated=True),
                        models.Q(("booking_url__contains", "\n"), _negated=True),
                        models.Q(("booking_url__contains", "\r"), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="location_booking_link_is_safe",
                violation_error_message="Begin with https://.",
            ),
        ),
        migrations.AddConstraint(
            model_name="practitioner",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("booking_url", ""),
                    models.Q(
                        models.Q(
                            ("booking_url__istartswith", "https://"),
                            ("booking_url__istartswith", "http://"),
                            _connector="OR",
                        ),
                        models.Q(("booking_url__contains", "\\"), _negated=True),
                        models.Q(("booking_url__contains", "\t"), _negated=True),
                        models.Q(("booking_url__contains", "\n"), _negated=True),
                        models.Q(("booking_url__contains", "\r"), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="practitioner_booking_link_is_safe",
                violation_error_message="Begin with https://.",
            ),
        ),
        migrations.AddConstraint(
            model_name="redirect",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("to_path", ""),
                    models.Q(
                        ("to_path__startswith", "/"),
                        models.Q(("to_path__startswith", "//"), _negated=True),
                        models.Q(("to_path__contains", "\\"), _negated=True),
                        models.Q(("to_path__contains", "\t"), _negated=True),
                        models.Q(("to_path__contains", "\n"), _negated=True),
                        models.Q(("to_path__contains", "\r"), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="redirect_stays_on_this_site",
                violation_error_message="This is not an address of this site.",
            ),
        ),
        migrations.AddConstraint(
            model_name="service",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("booking_url", ""),
                    models.Q(
                        models.Q(
                            ("booking_url__istartswith", "https://"),
                            ("booking_url__istartswith", "http://"),
                            _connector="OR",
                        ),
                        models.Q(("booking_url__contains", "\\"), _negated=True),
                        models.Q(("booking_url__contains", "\t"), _negated=True),
                        models.Q(("booking_url__contains", "\n"), _negated=True),
                        models.Q(("booking_url__contains", "\r"), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="service_booking_link_is_safe",
                violation_error_message="Begin with https://.",
            ),
        ),
        migrations.AddConstraint(
            model_name="waytostart",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("url", ""),
                    models.Q(
                        models.Q(
                            ("url__istartswith", "https://"),
                            ("url__istartswith", "http://"),
                            ("url__istartswith", "mailto:"),
                            ("url__istartswith", "tel:"),
                            _connector="OR",
                        ),
                        models.Q(("url__contains", "\\"), _negated=True),
                        models.Q(("url__contains", "\t"), _negated=True),
                        models.Q(("url__contains", "\n"), _negated=True),
                        models.Q(("url__contains", "\r"), _negated=True),
                    ),
                    models.Q(
                        ("url__startswith", "/"),
                        models.Q(("url__startswith", "//"), _negated=True),
                        models.Q(("url__contains", "\\"), _negated=True),
                        models.Q(("url__contains", "\t"), _negated=True),
                        models.Q(("url__contains", "\n"), _negated=True),
                        models.Q(("url__contains", "\r"), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="way_to_start_link_is_safe",
                violation_error_message="Begin with / for a page of this site, or with https://, mailto: or tel:.",
            ),
        ),
    ]
