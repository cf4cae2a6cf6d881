"""The loop of FISTA: one step an epoch on all training examples, of a linear network."""

from __future__ import annotations

from textwrap import indent

from backend.scripts.parts import Definition, code
from backend.scripts.training import EVALUATE, REPORT, Parts
from core.catalogue import DATASETS, count_outputs
from core.spec import ExperimentSpec, Linear

_DESIGN = code(
    """
    # The intercept is one more weight, of a feature that is 1 everywhere; the others are centered, so that it is apart.
    center = x_train.double().mean(0)
    design = torch.cat([(x_train - center).to(DTYPE), torch.ones(len(x_train), 1, dtype=DTYPE)], dim=1)
    """
)
_BARE_DESIGN = code(
    """
    center = torch.zeros(x_train.shape[1], dtype=torch.float64)
    design = x_train
    """
)
_SCALE = code(
    """
    inputs = x_train.shape[1]

    # No second derivative of the loss is larger than LARGEST · scale: the largest eigenvalue of the scaled features.
    products = design[:, :inputs].double().T @ design[:, :inputs].double() / len(design)
    scale = products.diagonal().clone()
    scale[scale <= 1e-20 * center**2] = 1.0
    eigenvalue = max(1.0, torch.linalg.eigvalsh(products / (scale[:, None] * scale).sqrt())[-1].item())
    """
)
_STEP = """
# The gradient is taken ahead of the model, where its last move points.
ahead.requires_grad_(True)
loss = compute_loss(design @ ahead.T, y_train)
(gradient,) = torch.autograd.grad(loss, ahead)
with torch.no_grad():
    gradient += smoothness * ahead
    while True:
        bend = curvature * scale + smoothness
        model = ahead - gradient / bend
{shrink}
        move = model - ahead
        expected = ((gradient - smoothness * ahead) * move).sum()
        room = curvature * (scale * move**2).sum() / 2
        is_seen = room > 64 * torch.finfo(DTYPE).eps * loss
        excess = compute_loss(design @ model.T, y_train) - loss - expected
        if not (is_seen and excess > room and curvature < LARGEST):
            break
        curvature = min(2 * curvature, LARGEST)  # the step was too long: the loss bends more than it assumed
    last = model - before
    if (move * bend * last).sum() < 0:
        count = 1.0  # the step points against the last move: momentum starts anew
    following = (1 + math.sqrt(4 * count**2 + 1)) / 2
    before, ahead, count = model, model + (count - 1) / following * last, following
    # Try a longer step next time, unless the loss's bend is lost in rounding.
    curvature = max(0.9 * curvature, 1e-9 * LARGEST) if is_seen else min(curvature / 0.9, LARGEST)
    network[-1].weight.copy_(model[:, :inputs])
"""
_INTERCEPT = "    network[-1].bias.copy_(model[:, inputs] - model[:, :inputs] @ center.to(DTYPE))\n"
# A slope that equals the strength but for rounding leaves its weight at 0.
_SHRINK = "weight, eta = model[:, :inputs], (1 + 32 * torch.finfo(DTYPE).eps) / bend[:inputs]"


def describe_fista(spec: ExperimentSpec, parts: Parts, is_ridge: bool, last: str) -> list[Definition]:
    """The curvature of the loss, the evaluation and the loop. ``is_ridge``: whether L2 acts."""
    assert isinstance(spec.network, Linear)
    has_intercept = spec.network.intercept
    shrinks = [part.shrink for part in parts if part.shrink]
    step = _STEP.strip("\n").format(shrink=indent("\n".join([_SHRINK, *shrinks] if shrinks else []), " " * 8))
    # Where nothing shrinks, no blank line in its place.
    step = step.replace("\n\n", "\n") + "\n" + (_INTERCEPT if has_intercept else "")
    body = "\n".join([step, REPORT, *(part.epoch for part in parts if part.epoch)])
    loop = f'print("epoch,train_loss,train_score,validation_loss,validation_score")\n{last}{indent(body, "    ")}'
    return [
        Definition("", _DESIGN if has_intercept else _BARE_DESIGN),
        Definition("", f"{_SCALE}\n{_describe_start(spec, is_ridge)}"),
        Definition("", EVALUATE),
        Definition("", loop),
    ]


def _describe_start(spec: ExperimentSpec, is_ridge: bool) -> str:
    assert isinstance(spec.network, Linear)
    outputs = count_outputs(spec)
    steepest = 1.0 if DATASETS[spec.dataset.name].classes is None else 0.25 if outputs == 1 else 0.5
    own = spec.network.intercept
    lines = [f"LARGEST = {steepest!r} * eigenvalue"]
    if own:
        lines.append("scale = torch.cat([scale, torch.tensor([1 / eigenvalue], dtype=torch.float64)])")
    strength = "L2" if is_ridge else "0.0"
    lines.append(f"smoothness = torch.full_like(scale, {strength}).to(DTYPE)  # how sharply the penalty itself bends")
    if own:
        lines.append("smoothness[inputs] = 0.0")
    lines += [
        "scale = scale.to(DTYPE)",
        "curvature, count = LARGEST, 1.0",
        f"before = ahead = torch.zeros({outputs}, len(scale), dtype=DTYPE)",
    ]
    return "\n".join(lines)
