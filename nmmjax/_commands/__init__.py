"""What each command does. Nothing of it is imported before the command line has been read, and then one command."""

import argparse
import importlib

from nmmjax._interruption import Interruption

COMMANDS = {
    "fit": "fit:fit",
    "profile": "profile:profile",
    "check": "profile:check",
    "impacts": "deciding:impacts",
    "toys": "toys:toys",
    "calibrate": "calibrate:calibrate",
    "forecast": "forecast:forecast",
    "plot": "results:plot",
    "compare": "results:compare",
    "reweight": "deciding:reweight",
    "join": "deciding:join",
    "list": "others:listing",
    "show": "show:show",
    "export": "export:write",
    "report": "page:write",
    "slha": "slha:export",
    "cite": "cite:cite",
    "new": "new:begin",
    "figures": "others:figures",
    "ledger": "others:ledgers",
    "verify": "verify:verify",
    "benchmark": "others:benchmark",
    "completion": "others:completion",
    "doctor": "others:doctor",
}
"""By name: module and function of the options and the screen, which says whether all is well."""


def run(options: argparse.Namespace, interruption: Interruption) -> bool:
    """Do what a command line says; whether all is well."""
    from nmmjax._commands import _shared

    module, _, function = COMMANDS[options.command].partition(":")
    command = getattr(importlib.import_module(f"{__name__}.{module}"), function)
    return command(options, _shared.screen(interruption))
