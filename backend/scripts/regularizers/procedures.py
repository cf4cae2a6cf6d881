"""Parts of regularizers that change the course of training."""

from __future__ import annotations

from backend.scripts.parts import Definition, RegularizerPart, code

PROCEDURES: dict[str, RegularizerPart] = {
    "sam": RegularizerPart(
        second_pass=code(
            """
            # SAM: the gradient for the step is taken uphill, a distance ρ along the gradient here.
            with torch.no_grad():
                kept = [p.clone() for p in network.parameters()]
                norm = torch.cat([p.grad.flatten() for p in network.parameters()]).norm()
                for p in network.parameters():
                    p.add_(SAM * p.grad / norm)
            """
        ),
        way_back=code(
            """
            with torch.no_grad():
                for p, old in zip(network.parameters(), kept):
                    p.copy_(old)
            """
        ),
    ),
    "early_stopping": RegularizerPart(
        definitions=(Definition("lowest", 'lowest, best_epoch = float("inf"), 0'),),
        epoch=code(
            """
            # The run ends once so many epochs in a row brought no new lowest validation loss.
            if validation_loss < lowest:
                lowest, best_epoch = validation_loss, epoch
            if epoch - best_epoch >= EARLY_STOPPING:
                break
            """
        ),
    ),
}
