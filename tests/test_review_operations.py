"""The list of operations: each is whole, and what scripts and stores said to older versions is still understood."""

import json
import re
from importlib.resources import files
from typing import get_args, get_type_hints

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from qosmatin.review.api.openapi import openapi
from qosmatin.review.editing.catalogue import BULK, FIELDS, IN_BULK, OPERATIONS, REQUEST, bulk_of, request_of
from qosmatin.review.editing.operation import Operation
from qosmatin.review.pages.interface import COMMANDS

KINDS = (
    "accept", "reject", "edit", "restore", "flag", "merge", "split", "unpair", "mend", "allow",
    "source-up", "source-down", "target-up", "target-down", "shift-up", "shift-down", "bookmark",
)  # fmt: skip
"""What scripts have been able to ask for since version 1.0 of the API; more may come, none of these goes."""

WHOLE = {
    "document": 1, "number": 2, "version": 3, "neighbours": [[3, 4]], "source_text": "a", "target_text": "b",
    "category": "Style", "comment": "c", "source_cut": 1, "target_cut": 1, "source_halves": ["a", "b"],
    "target_halves": ["a", "b"], "source_sentences": ["a"], "target_sentences": ["b"],
}  # fmt: skip
"""All that a request could have in version 1.0, beside its kind; what a kind has no use for was never a fault."""


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_operation_is_whole(operation: Operation) -> None:
    assert operation.apply or operation.in_bulk
    assert (operation.request is None) == (operation.apply is None)
    for request in (operation.request, operation.in_bulk and operation.in_bulk.request):
        assert request is None or operation.name in get_args(get_type_hints(request)["kind"])
    if operation.key:
        command = next(command for command in COMMANDS if command.name == operation.name)
        assert (command.label, command.key) == (operation.label, operation.key)
        assert operation.label
    if operation.dialog:
        template = files("qosmatin.review").joinpath("templates", f"dialog_{operation.name}.html.j2")
        assert f'<dialog id="{operation.name}"' in template.read_text(encoding="utf-8")
    assert operation.key or not (operation.label or operation.button or operation.dialog)


def test_each_operation_stands_once() -> None:
    names = [operation.name for operation in OPERATIONS]
    assert len(names) == len(set(names))
    assert set(KINDS) <= set(names)


@pytest.mark.parametrize("kind", KINDS)
def test_what_scripts_send_is_still_understood_and_described(kind: str) -> None:
    described = openapi()
    schema = {"$ref": "#/components/schemas/Request", "components": described["components"]}
    nulls = dict.fromkeys(("source_text", "target_text", "category", "comment"))
    least = {"kind": kind, "document": 1, "number": 2, "version": 3}
    bodies = least, {"kind": kind, **WHOLE, **nulls}, {"kind": kind, **WHOLE}
    for body in bodies:
        request = REQUEST.validate_json(json.dumps(body))
        assert (request.kind, request.document, request.number, request.version) == (kind, 1, 2, 3)
        Draft202012Validator(schema).validate(body)
    assert request.neighbours == ((3, 4),)
    assert not Draft202012Validator(schema).is_valid({**least, "colour": "red"})
    assert not Draft202012Validator(schema).is_valid({"kind": kind, "document": 1, "number": 2})
    assert {"kind", *WHOLE} <= FIELDS


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("accept", {"document": 1, "number": 2}),
        ("no such kind", WHOLE),
        ("split", {**WHOLE, "source_halves": ["a"]}),
        ("flag", {**WHOLE, "comment": 5}),
        ("merge", {**WHOLE, "neighbours": [[1]]}),
    ],
)
def test_what_makes_no_sense_is_no_request(kind: str, values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        request_of(kind, **values)


@pytest.mark.parametrize("kind", ["accept", "reject", "restore", "flag", "bookmark", "replace", "revert"])
def test_a_batch_that_an_older_version_planned_goes_on(kind: str) -> None:
    query = {"translation": "en", "document": 1, "show": "all", "order": "doubt", "search": "", "assigned": "all",
             "after": "", "before": ""}  # fmt: skip
    replacement = {"find": "a", "replace": "b", "side": "target", "is_regex": False, "match_case": False}
    nothing = dict.fromkeys(("query", "category", "comment", "replacement", "of_batch", "of_reviewer", "since"))
    kept = {"kind": kind, **nothing, "without": [[1, 2]]}
    if kind == "revert":
        kept["of_batch"] = "b1"
    else:
        kept["query"] = query
    if kind == "replace":
        kept["replacement"] = replacement
    bulk = BULK.validate_json(json.dumps(kept))
    assert bulk.kind == kind
    assert BULK.validate_json(BULK.dump_json(bulk)) == bulk
    assert IN_BULK[kind].request is type(bulk)


def test_rows_must_be_said() -> None:
    with pytest.raises(ValidationError):
        bulk_of("accept")
    with pytest.raises(ValidationError):
        bulk_of("replace", query={"translation": "en"})


def test_no_form_is_sent_before_its_script_is_there() -> None:
    """A form that nothing but a script serves is closed until then, or out of reach in a dialog or what is hidden."""
    for template in files("qosmatin.review").joinpath("templates").iterdir():
        text = template.read_text(encoding="utf-8")
        for form in re.finditer(r"<form\b([^>]*)>\s*(<[^>]*>)?", text):
            before = text[: form.start()]
            in_dialog = before.count("<dialog") > before.count("</dialog")
            in_hidden = bool(re.search(r"<aside\b[^>]* hidden>(?!.*</aside>)", before, re.DOTALL))
            closed = re.search(r'<fieldset class="closed\b[^>]* disabled>', form[2] or "")
            assert "method=" in form[1] or in_dialog or in_hidden or closed, (template.name, form[0])
