"""One run as a plain PyTorch program would train it: no stack, autograd for everything, torch.optim."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from scipy import stats
from torch import Tensor
from torch.nn import functional
from torch.optim.lr_scheduler import ConstantLR, CosineAnnealingLR, LinearLR, LRScheduler, SequentialLR, StepLR

from core.catalogue import choose_outputs
from core.spec import (
    CNN,
    MLP,
    CosineSchedule,
    ExperimentSpec,
    Linear,
    NetworkSpec,
    PlannedRun,
    ResNet,
    ScheduleSpec,
    StepSchedule,
    Torchvision,
)
from tests.worker.training.networks.torch_resnet import Skip, forward_residual
from worker.training.data import load_arrays, prepare
from worker.training.networks import make_network
from worker.training.rng import BatchOrder, Purpose, make_generator

ACTIVATIONS = {"relu": torch.relu, "tanh": torch.tanh, "gelu": functional.gelu, "silu": functional.silu}


def train_reference(spec: ExperimentSpec, run: PlannedRun) -> Tensor:
    """The parameters after the spec's epochs, flat: weights in the network's order, the others, then statistics."""
    dtype = torch.float64 if spec.precision == "float64" else torch.float32
    arrays = load_arrays(spec.dataset, Path("unused"), download=False)
    data = prepare(spec.dataset, arrays, dtype, torch.device("cpu"))
    outputs = choose_outputs(spec.network, data.classes)
    program = Program(spec, run, draw_start(spec, run.seed, data.shape, outputs, dtype))
    steps = -(-len(data.train) // spec.choose_batch_size(len(data.train)))
    scheduler = make_scheduler(program.optimizer, spec.schedule, steps, spec.epochs)
    order = BatchOrder({run.seed: len(data.train)})
    for _ in range(spec.epochs):
        for batch in order.draw()[run.seed].split(spec.batch_size):
            program.step(data.train.x[batch], data.train.y[batch])
            scheduler.step()
    return torch.cat([p.detach().flatten() for p in (*program.weights, *program.others, *program.statistics.values())])


def draw_start(
    spec: ExperimentSpec, seed: int, shape: tuple[int, ...], outputs: int, dtype: torch.dtype
) -> dict[str, Tensor]:
    """The engine's own start: whether it is torch's is another test."""
    network = make_network(spec.network, shape, outputs)
    slots = network.make_parameters([seed], dtype, torch.device("cpu")).slots
    return {
        name: slot.value[0].detach().clone().requires_grad_(slot.value.requires_grad) for name, slot in slots.items()
    }


def keep_branch(branch: Tensor, block: int, blocks: int) -> Tensor:
    return branch


def forward(
    network: NetworkSpec,
    p: dict[str, Tensor],
    x: Tensor,
    drop: Callable[[Tensor], Tensor],
    skip: Skip = keep_branch,
    training: bool = False,
) -> Tensor:
    """x (B, features) or (B, H, W, C) -> (B, outputs), by torch's own layers and layouts."""
    assert not isinstance(network, Torchvision)  # whose layers are its own
    if isinstance(network, ResNet):
        return forward_residual(network, p, x, drop, skip, training)
    if isinstance(network, CNN):
        for i in range(len(network.channels)):
            x = x.permute(0, 3, 1, 2)
            weight = p[f"conv{i + 1}.weight"].view(-1, 3, 3, x.shape[1]).permute(0, 3, 1, 2)
            x = functional.conv2d(x, weight, p[f"conv{i + 1}.bias"][0], padding=1)
            x = drop(functional.max_pool2d(ACTIVATIONS[network.activation](x), 2).permute(0, 2, 3, 1))
        hidden = ["hidden"]
    else:
        hidden = [f"hidden{i + 1}" for i in range(len(network.widths))] if isinstance(network, MLP) else []
    x = x.flatten(1)
    if not hidden:
        x = drop(x)
    for layer in hidden:
        assert not isinstance(network, Linear)
        x = functional.linear(x, p[f"{layer}.weight"], p[f"{layer}.bias"][0])
        if f"{layer}.gain" in p:
            x = functional.layer_norm(x, x.shape[1:], p[f"{layer}.gain"][0], p[f"{layer}.shift"][0])
        x = drop(ACTIVATIONS[network.activation](x))
    return functional.linear(x, p["output.weight"], p["output.bias"][0] if "output.bias" in p else None)


def make_torch_optimizer(
    spec: Any, weights: list[Tensor], others: list[Tensor], penalize_biases: bool = False
) -> torch.optim.Optimizer:
    """torch.optim's class of that name, as it is on all parameters; or by its parameter groups on the weights only."""
    groups: list[dict[str, Any]] = [{"params": [*weights, *others], "weight_decay": spec.weight_decay}]
    if not penalize_biases:
        groups = [{"params": weights, "weight_decay": spec.weight_decay}, {"params": others, "weight_decay": 0.0}]
    renamed = {"learning_rate": "lr", "learning_rate_decay": "lr_decay", "epsilon": "eps"}
    options = {renamed.get(k, k): v for k, v in spec.model_dump(exclude={"name", "weight_decay"}).items()}
    if "beta1" in options:
        options["betas"] = (options.pop("beta1"), options.pop("beta2"))
    names = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW", "rmsprop": "RMSprop", "adagrad": "Adagrad"}
    optimizer: torch.optim.Optimizer = getattr(torch.optim, names.get(spec.name, "Adadelta"))(groups, **options)
    return optimizer


def list_regularizers(spec: ExperimentSpec, run: PlannedRun) -> list[tuple[Any, float]]:
    """The regularizers that act on the run, each with its strength: the fixed ones, then its own."""
    swept = [(regularizer, run.strength) for regularizer in spec.regularizers if regularizer.key == run.regularizer]
    return [(regularizer, regularizer.values()[0]) for regularizer in spec.fixed] + swept


def make_scheduler(optimizer: torch.optim.Optimizer, spec: ScheduleSpec, steps: int, epochs: int) -> LRScheduler:
    """torch's own, to be stepped after each of ``steps`` steps of an epoch."""
    warm = round(spec.warmup_epochs * steps)
    proper: LRScheduler
    match spec:
        case CosineSchedule(final=final):
            lowest = final * optimizer.param_groups[0]["lr"]
            proper = CosineAnnealingLR(optimizer, steps * epochs - warm, lowest)
        case StepSchedule(every=every, factor=factor):
            proper = StepLR(optimizer, every * steps, factor)
        case _:
            proper = ConstantLR(optimizer, factor=1.0)
    if not warm:
        return proper
    # SequentialLR starts the second one at its first step.
    for group in optimizer.param_groups:
        group["lr"] = group["initial_lr"]
    return SequentialLR(optimizer, [LinearLR(optimizer, 1 / (warm + 1), total_iters=warm), proper], [warm])


def find_norm(soft: Tensor, bent: Tensor | float, pull: Tensor | float) -> Tensor:
    """s of each row (rows, 1) with ‖soft/(bent + pull/s)‖ = s, by bisection in float64; 0 where there is none."""
    soft, low = soft.double(), soft.new_zeros(len(soft), 1, dtype=torch.float64)
    high = soft.norm(dim=1, keepdim=True)
    for _ in range(200):
        middle = (low + high) / 2
        below = (soft / (bent * middle + pull)).norm(dim=1, keepdim=True) > 1
        low, high = torch.where(below, middle, low), torch.where(below, high, middle)
    return torch.where(low > 0, high, 0)


class Program:
    """The textbook's training step for one run."""

    def __init__(self, spec: ExperimentSpec, run: PlannedRun, start: dict[str, Tensor]) -> None:
        self.spec = spec
        self.tensors = {name: tensor for name, tensor in start.items() if tensor.requires_grad}
        self.statistics = {name: tensor for name, tensor in start.items() if not tensor.requires_grad}
        self.regularizers = list_regularizers(spec, run)
        self.weights = [t for name, t in self.tensors.items() if name.endswith("weight")]
        self.others = [t for name, t in self.tensors.items() if not name.endswith("weight")]
        self.noise, self.depth, self.input, self.pairs = (
            make_generator(run.seed, purpose)
            for purpose in (Purpose.NOISE, Purpose.DEPTH, Purpose.INPUT, Purpose.MIXUP)
        )
        self.optimizer = make_torch_optimizer(spec.optimizer, self.weights, self.others, spec.penalize_biases)
        self.steps = 0

    def step(self, x: Tensor, y: Tensor) -> None:
        self.optimizer.zero_grad()
        gradients = self.find_gradients(*self.alter(x, y))
        (sum(tensor.sum() * 0 for tensor in self.tensors.values()) + self.compute_penalty()).backward()
        for tensor, gradient in zip(self.tensors.values(), gradients, strict=True):
            assert tensor.grad is not None
            tensor.grad += gradient
        self.steps += 1
        updates = [self.optimizer.state[w].get("acc_delta", torch.zeros_like(w)).clone() for w in self.weights]
        if self.spec.clip_norm is not None:
            torch.nn.utils.clip_grad_norm_(self.tensors.values(), self.spec.clip_norm)
        with torch.no_grad():
            for strength in self.find("weight_decay"):
                for weight in self.weights:
                    weight.mul_(1 - self.get_rate() * strength)
            self.optimizer.step()
            for weight, update in zip(self.weights, updates, strict=True):
                self.shrink(weight, update)
                for bound in self.find("max_norm"):
                    weight.mul_(torch.clamp(bound / weight.norm(dim=1, keepdim=True), max=1))

    def find(self, name: str) -> list[float]:
        """The strengths of the regularizers of this name that act: none or one, but where parameters differ."""
        return [strength for regularizer, strength in self.regularizers if regularizer.name == name]

    def alter(self, x: Tensor, y: Tensor) -> tuple[Tensor, list[tuple[float, Tensor]]]:
        """The inputs as they are trained on, and their targets, each with its part of the loss."""
        targets = [(1.0, y)]
        for regularizer, strength in self.regularizers:
            if regularizer.name == "gaussian_noise":
                x = x + strength * torch.randn(x.shape, generator=self.input).to(x.dtype)
            if regularizer.name == "mixup":
                drawn, order = torch.rand((), generator=self.pairs), torch.randperm(len(y), generator=self.pairs)
                share = float(stats.beta.ppf(drawn.item(), strength, strength)) if strength else 1.0
                x, targets = share * x + (1 - share) * x[order], [(share, y), (1 - share, y[order])]
        return x, targets

    def find_gradients(self, x: Tensor, targets: list[tuple[float, Tensor]]) -> list[Tensor]:
        """Of what is trained on without penalties: of ``tensors``, or under SAM of tensors that lie uphill."""
        drawn = self.noise.get_state(), self.depth.get_state()
        gradients = self.differentiate(self.tensors, x, targets)
        for strength in self.find("sam"):
            for generator, state in zip((self.noise, self.depth), drawn, strict=True):
                generator.set_state(state)
            norm = torch.cat([gradient.flatten() for gradient in gradients]).norm()
            uphill = [t + strength * g / norm for t, g in zip(self.tensors.values(), gradients, strict=True)]
            moved = {name: t.detach().requires_grad_() for name, t in zip(self.tensors, uphill, strict=True)}
            gradients = self.differentiate(moved, x, targets)
        return gradients

    def differentiate(self, tensors: dict[str, Tensor], x: Tensor, targets: list[tuple[float, Tensor]]) -> list[Tensor]:
        statistics = self.statistics
        if tensors is not self.tensors:
            statistics = {name: tensor.clone() for name, tensor in statistics.items()}
        outputs = forward(self.spec.network, tensors | statistics, x, self.drop, self.skip, training=True)
        loss = sum(share * self.compute_loss(outputs, y) for share, y in targets)
        assert isinstance(loss, Tensor)
        return list(torch.autograd.grad(loss, list(tensors.values())))

    def compute_loss(self, outputs: Tensor, y: Tensor) -> Tensor:
        if y.is_floating_point():
            return ((outputs[:, 0] - y) ** 2).mean() / 2
        smoothing = sum(self.find("label_smoothing"))
        if outputs.shape[1] == 1:
            targets = (1 - smoothing) * y.to(outputs) + smoothing / 2
            return functional.binary_cross_entropy_with_logits(outputs[:, 0], targets)
        return functional.cross_entropy(outputs, y, label_smoothing=smoothing)

    def compute_penalty(self) -> Any:
        return sum((strength * self.compute_omega(regularizer) for regularizer, strength in self.regularizers), 0.0)

    def compute_omega(self, regularizer: Any) -> Any:
        match regularizer.name:
            case "l2":
                return sum((w**2).sum() / 2 for w in self.weights)
            case "l1_subgradient":
                return sum(w.abs().sum() for w in self.weights)
            case "tensor_norm":
                return sum(torch.norm(w, regularizer.p) for w in self.weights)
            case _:
                return 0.0

    def drop(self, hidden: Tensor) -> Tensor:
        for strength in self.find("dropout"):
            keep = 1 - strength
            hidden = hidden * (torch.rand(hidden.shape, generator=self.noise) < keep) / keep
        return hidden

    def skip(self, branch: Tensor, block: int, blocks: int) -> Tensor:
        for strength in self.find("stochastic_depth"):
            keep = 1 - strength * block / blocks
            kept = torch.rand(len(branch), generator=self.depth) < keep
            branch = branch * kept.view(-1, 1, 1, 1) / keep
        return branch

    def shrink(self, weight: Tensor, update: Tensor) -> None:
        """w·(1 + η·bend + η·group/‖row of w‖) = S(v, η·threshold): the proximal map of all that shrink at once."""
        threshold = bend = group = 0.0
        for regularizer, strength in self.regularizers:
            mixing = {"l1": 1.0, "elastic_net": getattr(regularizer, "mixing", None)}.get(regularizer.name)
            if mixing is not None:
                threshold, bend = threshold + strength * mixing, bend + strength * (1 - mixing)
            if regularizer.name == "group_lasso":
                group += strength * weight.shape[1] ** 0.5
        if threshold or bend or group:
            step = self.get_step_size(self.optimizer.state[weight], update)
            soft = weight.sign() * (weight.abs() - step * threshold).clamp(min=0)
            bent = 1 + step * bend
            norm = find_norm(soft, bent, step * group)
            weight.copy_(torch.where(norm > 0, soft / (bent + step * group / norm), 0) if group else soft / bent)

    def get_step_size(self, state: dict[str, Any], update: Tensor) -> Any:
        """The proximal η, read off torch's own state."""
        group = self.optimizer.param_groups[0]
        rate = self.get_rate()
        epsilon: Any = group.get("eps")
        match self.spec.optimizer.name:
            case "sgd":
                return rate * self.follow(group["momentum"], group["dampening"], group["nesterov"])
            case "adam" | "adamw":
                return rate / ((state["exp_avg_sq"] / (1 - group["betas"][1] ** self.steps)).sqrt() + epsilon)
            case "rmsprop":
                return rate * self.follow(group["momentum"]) / (state["square_avg"].sqrt() + epsilon)
            case "adagrad":
                return rate / (state["sum"].sqrt() + epsilon)
            case _:
                return rate * ((update + epsilon) / (state["square_avg"] + epsilon)).sqrt()

    def get_rate(self) -> float:
        group = self.optimizer.param_groups[0]
        return float(group["lr"] / (1 + (self.steps - 1) * group.get("lr_decay", 0.0)))

    def follow(self, momentum: float, dampening: float = 0.0, nesterov: bool = False) -> float:
        """How far torch's SGD with rate 1 goes in its last step, where the gradient has always been 1."""
        probe = torch.zeros((), dtype=torch.float64, requires_grad=True)
        sgd = torch.optim.SGD([probe], 1.0, momentum, dampening, nesterov=nesterov)
        for _ in range(self.steps):
            before = probe.item()
            probe.grad = torch.ones((), dtype=torch.float64)
            sgd.step()
        return before - probe.item()
