"""The loop over epochs and steps, put together from the parts that act on a run."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import indent

from backend.scripts.parts import Definition, OptimizerPart, RegularizerPart, code
from core.spec import ExperimentSpec

Parts = Sequence[RegularizerPart]

_ORDER = Definition("order", "order = make_generator(3 * SEED + 1)")
EVALUATE = code(
    '''
    @torch.no_grad()
    def evaluate(x, y):
        """Loss and score, with nothing dropped."""
        network.eval()
        outputs = network(x)
        network.train()
        return compute_loss(outputs, y).item(), compute_score(outputs, y).item()
    '''
)
REPORT = code(
    """
    train_loss, train_score = evaluate(x_train, y_train)
    validation_loss, validation_score = evaluate(x_validation, y_validation)
    row = (train_loss, train_score, validation_loss, validation_score)
    print(epoch, *(f"{value:.12g}" for value in row), sep=",")
    """
)


def describe_optimizer(spec: ExperimentSpec, optimizer: OptimizerPart) -> list[Definition]:
    """The optimizer with its own weight decay, and ``find_step_size`` for proximal maps."""
    decay: float = getattr(spec.optimizer, "weight_decay", 0.0)
    arguments = "".join(f", {name}={value!r}" for name, value in optimizer.arguments.items())
    parameters, before = "network.parameters()", ""
    if decay and spec.penalize_biases:
        arguments += f", weight_decay={decay!r}"
    elif decay:
        parameters = "groups"
        before = (
            "others = [p for p in network.parameters() if all(p is not w for w in weights)]\n"
            f'groups = [{{"params": weights, "weight_decay": {decay!r}}}, {{"params": others, "weight_decay": 0.0}}]\n'
        )
    elif optimizer.constructor == "AdamW":
        arguments += ", weight_decay=0.0"
    says = '"""What the last step multiplied a lasting gradient by."""'
    inner = [says, *([optimizer.lines] if optimizer.lines else []), f"return {optimizer.step_size}"]
    steps = "def find_step_size(weight):\n" + _indent(inner)
    return [
        Definition("weights", "weights = [layer.weight for layer in network if isinstance(layer, nn.Linear)]"),
        Definition("penalized", f"penalized = {'list(network.parameters())' if spec.penalize_biases else 'weights'}"),
        Definition("", f"{before}optimizer = torch.optim.{optimizer.constructor}({parameters}{arguments})"),
        *optimizer.definitions,
        Definition("find_step_size", steps),
    ]


def describe_training(
    spec: ExperimentSpec, parts: Parts, optimizer: OptimizerPart, last: str, is_scheduled: bool
) -> list[Definition]:
    """The generator of the batches' order, the evaluation and the loop."""
    step = describe_step(spec, parts, optimizer, is_scheduled)
    if spec.batch_size == "full":
        inner = f"x, y = x_train, y_train\n{step}"
    else:
        order = "torch.randperm(len(x_train), generator=order)" if spec.shuffle else "torch.arange(len(x_train))"
        batches = f"for batch in {order}.split(BATCH_SIZE):\n    x, y = x_train[batch], y_train[batch]\n"
        inner = batches + indent(step, "    ")
    ends = [part.epoch for part in parts if part.epoch]
    body = "\n".join([inner, "", REPORT, *ends])
    loop = f'print("epoch,train_loss,train_score,validation_loss,validation_score")\n{last}{indent(body, "    ")}'
    return [_ORDER, Definition("", EVALUATE), Definition("", loop)]


def describe_step(spec: ExperimentSpec, parts: Parts, optimizer: OptimizerPart, is_scheduled: bool) -> str:
    """The statements of one step, from ``x`` and ``y`` on."""
    shrinks = [part.shrink for part in parts if part.shrink]
    lines = [part.batch for part in parts if part.batch]
    lines += _find_gradients(parts)
    if spec.clip_norm is not None:
        lines.append(f"torch.nn.utils.clip_grad_norm_(network.parameters(), {spec.clip_norm!r})")
    lines += _decay(parts, optimizer)
    lines += [optimizer.before] if shrinks and optimizer.before else []
    lines.append("optimizer.step()")
    lines += [optimizer.after] if shrinks and optimizer.after else []
    acts = ["eta = find_step_size(weight)", *shrinks] if shrinks else []
    acts += [part.project for part in parts if part.project]
    lines += _act_on_weights(acts) if acts else []
    lines += ["scheduler.step()"] if is_scheduled else []
    return "\n".join(lines)


def _find_gradients(parts: Parts) -> list[str]:
    """Of the loss on the batch, and of the penalties."""
    function = next((part.training_loss for part in parts if part.training_loss), "compute_loss")
    form = next((part.loss for part in parts if part.loss), "")
    outputs = "outputs" if form else "network(x)"
    loss = form.format(loss=function) if form else f"{function}(network(x), y)"
    forward = (["outputs = network(x)"] if outputs == "outputs" else []), loss
    penalties = [part.penalty for part in parts if part.penalty]
    second = next((part for part in parts if part.second_pass), None)
    if second is None:
        return [*forward[0], f"loss = {' + '.join([loss, *penalties])}", "optimizer.zero_grad()", "loss.backward()"]
    passing = [*forward[0], f"loss = {loss}", "optimizer.zero_grad()", "loss.backward()"]
    noises = [part.noise for part in parts if part.noise]
    return [
        *(f"drawn = {noise}.get_state()" for noise in noises),
        *passing,
        second.second_pass,
        *(f"{noise}.set_state(drawn)  # the same noise in both passes" for noise in noises),
        *passing,
        second.way_back,
        *([f"({' + '.join(penalties)}).backward()"] if penalties else []),
    ]


def _decay(parts: Parts, optimizer: OptimizerPart) -> list[str]:
    decays = [part.decay for part in parts if part.decay]
    if not decays:
        return []
    return [f"rate = {optimizer.rate}", *_act_on_weights(decays)]


def _act_on_weights(lines: Sequence[str]) -> list[str]:
    return ["with torch.no_grad():", "    for weight in penalized:", indent("\n".join(lines), " " * 8)]


def _indent(lines: Sequence[str]) -> str:
    return indent("\n".join(lines), "    ")
