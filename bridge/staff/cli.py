"""`capcoada staff`: who the operators are, from a shell on the bridge's machine.

A team's first admin is made here: nobody is there yet who could do it in the console. It acts as
the server, so no rules judge it; whoever may read the bridge's credentials may do this.
"""

import argparse
import asyncio

from bridge.exit_codes import EXIT_OK
from bridge.staff.find import find_operator
from core.i18n import _
from core.model.documents import StaffProfile, StaffRole, to_data
from core.model.ids import staff_path
from core.paths import DataFolder
from core.service.staff import STAFF_QUERY, read_profile, read_profiles, shown_name
from core.settings import load_settings, placed
from core.store.open import open_store
from core.store.port import Set, Transaction
from core.text import clean_line


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to a parser."""
    from bridge.cli import add_data_option

    about = _("Show and add operators: the first admin of a team is made by this.")
    parser = commands.add_parser("staff", help=about, description=about)
    doings = parser.add_subparsers(metavar=_("COMMAND"), required=True, dest="doing")
    shown = _("Show every operator, and what they may do.")
    listing = doings.add_parser("list", help=shown, description=shown)
    add_data_option(listing)
    listing.set_defaults(run=_list)
    added = _("Add an operator, or give one other rights.")
    adding = doings.add_parser("add", help=added, description=added)
    add_data_option(adding)
    adding.add_argument("uid", metavar="UID", help=_("their user ID, or their e-mail address"))
    adding.add_argument("--email", default="", help=_("the address they sign in with"))
    adding.add_argument("--name", default="", help=_("what colleagues call them"))
    adding.add_argument(
        "--admin",
        action=argparse.BooleanOptionalAction,
        help=_("they see and do everything, as an admin; or no longer do"),
    )
    adding.add_argument(
        "--account",
        action="append",
        default=[],
        metavar="ID",
        dest="accounts",
        help=_("an account whose conversations they see; may be given several times"),
    )
    adding.set_defaults(run=_add)


def _list(options: argparse.Namespace) -> int:
    from bridge.cli import folder_of

    profiles = asyncio.run(_read(folder_of(options)))
    for profile in profiles.values():
        print(f"{clean_line(profile.uid)}  {shown_name(profile, profile.uid)}  {_rights(profile)}")
    if not profiles:
        print(_("There is no operator yet."))
    return EXIT_OK


def _add(options: argparse.Namespace) -> int:
    from bridge.cli import folder_of

    profile = asyncio.run(_write(folder_of(options), options))
    name = shown_name(profile, profile.uid)
    print(_("{name} is an operator: {rights}.").format(name=name, rights=_rights(profile)))
    return EXIT_OK


async def _read(folder: DataFolder) -> dict[str, StaffProfile]:
    folder.prepare()
    async with open_store(folder, load_settings(folder)) as store:
        return read_profiles(await store.query(STAFF_QUERY))


async def _write(folder: DataFolder, options: argparse.Namespace) -> StaffProfile:
    """Write a profile, active; what is not given of one that exists stays.

    Raises StoreError, CallRefused for an address that nobody signs in with.
    """
    folder.prepare()
    settings = load_settings(folder)
    uid, email, name = options.uid, options.email, options.name
    if settings.cloud.project and "@" in uid:
        found = await find_operator(placed(settings, folder).cloud, uid)
        uid, email, name = found.uid, email or found.email, name or found.name
    path = staff_path(uid)
    role: StaffRole = "admin" if options.admin else "operator"

    async def write(transaction: Transaction) -> StaffProfile:
        known = read_profile(await transaction.get(path)) or StaffProfile(uid=uid)
        profile = StaffProfile(
            uid=uid,
            email=email or known.email,
            display_name=name or known.display_name or email,
            code=known.code,
            role=known.role if options.admin is None else role,
            allowed_account_ids=options.accounts or known.allowed_account_ids,
            is_active=True,
        )
        transaction.write(Set(path, to_data(profile)))
        return profile

    async with open_store(folder, settings) as store:
        return await store.transact(write)


def _rights(profile: StaffProfile) -> str:
    if not profile.is_active:
        return _("switched off")
    if profile.is_admin:
        return _("admin, all accounts")
    accounts = ", ".join(map(clean_line, profile.allowed_account_ids))
    return accounts or _("no account yet")
