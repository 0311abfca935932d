"""``qosmatin campaign ...``: people judge what systems translated."""

from __future__ import annotations

import typer

from .campaign_exchange import export_campaign, import_campaign
from .campaign_new import new
from .campaign_results import show_metrics, show_results
from .campaign_serve import serve_campaigns

app = typer.Typer(
    help="People judge what systems translated: make a campaign, serve its pages, rank (docs/campaigns.md).",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.command("new")(new)
app.command("serve")(serve_campaigns)
app.command("results")(show_results)
app.command("metrics")(show_metrics)
app.command("export")(export_campaign)
app.command("import")(import_campaign)
