"""Command whose options may also be given by a configuration file and by variables of the environment."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperOption

from envoy.cli.configuration.keys import OVERRULED, PARTS, Table, find_table, variable_of
from envoy.cli.terminal.exit_status import exit_on_errors
from envoy.errors import ConfigurationError, EnvoyError, OperationError

if TYPE_CHECKING:
    from envoy.cli.configuration.file import ConfigurationFile

_EPILOG = (
    "Options may also be given by a configuration file, or by variables: ENVOY_PROFILE for --profile. envoy config "
    "shows which, and where."
)

_STRENGTHS = {"DEFAULT": 0, "DEFAULT_MAP": 1, "ENVIRONMENT": 2, "COMMANDLINE": 3}
"""Where a value comes from, as click names it; the strongest counts."""


class ConfiguredCommand(TyperCommand):
    """A command with a table of a configuration file.

    Attributes:
        table: The table.
        options: Its options that are keys of the table, by key.
    """

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        table = find_table(self.name or "")
        assert table is not None
        self.table: Table = table
        self.options = {key: option for key in table.keys for option in self._find_options(f"--{key}")}
        for key, option in self.options.items():
            option.envvar = variable_of(key)
            option.show_envvar = False
            if option.is_flag and not option.secondary_opts:
                # What a file has switched on, the command line can switch off.
                option.secondary_opts = [f"--no-{key}"]
            if option.multiple:
                option.type = _split_by_lines(option.type)
        self._config = TyperOption(
            param_decls=["--config"],
            metavar="FILE",
            help="Use this configuration file.",
            expose_value=False,
            envvar=variable_of("config"),
        )
        isolated = TyperOption(
            param_decls=["--isolated"], is_flag=True, help="Use no configuration file.", expose_value=False
        )
        self.params += [self._config, isolated]
        self.epilog = _EPILOG

    def _find_options(self, name: str) -> Iterator[TyperOption]:
        return (each for each in self.params if isinstance(each, TyperOption) and name in each.opts)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the command line; what is not on it comes from the environment, the file or the defaults."""
        given, _, _ = self.make_parser(ctx).parse_args(list(args))
        if "help" not in given and not ctx.resilient_parsing:
            self.configure(ctx, given)
            for option in self.options.values():
                # Errors name the variable of an option; the help would have little else.
                option.show_envvar = True
        rest = super().parse_args(ctx, args)
        self.drop_overruled(ctx)
        return rest

    def configure(self, ctx: Any, given: Mapping[str, Any]) -> None:
        """Let a context have the values of the configuration file, which becomes its ``obj``.

        Args:
            ctx: The context.
            given: What is on the command line, by the names of parameters.

        Raises:
            ConfigurationError: The file cannot be used, or there are several.
        """
        ctx.obj = self._find_file(ctx, given)
        if ctx.obj is not None:
            ctx.default_map = ctx.obj.options(self.table, self.options, ctx)

    def _find_file(self, ctx: Any, given: Mapping[str, Any]) -> ConfigurationFile | None:
        named, source = self._config.consume_value(ctx, given)
        if given.get("isolated"):
            if named and source.name == "COMMANDLINE":
                raise ConfigurationError("--config and --isolated exclude each other", remedy="Leave one out.")
            return None
        if named is not None:
            from envoy.cli.configuration.file import load_named  # deferred: loads a parser of TOML

            return load_named(Path(named))
        if not self.table.documents:
            return None
        from envoy.cli.configuration.discovery import find_configuration  # deferred: --help does not need it

        return find_configuration(given.get(self.table.documents) or ("-",))

    def drop_overruled(self, ctx: Any) -> None:
        """Give keys their default if an option in a stronger place excludes them, or replaces what they are part of."""
        for key, option in self.options.items():
            rivals = [other for name in OVERRULED.get(key, ()) for other in self._find_options(f"--{name}")]
            whole = self.options.get(PARTS.get(key, ""))
            if whole is not None and _is_given(ctx, whole, beside=option):
                rivals.append(whole)
            strength = _strength(ctx, option)
            if 0 < strength < max((_strength(ctx, other) for other in rivals), default=0):
                ctx.params[option.name] = option.process_value(ctx, option.default)
                ctx.set_parameter_source(option.name, type(ctx.get_parameter_source(option.name))["DEFAULT"])

    def invoke(self, ctx: Any) -> Any:
        """Run the command. If what it was given cannot be used, say what of that is not from the command line."""
        try:
            with exit_on_errors():
                return super().invoke(ctx)
        except SystemExit as end:
            error = end.__context__
            if isinstance(error, EnvoyError) and not isinstance(error, OperationError):
                here = os.path.join(os.getcwd(), "")
                places = [f"{key} ({place.removeprefix(here)})" for key, place in self.places(ctx).items()]
                if places:
                    typer.echo(f"  Not from the command line: {', '.join(places)}", err=True)
            raise

    def places(self, ctx: Any) -> dict[str, str]:
        """Return the place of each key that a variable or the file gives: the name of the variable, or the line."""
        found = {}
        for key, option in self.options.items():
            source = ctx.get_parameter_source(option.name)
            if source is not None and source.name == "ENVIRONMENT":
                found[key] = variable_of(key)
            elif source is not None and source.name == "DEFAULT_MAP":
                found[key] = ctx.obj.locate(self.table.name, key)
        return found


def _is_given(ctx: Any, option: TyperOption, *, beside: TyperOption) -> bool:
    """Return whether an option is given in the place of another, though perhaps in a stronger one as well."""
    place = _strength(ctx, beside)
    if place == _STRENGTHS["ENVIRONMENT"]:
        return option.resolve_envvar_value(ctx) is not None
    return place == _STRENGTHS["DEFAULT_MAP"] and option.name in ctx.default_map


def _strength(ctx: Any, option: TyperOption) -> int:
    source = ctx.get_parameter_source(option.name)
    return 0 if source is None else _STRENGTHS[source.name]


def _split_by_lines(kind: Any) -> Any:
    """Return a type of values of which a variable has one in each line: they may have any other character in them."""
    own = copy(kind)
    own.split_envvar_value = lambda text: list(filter(None, map(str.strip, text.splitlines())))
    return own
