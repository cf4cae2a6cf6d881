"""How runs are cut into stacks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.spec import PlannedRun
from worker.training.sweep.cutting import cut_stacks


@given(st.lists(st.sampled_from(["none", "l1", "l2", "dropout"]), min_size=1, max_size=60), st.integers(1, 70))
def test_every_run_is_in_one_stack_and_stacks_are_nearly_equal(names: list[str], largest: int) -> None:
    runs = [PlannedRun(name, 0.0, seed) for seed, name in enumerate(names)]
    stacks = cut_stacks(runs, largest)
    assert sorted(int(i) for stack in stacks for i in stack) == list(range(len(runs)))
    assert max(map(len, stacks)) <= largest
    assert max(map(len, stacks)) - min(map(len, stacks)) <= 1
    for stack in stacks:
        keys = [runs[i].regularizer for i in stack]
        assert len(set(keys)) == sum(a != b for a, b in zip(keys, [None, *keys], strict=False))


def test_runs_that_pass_twice_have_stacks_of_their_own_where_there_are_several() -> None:
    runs = [PlannedRun(name, 0.1, seed) for seed in range(7) for name in ("sam", "l2", "none")]
    stacks = [{runs[i].regularizer for i in stack} for stack in cut_stacks(runs, 5)]
    assert stacks.count({"sam"}) == 2
    assert len(stacks) == 5
    assert len(cut_stacks(runs, 21)) == 1
