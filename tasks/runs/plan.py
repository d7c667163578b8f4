"""What one run is going to do, settled before anything is written: settings, rules, upstream, folders."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from config.presets import Rules, load_rules
from config.settings import Settings, load_settings
from config.vocabulary import SAMPLE
from tasks.outputs.code_version import code_version
from tasks.outputs.local import LocalStore
from tasks.outputs.manifest import Asked
from tasks.outputs.store import Store
from tasks.sources.git.clone import CloneOptions
from tasks.sources.git.url import check_url, web_link, without_credentials
from tasks.sources.sample.repository import make_sample_upstream
from tasks.tables.source import ResultsCommit


@dataclass(frozen=True)
class RunPlan:
    """The settled plan of a run. Read in ``flows`` alone; tasks are handed what they use of it."""

    settings: Settings
    rules: Rules
    source: CloneOptions
    asked: Asked
    store: Store

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
        return self.asked.build_id(commit.sha, code_version())

    def link_to(self, commit: ResultsCommit) -> str | None:
        """Return where people can look at a commit; None where the upstream has no page for it."""
        return None if self.asked.sample else web_link(self.source.url, commit.sha)


def make_plan(settings: Settings) -> RunPlan:
    """Check settings against each other and the disk. Writes nothing outside the cache.

    Raises:
        UsageError: A URL, preset or outputs folder that can't be used.
    """
    rules = load_rules(settings.preset)
    upstream = shown_upstream(settings)
    store = LocalStore(outputs_of(settings))
    store.check(upstream)
    if is_sample(settings):
        make_sample_upstream(_sample_folder(settings))
    asked = Asked(
        upstream=upstream,
        sample=is_sample(settings),
        preset=settings.preset,
        profiles=settings.profile or rules.profiles,
    )
    return RunPlan(settings, rules, source_of(settings), asked, store)


# --- the rule of the sample: a made-up upstream in the cache, and outputs of its own ---


def is_sample(settings: Settings) -> bool:
    """Tell whether the made-up upstream is meant."""
    return settings.upstream == SAMPLE


def shown_upstream(settings: Settings) -> str:
    """Return the upstream as people are shown it: no credentials; ``sample`` for the sample.

    Raises:
        UsageError: The URL is not allowed.
    """
    return SAMPLE if is_sample(settings) else without_credentials(check_url(settings.upstream))


def outputs_of(settings: Settings) -> Path:
    """Return the outputs folder; for the sample one of its own below it, unless one was named for this run.

    What a variable or the settings file names is, like the default, the folder of the real upstream.
    """
    own = is_sample(settings) and not settings.is_named("outputs")
    return settings.outputs / SAMPLE if own else settings.outputs


def sample_beside(settings: Settings) -> Settings:
    """Return settings for the sample in place of the upstream they name, in a folder below their outputs."""
    # A revision or profiles that are configured for the real upstream mean nothing to the sample.
    ref, profile = "main" if settings.ref else None, ("*",) if settings.profile else None
    return load_settings(upstream=SAMPLE, outputs=settings.outputs / SAMPLE, ref=ref, profile=profile)


def source_of(settings: Settings) -> CloneOptions:
    """Return which upstream is cloned to where; the sample is always at hand, so never offline."""
    return CloneOptions(
        url=_sample_folder(settings).absolute().as_uri() if is_sample(settings) else settings.upstream,
        cache_dir=settings.cache_dir,
        offline=settings.offline and not is_sample(settings),
        timeout_seconds=settings.network_timeout_seconds,
        name=SAMPLE if is_sample(settings) else None,
    )


def _sample_folder(settings: Settings) -> Path:
    return settings.cache_dir / "sample.git"
