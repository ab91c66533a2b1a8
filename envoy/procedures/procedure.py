"""A procedure: what is done to a utility, what a client under test is waited for, and what its passing depends on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from envoy._text import join_words
from envoy.errors import ProcedureError
from envoy.procedures.vocabulary import VERSIONS


@dataclass(frozen=True, slots=True)
class Action:
    """Something that is done when a run begins or a step has happened.

    Attributes:
        type: Its name in the vocabulary.
        parameters: Values, and expressions that get theirs during the run.
        line: Where it stands in its file.
    """

    type: str
    parameters: Mapping[str, Any]
    line: int


@dataclass(frozen=True, slots=True)
class Check:
    """A question about what the client did.

    Attributes:
        type: Its name in the vocabulary.
        parameters: Values, and expressions that get theirs when it is decided.
        line: Where it stands in its file.
    """

    type: str
    parameters: Mapping[str, Any]
    line: int


@dataclass(frozen=True, slots=True)
class Event:
    """What a step waits for.

    Attributes:
        type: Its name in the vocabulary.
        parameters: Values and expressions.
        checks: What has to hold when it comes; otherwise it does not count.
        line: Where it stands in its file.
    """

    type: str
    parameters: Mapping[str, Any]
    checks: Sequence[Check]
    line: int


@dataclass(frozen=True, slots=True)
class Step:
    """A step: the actions that follow an event, each time it comes, from when the step is enabled until it is removed.

    Attributes:
        name: Its name, which other steps enable it by.
        event: What it waits for.
        actions: What is done then.
        instructions: What people have to do or to look at meanwhile.
        line: Where it stands in its file.
        within: Seconds that the event may take, from when the step is enabled; None for any time.
        instructs_then: Whether the instructions are shown when the event has come, instead of when the step is enabled.
    """

    name: str
    event: Event
    actions: Sequence[Action]
    instructions: Sequence[str]
    line: int
    within: float | None = None
    instructs_then: bool = False


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure.

    Attributes:
        name: Its name: that of the file, without the suffix.
        file: The file, as it was named.
        description: What it is about.
        category: The group of procedures it belongs to.
        classes: The classes of clients that it is for.
        versions: The versions of CSIP-AUS that it is for.
        steps: Its steps. The first one is enabled when the run starts.
        init_actions: What is done before any client comes.
        immediate_start: Whether the run starts with the first request; otherwise it does when the preconditions hold.
        preconditions: What has to hold before the run starts.
        actions: What is done when it starts.
        instructions: What people have to do or to look at before.
        criteria: What the verdict depends on.
    """

    name: str
    file: str
    description: str
    category: str
    classes: Sequence[str]
    versions: Sequence[str]
    steps: Mapping[str, Step]
    init_actions: Sequence[Action]
    immediate_start: bool
    preconditions: Sequence[Check]
    actions: Sequence[Action]
    instructions: Sequence[str]
    criteria: Sequence[Check]

    def choose_profile(self, wanted: str, *, default: str) -> str:
        """Return the profile to run it in: the one that is wanted, if it is for that.

        Args:
            wanted: Name of a profile.
            default: The profile that is wanted if nobody has said any: another one will do as well.

        Raises:
            ProcedureError: It is not for the profile that is wanted.
        """
        profiles = list(dict.fromkeys(VERSIONS[version] for version in self.versions))
        if not profiles or wanted in profiles:
            return wanted
        if wanted == default:
            return profiles[0]
        raise ProcedureError(
            f"it is for {join_words(profiles, 'and')}, not for {wanted}",
            where=self.file,
            remedy=f"Use the profile {profiles[0]}.",
        )
