"""Images are changed as torchvision's own functions change each of them alone, and alike for all runs of a seed."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import torch
from torch import Tensor
from torchvision.transforms.v2 import functional

from core.planning import plan_runs
from core.spec import AugmentationSpec, PlannedRun
from tests.worker.training.sweeps import collect, get_epochs, get_stack, make_spec, make_sweep, regularize, train_sweep
from worker.training.data.augmentation import Augmentation, choose, make_augmentation
from worker.training.rng import Purpose, make_generator

CPU = torch.device("cpu")
SEEDS = [4, 9, 4]
RUNS = [PlannedRun("l2", 0.1 * i, seed) for i, seed in enumerate(SEEDS)]
SETTINGS: list[dict[str, Any]] = [
    {"crop": 3},
    {"flip": True},
    {"cutout": 5},
    {"cutout": 4},
    {"crop": 2, "flip": True, "cutout": 3},
]


def make_images(runs: int, batch: int = 33, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(runs, batch, 9, 7, 2, generator=torch.Generator().manual_seed(0)).to(dtype)


def change_one(image: Tensor, spec: AugmentationSpec, numbers: list[float]) -> Tensor:
    """One image (C, H, W), by torchvision's functions with parameters from its five numbers."""
    _, height, width = image.shape
    if spec.crop:
        top, left = (int(number * (2 * spec.crop + 1)) for number in numbers[:2])
        image = functional.crop(functional.pad(image, [spec.crop]), top, left, height, width)
    if spec.flip and numbers[2] < 0.5:
        image = functional.horizontal_flip(image)
    if spec.cutout:
        row, column = (
            int(number * size) - spec.cutout // 2 for number, size in zip(numbers[3:], (height, width), strict=True)
        )
        top, left = max(row, 0), max(column, 0)
        bottom, right = min(row + spec.cutout, height), min(column + spec.cutout, width)
        image = functional.erase(image, top, left, bottom - top, right - left, torch.zeros(()))
    return image


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("settings", SETTINGS, ids=lambda s: "-".join(s))
def test_each_image_is_changed_as_torchvision_changes_it_alone(settings: dict[str, Any], dtype: torch.dtype) -> None:
    spec = AugmentationSpec.model_validate(settings)
    augmentation, images = Augmentation(spec, RUNS, CPU), make_images(3, dtype=dtype)
    generators = {seed: make_generator(seed, Purpose.AUGMENTATION) for seed in SEEDS}
    for _ in range(2):
        changed = augmentation.change(images)
        drawn = {seed: torch.rand(33, 5, generator=generator).tolist() for seed, generator in generators.items()}
        assert (changed.shape, changed.dtype) == (images.shape, dtype)
        assert not torch.equal(changed, images)
        for run, seed in enumerate(SEEDS):
            for example, numbers in enumerate(drawn[seed]):
                alone = change_one(images[run, example].permute(2, 0, 1), spec, numbers)
                assert torch.equal(changed[run, example], alone.permute(1, 2, 0)), (run, example, numbers)


def test_the_runs_of_a_seed_see_the_same_images_in_whichever_stack() -> None:
    spec = AugmentationSpec.model_validate(SETTINGS[-1])
    images = make_images(1).expand(3, -1, -1, -1, -1)
    first, second, third = Augmentation(spec, RUNS, CPU).change(images)
    assert torch.equal(first, third)
    assert not torch.equal(first, second)
    assert torch.equal(Augmentation(spec, RUNS[1:2], CPU).change(images[:1])[0], second)
    # Where all runs have one seed, what they share may be given once.
    shared = Augmentation(spec, [RUNS[0], RUNS[2]], CPU).change(images[:1])
    assert torch.equal(shared, first[None])


def test_switching_one_change_on_leaves_the_others_as_they_were() -> None:
    images = make_images(1)
    cropped = Augmentation(AugmentationSpec(crop=2), RUNS[:1], CPU).change(images)
    both = Augmentation(AugmentationSpec(crop=2, cutout=3), RUNS[:1], CPU).change(images)
    assert torch.equal(torch.where(both == 0, both, cropped), both)
    assert not torch.equal(both, cropped)


def test_places_and_sides_are_drawn_evenly() -> None:
    images = torch.ones(1, 20_000, 8, 8, 1)
    flipped = Augmentation(AugmentationSpec(flip=True), RUNS[:1], CPU).change(
        torch.arange(8.0).expand(1, 20_000, 8, 8)[..., None]
    )
    assert (flipped[0, :, 0, 0, 0] == 7).double().mean().item() == pytest.approx(0.5, abs=0.02)
    cropped = Augmentation(AugmentationSpec(crop=1), RUNS[:1], CPU).change(images)
    assert (cropped[0, :, 0, 3, 0] == 0).double().mean().item() == pytest.approx(1 / 3, abs=0.02)
    assert (cropped[0, :, 7, 3, 0] == 0).double().mean().item() == pytest.approx(1 / 3, abs=0.02)
    cut = Augmentation(AugmentationSpec(cutout=1), RUNS[:1], CPU).change(images)
    assert torch.equal((cut[0] == 0).sum((1, 2, 3)), torch.ones(20_000, dtype=torch.long))
    assert (cut[0] == 0).double().mean(0).sub(1 / 64).abs().max().item() < 0.005


def test_the_largest_number_below_1_is_a_place_too() -> None:
    largest = torch.tensor([1 - 2.0**-24])
    for places in (1, 5, 9, 33, 64, 65, 224):
        assert choose(largest, places).tolist() == [places - 1]


def test_without_any_change_there_is_no_augmentation() -> None:
    assert make_augmentation(None, RUNS, CPU) is None
    assert make_augmentation(AugmentationSpec(), RUNS, CPU) is None


def make_augmented(network: str = "cnn", **changes: Any) -> Any:
    dataset = {"name": "digits", "train_examples": 40, "validation_fraction": 0.02, "test_fraction": 0.02}
    return make_spec(network, "sgd", dataset=dataset | {"augmentation": SETTINGS[-1]}, **changes)


def test_batches_are_paired_by_seed_and_evaluation_sees_the_images_as_they_are() -> None:
    """The first batch's loss is the same at every strength, and another than without augmentation; metrics of weights
    that hardly move are those of the images as they are."""
    still: dict[str, Any] = {"optimizer": {"name": "sgd", "learning_rate": 1e-30}, "epochs": 1, "seeds": 2}
    regularizers = regularize("l2", "weight_decay", strengths=(0.01, 0.1))
    augmented = get_epochs(collect(make_augmented(regularizers=regularizers, **still)))[0]
    plain = get_epochs(collect(make_spec("cnn", "sgd", regularizers=regularizers, **still)))[0]
    runs = plan_runs(make_augmented(regularizers=regularizers, **still))
    for seed in (0, 1):
        own = [i for i, run in enumerate(runs) if run.seed == seed]
        assert len({tuple(augmented.batch_losses[i].tolist()) for i in own}) == 1
        assert augmented.batch_losses[own[0]].tolist() != plain.batch_losses[own[0]].tolist()
    for name in ("train_loss", "validation_loss", "train_score"):
        assert augmented.metrics[name].tolist() == plain.metrics[name].tolist()


@pytest.mark.parametrize("network", ["cnn", "mlp"])
def test_stacks_agree_bit_for_bit_on_augmented_images(network: str) -> None:
    spec = make_augmented(network, regularizers=regularize("l1", "dropout", strengths=(0.0, 0.1)), seeds=2, epochs=2)
    runs = plan_runs(spec)
    together = train_sweep(spec, runs, 64)
    assert torch.equal(together[0], together[2])
    for size in (1, 2, 7):
        for run, part, whole in zip(runs, train_sweep(spec, runs, size), together, strict=True):
            assert torch.equal(part, whole), (size, run)


def test_training_resumes_from_a_state_with_the_same_images() -> None:
    spec = make_augmented(regularizers=[], epochs=2)
    whole, fresh = make_sweep(spec), get_stack(make_sweep(spec))
    whole.train_epoch(1)
    stack = get_stack(whole)
    fresh.set_state(stack.get_state(range(len(stack.runs))))
    orders = whole.order.draw()
    assert torch.equal(*(torch.from_numpy(each.run_epoch(orders).batch_losses) for each in (fresh, stack)))


def test_torchvision_is_imported_only_for_augmentation() -> None:
    program = """
import sys
from tests.worker.training.sweeps import get_stack, make_spec, train_sweep
train_sweep(make_spec(epochs=1))
assert "torchvision" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)
