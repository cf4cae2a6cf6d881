"""The data loss and the score of each task."""

from __future__ import annotations

from backend.scripts.parts import Definition, code

_CLASSES = code(
    '''
    def compute_loss(outputs, y):
        """The mean cross-entropy."""
        return functional.cross_entropy(outputs, y)


    def compute_score(outputs, y):
        """The share of examples that are classified rightly."""
        return (outputs.argmax(1) == y).double().mean()
    '''
)
_SMOOTH_CLASSES = code(
    '''
    def compute_smooth_loss(outputs, y):
        """Trained on the target (1 − ε)·y + ε/K."""
        return functional.cross_entropy(outputs, y, label_smoothing=LABEL_SMOOTHING)
    '''
)
_LOGIT = code(
    '''
    def compute_loss(outputs, y):
        """The mean cross-entropy of two classes, whose one output is the logit of the second."""
        return functional.binary_cross_entropy_with_logits(outputs[:, 0], y.to(DTYPE))


    def compute_score(outputs, y):
        """The share of examples that are classified rightly."""
        return ((outputs[:, 0] > 0) == (y > 0)).double().mean()
    '''
)
_SMOOTH_LOGIT = code(
    '''
    def compute_smooth_loss(outputs, y):
        """Trained on the target (1 − ε)·y + ε/2."""
        target = (1 - LABEL_SMOOTHING) * y.to(DTYPE) + LABEL_SMOOTHING / 2
        return functional.binary_cross_entropy_with_logits(outputs[:, 0], target)
    '''
)
_NUMBERS = code(
    '''
    def compute_loss(outputs, y):
        """Half the mean squared error."""
        return ((outputs[:, 0] - y) ** 2).mean() / 2


    def compute_score(outputs, y):
        """R², with the mean of the set itself."""
        return 1 - ((outputs[:, 0] - y) ** 2).mean() / y.var(correction=0)
    '''
)


def describe_losses(classes: int | None, outputs: int) -> list[Definition]:
    """``compute_loss`` and ``compute_score``; ``compute_smooth_loss`` where there are classes."""
    if classes is None:
        return [Definition("", _NUMBERS)]
    plain, smooth = (_LOGIT, _SMOOTH_LOGIT) if outputs == 1 else (_CLASSES, _SMOOTH_CLASSES)
    return [Definition("", plain), Definition("compute_smooth_loss", smooth)]
