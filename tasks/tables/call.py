"""The call that makes a model as a row of a table has it: with its weights, at its image size, with its crop.

What a model is by default is not what every row of it was measured with. The overlay changes the
configuration of the weights, from which timm takes the size of models that are made for one size, and the
transform of the images, so that one call says both. The tests know the names of its arguments from timm's
own source.
"""

from __future__ import annotations

from typing import Final

TRANSFORM: Final = "timm.data.create_transform(**timm.data.resolve_model_data_config(model))"
"""What turns an image into the input of a model made by the call."""


def create_call(model: str, img_size: int, crop_pct: float | None, interpolation: str | None) -> str:
    """Return the call, with all that is known of the evaluation.

    Args:
        model: Full name.
        img_size: Width and height of the input, pixels.
        crop_pct: Share of the resized image that was kept; None if upstream does not say.
        interpolation: Filter of the resize; None if upstream does not say.
    """
    size = int(img_size)  # numbers of a frame write themselves as np.int64(288)
    overlay: dict[str, object] = {"input_size": (3, size, size)}
    if crop_pct is not None:
        overlay["crop_pct"] = float(crop_pct)
    if interpolation is not None:
        overlay["interpolation"] = interpolation
    return f"timm.create_model({model!r}, pretrained=True, pretrained_cfg_overlay={overlay!r})"
