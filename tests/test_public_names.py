"""The public names: all that a public docstring names can be imported from ``envoy``."""

from __future__ import annotations

import builtins
import inspect
import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest

import envoy
import sep2


def documented() -> Iterator[tuple[str, str]]:
    """Give each public class, method and function of the package with its docstring."""
    for name in envoy.__all__:
        thing = getattr(envoy, name)
        if not (inspect.isclass(thing) or inspect.isfunction(thing)):
            continue
        yield name, inspect.getdoc(thing) or ""
        for member in dir(thing) if inspect.isclass(thing) else ():
            found = inspect.getattr_static(thing, member)
            function = getattr(found, "__func__", getattr(found, "fget", None) or found)
            if (not member.startswith("_") or member == "__init__") and inspect.isfunction(function):
                yield f"{name}.{member}", inspect.getdoc(function) or ""


DOCUMENTED = dict(documented())
assert {"Exchange", "Request", "Response", "Wait"} <= DOCUMENTED.keys()


def classes_of_envoy() -> set[str]:
    """Return the names of the public classes that the modules loaded so far define."""
    modules = [module for name, module in sys.modules.items() if name.startswith("envoy.")]
    return {
        name
        for module in modules
        for name, value in vars(module).items()
        if inspect.isclass(value) and value.__module__.startswith("envoy.") and not name.startswith("_")
    }


def test_every_public_name_can_be_imported_and_is_listed() -> None:
    assert {name: getattr(envoy, name) is not None for name in envoy.__all__}
    assert set(envoy.__all__) <= set(dir(envoy))
    assert "register" not in envoy.__all__
    with pytest.raises(AttributeError):
        getattr(envoy, "nothing")  # noqa: B009


@pytest.mark.parametrize("name", DOCUMENTED)
def test_what_a_public_docstring_names_can_be_imported(name: str) -> None:
    # A word with one capital may be of the prose, as Location is, which some module has a class of.
    words = set(re.findall(r"\b[A-Z][a-z]+[A-Z]\w+|(?<=``)[A-Z]\w+(?=``)", DOCUMENTED[name]))
    assert {
        word for word in words & classes_of_envoy() if not hasattr(envoy, word) and not hasattr(sep2, word)
    } == set()


@pytest.mark.parametrize("name", DOCUMENTED)
def test_what_a_public_docstring_says_is_raised_can_be_imported(name: str) -> None:
    _, _, raises = DOCUMENTED[name].partition("Raises:\n")
    errors = {error for heads in re.findall(r"(?m)^    (\w+(?:, \w+)*):", raises) for error in heads.split(", ")}
    assert bool(errors) == bool(raises)
    assert {error for error in errors if not hasattr(envoy, error) and not hasattr(builtins, error)} == set()


def test_both_clients_show_the_same_parameters() -> None:
    def parameters(cls: Any) -> dict[str, Any]:
        shown = {each.name: (each.kind, each.default) for each in inspect.signature(cls).parameters.values()}
        assert inspect.getdoc(cls.__init__) and "__init__" in vars(cls)
        return shown

    assert parameters(envoy.Client) == parameters(envoy.AsyncClient)
    for name in parameters(envoy.Client):
        assert f"\n    {name}: " in inspect.getdoc(envoy.Client.__init__)  # type: ignore[operator]


def test_both_clients_have_the_same_methods() -> None:
    def methods(cls: type) -> set[str]:
        return {name for name in dir(cls) if not name.startswith("_")}

    # A fleet is followed on one event loop.
    assert methods(envoy.AsyncClient) - {"aclose", "follow_fleet"} == methods(envoy.Client) - {"close"}
