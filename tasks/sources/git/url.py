"""Which upstream URLs are allowed, how one is shown, and what its clone is called."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from urllib.parse import quote, urlsplit

from config.errors import UsageError

VALID = "valid are https://…, ssh://…, user@host:path and file:///…"

_HELPER = re.compile(r"[A-Za-z0-9+.-]+::")  # git would start a program named git-remote-<this>
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_USER = r"[A-Za-z0-9_.+][A-Za-z0-9_.+-]*"
_HOST = r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*|\[[0-9A-Fa-f:.]+\])"
_PORT = r"(?::\d{1,5})?"
_SCP = re.compile(rf"(?P<user>{_USER})@(?P<host>{_HOST}):(?P<path>[^-].*)")
_SHAPES = {
    "https": re.compile(rf"https://(?:[^/@\s]*@)?{_HOST}{_PORT}/(?!-).+"),
    "ssh": re.compile(rf"ssh://(?:{_USER}(?::[^/@\s]*)?@)?{_HOST}{_PORT}/(?!-).+"),
    "file": re.compile(r"file:///.+"),
}
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f]")


def check_url(url: str) -> str:
    """Return the URL (its scheme in lower case) when git may be given it.

    Raises:
        UsageError: for any other scheme, a plain path, or text that git could take for an option
            or for the name of a program.
    """
    if not url or _UNPRINTABLE.search(url) or url.startswith("-") or _HELPER.match(url):
        raise _refused(url, "not a URL that can be cloned")
    scheme = _SCHEME.match(url)
    if scheme is None:
        return _check_without_scheme(url)
    name = scheme[1].lower()
    if name not in _SHAPES:
        raise _refused(url, f"scheme {name}:// is not allowed")
    url = name + url[len(name) :]
    if not _SHAPES[name].fullmatch(url) or not _has_valid_port(url):
        raise _refused(url, f"not a complete {name} URL")
    return url


def _has_valid_port(url: str) -> bool:
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _check_without_scheme(url: str) -> str:
    if _SCP.fullmatch(url):
        return url
    if "@" in url and ":" in url:
        raise _refused(url, "not a complete user@host:path")
    try:
        folder = Path(url).expanduser().absolute().as_uri()
    except RuntimeError:  # ~name of a user who does not exist
        folder = "file:///<path>"
    message = f"upstream {url!r}: a plain path is not a URL; for a folder on this machine write {folder}"
    raise UsageError(message)


def _refused(url: str, reason: str) -> UsageError:
    shown = without_credentials(url)
    if "@" in shown and not shown.startswith("ssh:"):
        shown = "…@" + shown.rpartition("@")[2]  # malformed: anything before the @ may be a secret
    return UsageError(f"upstream {shown!r}: {reason}; {VALID}")


def without_credentials(url: str) -> str:
    """Return the URL as it may be shown and stored: no password, and no user for https."""
    scheme = _SCHEME.match(url)
    if scheme is None:
        return url
    if scheme[1].lower() == "ssh":
        return re.sub(r"^(ssh://[^/@:]*):[^/@]*@", r"\1@", url, flags=re.IGNORECASE)
    return re.sub(r"^([^:]+://)[^/]*@", r"\1", url)


def web_link(url: str, sha: str) -> str | None:
    """Return a link to a commit for hosts whose page addresses are known, else None."""
    scp = _SCP.fullmatch(url)
    if scp is not None:
        host, port, path = scp["host"], None, scp["path"]
    else:
        parts = urlsplit(without_credentials(url))
        if parts.scheme not in {"https", "ssh"}:
            return None
        host, path = parts.hostname or "", parts.path
        port = parts.port if parts.scheme == "https" else None
    words = host.lower().split(".")
    if "github" not in words and "gitlab" not in words:
        return None
    project = quote(path.strip("/").removesuffix(".git"))
    commit = "-/commit" if "gitlab" in words else "commit"
    return f"https://{host}{f':{port}' if port else ''}/{project}/{commit}/{sha}"


def clone_name(url: str) -> str:
    """Return ``<readable slug>-<short hash>.git``; a changed password keeps the name."""
    shown = without_credentials(url)
    digest = hashlib.sha256(shown.encode()).hexdigest()[:10]
    text = _SCHEME.sub("", shown).removesuffix("/").removesuffix(".git")
    slug = re.sub(r"[^A-Za-z0-9.]+", "-", text)[-60:].strip("-.")
    return f"{slug or 'upstream'}-{digest}.git"
