"""TXT records: what is written is read again, and whatever is read has keys and values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envoy.dns_sd.txt import LONGEST, read_txt, show_txt, write_txt

KEYS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters="="), min_size=1, max_size=20)
VALUES = st.none() | st.text(max_size=50)


@given(st.dictionaries(KEYS.map(str.lower), VALUES))
def test_what_is_written_is_read_in_its_order(values: dict[str, str | None]) -> None:
    assert list(read_txt(write_txt(values)).items()) == list(values.items())


@given(KEYS, VALUES, VALUES)
def test_keys_are_without_regard_to_case_and_the_first_counts(key: str, first: str | None, second: str | None) -> None:
    octets = write_txt({key.lower(): first}) + write_txt({key.upper(): second})
    assert read_txt(octets) == {key.lower(): first}


@given(st.binary(max_size=600))
def test_any_octets_are_read(octets: bytes) -> None:
    assert all(key and "=" not in key for key in read_txt(octets))


def test_strings_without_a_key_and_those_that_are_cut_off_are_left_out() -> None:
    assert read_txt(b"\x00\x02=1\x01a\x03b=\x20\x09txtvers=") == {"a": None, "b": " "}


def test_no_value_is_not_an_empty_one() -> None:
    values: dict[str, str | None] = {"https": None, "path": ""}
    assert write_txt(values) == b"\x05https\x05path="
    assert read_txt(write_txt(values)) == values
    assert show_txt(values) == "https path="


@pytest.mark.parametrize(("key", "value"), [("", "1"), ("a=b", "1"), ("\xfc", "1"), ("dcap", "/" + LONGEST * "x")])
def test_what_cannot_be_in_a_record_is_refused(key: str, value: str) -> None:
    with pytest.raises(ValueError, match="TXT"):
        write_txt({key: value})
