from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from config.errors import UsageError
from tasks.sources.git.url import clone_name
from tasks.sources.upstream import check_url, web_link, without_credentials

if TYPE_CHECKING:
    from pathlib import Path

SHA = "8fca002c" + "0" * 32


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/huggingface/pytorch-image-models.git",
        "https://user:secret@git.example:8443/a/b",
        "https://[::1]:8443/a",
        "ssh://git@github.com/huggingface/pytorch-image-models",
        "ssh://git@git.example:2222/a.git",
        "git@github.com:huggingface/pytorch-image-models.git",
        "file:///srv/up.git",
    ],
)
def test_allowed_urls_stay_as_they_are(url: str) -> None:
    assert check_url(url) == url


def test_the_scheme_may_be_in_capitals() -> None:
    assert check_url("HTTPS://github.com/a/b") == "https://github.com/a/b"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "--upload-pack=touch /tmp/x",
        "-oProxyCommand=x",
        "ext::sh -c id",
        "ext::id",
        "fd::17",
        "http://github.com/a/b",
        "git://github.com/a/b",
        "ftp://host/a",
        "https://",
        "https://host",
        "https:///a",
        "https://-host/a",
        "https://host/-a",
        "https://host:99999/a",
        "https://host/a b",
        "https://host/a\nb",
        "ssh://-oProxyCommand=x/a",
        "ssh://-l@host/a",
        "ssh://host/-a",
        "git@-host:a",
        "git@host:-a",
        "-git@host:a",
        "file://up.git",
        "file://localhost/up.git",
    ],
)
def test_anything_else_is_refused_in_one_line_that_says_what_is_valid(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_url(url)
    message = str(caught.value)
    assert "\n" not in message
    assert "file:///" in message


@pytest.mark.parametrize("text", ["up.git", "../up.git", "/srv/up.git", "~/up.git", "C:/up.git"])
def test_a_plain_path_is_answered_with_its_url(text: str) -> None:
    with pytest.raises(UsageError, match=r"for a folder on this machine write file:///.*up\.git$"):
        check_url(text)


def test_the_suggested_url_is_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        check_url("up.git")
    assert str(caught.value).endswith((tmp_path / "up.git").as_uri())


@pytest.mark.parametrize(
    "url",
    [
        "http://user:secret@host/a",
        "https://user:secret@-host/a",
        "https://user:sec/secret@host/a b",
        "ftp://secret@host/a",
    ],
)
def test_a_refused_url_does_not_leak_its_password(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_url(url)
    assert "sec" not in str(caught.value).replace("scheme", "")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:secret@host/a@b", "https://host/a@b"),
        ("https://token@host/a", "https://host/a"),
        ("https://host/a", "https://host/a"),
        ("ssh://git@host/a", "ssh://git@host/a"),
        ("ssh://git:secret@host/a", "ssh://git@host/a"),
        ("git@host:a", "git@host:a"),
        ("file:///srv/a@b", "file:///srv/a@b"),
    ],
)
def test_without_credentials(url: str, shown: str) -> None:
    assert without_credentials(url) == shown


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://u:p@github.com/a/b.git", f"https://github.com/a/b/commit/{SHA}"),
        ("https://github.com/a/b/", f"https://github.com/a/b/commit/{SHA}"),
        ("git@github.com:a/b.git", f"https://github.com/a/b/commit/{SHA}"),
        ("ssh://git@github.com:22/a/b.git", f"https://github.com/a/b/commit/{SHA}"),
        ("https://gitlab.com/g/s/b", f"https://gitlab.com/g/s/b/-/commit/{SHA}"),
        ("https://gitlab.firm.example:8443/b", f"https://gitlab.firm.example:8443/b/-/commit/{SHA}"),
        ("https://git.example/a/b", None),
        ("file:///srv/github.com/up.git", None),
    ],
)
def test_web_link(url: str, link: str | None) -> None:
    assert web_link(url, SHA) == link


def test_clone_names_are_readable_distinct_and_independent_of_the_password() -> None:
    timm = clone_name("https://github.com/huggingface/pytorch-image-models.git")
    assert timm.startswith("github.com-huggingface-pytorch-image-models-")
    assert clone_name("https://a:b@host/x") == clone_name("https://c:d@host/x")
    assert clone_name("https://host/x/y") != clone_name("https://host/x-y")
    assert "/" not in clone_name("file:///../../etc/passwd")
    assert not clone_name("file:///.../...").startswith((".", "-"))
