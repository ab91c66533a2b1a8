"""One procedure of ``cactus-client`` against an ``envoy serve`` of its own.

    python -m tests.certifier.procedure S-ALL-01 device FOLDER http://127.0.0.1:8080

Where a procedure leaves it open, its clients are devices or aggregators, as the second argument says.

The folder gets the log and the requests; the last line of standard output is the outcome, as JSON.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from cactus_client.admin import get_plugin_manager
from cactus_client.execution.build import build_execution_context
from cactus_client.execution.execute import execute_for_context, setup_and_teardown
from cactus_client.model.config import ClientConfig, GlobalConfig, RunConfig, ServerConfig
from cactus_client.model.context import ExecutionContext
from cactus_client.model.execution import ExecutionResult
from cactus_client.results.common import ResultsEvaluation
from cactus_test_definitions.csipaus import CSIPAusVersion
from cactus_test_definitions.server.test_procedures import ClientType, TestProcedureId, get_test_procedure

from envoy.identity import sfdi_of_lfdi, site_lfdi
from envoy.testing import UtilityServer

from .admin import Administrator

PEN = 32473
"""The Private Enterprise Number that mRIDs and the LFDIs of sites end in: the one that is reserved for examples."""

SHORTENED = {"S-ALL-50": 4}
"""How often a client is simulated by procedures that take days of real time otherwise."""

PATIENCE = 40
"""How often a step is tried, 5 s after the last time, that waits for something to happen."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a procedure.

    Attributes:
        passed: Whether ``cactus-client`` says that it passed.
        reason: The step that failed, and how; else what was shortened.
        warnings: What it warned of, each once. In its strict mode these would fail the procedure.
    """

    passed: bool
    reason: str
    warnings: list[str]


def run(identifier: str, kind: ClientType, folder: Path, notifications: str) -> Outcome:
    """Run a procedure.

    Args:
        identifier: Its identifier.
        kind: What its clients are, unless the procedure says so.
        folder: Where to keep the log and the requests.
        notifications: URL of the ``cactus-client-notifications`` that receives notifications.
    """
    logging.basicConfig(filename=folder / "cactus.log", level=logging.INFO, format="%(asctime)s %(message)s")
    # A device has no EndDevice before it registers; an aggregator has its own, where it subscribes.
    registered = "--pre-registered" if kind is ClientType.AGGREGATOR else "--no-pre-registered"
    with UtilityServer(options=["--pen", str(PEN), "--lenient", "--log", registered]) as server:
        clients = _clients(server, identifier, kind)
        settings = ServerConfig(
            device_capability_uri=f"{server.url}/dcap",
            verify_ssl=True,
            serca_pem_file=str(server.client_files(clients[0].id).ca),
            notification_uri=notifications,
            pen=PEN,
        )
        options = RunConfig(
            test_procedure_id=TestProcedureId(identifier),
            client_ids=[client.id for client in clients],
            csip_aus_version=CSIPAusVersion.RELEASE_1_2,
            headless=True,
        )
        get_plugin_manager().register(Administrator(server))
        outcome = asyncio.run(_execute(GlobalConfig(folder, settings, clients), options))
        (folder / "server.log").write_text(server.log)
    return outcome


def _clients(server: UtilityServer, identifier: str, kind: ClientType) -> list[ClientConfig]:
    """Return a client for each that a procedure requires, of a kind unless it has to be of another."""
    required = get_test_procedure(TestProcedureId(identifier)).preconditions.required_clients
    clients = []
    for number, each in enumerate(required, 1):
        chosen = each.client_type or kind
        name = f"{chosen.value}-{number}"
        files = server.client_files(name)
        # A device is registered by its certificate; the sites of an aggregator have none.
        lfdi = files.lfdi if chosen is ClientType.DEVICE else site_lfdi(number, pen=PEN)
        clients.append(
            ClientConfig(
                id=name,
                type=chosen,
                certificate_file=str(files.cert),
                key_file=str(files.key),
                lfdi=lfdi.hex().upper(),
                sfdi=sfdi_of_lfdi(lfdi),
                pen=PEN,
                pin=111115,
                max_watts=5000,
            )
        )
    return clients


async def _execute(config: GlobalConfig, options: RunConfig) -> Outcome:
    async with build_execution_context(config, options) as context:
        note = _shorten(context)
        async with setup_and_teardown(context):
            result = await _with_patience(context)
        evaluation = ResultsEvaluation(context, result)
        passed = evaluation.has_passed()
        warnings = sorted({f"{each.source_id()}: {each.message}" for each in context.warnings.warnings})
        return Outcome(passed, note if passed else _reason(context), warnings)


def _shorten(context: ExecutionContext) -> str:
    """Shorten a procedure that takes days; return what was done."""
    count = SHORTENED.get(context.test_procedure_id.value)
    for step in context.test_procedure.steps:
        parameters = step.action.parameters
        if count is not None and "total_simulations" in parameters:
            note = f"{count} of {parameters['total_simulations']} simulations"
            parameters["total_simulations"] = count
            return note
    return ""


async def _with_patience(context: ExecutionContext) -> ExecutionResult:
    """Run the steps; end when one was tried too often."""
    steps = asyncio.create_task(execute_for_context(context))
    while not steps.done():
        current = context.progress.current_step_execution
        if current is not None and current.attempts >= PATIENCE:
            steps.cancel()
            break
        await asyncio.wait([steps], timeout=1)
    with contextlib.suppress(asyncio.CancelledError):
        return await steps
    return ExecutionResult(completed=False)


def _reason(context: ExecutionContext) -> str:
    """Return which step failed, and how."""
    for response in context.responses.responses:
        if response.xsd_errors:
            return f"{response.method} {response.url}: {response.xsd_errors[0]}"
    if not context.progress.all_completions:
        return "no step was completed"
    last = context.progress.all_completions[-1]
    if last.exc is not None:
        how = f"{type(last.exc).__name__}: {last.exc}"
    elif last.action_result is not None and not last.action_result.completed:
        how = last.action_result.description or "the action failed"
    else:
        how = (last.check_result and last.check_result.description) or "the check failed"
    return f"{last.step_execution.source.id}: {how}"


def main(identifier: str, kind: str, folder: str, notifications: str) -> None:
    """Run a procedure and print the outcome."""
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    print(json.dumps(asdict(run(identifier, ClientType(kind), place, notifications))))


if __name__ == "__main__":
    main(*sys.argv[1:])
