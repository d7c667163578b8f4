"""What one run is going to do, settled before anything is written: settings, rules, upstream, folders."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from config.presets import Rules, load_rules
from config.settings import Settings
from config.vocabulary import SAMPLE
from tasks.outputs.code_version import code_version
from tasks.outputs.local import check_outputs
from tasks.outputs.manifest import build_id
from tasks.sources.git.clone import CloneOptions
from tasks.sources.git.url import check_url, without_credentials
from tasks.sources.sample.repository import build_sample_upstream
from tasks.tables.source import ResultsCommit


@dataclass(frozen=True)
class RunPlan:
    """The settled plan of a run."""

    settings: Settings
    rules: Rules
    clone: CloneOptions
    upstream: str  # as shown: no credentials; `sample` for the sample
    outputs: Path

    @property
    def is_sample(self) -> bool:
        """Tell whether the upstream is the synthetic one."""
        return self.upstream == SAMPLE

    @property
    def globs(self) -> tuple[str, ...]:
        """Return the profiles asked for: by the user, else by the preset, else all."""
        return self.settings.profile or self.rules.profiles

    @property
    def bundle_dir(self) -> Path:
        """Return where the Vega bundle is kept between runs."""
        return self.settings.cache_dir / "bundles"

    @property
    def work_dir(self) -> Path:
        """Return where parsed files and merges are kept between runs of this code."""
        return self.settings.cache_dir / "work" / code_version()

    def build_of(self, commit: ResultsCommit) -> str:
        """Return the id of the build that this plan leads to."""
        asked = {
            "upstream": self.upstream,
            "preset": self.settings.preset,
            "profiles": sorted(self.globs),
        }
        return build_id(commit.sha, code_version(), asked)


def make_plan(settings: Settings) -> RunPlan:
    """Check settings against each other and the disk. Writes nothing outside the cache.

    Raises:
        UsageError: A URL, preset or outputs folder that can't be used.
    """
    rules = load_rules(settings.preset)
    is_sample = settings.upstream == SAMPLE
    shown = SAMPLE if is_sample else without_credentials(check_url(settings.upstream))
    outputs = settings.outputs
    if is_sample and "outputs" not in settings.model_fields_set:
        outputs /= SAMPLE
    check_outputs(outputs, shown)
    url = build_sample_upstream(settings.cache_dir / "sample.git") if is_sample else settings.upstream
    clone = CloneOptions(
        url=url,
        cache_dir=settings.cache_dir,
        offline=settings.offline and not is_sample,
        timeout_seconds=settings.network_timeout_seconds,
    )
    return RunPlan(settings, rules, clone, shown, outputs)
