"""The command line as a user starts it, in a process of its own, and what it leaves on disk."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.prefect_server import is_alive

RUN_SECONDS = 600  # two busy cores; a quiet machine needs 5 to 40
Listing = dict[str, tuple[int, int, str]]


@dataclass(frozen=True)
class Ended:
    """How a process ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def errors(self) -> list[str]:
        return [line for line in self.err.splitlines() if line.startswith("error: ")]

    @property
    def state(self) -> str:
        """The name of the final state, as the last lines of the output give it."""
        return next(line for line in self.out.splitlines() if not line.startswith(" ")).partition(":")[0]

    @property
    def run_id(self) -> str:
        return next(line for line in self.out.splitlines() if line.startswith("run: ")).rpartition("/")[2]


@dataclass(frozen=True)
class Job:
    """Where the command line lives: a home and a cache of its own, and the API it reports to."""

    home: Path
    api: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def cache(self) -> Path:
        return self.home / "cache"

    def having(self, **variables: str) -> Job:
        return replace(self, variables={**self.variables, **variables})

    def environment(self) -> dict[str, str]:
        """Return the variables of the process: nothing of ours but what is asked for."""
        foreign = ("PREFECT_", "TIMM_CHARTS_", "GIT_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        api = {"PREFECT_API_URL": self.api} if self.api else {}
        return {
            **kept,
            "HOME": str(self.home),
            "XDG_CACHE_HOME": str(self.home / ".cache"),
            "XDG_DATA_HOME": str(self.home / ".data"),
            "PREFECT_HOME": str(self.home / ".prefect"),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
            "TIMM_CHARTS_CACHE_DIR": str(self.cache),
            **api,
            **self.variables,
        }

    def start(self, *arguments: object, program: Iterable[object] = ("-m", "flows")) -> subprocess.Popen[str]:
        self.home.mkdir(parents=True, exist_ok=True)
        return subprocess.Popen(
            [sys.executable, *map(str, program), *map(str, arguments)],
            cwd=self.home,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: object, program: Iterable[object] = ("-m", "flows")) -> Ended:
        """Run to the end; whatever still lives after the time limit is killed."""
        process = self.start(*arguments, program=program)
        try:
            out, err = process.communicate(timeout=RUN_SECONDS)
        except BaseException:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise
        return Ended(process.returncode, out, err)

    def refresh(self, upstream: str, outputs: Path, *more: object) -> Ended:
        """Run ``refresh`` and expect exit code 0."""
        ended = self.run("refresh", "--upstream", upstream, "--outputs", outputs, *more)
        assert ended.code == 0, ended.err[-4000:]
        return ended


# --- what a run leaves on disk ---


@dataclass(frozen=True)
class Newest:
    """The run and what it left."""

    ended: Ended
    outputs: Path
    api: str

    @property
    def manifest(self) -> dict[str, Any]:
        return manifest_of(self.outputs)


def manifest_of(outputs: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((outputs / "manifest.json").read_text(encoding="utf-8"))
    return content


def table(outputs: Path, name: str) -> Path:
    """Return the Parquet file of a table in the current snapshot."""
    snapshot = manifest_of(outputs)["snapshot"]
    return outputs / "snapshots" / name / f"snapshot={snapshot}" / "part-0.parquet"


def chart_spec(outputs: Path, profile: str, name: str) -> dict[str, Any]:
    path = outputs / "charts" / profile / f"{name}.vl.json"
    spec: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return spec


def inline_data(node: Any) -> list[list[dict[str, Any]]]:  # noqa: ANN401 - any JSON
    """Return every list of values in a Vega-Lite specification, in order."""
    if isinstance(node, list):
        return [values for item in node for values in inline_data(item)]
    if not isinstance(node, dict):
        return []
    own = node.get("data")
    found = [own["values"]] if isinstance(own, dict) and "values" in own else []
    return found + [values for key, item in node.items() if key != "data" for values in inline_data(item)]


def chart_rows(outputs: Path, profile: str, name: str) -> list[dict[str, Any]]:
    """Return the rows a chart shows: those of its dots or bars, not those of fitted lines."""
    lists = inline_data(chart_spec(outputs, profile, name))
    return next(rows for rows in lists if not rows or "r2" not in rows[0])


def files_of(outputs: Path) -> dict[str, str]:
    """Return the sha256 of every file a reader of the folder finds, manifest and dot files excepted."""
    found = {}
    for folder, names, files in os.walk(outputs, followlinks=True):
        names[:] = [name for name in names if not name.startswith(".")]
        for name in files:
            path = Path(folder, name)
            if path != outputs / "manifest.json" and not name.startswith("."):
                found[path.relative_to(outputs).as_posix()] = sha256(path)
    return found


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def listing(folder: Path) -> Listing:
    """Return what is in a folder without following links: a rewritten file has another inode or time."""
    entries = [folder, *sorted(folder.rglob("*"))] if folder.exists() else []
    found = {}
    for path in entries:
        facts = path.lstat()
        text = str(path.readlink()) if path.is_symlink() else "" if path.is_dir() else sha256(path)
        found[str(path)] = (facts.st_ino, facts.st_mtime_ns, text)
    return found


def builds_of(outputs: Path) -> list[str]:
    return sorted(path.name for path in (outputs / ".builds").iterdir())


def processes_with(mark: str) -> list[int]:
    """Return the live processes that have a text in their environment."""
    found = []
    for folder in Path("/proc").iterdir():
        with suppress(OSError):
            if folder.name.isdecimal() and mark.encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
    return [pid for pid in found if is_alive(pid)]


# --- small upstreams ---

Model = tuple[str, int, float, float]  # name, image size, top-1, images/s

MODELS: tuple[Model, ...] = (
    ("resnet18.a1_in1k", 224, 71.5, 9000.0),
    ("resnet34.a1_in1k", 224, 76.4, 5200.0),
    ("resnet50.a1_in1k", 224, 80.2, 3100.0),
    ("resnet50.a1_in1k", 288, 81.2, 1900.0),
    ("levit_128s.fb_dist_in1k", 224, 76.5, 21000.0),
    ("levit_192.fb_dist_in1k", 224, 79.8, 15000.0),
    ("levit_256.fb_dist_in1k", 224, 81.5, 11000.0),
    ("convnext_tiny.fb_in22k_ft_in1k", 224, 82.9, 2700.0),
    ("convnext_base.fb_in22k_ft_in1k", 288, 86.3, 700.0),
    ("vit_base_patch16_224.augreg_in21k_ft_in1k", 224, 84.5, 1500.0),
)
INFER, TRAIN = "infer-amp-nhwc-pt240-cu124-rtx4090", "train-amp-nhwc-pt240-cu124-rtx4090"


def evaluations_csv(models: Iterable[Model] = MODELS) -> str:
    header = "model,img_size,top1,top1_err,top5,top5_err,param_count,crop_pct,interpolation"
    rows = [
        (name, size, top1, f"{100 - top1:.3f}", 98.5, 1.5, f"{size / 10:.2f}", 0.95, "bicubic")
        for name, size, top1, _ in models
    ]
    return _csv(header, rows)


def benchmark_csv(models: Iterable[Model] = MODELS, mode: str = "infer") -> str:
    header = f"model,{mode}_samples_per_sec,{mode}_step_time,{mode}_batch_size,{mode}_img_size,param_count"
    speeds = {(name.partition(".")[0], size): speed for name, size, _, speed in models}
    rows = [
        (name, speed, f"{256 / speed * 1000:.4f}", 256, size, f"{size / 10:.2f}")
        for (name, size), speed in speeds.items()
    ]
    return _csv(header, rows)


def results(**changed: str | bytes | None) -> dict[str, str | bytes | None]:
    """Return the files of a small results folder; a name given as ``infer`` or ``imagenet`` is replaced."""
    files: dict[str, str | bytes | None] = {
        "imagenet": evaluations_csv(),
        "infer": benchmark_csv(),
        **changed,
    }
    names = {"imagenet": "results-imagenet", "infer": f"benchmark-{INFER}", "train": f"benchmark-{TRAIN}"}
    return {f"results/{names.get(name, name)}.csv": text for name, text in files.items() if text is not None}


def _csv(header: str, rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    text.write(header + "\n")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
