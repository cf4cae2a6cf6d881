"""The catalogue of optimizers. Names, meanings and defaults are those of torch.optim."""

from __future__ import annotations

from core.catalogue.form_fields import derive_parameters
from core.catalogue.schemas import Optimizer
from core.spec import FISTA, SGD, Adadelta, Adagrad, Adam, AdamW, RMSprop

OPTIMIZERS: dict[str, Optimizer] = {
    entry.name: entry
    for entry in (
        Optimizer(
            name="sgd",
            label="SGD",
            help="Plain gradient steps, with momentum and Nesterov's look-ahead if wanted.",
            source="Sutskever et al. 2013, ICML; torch.optim.SGD",
            parameters=derive_parameters(SGD),
        ),
        Optimizer(
            name="adam",
            label="Adam",
            help="Steps scaled by running moments of the gradient: a good start almost everywhere.",
            source="Kingma & Ba 2015, arXiv 1412.6980; torch.optim.Adam",
            parameters=derive_parameters(Adam),
        ),
        Optimizer(
            name="adamw",
            label="AdamW",
            help="Adam whose own weight decay acts beside the moments, not through them.",
            source="Loshchilov & Hutter 2019, arXiv 1711.05101; torch.optim.AdamW",
            parameters=derive_parameters(AdamW),
        ),
        Optimizer(
            name="rmsprop",
            label="RMSprop",
            help="Steps divided by a running root mean square of the gradient.",
            source="Hinton 2012, Neural Networks for Machine Learning, lecture 6e; torch.optim.RMSprop",
            parameters=derive_parameters(RMSprop),
        ),
        Optimizer(
            name="adagrad",
            label="Adagrad",
            help="Steps divided by the root of all squared gradients so far: they only shrink.",
            source="Duchi, Hazan & Singer 2011, JMLR 12; torch.optim.Adagrad",
            parameters=derive_parameters(Adagrad),
        ),
        Optimizer(
            name="adadelta",
            label="Adadelta",
            help="Steps in the unit of the weights themselves, from running averages: little to tune.",
            source="Zeiler 2012, arXiv 1212.5701; torch.optim.Adadelta",
            parameters=derive_parameters(Adadelta),
        ),
        Optimizer(
            name="fista",
            label="FISTA",
            help="Accelerated proximal gradient for a linear network on whole batches: reaches the exact optimum.",
            source="Beck & Teboulle 2009, SIAM J. Imaging Sci. 2(1); O'Donoghue & Candès 2015, "
            "Found. Comput. Math. 15(3)",
            split="folds",
            parameters=derive_parameters(FISTA),
        ),
    )
}
