"""The texts of Python's own argument parser, marked so that the catalogues hold them.

argparse translates through gettext's default domain, which `core.i18n.adopt_language` makes ours.
"""


def _mark(text: str) -> str:
    """Mark a text for the catalogues; argparse translates it when it is shown."""
    return text


ARGPARSE_TEXTS = (
    _mark("usage: "),
    _mark("options"),
    _mark("positional arguments"),
    _mark("show this help message and exit"),
    _mark("argument %(argument_name)s: %(message)s"),
    _mark("expected one argument"),
    _mark("expected at least one argument"),
    _mark("expected at most one argument"),
    _mark("unrecognized arguments: %s"),
    _mark("the following arguments are required: %s"),
    _mark("one of the arguments %s is required"),
    _mark("not allowed with argument %s"),
    _mark("ignored explicit argument %r"),
    _mark("invalid choice: %(value)r (choose from %(choices)s)"),
    _mark("invalid %(type)s value: %(value)r"),
    _mark("can't open '%(filename)s': %(error)s"),
)
"""As Python 3.11 to 3.13 word them."""
