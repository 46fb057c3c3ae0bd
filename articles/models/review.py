from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Review(models.Model):
    """A clinical sign-off, bound to the content hash of what was read.

    One that was carried over by a minor correction keeps reviewer, `signed_at` and `next_due_on`
    of the sign-off it comes from; `signed_by` is the editor who carried it, at `carried_at`.
    """

    article = models.ForeignKey(
        "articles.Article", on_delete=models.PROTECT, related_name="reviews"
    )
    content_hash = models.CharField(max_length=64)
    hash_recipe = models.PositiveSmallIntegerField()
    reviewer = models.ForeignKey(
        "clinic.Practitioner", on_delete=models.PROTECT, related_name="reviews"
    )
    reviewer_name = models.CharField(max_length=80)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    signed_at = models.DateTimeField(_("signed"))
    next_due_on = models.DateField(_("next review due"))
    note = models.TextField(_("note"), blank=True)
    carried_from = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="carried_to",
        help_text=_("A minor correction carried this sign-off over to a new hash."),
    )

    carried_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-signed_at", "-id"]
        verbose_name = _("review")
        indexes = [models.Index(name="review_by_content", fields=["article", "content_hash"])]

    def __str__(self) -> str:
        return f"{self.reviewer_name}, {self.signed_at:%Y-%m-%d}"


class Remark(models.Model):
    """What somebody who read a text said of it without signing."""

    article = models.ForeignKey(
        "articles.Article", on_delete=models.CASCADE, related_name="remarks"
    )
    text = models.TextField(_("comment"))
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
        return f"{self.name}, {self.made_at:%Y-%m-%d}"


class Invitation(models.Model):
    """One practitioner is asked by e-mail to read a manuscript, without an account.

    Its link and the code that approving asks for are made from SECRET_KEY and the columns here, so
    a copy of the database opens nothing (articles.invitations).
    """

    article = models.ForeignKey(
        "articles.Article", on_delete=models.CASCADE, related_name="invitations"
    )
    practitioner = models.ForeignKey(
        "clinic.Practitioner", on_delete=models.CASCADE, related_name="invitations"
    )
    email = models.EmailField()  # where link and codes go, as it was when they were asked
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
