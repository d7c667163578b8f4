from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.presets import FamilyOverride, FamilyRules, FamilySuffix, Provenance, load_rules
from config.vocabulary import data_file
from tasks.tables.names import NO_FAMILY, family_of, join_model, pretraining_map, pretraining_of, split_model

DEFAULT = load_rules(None).family
PRESET = load_rules("fastai-2022").family


@given(st.text(alphabet="abcxyz0189_-", max_size=12), st.none() | st.text(alphabet="abz09_.-", max_size=12))
def test_joining_and_splitting_are_inverse(architecture: str, tag: str | None) -> None:
    assert split_model(join_model(architecture, tag)) == (architecture, tag)


@given(st.text(max_size=30))
def test_any_model_name_joins_to_itself_in_lower_case_architecture(model: str) -> None:
    architecture, dot, tag = model.partition(".")
    assert join_model(*split_model(model)) == architecture.lower() + dot + tag


@pytest.mark.parametrize(
    ("model", "parts"),
    [
        ("resnet50", ("resnet50", None)),
        ("resnet50.a1_in1k", ("resnet50", "a1_in1k")),
        ("SelecSls60b.In1k", ("selecsls60b", "In1k")),  # only the architecture is put in lower case
        ("a.b.c", ("a", "b.c")),
        ("a.", ("a", "")),
    ],
)
def test_split_model(model: str, parts: tuple[str, str | None]) -> None:
    assert split_model(model) == parts


@pytest.mark.parametrize(
    ("architecture", "family"),
    [
        ("resnet50", "resnet"),
        ("resnet50d", "resnetd"),
        ("seresnet152d", "seresnetd"),
        ("gluon_resnet50_v1d", "resnetd"),
        ("wide_resnet50_2", "wide_resnet"),
        ("tf_efficientnetv2_s", "efficientnetv2"),
        ("efficientnet_b0", "efficientnet"),
        ("convnextv2_tiny", "convnextv2"),
        ("vit_base_patch16_224", "vit"),
        ("tiny_vit_21m_224", "tiny_vit"),
        ("ens_adv_inception_resnet_v2", "inception"),
        ("tf_mobilenetv3_large_100", "mobilenetv3"),
        ("mobilenetv4_conv_small", "mobilenetv4"),
        ("mobilenetv2_100", "mobilenetv2"),
        ("res2net50_14w_8s", "res2net"),
        ("res2next50", "res2next"),
        ("cs3darknet_l", "cs3"),
        ("ese_vovnet39b", "vovnet"),
        ("nasnetalarge", "nasnet"),
        ("jx_nest_base", "nest"),
        ("99problems", NO_FAMILY),
        ("", NO_FAMILY),
    ],
)
def test_default_families(architecture: str, family: str) -> None:
    assert family_of(architecture, DEFAULT) == family


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("resnet50d", "resnetd"),
        ("convnext_base_in22ft1k", "convnext_in22"),
        ("resnetv2_50d_in22", "resnetv2_in22d"),
        ("tf_efficientnet_b0", "tf"),
        ("mobilenetv3_large_100", "mobilenetv"),  # no override: as the original did it
    ],
)
def test_preset_families(model: str, family: str) -> None:
    assert family_of(model, PRESET) == family


def test_the_default_looks_at_the_architecture_so_a_tag_cannot_make_a_resnet_d() -> None:
    model = "resnet50.d_in1k"
    assert family_of(split_model(model)[0], DEFAULT) == "resnet"
    assert family_of(model, DEFAULT) != "resnet"  # why the architecture, not the model, has to go in


def test_an_override_wins_over_the_pattern_and_a_prefix_is_cut_before_both() -> None:
    rules = FamilyRules(
        pattern="^([a-z]+)",
        override=(FamilyOverride(start="net[12]", family="<{match}>", reason="test"),),
        provenance=Provenance(prefixes=("our_",)),
        suffix=(FamilySuffix(found="our", suffix="!", reason="test"),),
    )
    assert family_of("net2_large", rules) == "<net2>"
    assert family_of("net3_large", rules) == "net"
    assert family_of("our_net1", rules) == "<net1>!"  # the suffix is looked for in the whole name


@pytest.mark.parametrize(
    ("model", "label"),
    [
        ("resnet50.a1_in1k", "ImageNet-1k"),
        ("convnext_base.fb_in22k_ft_in1k", "ImageNet-22k"),
        ("vit_base_patch16_224.augreg_in21k_ft_in1k", "ImageNet-21k"),
        ("maxvit_base_tf_224.in21k", "ImageNet-21k"),
        ("regnety_160.sw_in12k_ft_in1k", "ImageNet-12k"),
        ("tf_efficientnet_b0.ns_jft_in1k", "JFT-300M"),
        ("resnext50_32x4d.fb_swsl_ig1b_ft_in1k", "Instagram"),
        ("regnety_320.seer_ft_in1k", "RandomInternetImages-2B"),
        ("regnety_320.swag_ft_in1k", "Instagram"),
        ("resnext101_32x8d.fb_wsl_ig1b_ft_in1k", "Instagram"),
        ("hgnet_base.ssld_in1k", "ImageNet-22k"),
        ("hgnet_small.paddle_in1k", "ImageNet-1k"),
        ("hgnetv2_b0.ssld_stage1_in22k_in1k", "ImageNet-22k"),
        ("hgnetv2_b6.ssld_stage2_ft_in1k", "ImageNet-22k"),
        ("nextvit_small.bd_ssld_6m_in1k", "unknown"),
        ("nextvit_large.bd_ssld_6m_in1k_384", "unknown"),
        ("nextvit_large.bd_in1k_384", "ImageNet-1k"),
        ("hrnet_w48_ssld.paddle_in1k", "ImageNet-1k"),  # SSLD too, but its card names ImageNet-1k alone
        ("some_net.ssld_in1k", "unknown"),
        ("eva_giant_patch14_336.clip_ft_in1k", "LAION-400M"),
        ("some_net.clip_ft_in1k", "unknown"),
        ("eva_large_patch14_336.in22k_ft_in1k", "ImageNet-22k"),
        ("beit_base_patch16_224.in22k_ft_in22k_in1k", "ImageNet-22k"),
        ("beitv2_large_patch16_224.in1k_ft_in22k_in1k", "ImageNet-22k"),
        ("beitv2_large_patch16_224.in1k_ft_in1k", "ImageNet-1k"),
        ("beit3_large_patch16_224.indomain_in22k_ft_in1k", "unknown"),
        ("convnext_base.clip_laiona_augreg_ft_in1k_384", "LAION-Aesthetics"),
        ("convnext_base.clip_laion2b_augreg_ft_in12k_in1k", "LAION-2B"),
        # A student saw what it was trained on, not what its teacher saw.
        ("tiny_vit_21m_224.dist_in22k_ft_in1k", "ImageNet-22k"),
        ("resnetv2_50x1_bit.goog_distilled_in1k", "ImageNet-1k"),
        ("edgenext_base.usi_in1k", "ImageNet-1k"),
        ("resnet18.fb_ssl_yfcc100m_ft_in1k", "YFCC-100M"),
        ("vit_base_patch16_clip_224.laion2b_ft_in12k_in1k", "LAION-2B"),
        ("vit_base_patch16_clip_224.openai_ft_in1k", "OpenAI WIT"),
        ("eva02_large_patch14_448.mim_m38m_ft_in22k_in1k", "Merged-38M"),
        ("eva_giant_patch14_336.m30m_ft_in22k_in1k", "Merged-30M"),
        ("vit_large_patch14_reg4_dinov2.lvd142m", "LVD-142M"),
        ("some_net.future_tag", "unknown"),
        ("some_net.future_ns", "unknown"),  # ns means noisy student only where there are no tags
        # Untagged: the name itself, as far as it says.
        ("tf_efficientnet_b0_ns", "JFT-300M"),
        ("ig_resnext101_32x8d", "Instagram"),
        ("swsl_resnet18", "Instagram"),
        ("ssl_resnet18", "YFCC-100M"),
        ("convnext_base_in22ft1k", "ImageNet-22k"),
        ("swinv2_base_window12to16_192to256_22kft1k", "ImageNet-22k"),
        ("tf_efficientnetv2_s_in21ft1k", "ImageNet-21k"),
        ("resnet50", "unknown"),
    ],
)
def test_pretraining_from_tag_or_name(model: str, label: str) -> None:
    assert pretraining_of(model) == label


def test_metadata_counts_for_untagged_names_only() -> None:
    listed = {
        "resnet50": "in1k",
        "vit_x": "in21k-selfsl",
        "resnet50.a1_in21k": "in1k",
        "odd_in22k": "new-label",
    }
    models = ["resnet50", "vit_x", "resnet50.a1_in21k", "odd_in22k", "not_listed"]
    assert pretraining_map(models, listed) == [
        "ImageNet-1k", "ImageNet-21k", "ImageNet-21k", "ImageNet-22k", "unknown",
    ]  # fmt: skip


@pytest.mark.parametrize("label", sorted(data_file("names.toml")["pretraining"]["metadata"]))
def test_every_metadata_label_has_a_meaning_that_the_tag_rules_also_know(label: str) -> None:
    rules = data_file("names.toml")["pretraining"]
    assert pretraining_of("resnet50", label) in {rule["label"] for rule in rules["rule"]}


def test_every_pattern_compiles() -> None:
    rules = data_file("names.toml")["pretraining"]["rule"]
    patterns = [rule[key] for rule in rules for key in ("found", "architecture") if key in rule]
    for family in (DEFAULT, PRESET):
        patterns += [family.pattern, *(s.found for s in family.suffix), *(o.start for o in family.override)]
    for pattern in patterns:
        re.compile(pattern)
    assert len(patterns) > 30
