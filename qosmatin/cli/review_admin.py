"""``qosmatin review ...``: serving a review, and looking after it: people, documents, backups."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from .review import serve_review
from .review_backups import back_up, restore
from .review_people import add_account, assign, change_role, erase, invite, make_token, revoke, users
from .review_samples import draw_sample, show_estimates
from .review_telling import show_openapi, write_qa


class _ServeByDefault(TyperGroup):
    """A group in which ``qosmatin review CORPUS`` means ``qosmatin review serve CORPUS``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] != "--help":
            args = ["serve", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_ServeByDefault,
    help="Review a corpus in the browser: `qosmatin review CORPUS`, the same as `qosmatin review serve CORPUS`. The "
    "other commands look after people, documents, samples and backups. (A corpus folder called like one of "
    "them: ./backup.)",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.command("serve")(serve_review)
app.command("account")(add_account)
app.command("invite")(invite)
app.command("users")(users)
app.command("role")(change_role)
app.command("erase")(erase)
app.command("token")(make_token)
app.command("revoke")(revoke)
app.command("assign")(assign)
app.command("backup")(back_up)
app.command("restore")(restore)
app.command("sample")(draw_sample)
app.command("estimate")(show_estimates)
app.command("qa")(write_qa)
app.command("openapi")(show_openapi)
