from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from clinic.lib.fields.bounded_text import LONG, BoundedTextField
from clinic.lib.fields.visible_text import EmailAddressField
from clinic.models import Service


def services_changed_since(moment: OuterRef) -> "models.QuerySet[Service]":
    """Return the services of the outer query's `article` whose facts changed after a moment."""
    return Service.objects.filter(articles=OuterRef("article"), facts_changed_at__gt=moment)


class ReviewQuerySet(models.QuerySet["Review"]):
    def counting(self) -> "ReviewQuerySet":
        """Sign-offs by a reviewer who is neither the author nor one of those who changed the text,
        not even through an account that was linked to them later; and from after the last change
        of what the article shows of its services."""
        own = Review.changed_by.through.objects.filter(
            review=OuterRef("pk"), user__practitioner=OuterRef("reviewer")
        )
        independent = self.filter(Q(author=None) | ~Q(author=F("reviewer"))).exclude(Exists(own))
        return independent.exclude(Exists(services_changed_since(OuterRef("signed_at"))))

    def of_author(self, author: "int | OuterRef | None") -> "ReviewQuerySet":
        """Sign-offs of a text by this author (a key, or None for a text without one)."""
        if author is None:
            return self.filter(author=None)
        if isinstance(author, int):
            return self.filter(author=author)
        nobody = Value(0)
        return self.alias(by=Coalesce("author_id", nobody)).filter(by=Coalesce(author, nobody))


class Review(models.Model):
    """A clinical sign-off, bound to the content hash of what was read and to the author.

    One that was carried over, by a minor correction or to a new recipe of the hash, keeps reviewer,
    `signed_at` and `next_due_on` of the sign-off it comes from; `signed_by` is the editor who
    carried it, at `carried_at`.
    """

    article = models.ForeignKey(
        "articles.Article", on_delete=models.PROTECT, related_name="reviews"
    )
    content_hash = models.CharField(max_length=64)
    hash_recipe = models.PositiveSmallIntegerField()
    # The author of the text when it was signed, and everybody who had changed it since the last
    # reviewed edition: none of them can be the reviewer.
    author = models.ForeignKey(
        "clinic.Practitioner", null=True, on_delete=models.PROTECT, related_name="+"
    )
    changed_by = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    reviewer = models.ForeignKey(
        "clinic.Practitioner", on_delete=models.PROTECT, related_name="reviews"
    )
    reviewer_name = models.CharField(max_length=80)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    signed_at = models.DateTimeField(_("approved"))
    next_due_on = models.DateField(_("next review due"))
    note = BoundedTextField(_("note"), max_length=LONG, blank=True)
    carried_from = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="carried_to",
        help_text=_("This approval was carried over to a version with a minor correction."),
    )

    carried_at = models.DateTimeField(null=True, blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ["-signed_at", "-id"]
        verbose_name = _("review")
        indexes = [models.Index(name="review_by_content", fields=["article", "content_hash"])]

    def __str__(self) -> str:
        return f"{self.reviewer_name}, {date_format(timezone.localtime(self.signed_at))}"


class Contribution(models.Model):
    """The newest part that one person had in an article's text, at a revision of the manuscript.

    `user` saved a change of the words, or `practitioner` was the author until another was
    named.
    """

    article = models.ForeignKey(
        "articles.Article", on_delete=models.CASCADE, related_name="contributions"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    practitioner = models.ForeignKey(
        "clinic.Practitioner", null=True, on_delete=models.CASCADE, related_name="+"
    )
    revision = models.PositiveIntegerField()

    class Meta:
        ordering = ["article", "id"]
        verbose_name = _("contribution")
        constraints = [
            models.UniqueConstraint(name="one_contribution_per_user", fields=["article", "user"]),
            models.UniqueConstraint(
                name="one_contribution_per_past_author", fields=["article", "practitioner"]
            ),
            models.CheckConstraint(
                name="contribution_names_one_person",
                condition=Q(user=None, practitioner__isnull=False)
                | Q(user__isnull=False, practitioner=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.article_id}: {self.user_id or self.practitioner_id}"


class Remark(models.Model):
    """A reader's comment on an article, without a sign-off."""

    article = models.ForeignKey(
        "articles.Article", on_delete=models.CASCADE, related_name="remarks"
    )
    text = BoundedTextField(_("comment"), max_length=LONG)
    sends_back = models.BooleanField(default=False)  # the author is to work on it again
    name = models.CharField(max_length=160)  # of who said it
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    content_hash = models.CharField(max_length=64)  # of what was read
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-made_at", "-id"]
        verbose_name = _("comment")

    def __str__(self) -> str:
        return f"{self.name}, {date_format(timezone.localtime(self.made_at))}"


class Invitation(models.Model):
    """One practitioner is asked by email to read a manuscript, without an account.

    Its link and the code that approving asks for are made from SECRET_KEY and the columns here, so
    a copy of the database opens nothing (articles.review.invitations).
    """

    article = models.ForeignKey(
        "articles.Article", on_delete=models.CASCADE, related_name="invitations"
    )
    practitioner = models.ForeignKey(
        "clinic.Practitioner", on_delete=models.CASCADE, related_name="invitations"
    )
    # The practitioner's address when they were asked. Link and codes go there, while it is theirs.
    email = EmailAddressField()
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    invited_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)  # the link was taken back
    # The code sent last: which one, for which content, when, and how many were tried.
    code_serial = models.PositiveIntegerField(default=0)
    code_hash = models.CharField(max_length=64, blank=True)
    code_sent_at = models.DateTimeField(null=True)
    code_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["-invited_at", "-id"]
        verbose_name = _("invitation to review")

    def __str__(self) -> str:
        return f"{self.practitioner_id}: {self.article_id}"
