"""Random changes of the training images, on the device."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from core.spec import AugmentationSpec, PlannedRun
from worker.training.rng import Purpose
from worker.training.step.noise import Noise

_DRAWS = 5


class Augmentation:
    """Crops, mirrors and cuts M runs' batches of images, each example by numbers of its own; all draws of a seed alike.

    Every example takes the same five numbers, so that switching one change on leaves the others the same. torchvision's
    random classes draw once for a whole batch, and from the global state; so the numbers come from generators keyed by
    seed, and its functional transforms are used where they take a batch.

    Crop: padded by ``crop`` pixels of 0 on each side, then the image's own size at a random place. Flip: mirrored left
    and right with probability ½. Cutout: a square of side ``cutout`` around a random pixel, as far as it lies within
    the image, is set to 0. Where images were standardized, 0 is the mean. Sources: He et al. 2016, arXiv 1512.03385,
    section 4.2; DeVries & Taylor 2017, arXiv 1708.04552.
    """

    def __init__(self, spec: AugmentationSpec, runs: Sequence[PlannedRun], device: torch.device) -> None:
        # Here, because torchvision takes seconds to import, which a sweep without augmentation need not wait for.
        from torchvision.transforms.v2 import functional

        self._spec, self._functional = spec, functional
        self.noise = Noise(runs, Purpose.AUGMENTATION, device)

    def change(self, images: Tensor) -> Tensor:
        """``images`` (M, B, H, W, C), or (1, B, H, W, C) where all runs have one seed, changed: a new tensor."""
        drawn = self.noise.draw_uniform((images.shape[1], _DRAWS))[: len(images)]
        top, left, mirror, row, column = drawn.flatten(0, 1).unbind(1)
        # Channels first, as torchvision has them: a view.
        x = images.flatten(0, 1).permute(0, 3, 1, 2)
        if self._spec.crop:
            x = self._crop(x, top, left)
        if self._spec.flip:
            x = torch.where((mirror < 0.5)[:, None, None, None], self._functional.horizontal_flip(x), x)
        if self._spec.cutout:
            x = self._cut(x, row, column)
        return x.permute(0, 2, 3, 1).contiguous().view(images.shape)

    def _crop(self, x: Tensor, top: Tensor, left: Tensor) -> Tensor:
        """Of all windows of the padded images (N, C, H, W), one of each."""
        padded: Tensor = self._functional.pad(x, [self._spec.crop])
        windows = padded.unfold(2, x.shape[2], 1).unfold(3, x.shape[3], 1)
        places = 2 * self._spec.crop + 1
        return windows[torch.arange(len(x), device=x.device), :, choose(top, places), choose(left, places)]

    def _cut(self, x: Tensor, row: Tensor, column: Tensor) -> Tensor:
        rows, columns = self._cover(row, x.shape[2]), self._cover(column, x.shape[3])
        return x.masked_fill((rows[:, :, None] & columns[:, None, :])[:, None], 0.0)

    def _cover(self, numbers: Tensor, pixels: int) -> Tensor:
        """Which of so many pixels in a row the square covers, (N, pixels)."""
        start = choose(numbers, pixels)[:, None] - self._spec.cutout // 2
        pixel = torch.arange(pixels, device=numbers.device)
        return (pixel >= start) & (pixel < start + self._spec.cutout)


def choose(numbers: Tensor, places: int) -> Tensor:
    """Whole numbers from 0 to below ``places``, out of uniform ones on [0, 1)."""
    # The largest number below 1, times places, is rounded up to places.
    return (numbers * places).long().clamp_(max=places - 1)


def make_augmentation(
    spec: AugmentationSpec | None, runs: Sequence[PlannedRun], device: torch.device
) -> Augmentation | None:
    """None where nothing is switched on."""
    if spec is None or not (spec.crop or spec.flip or spec.cutout):
        return None
    return Augmentation(spec, runs, device)
