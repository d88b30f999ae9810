"""The built-in engine: no network, no key, the same answer for the same chat."""

from core.crm.extract.rules.engine import extract

__all__ = ["extract"]
