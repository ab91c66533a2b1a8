"""Fields that are attributes of an element beside them: as others to whoever uses them, in one slot of the object."""

from __future__ import annotations

import copy
import dataclasses
import pickle

import pytest

from envoy.bindings.beside import PLACE
from envoy.bindings.fields import fields_of
from sep2 import CurrentDERControls, DeltaBidirectionalType, DERControlBase, ReactivePower

CLASSES = [DERControlBase, CurrentDERControls]


def base() -> DERControlBase:
    return DERControlBase(
        op_mod_fixed_w=5000,
        op_mod_fixed_w_disabled=True,
        op_mod_delta_var=ReactivePower.of(100),
        op_mod_delta_var_bidirectional=DeltaBidirectionalType.MUST,
    )


@pytest.mark.parametrize("cls", CLASSES)
def test_an_object_has_one_slot_for_all_of_them(cls: type) -> None:
    beside = {other.name for field in fields_of(cls) for other in field.beside}
    assert len(beside) > 20
    assert beside.isdisjoint(cls.__slots__) and PLACE in cls.__slots__  # type: ignore[attr-defined]
    assert beside < {field.name for field in dataclasses.fields(cls)}
    assert not hasattr(object.__new__(cls), "__dict__")


def test_they_are_set_read_and_taken_away() -> None:
    obj = base()
    assert (obj.op_mod_fixed_w_disabled, obj.op_mod_max_lim_w_disabled) == (True, None)
    obj.op_mod_max_lim_w_disabled = False
    assert obj.op_mod_max_lim_w_disabled is False
    obj.op_mod_max_lim_w_disabled = None
    assert obj == base()
    assert "op_mod_fixed_w_disabled=True" in repr(obj)


def test_objects_with_others_are_not_equal() -> None:
    for change in ({"op_mod_fixed_w_disabled": None}, {"op_mod_delta_var_bidirectional": DeltaBidirectionalType.MAY}):
        assert dataclasses.replace(base(), **change) != base()
    obj = base()
    obj.op_mod_fixed_w_disabled = obj.op_mod_delta_var_bidirectional = None
    assert obj == DERControlBase(op_mod_fixed_w=5000, op_mod_delta_var=ReactivePower.of(100))


def test_a_copy_has_them_and_does_not_share_them() -> None:
    obj = base()
    for other in (copy.copy(obj), copy.deepcopy(obj), pickle.loads(pickle.dumps(obj)), dataclasses.replace(obj)):  # noqa: S301
        assert other == obj
        other.op_mod_fixed_w_disabled = None
        assert obj == base() != other


def test_before_it_is_filled_an_object_has_none_of_them() -> None:
    with pytest.raises(AttributeError):
        _ = object.__new__(DERControlBase).op_mod_fixed_w_disabled
