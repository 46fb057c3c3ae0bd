"""Uploaded pictures: found at once, served as pictures only, never a file from elsewhere."""

import io
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.files.storage import FileSystemStorage

from clinic.lib.web.media import Media


@pytest.fixture
def get(tmp_path):
    (tmp_path / "media" / "pictures").mkdir(parents=True)
    (tmp_path / "media" / "pictures" / "knee-1a2b.png").write_bytes(b"PNG")
    (tmp_path / "media" / "evil.html").write_text("<script>")
    (tmp_path / "media" / ".hidden.png").write_bytes(b"x")
    (tmp_path / "secret.png").write_bytes(b"secret")

    def app(environ, start_response):
        start_response("200 OK", [])
        return [b"the app"]

    media = Media(
        app, prefix="/media/", open_file=FileSystemStorage(location=tmp_path / "media").open
    )

    def get(path, method="GET"):
        environ = {"PATH_INFO": path, "REQUEST_METHOD": method}
        setup_testing_defaults(environ)
        seen = {}

        def start_response(status, headers, exc_info=None):
            seen.update(status=int(status[:3]), headers=dict(headers))

        body = media(environ, start_response)
        seen["body"] = b"".join(body)
        if hasattr(body, "close"):
            body.close()
        return seen

    get.root = tmp_path / "media"
    return get


def test_a_picture_is_a_picture_and_nothing_else(get):
    answer = get("/media/pictures/knee-1a2b.png")
    assert answer["status"] == 200
    assert answer["body"] == b"PNG"
    assert answer["headers"] == {
        "Content-Type": "image/png",
        "Content-Length": "3",
        "Cache-Control": "public, max-age=31536000, immutable",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }


def test_head(get):
    answer = get("/media/pictures/knee-1a2b.png", "HEAD")
    assert answer["status"] == 200
    assert answer["body"] == b""
    assert answer["headers"]["Content-Length"] == "3"


def test_a_new_picture_is_found_at_once(get):
    assert get("/media/new.webp")["status"] == 404
    (get.root / "new.webp").write_bytes(b"WEBP")
    answer = get("/media/new.webp")
    assert answer["status"] == 200
    assert answer["headers"]["Content-Type"] == "image/webp"


@pytest.mark.parametrize(
    "path",
    [
        "/media/",
        "/media/pictures/",
        "/media/pictures",
        "/media/none.png",
        "/media/evil.html",
        "/media/.hidden.png",
        "/media/../secret.png",
        "/media/pictures/../../secret.png",
        "/media//secret.png",
        "/media/pictures/knee-1a2b.png/x.png",
        "/media/knee\x00.png",
        "/media/..\\secret.png",
        "/media/knee-1a2b.png\n",
    ],
)
def test_everything_else_is_not_found(get, path):
    answer = get(path)
    assert answer["status"] == 404
    assert b"secret" not in answer["body"]
    assert answer["headers"]["X-Content-Type-Options"] == "nosniff"


def test_a_folder_with_the_name_of_a_picture_is_not_found(get):
    (get.root / "folder.png").mkdir()
    assert get("/media/folder.png")["status"] == 404


def test_nothing_can_be_sent_there(get):
    answer = get("/media/pictures/knee-1a2b.png", "POST")
    assert answer["status"] == 405
    assert answer["headers"]["Allow"] == "GET, HEAD"


def test_all_else_is_for_the_app(get):
    assert get("/mediation/")["body"] == b"the app"


def test_a_storage_that_knows_no_paths_will_do(get):
    from django.core.files.base import File

    media = Media(
        lambda e, s: [], prefix="/media/", open_file=lambda name: File(io.BytesIO(b"x"), name)
    )
    environ = {"PATH_INFO": "/media/a.gif"}
    setup_testing_defaults(environ)
    assert b"".join(media(environ, lambda status, headers: None)) == b"x"
