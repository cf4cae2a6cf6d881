"""How a table is laid out, for any columns and any width."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from backend.cli.table import Column, lay_out


@given(
    columns=st.lists(
        st.tuples(st.integers(0, 6), st.one_of(st.none(), st.integers(1, 20)), st.integers(0, 40), st.integers(1, 60)),
        min_size=1,
        max_size=8,
    ),
    width=st.integers(1, 200),
)
def test_a_table_is_as_wide_as_it_may_be_and_keeps_what_it_must(
    columns: list[tuple[int, int | None, int, int]], width: int
) -> None:
    made = [Column("", rank=rank, least=least, wanted=wanted) for rank, least, wanted, _ in columns]
    naturals = [natural for *_, natural in columns]
    sizes = lay_out(made, naturals, width)
    kept = {index for index, column in enumerate(made) if column.rank == 0}
    assert kept <= set(sizes)
    assert sum(sizes.values()) + 2 * (len(sizes) - 1) <= width or set(sizes) == kept
    for index, size in sizes.items():
        least = made[index].least
        assert size == naturals[index] or (least is not None and least <= size < naturals[index])
    # None is left out for nothing.
    assert lay_out(made, naturals, None) == dict(enumerate(naturals))
    assert len(lay_out(made, naturals, 10_000)) == len(made)
