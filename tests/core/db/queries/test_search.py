"""Experiments are found by any part of name, notes and tags, whatever its case and form, alike on both databases."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from core.db.engine import make_engine, make_sessions
from core.db.models import Experiment, ExperimentTag
from core.db.queries import experiments
from core.db.queries.search import refresh
from core.settings import Settings
from core.text.case_folding import fold
from tests.conftest import drop_database, make_database, migrate_database, run_sql
from tests.core.text.test_case_folding import TRICKY

Sessions = sessionmaker[Session]


def find(session: Session, query: str) -> set[str]:
    found, total = experiments.list_page(session, offset=0, limit=200, text=query)
    assert total == len(found)
    return {experiment.name for experiment in found}


def add(session: Session, name: str, notes: str = "", tags: Sequence[str] = ()) -> Experiment:
    experiment = Experiment(name=name, notes=notes, spec={}, tags=[ExperimentTag(tag=tag) for tag in tags])
    session.add(experiment)
    session.flush()
    return experiment


def test_found_whatever_the_case_and_the_form(sessions: Sessions) -> None:
    with sessions.begin() as session:
        add(session, "Über-Netz", "ΟΔΟΣ\nzweite Zeile", ["İstanbul", "50 %", "a_b"])
        add(session, "u\u0308ber alles", "ﬁnal")
        add(session, "Uber", "back\\slash and /slash")
    with sessions() as session:
        both = {"Über-Netz", "u\u0308ber alles"}
        for query in ("über", "ÜBER", "u\u0308ber", "U\u0308BER"):
            assert find(session, query) == both
        for query in ("οδος", "Οδοσ", "istanbul", "İSTANBUL", "i\u0307stanbul"):
            assert find(session, query) == {"Über-Netz"}
        assert find(session, "FINAL") == {"u\u0308ber alles"}
        assert find(session, "0 %") == find(session, "a_B") == {"Über-Netz"}
        assert find(session, "%") == find(session, "_") == {"Über-Netz"}
        assert find(session, "k\\S") == find(session, " /s") == {"Uber"}
        # Not from one of them into the next, and not a wildcard.
        assert find(session, "NetzΟΔΟΣ") == find(session, "ü%r") == find(session, "ub_r") == set()


def test_what_is_changed_is_found_as_it_is_now(sessions: Sessions) -> None:
    with sessions.begin() as session:
        identity = add(session, "Ärger", "alt", ["früh"]).id
    for change, gone, there in (
        ({"name": "Öl"}, "ärger", "ÖL"),
        ({"notes": "NEU"}, "alt", "neu"),
        ({"tags": ["SPÄT"]}, "früh", "spät"),
        ({"tags": []}, "spät", "öl"),
    ):
        with sessions.begin() as session:
            experiments.annotate(session, identity, **change)
        with sessions() as session:
            assert find(session, gone) == set()
            assert find(session, there) == {"Öl"}


def test_what_came_past_the_models_is_folded_anew(sessions: Sessions) -> None:
    with sessions.begin() as session:
        add(session, "first", tags=["Früh"])
        session.execute(text("UPDATE experiments SET name = 'ÄNDERN', search = 'made up'"))
        refresh(session.connection())
    with sessions() as session:
        assert find(session, "ändern") == find(session, "FRÜH") == {"ÄNDERN"}
        assert find(session, "made up") == set()


texts = st.text(alphabet=st.sampled_from(TRICKY), max_size=12)


@limits(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=texts, notes=texts, tag=texts.filter(bool), start=st.integers(0, 11), length=st.integers(0, 11))
def test_all_that_holds_the_folded_query_is_found(
    sessions: Sessions, name: str, notes: str, tag: str, start: int, length: int
) -> None:
    session = sessions()
    experiment = add(session, name, notes, [tag])
    for given_text in (name, notes, tag, "".join(reversed(name))):
        query = given_text[start : start + length]
        holds = any(fold(query) in fold(each) for each in (name, notes, tag))
        found, _ = experiments.list_page(session, offset=0, limit=10, text=query)
        assert ([each.id for each in found] == [experiment.id]) == (holds or not query)
    session.rollback()
    session.close()


def test_a_database_that_knows_only_ascii_finds_as_much(
    postgres_server: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    url = make_database(postgres_server, "template0")
    drop_database(postgres_server, url)
    name = url.rpartition("/")[2].partition("?")[0]
    run_sql(postgres_server, f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'")
    home = tmp_path_factory.mktemp("home")
    migrate_database(url, home)
    engine = make_engine(Settings(home=home, database_url=url))
    try:
        test_found_whatever_the_case_and_the_form(make_sessions(engine))
    finally:
        engine.dispose()
        drop_database(postgres_server, url)
