from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Review(models.Model):
    """A clinical sign-off, bound to the content hash of what was read."""

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

    class Meta:
        ordering = ["-signed_at", "-id"]
        verbose_name = _("review")
        indexes = [models.Index(name="review_by_content", fields=["article", "content_hash"])]

    def __str__(self) -> str:
        return f"{self.reviewer_name}, {self.signed_at:%Y-%m-%d}"
