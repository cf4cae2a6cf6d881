"""The part of each optimizer of torch.optim."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from backend.scripts.parts import Definition, OptimizerPart, code

_GROUP = "group = optimizer.param_groups[0]"
_STATE = f"{_GROUP}\nstate = optimizer.state[weight]"


def _make_sgd(spec: Any) -> OptimizerPart:
    rate = 'optimizer.param_groups[0]["lr"]'
    if not spec.momentum:
        return OptimizerPart("SGD", {"lr": spec.learning_rate}, rate)
    arguments = {"lr": spec.learning_rate, "momentum": spec.momentum}
    arguments |= {"dampening": spec.dampening} if spec.dampening else {}
    arguments |= {"nesterov": True} if spec.nesterov else {}
    total = f"(1 + {spec.momentum!r} * gradient_sum)" if spec.nesterov else "gradient_sum"
    return OptimizerPart(
        "SGD",
        arguments,
        f"{rate} * {total}",
        definitions=(_sum_gradients(spec.dampening / spec.momentum),),
        after=f"gradient_sum = {spec.momentum!r} * gradient_sum + {1 - spec.dampening!r}",
    )


def _make_rmsprop(spec: Any) -> OptimizerPart:
    arguments = {"lr": spec.learning_rate, "alpha": spec.alpha, "eps": spec.epsilon}
    arguments |= {"momentum": spec.momentum} if spec.momentum else {}
    total = " * gradient_sum" if spec.momentum else ""
    return OptimizerPart(
        "RMSprop",
        arguments,
        f'group["lr"]{total} / (state["square_avg"].sqrt() + group["eps"])',
        lines=_STATE,
        definitions=(_sum_gradients(0.0),) if spec.momentum else (),
        after=f"gradient_sum = {spec.momentum!r} * gradient_sum + 1" if spec.momentum else "",
    )


def _sum_gradients(start: float) -> Definition:
    return Definition(
        "gradient_sum",
        "# With momentum a step follows a weighted sum of past gradients; this is the sum of its weights.\n"
        f"gradient_sum = {start!r}",
    )


def _make_adam(spec: Any) -> OptimizerPart:
    return OptimizerPart(
        "AdamW" if spec.name == "adamw" else "Adam",
        {"lr": spec.learning_rate, "betas": (spec.beta1, spec.beta2), "eps": spec.epsilon},
        'group["lr"] / ((state["exp_avg_sq"] / correction).sqrt() + group["eps"])',
        lines=f'{_STATE}\ncorrection = 1 - group["betas"][1] ** state["step"].item()',
    )


def _make_adagrad(spec: Any) -> OptimizerPart:
    arguments = {"lr": spec.learning_rate, "eps": spec.epsilon}
    if not spec.learning_rate_decay:
        step_size = 'group["lr"] / (state["sum"].sqrt() + group["eps"])'
        return OptimizerPart("Adagrad", arguments, step_size, lines=_STATE)
    return OptimizerPart(
        "Adagrad",
        arguments | {"lr_decay": spec.learning_rate_decay},
        'rate / (state["sum"].sqrt() + group["eps"])',
        lines=f'{_STATE}\nrate = group["lr"] / (1 + (state["step"].item() - 1) * group["lr_decay"])',
        rate=f'optimizer.param_groups[0]["lr"] / (1 + optimizer.state[penalized[0]]["step"].item() * '
        f"{spec.learning_rate_decay!r})",
    )


def _make_adadelta(spec: Any) -> OptimizerPart:
    return OptimizerPart(
        "Adadelta",
        {"lr": spec.learning_rate, "rho": spec.rho, "eps": spec.epsilon},
        'group["lr"] * ((updates[weight] + group["eps"]) / (state["square_avg"] + group["eps"])).sqrt()',
        lines=_STATE,
        before=code(
            """
            # Adadelta's step has the unit of its past updates, as they were before it.
            updates = {w: optimizer.state[w].get("acc_delta", torch.zeros_like(w)).clone() for w in penalized}
            """
        ),
    )


OPTIMIZERS: dict[str, Callable[[Any], OptimizerPart]] = {
    "sgd": _make_sgd,
    "adam": _make_adam,
    "adamw": _make_adam,
    "rmsprop": _make_rmsprop,
    "adagrad": _make_adagrad,
    "adadelta": _make_adadelta,
}
