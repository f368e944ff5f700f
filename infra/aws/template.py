"""Render a CloudFormation template for given parameters.

It implements only the part of the language that our templates use. Everything else raises KeyError.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

# Marks values that `!Ref AWS::NoValue` removes.
_NO_VALUE = object()


def load_template(path: Path) -> dict[str, Any]:
    """Return a template with functions in their long form: `!Ref X` becomes `{"Ref": "X"}`."""
    document: dict[str, Any] = yaml.load(path.read_text("utf-8"), Loader=_Loader)  # noqa: S506 - a safe one
    return document


def template_body(path: Path) -> str:
    """Return the text of a template for CloudFormation, which takes 51,200 bytes.

    Lines that are only comments are left out.
    """
    lines = path.read_text("utf-8").splitlines()
    return "".join(f"{line}\n" for line in lines if not line.lstrip().startswith("#"))


def render(document: Mapping[str, Any], parameters: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return the resources that the template defines for these parameters, by name.

    The default applies to each parameter that is left out. Values that only CloudFormation knows
    become placeholders: `!Ref UserPool` is `${UserPool}`, and `!GetAtt UserPool.Arn` is
    `${UserPool.Arn}`.
    """
    renderer = _Renderer(document, parameters)
    return {
        name: renderer.value({"Type": resource["Type"], **resource.get("Properties", {})})
        for name, resource in document["Resources"].items()
        if "Condition" not in resource or renderer.holds(resource["Condition"])
    }


def parameter_values(
    document: Mapping[str, Any], parameters: Mapping[str, str]
) -> dict[str, str | int | list[str]]:
    """Return the value of each parameter, as `Ref` returns it."""
    return {
        name: _typed(declared["Type"], str(parameters.get(name, declared.get("Default", ""))))
        for name, declared in document["Parameters"].items()
    }


def _typed(kind: str, text: str) -> str | int | list[str]:
    if kind == "Number":
        return int(text)
    if kind == "CommaDelimitedList":
        return [part.strip() for part in text.split(",")]
    return text


class _Renderer:
    def __init__(self, document: Mapping[str, Any], parameters: Mapping[str, str]) -> None:
        self._conditions = document.get("Conditions", {})
        self._parameters = parameter_values(document, parameters)
        self._functions: Mapping[str, Callable[[Any], Any]] = {
            "Ref": self._ref,
            "Fn::GetAtt": lambda argument: f"${{{argument}}}",
            "Fn::Sub": self._sub,
            "Fn::If": lambda argument: self.value(argument[1 if self.holds(argument[0]) else 2]),
            "Fn::Equals": lambda argument: self.value(argument[0]) == self.value(argument[1]),
            "Fn::Not": lambda argument: not self.value(argument[0]),
            "Fn::Or": lambda argument: any(self.value(part) for part in argument),
            "Fn::And": lambda argument: all(self.value(part) for part in argument),
            "Fn::Join": lambda argument: argument[0].join(self.value(argument[1])),
            "Condition": self.holds,
        }

    def holds(self, condition: str) -> bool:
        return bool(self.value(self._conditions[condition]))

    def value(self, node: Any) -> Any:
        if isinstance(node, list):
            rendered = [self.value(item) for item in node]
            return [item for item in rendered if item is not _NO_VALUE]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            [(name, argument)] = node.items()
            if name in self._functions or name.startswith("Fn::"):
                return self._functions[name](argument)
        members = {name: self.value(item) for name, item in node.items()}
        return {name: item for name, item in members.items() if item is not _NO_VALUE}

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return _NO_VALUE
        return self._parameters.get(name, f"${{{name}}}")

    def _sub(self, argument: str | list[Any]) -> str:
        text, given = (argument, {}) if isinstance(argument, str) else argument
        own = {name: self.value(item) for name, item in given.items()}
        return re.sub(
            r"\$\{([^}]+)\}", lambda match: str(own.get(match[1]) or self._ref(match[1])), text
        )


class _Loader(yaml.CSafeLoader):
    """Accepts the short form of CloudFormation's functions."""


def _long_form(loader: yaml.SafeLoader, tag: str, node: yaml.Node) -> dict[str, Any]:
    name = tag if tag in {"Ref", "Condition"} else f"Fn::{tag}"
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    assert isinstance(node, yaml.SequenceNode)  # noqa: S101 - no function here takes a mapping
    return {name: loader.construct_sequence(node, deep=True)}


_Loader.add_multi_constructor("!", _long_form)
