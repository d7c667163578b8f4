from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import pytest

from tasks.outputs.code_version import _PACKAGES, _walk, code_version, library_versions

ROOT = Path(__file__).parents[2]
CALL = "from tasks.outputs.code_version import code_version; print(code_version())"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for package in ("config", "flows", "tasks"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def version_of(copy: Path) -> str:
    done = subprocess.run([sys.executable, "-c", CALL], cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_it_is_sixteen_hex_digits_and_the_same_elsewhere(copy: Path) -> None:
    assert version_of(copy) == code_version()
    assert len(code_version()) == 16
    int(code_version(), 16)


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    [
        "tasks/tables/merge.py", "tasks/charts/theme.py", "config/contracts.py", "config/names.toml",
        "config/presets/fastai-2022.toml", "tasks/pages/templates/chart.html",
        "tasks/pages/templates/page.js", "tasks/pages/templates/fonts.conf",
        "tasks/pages/templates/site.css", "flows/snapshot.py",
    ],
)  # fmt: skip
def test_a_change_of_code_rules_or_templates_changes_it(copy: Path, path: str) -> None:
    before = version_of(copy)
    file = copy / path
    file.write_text(file.read_text("utf-8") + "\n", "utf-8")
    assert version_of(copy) != before


def test_no_file_that_ships_is_forgotten() -> None:
    there = {
        path.relative_to(ROOT).as_posix()
        for package in ("config", "flows", "tasks")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    counted = {path for package in _PACKAGES for path in _walk(files(package), package)}
    assert there - counted == {"config/settings.toml"}


@pytest.mark.slow
def test_a_new_a_renamed_and_a_deleted_file_change_it(copy: Path) -> None:
    seen = [version_of(copy)]
    extra = copy / "tasks/charts/extra.py"
    extra.write_text('"""Nothing."""\n', "utf-8")
    seen.append(version_of(copy))
    extra.rename(extra.with_name("other.py"))
    seen.append(version_of(copy))
    assert len(set(seen)) == 3
    extra.with_name("other.py").unlink()
    assert version_of(copy) == seen[0]


@pytest.mark.slow
def test_what_shapes_no_result_does_not_change_it(copy: Path) -> None:
    before = version_of(copy)
    settings = copy / "config/settings.toml"
    settings.write_text(settings.read_text("utf-8") + "\n# mine\n", "utf-8")
    (copy / "tasks/__pycache__").mkdir(exist_ok=True)
    (copy / "tasks/__pycache__/merge.cpython-311.pyc").write_bytes(b"x")
    (copy / "tasks/tables/merge.py~").write_text("old", "utf-8")
    assert version_of(copy) == before


def test_libraries_are_those_installed() -> None:
    versions = library_versions()
    assert {"altair", "pandas", "pyarrow", "vl-convert-python"} <= set(versions)
    assert versions["pandas"] == version("pandas")


def test_another_library_version_changes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    before = code_version()
    code_version.cache_clear()
    monkeypatch.setattr("tasks.outputs.code_version.version", lambda name: f"0.{len(name)}")
    try:
        assert code_version() != before
    finally:
        code_version.cache_clear()
