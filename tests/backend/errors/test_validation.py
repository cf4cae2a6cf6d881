"""Bad input: a 4xx in the one shape that names the field, and nothing is written."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from core.db.models import Experiment

Sessions = sessionmaker[Session]
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def _nothing_is_written(sessions: Sessions) -> Iterator[None]:
    yield
    with sessions() as session:
        assert session.scalars(select(Experiment)).all() == []


def check(answer: httpx.Response, status: int, field: str | None, *words: str) -> dict[str, Any]:
    """The answer is an error of this status that names this field and holds these words."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    error: dict[str, Any] = answer.json()["error"]
    assert error["request_id"] == answer.headers["X-Request-ID"]
    assert field is None or field in [detail["field"] for detail in error["details"]]
    for word in words:
        assert word in error["message"]
    return error


def regularize(name: str, strengths: Any, **parameters: Any) -> dict[str, Any]:
    return {"regularizers": [{"name": name, "strengths": strengths, **parameters}]}


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    # What the reference file refuses.
    (regularize("l2", [0.1, -0.1]), "regularizers.0.strengths.1", "≥ 0"),
    (regularize("dropout", [0.1, 1.0]), "regularizers.0.strengths.1", "[0, 1)"),
    (regularize("dropout", [-0.1]), "regularizers.0.strengths.0", "[0, 1)"),
    (regularize("dropout", {"from": 0.5, "to": 1.5, "count": 3, "scale": "linear"}), "regularizers.0.strengths", "1)"),
    (regularize("label_smoothing", [0.1, 1.0]), "regularizers.0.strengths.1", "[0, 1)"),
    (regularize("mixup", [-0.1]), "regularizers.0.strengths.0", "≥ 0"),
    (regularize("gaussian_noise", [-0.1]), "regularizers.0.strengths.0", "≥ 0"),
    (regularize("sam", [-0.1]), "regularizers.0.strengths.0", "≥ 0"),
    (regularize("elastic_net", [0.1], mixing=1.5), "regularizers.0.mixing", "at most 1"),
    (regularize("elastic_net", [0.1], mixing=-0.1), "regularizers.0.mixing", "at least 0"),
    (regularize("l1", []), "regularizers.0.strengths", "at least 1"),
    (regularize("l1", [0.1, 0.2, 0.1]), "regularizers.0.strengths.2", "twice"),
    (regularize("tensor_norm", [0.1], p=3), "regularizers.0.p", "1 or 2"),
    (regularize("early_stopping", [2, 0]), "regularizers.0.strengths.1", "whole numbers from 1 to 999,999"),
    (regularize("early_stopping", [2.5]), "regularizers.0.strengths.0", "whole numbers from 1 to 999,999"),
    # What is to stop early.
    ({"halving": {"at": [4, 40]}, "epochs": 40}, "halving.at.1", "before the last epoch, 40"),
    ({"halving": {"at": [4, 4]}}, "halving.at.1", "must rise"),
    ({"halving": {"at": [0]}}, "halving.at.0", "at least 1"),
    ({"halving": {"at": []}}, "halving.at", "at least 1"),
    ({"halving": {"at": [4], "keep": 1}}, "halving.keep", "less than 1"),
    (
        regularize("l2", {"from": 1e-6, "to": 1, "count": 103}) | {"halving": {"at": [2]}, "seeds": 10},
        "regularizers.0.strengths",
        "at most 1024 runs",
    ),
    ({"tolerance": 0}, "tolerance", "more than 0"),
    # Regularizers that act on every run.
    ({"fixed": [{"name": "l2", "strengths": [0.1, 0.2]}]}, "fixed.0.strengths", "one strength"),
    ({"fixed": [{"name": "l2", "strengths": [-0.1]}]}, "fixed.0.strengths.0", "≥ 0"),
    ({"fixed": [{"name": "sam", "strengths": [0.1]}, {"name": "sam", "strengths": [0.2]}]}, "fixed.1", "sam again"),
    ({**regularize("l1", [0.1]), "fixed": [{"name": "l1", "strengths": [0.2]}]}, "fixed.0", "l1 again"),
    ({"fixed": [{"name": "l3", "strengths": [0.1]}]}, "fixed.0.name", "l3"),
    ({"fixed": [{"name": "l2", "strengths": [0.1]}] * 9}, "fixed", "at most 8"),
    # Names that nobody knows.
    (regularize("l3", [0.1]), "regularizers.0.name", "l3"),
    ({"dataset": {"name": "imagenet"}}, "dataset.name", "imagenet"),
    ({"network": {"name": "transformer"}}, "network.name", "transformer"),
    ({"optimizer": {"name": "lion"}}, "optimizer.name", "lion"),
    ({"network": {}}, "network.name", "required"),
    ({"colour": "red"}, "colour", "no such field"),
    (regularize("l1", [0.1], mixing=0.5), "regularizers.0.mixing", "no such field"),
    # Sizes.
    ({"epochs": 0}, "epochs", "at least 1"),
    ({"epochs": 10**9}, "epochs", "100000"),
    ({"epochs": 10**30}, "epochs", "100000"),
    (regularize("l1", [i / 1e4 for i in range(10_000)]), "regularizers.0.strengths", "at most 200"),
    (regularize("l1", {"from": 1e-4, "to": 1, "count": 10_000}), "regularizers.0.strengths.count", "200"),
    ({**regularize("l1", [i / 200 for i in range(200)]), "seeds": 100}, "regularizers", "5000 runs"),
    ({"epochs": 100_000, "seeds": 100}, "epochs", "5000000"),
    ({"seeds": [1, 1]}, "seeds", "differ"),
    ({"seeds": -1}, "seeds", "at least 1"),
    ({"regularizers": [{"name": "l1", "strengths": [0.1]}] * 2}, "regularizers.1", "l1 twice"),
    ({"network": {"name": "mlp", "widths": [8192] * 16}}, "network", "50000000"),
    # Forms.
    (regularize("l1", "0.1, 0.2"), "regularizers.0.strengths", "a list of strengths"),
    (regularize("l1", {"from": 0, "to": 1, "count": 3}), "regularizers.0.strengths.from", "log grid"),
    (regularize("l1", {"from": 1e-4, "to": 1}), "regularizers.0.strengths.count", "required"),
    ({"regularizers": {"l1": [0.1]}}, "regularizers", "list"),
    ({"optimizer": {"name": "sgd", "nesterov": True}}, "optimizer.nesterov", "momentum > 0"),
    # How it trains.
    ({"schedule": {"name": "linear"}}, "schedule.name", "linear"),
    ({"schedule": {}}, "schedule.name", "required"),
    ({"schedule": {"name": "step", "every": 0}}, "schedule.every", "at least 1"),
    ({"schedule": {"name": "step", "factor": 0}}, "schedule.factor", "more than 0"),
    ({"schedule": {"name": "cosine", "final": 1.1}}, "schedule.final", "at most 1"),
    ({"schedule": {"name": "cosine", "every": 3}}, "schedule.every", "no such field"),
    ({"schedule": {"name": "constant", "warmup_epochs": 41}, "epochs": 40}, "schedule.warmup_epochs", "40 epochs"),
    ({"clip_norm": 0}, "clip_norm", "more than 0"),
    ({"precision": "float16"}, "precision", "mixed"),
    # What the data does not allow.
    ({"dataset": {"name": "wine", "augmentation": {"flip": True}}}, "dataset.augmentation", "wine has none"),
    ({"dataset": {"name": "digits", "augmentation": {"crop": 8}}}, "dataset.augmentation.crop", "at most 7"),
    ({"dataset": {"name": "digits", "augmentation": {"cutout": 9}}}, "dataset.augmentation.cutout", "at most 8"),
    ({"dataset": {"name": "digits", "augmentation": {"cutout": -1}}}, "dataset.augmentation.cutout", "at least 0"),
    ({"dataset": {"name": "digits", "augmentation": {"spin": 9}}}, "dataset.augmentation.spin", "no such field"),
    ({"dataset": {"name": "diabetes"}, **regularize("label_smoothing", [0.1])}, "regularizers.0.name", "classes"),
    (
        {"dataset": {"name": "diabetes"}, "fixed": [{"name": "label_smoothing", "strengths": [0.1]}]},
        "fixed.0.name",
        "classes",
    ),
    ({"dataset": {"name": "wine"}, "network": {"name": "cnn"}}, "network.name", "images"),
    ({"network": {"name": "cnn", "channels": [4, 4, 4, 4]}}, "network.channels", "halves"),
    ({"dataset": {"name": "wine", "train_examples": 500}}, "dataset.train_examples", "106"),
    ({"dataset": {"name": "digits", "noise": 0.1}}, "dataset.noise", "generated"),
    ({"dataset": {"name": "digits", "validation_fraction": 0.9}}, "dataset.validation_fraction", "below 1"),
    # Text.
    ({"name": "a\x00b"}, "name", "U+0000"),
    ({"name": "a\x1b[31mb"}, "name", "U+001B"),
    ({"name": "a\nb"}, "name", "U+000A"),
    ({"name": "x" * 201}, "name", "200"),
    ({"notes": "x\x07"}, "notes", "U+0007"),
    ({"tags": ["ok", "a\tb"]}, "tags.1", "U+0009"),
    ({"tags": [""]}, "tags.0", "at least 1"),
    ({"tags": [" "]}, "tags.0", "a visible tag"),
    ({"tags": ["ok", "\u200b"]}, "tags.1", "a visible tag"),
]


@pytest.mark.parametrize("path", ["experiments", "plan"])
def test_refusals_name_the_field(api: httpx.Client, spec: dict[str, Any], path: str) -> None:
    for change, field, word in REFUSED:
        error = check(api.post(f"/api/{path}", json=spec | change), 422, field, word)
        assert error["code"] == "invalid_spec"


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_no_number_is_not_a_number(api: httpx.Client, spec: dict[str, Any], literal: str) -> None:
    body = json.dumps(spec).replace("0.01", literal)
    answer = api.post("/api/experiments", content=body, headers={"Content-Type": "application/json"})
    check(answer, 422, "regularizers.0.strengths.1", "finite")


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b'{"name": ', "line 1, column 10"),
        (b"{'name': 1}", "line 1, column 2"),
        (b"[" * 5_000, "nested too deeply"),
        (b'{"name": "\xff"}', "not UTF-8"),
        (b'{"epochs": ' + b"1" * 5000 + b"}", "too many digits"),
    ],
)
def test_malformed_json(api: httpx.Client, body: bytes, word: str) -> None:
    error = check(
        api.post("/api/experiments", content=body, headers={"Content-Type": "application/json"}), 400, "body", word
    )
    assert error["code"] == "malformed_json"


@pytest.mark.parametrize("body", [b"[]", b"null", b"1", b'"text"', b"{}", b'{"\\ud800": 1}', b'{"name": "\\ud800"}'])
def test_other_json_than_an_object(api: httpx.Client, body: bytes) -> None:
    answer = api.post("/api/experiments", content=body, headers={"Content-Type": "application/json"})
    assert check(answer, 422, None)["details"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "json"])
def test_other_content_type(api: httpx.Client, spec: dict[str, Any], kind: str) -> None:
    content = json.dumps(spec)
    answer = api.post("/api/experiments", content=content, headers={"Content-Type": kind} if kind else {})
    check(answer, 415, "Content-Type", "application/json")


def test_json_with_a_charset_is_json(api: httpx.Client, spec: dict[str, Any]) -> None:
    answer = api.post(
        "/api/plan", content=json.dumps(spec), headers={"Content-Type": "application/json; charset=utf-8"}
    )
    assert answer.status_code == 200


def test_large_body_is_refused_by_its_length(api: httpx.Client, spec: dict[str, Any]) -> None:
    answer = api.post("/api/experiments", json=spec | {"notes": "x" * 10_000_000})
    check(answer, 413, "body", "1000000 bytes")


def test_large_body_without_a_length_is_refused(api: httpx.Client) -> None:
    def chunks() -> Iterator[bytes]:
        yield b'{"notes": "'
        for _ in range(100):
            yield b"x" * 100_000

    answer = api.post("/api/experiments", content=chunks(), headers={"Content-Type": "application/json"})
    check(answer, 413, None, "1000000 bytes")


@pytest.mark.parametrize("kind", ["[]", "{}", '{"a":0}', '[{"name":"l2","strengths":[-1]}]', "keys", "deep"])
@pytest.mark.parametrize("path", ["/api/experiments", "/api/plan", "/api/session"])
def test_a_body_that_holds_too_much_is_refused_unparsed(api: httpx.Client, kind: str, path: str) -> None:
    """Its parts took up to 0.7 seconds of the event loop."""
    parts = {"keys": ",".join(f'"{key:x}":0' for key in range(20_000)), "deep": '{"a":' * 20_000}
    content = f"{{{parts[kind]}}}" if kind in parts else f"[{','.join([kind] * 20_000)}]"
    start = time.monotonic()
    answer = api.post(path, content=content, headers={"Content-Type": "application/json"})
    check(answer, 413, None, "10000 lists and objects")
    # It does not wait for more of a body that is complete.
    assert time.monotonic() - start < 5


def test_body_longer_than_it_says_is_cut_off(url: str) -> None:
    host, port = url.removeprefix("http://").split(":")
    head = (
        f"POST /api/experiments HTTP/1.1\r\nHost: {host}:{port}\r\n"
        "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), 10) as connection:
        connection.sendall(head.encode() + b"{}" + b"x" * 1000)
        assert connection.recv(1000).startswith(b"HTTP/1.1 422")


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/experiments/0", "experiment_id"),
        ("/api/experiments/abc", "experiment_id"),
        ("/api/experiments/99999999999999999999", "experiment_id"),
        ("/api/experiments?limit=0", "limit"),
        ("/api/experiments?limit=1000", "limit"),
        ("/api/experiments?offset=-1", "offset"),
        ("/api/experiments?state=asleep", "state"),
        ("/api/experiments?text=a%00b", "text"),
        ("/api/experiments?tag=a%00b", "tag"),
        ("/api/experiments/1/metrics?metric=charm", "metric.0"),
        ("/api/experiments/1/metrics?run=0", "run.0"),
        ("/api/experiments/1/metrics?points=1", "points"),
        ("/api/experiments/1/metrics?after=yesterday", "after"),
        ("/api/experiments/1/histograms?layer=a%00b", "layer"),
    ],
)
def test_parameters_are_named_too(api: httpx.Client, path: str, field: str) -> None:
    check(api.get(path), 422, field)


@pytest.mark.parametrize("key", [b"a b", "é".encode(), b"x" * 201])
def test_key_with_other_than_printable_ascii(api: httpx.Client, spec: dict[str, Any], key: bytes) -> None:
    answer = api.post("/api/experiments", json=spec, headers=[(b"Idempotency-Key", key)])
    check(answer, 422, "idempotency-key")


def test_unknown_routes_and_methods(api: httpx.Client) -> None:
    check(api.get("/api/nothing"), 404, None, "/api/nothing")
    check(api.post("/api/nothing"), 404, None)
    check(api.get("/nothing.js"), 404, None)
    assert check(api.put("/api/health"), 405, None)["code"] == "method_not_allowed"


def test_another_sites_form_cannot_act_here(api: httpx.Client, spec: dict[str, Any]) -> None:
    answer = api.post("/api/experiments", json=spec, headers={"Sec-Fetch-Site": "cross-site"})
    assert check(answer, 403, None)["code"] == "cross_site"
    assert api.get("/api/health", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_request_ids_are_the_callers_where_they_are_plain(api: httpx.Client) -> None:
    assert api.get("/api/health", headers={"X-Request-ID": "my-id.1"}).headers["X-Request-ID"] == "my-id.1"
    assert api.get("/api/health", headers={"X-Request-ID": "no spaces"}).headers["X-Request-ID"] != "no spaces"


@pytest.mark.parametrize(
    ("change", "field", "expected", "received"),
    [
        (regularize("l1", []), "regularizers.0.strengths", "a length of at least 1", "0"),
        ({"seeds": []}, "seeds", "a length of at least 1", "0"),
        ({"tags": ["t"] * 21}, "tags", "a length of at most 20", "21"),
        ({"tags": [""]}, "tags.0", "a length of at least 1", "0"),
        ({"name": "n" * 201}, "name", "a length of at most 200", "201"),
        ({"network": {"name": "torchvision:../x"}}, "network.name", "text that matches", "torchvision:../x"),
        ({"epochs": 1e30}, "epochs", "a smaller whole number", "1e+30"),
        ({"seeds": [1e300]}, "seeds.0", "a smaller whole number", "1e+300"),
    ],
)
def test_a_length_or_a_form_that_does_not_fit_says_what_was_expected_and_received(
    api: httpx.Client, spec: dict[str, Any], change: dict[str, Any], field: str, expected: str, received: str
) -> None:
    error = check(api.post("/api/experiments", json={**spec, **change}), 422, field)
    (detail,) = error["details"]
    assert expected in detail["expected"]
    assert expected in detail["message"]
    assert f"received {received}" in detail["message"].replace('"', "")


PLAIN: list[tuple[dict[str, Any], str, str, str]] = [
    (
        regularize("l1", {"from": "1e-", "to": 1, "count": 3}),
        "regularizers.0.strengths.from",
        "L1, first strength",
        'Expected a number; received "1e-".',
    ),
    (regularize("dropout", [0.1, "much"]), "regularizers.0.strengths.1", "Dropout, strength 2", "Expected a number"),
    (regularize("dropout", [1.5]), "regularizers.0.strengths.0", "Dropout, strength 1", "received 1.5."),
    (regularize("elastic_net", [0.1], mixing=""), "regularizers.0.mixing", "Elastic net, mixing a", "a number"),
    ({"fixed": [{"name": "l2", "strengths": ["x"]}]}, "fixed.0.strengths.0", "L2 on every run, strength 1", "a number"),
    (regularize("l3", [0.1]), "regularizers.0.name", "Regularizer 1", 'received "l3".'),
    ({"regularizers": 3}, "regularizers", "Regularizers", "Expected a list; received 3."),
    (
        {"optimizer": {"name": "sgd", "learning_rate": "fast"}},
        "optimizer.learning_rate",
        "Optimizer, learning rate",
        'Expected a number; received "fast".',
    ),
    ({"epochs": 1.5}, "epochs", "Epochs", "Expected a whole number; received 1.5."),
    ({"epochs": "many"}, "epochs", "Epochs", 'Expected a whole number; received "many".'),
    ({"epochs": 0}, "epochs", "Epochs", "Expected a number, at least 1; received 0."),
    ({"shuffle": "maybe"}, "shuffle", "Shuffle", 'Expected true or false; received "maybe".'),
    ({"seeds": [1, "x"]}, "seeds.1", "Seed 2", "Expected a whole number"),
    ({"network": {"name": "mlp", "widths": [8, 0]}}, "network.widths.1", "Network, layer widths 2", "at least 1"),
    ({"dataset": "digits"}, "dataset", "Data", 'Expected names with values; received "digits".'),
    ({"dataset": {"name": "digits", "train_examples": 1}}, "dataset.train_examples", "Data, training examples", "2"),
    ({"dataset": {}}, "dataset.name", "Data", "A value is required, but missing."),
    ({"epoch": 3}, "epoch", "Epoch", 'There is no such field as "epoch" here; did you mean epochs?'),
    ({"colour": "red"}, "colour", "Colour", 'There is no such field as "colour" here.'),
    ({"name": 7}, "name", "Name", "Expected text; received 7."),
    ({"clip_norm": 0}, "clip_norm", "Clip gradients at", "Expected a number, more than 0; received 0."),
    ({"dataset": {"name": "wine"}, "network": {"name": "cnn"}}, "network.name", "Network", "needs images"),
]


@pytest.mark.parametrize(("change", "field", "label", "words"), PLAIN)
def test_errors_are_plain_sentences_about_fields_as_the_page_calls_them(
    api: httpx.Client, spec: dict[str, Any], change: dict[str, Any], field: str, label: str, words: str
) -> None:
    error = check(api.post("/api/plan", json={**spec, **change}), 422, field)
    detail = next(each for each in error["details"] if each["field"] == field)
    assert detail["label"] == label
    assert words in detail["message"]


def test_no_refusal_speaks_in_paths_or_in_pydantics_words(api: httpx.Client, spec: dict[str, Any]) -> None:
    for change, _, _ in REFUSED:
        error = api.post("/api/plan", json=spec | change).json()["error"]
        for detail in error["details"]:
            sentence = detail["message"]
            assert sentence.endswith((".", "?", "…")), sentence
            assert detail["label"], detail
            for words in ("unable to parse", "valid dictionary", "Input should", "regularizers.", "valid integer"):
                assert words not in error["message"] + sentence, sentence
