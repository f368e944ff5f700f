"""Expected trouble of the command line: one sentence each, which says what to do about it."""

from __future__ import annotations


class InfraError(Exception):
    """Something the person at the keyboard can put right. The message is all they get to see."""


class PortBusy(InfraError):
    """Another program listens on a port that is needed."""


class ChildDied(InfraError):
    """A program that should have kept running has ended. The message has its last lines."""


class ProvisionError(InfraError):
    """CloudFormation did not bring the stack to where it should be. The message has its reasons."""


class SignInProblem(InfraError):
    """Cognito gave no tokens for an e-mail address and a password."""
