"""What a page looks like where its address is shared: Open Graph (https://ogp.me)."""

from dataclasses import dataclass

from clinic.models import Image
from clinic.site import structured_data

WIDTH, HEIGHT = 1200, 630


@dataclass(frozen=True)
class Share:
    """kind: a type of Open Graph. picture: the address of one that was drawn for sharing, which
    goes before the image of the page."""

    title: str
    description: str
    image: Image | None = None
    picture: str = ""
    kind: str = "website"

    @property
    def image_url(self) -> str:
        if self.picture:
            return structured_data.absolute(self.picture)
        return structured_data.picture(self.image) or ""

    @property
    def width(self) -> int:
        return WIDTH if self.picture or not self.image else self.image.width

    @property
    def height(self) -> int:
        return HEIGHT if self.picture or not self.image else self.image.height

    @property
    def image_alt(self) -> str:
        return self.title if self.picture or not self.image else self.image.alt
