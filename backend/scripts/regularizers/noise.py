"""Parts of regularizers that change examples, targets or activations at random, or blend them."""

from __future__ import annotations

from backend.scripts.parts import Definition, RegularizerPart, code

NOISE: dict[str, RegularizerPart] = {
    "dropout": RegularizerPart(
        definitions=(
            Definition("dropout_noise", "dropout_noise = make_generator(3 * SEED + 2)"),
            Definition(
                "Dropout",
                code(
                    '''
                    class Dropout(nn.Module):
                        """Drops each unit with probability p and scales the others by 1/(1 − p); off in evaluation."""

                        def forward(self, hidden):
                            if not self.training:
                                return hidden
                            keep = 1 - torch.tensor([DROPOUT], dtype=DTYPE)
                            return hidden * (torch.rand(hidden.shape, generator=dropout_noise) < keep) / keep
                    '''
                ),
            ),
        ),
        layer="Dropout()",
        noise="dropout_noise",
    ),
    "stochastic_depth": RegularizerPart(missing="the regularizer stochastic_depth"),
    "label_smoothing": RegularizerPart(training_loss="compute_smooth_loss"),
    "mixup": RegularizerPart(
        imports=("from scipy.special import betaincinv",),
        definitions=(Definition("mixup_noise", "mixup_noise = make_generator(4 * 2**40 + SEED)"),),
        batch=code(
            """
            # γ ~ Beta(α, α), as the quantile at a uniform number; each example is blended with another of its batch.
            drawn = torch.rand((), generator=mixup_noise).item()
            share = float(betaincinv(MIXUP, MIXUP, drawn)) if MIXUP > 0 else 1.0
            pairs = torch.randperm(len(x), generator=mixup_noise)
            x = share * x + (1 - share) * x[pairs]
            """
        ),
        loss="share * {loss}(outputs, y) + (1 - share) * {loss}(outputs, y[pairs])",
    ),
    "gaussian_noise": RegularizerPart(
        definitions=(Definition("input_noise", "input_noise = make_generator(3 * 2**40 + SEED)"),),
        batch="x = x + GAUSSIAN_NOISE * torch.randn(x.shape, generator=input_noise).to(DTYPE)",
    ),
}
