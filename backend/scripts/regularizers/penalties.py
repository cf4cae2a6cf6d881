"""Parts of regularizers that act on the weights."""

from __future__ import annotations

from backend.scripts.parts import Definition, RegularizerPart, code

_L1 = Definition(
    "soft_threshold",
    code(
        '''
        def soft_threshold(weight, size):
            """S(w, t) = sign(w)·max(|w| − t, 0): whatever is smaller than t becomes exactly 0."""
            return weight.sign() * (weight.abs() - size).clamp(min=0)
        '''
    ),
)
_ROWS = Definition(
    "shrink_rows",
    code(
        '''
        def shrink_rows(weight, size):
            """The w that minimizes Σ(w − v)²/(2η) + λ√n·‖w‖ for each row v of a tensor, with t = ηλ√n in ``size``.

            w = v / (1 + t/s), where s = ‖w‖ solves ‖v/(s + t)‖ = 1; a row whose ‖v/t‖ ≤ 1 becomes exactly 0.
            """
            rows = torch.atleast_2d(weight)
            v, t = rows.double(), torch.atleast_2d(size * torch.ones_like(weight)).double()
            low, high = torch.zeros_like(v[:, :1]), v.norm(dim=1, keepdim=True)
            for _ in range(100):  # s by bisection
                middle = (low + high) / 2
                is_below = (v / (middle + t)).norm(dim=1, keepdim=True) > 1
                low, high = torch.where(is_below, middle, low), torch.where(is_below, high, middle)
            rows.copy_(torch.where(low > 0, v / (1 + t / low), 0))
        '''
    ),
)

PENALTIES: dict[str, RegularizerPart] = {
    "none": RegularizerPart(),
    "l2": RegularizerPart(penalty="L2 / 2 * sum((w**2).sum() for w in penalized)"),
    "l1": RegularizerPart(definitions=(_L1,), shrink="weight.copy_(soft_threshold(weight, eta * L1))"),
    "l1_subgradient": RegularizerPart(penalty="L1_SUBGRADIENT * sum(w.abs().sum() for w in penalized)"),
    "elastic_net": RegularizerPart(
        definitions=(_L1,),
        shrink=code(
            """
            soft = soft_threshold(weight, eta * ELASTIC_NET * ELASTIC_NET_MIXING)
            weight.copy_(soft / (1 + eta * ELASTIC_NET * (1 - ELASTIC_NET_MIXING)))
            """
        ),
    ),
    "group_lasso": RegularizerPart(
        definitions=(_ROWS,), shrink="shrink_rows(weight, eta * GROUP_LASSO * weight.shape[-1] ** 0.5)"
    ),
    "weight_decay": RegularizerPart(decay="weight.mul_(1 - rate * WEIGHT_DECAY)"),
    "tensor_norm": RegularizerPart(
        penalty="TENSOR_NORM * sum(torch.norm(w, p=TENSOR_NORM_P) for w in penalized)",
    ),
    "max_norm": RegularizerPart(
        project=code(
            """
            rows = torch.atleast_2d(weight)
            rows.mul_((MAX_NORM / rows.norm(dim=1, keepdim=True)).clamp(max=1))
            """
        ),
    ),
}
