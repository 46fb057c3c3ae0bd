"""Template tags for pictures of the library."""

from django import template
from django.utils.safestring import SafeString

from clinic.models import Image
from clinic.pictures import renditions

register = template.Library()


@register.simple_tag
def hero_picture(image: Image, alt: str = "", eager: bool = False) -> SafeString:
    """A picture at the head of a page, in its own proportions."""
    return renditions.picture(
        image, alt=alt or image.alt, sizes=renditions.HERO_SIZES, lazy=not eager
    )


@register.simple_tag
def portrait_picture(
    image: Image, alt: str = "", sizes: str = "", eager: bool = False
) -> SafeString:
    """The square cut of a picture about its focal point; `sizes`: how wide it is shown."""
    return renditions.picture(
        image,
        alt=alt,
        sizes=sizes or renditions.PORTRAIT_SIZES,
        crop="square",
        lazy=not eager,
    )
