"""`hub check` and `hub version`: is this installation what it should be?"""

import typer

from hub.cli.invocation import Invocation

commands = typer.Typer()

WORDS = {"members": "đơn vị", "sources": "nguồn tin", "destinations": "nơi nhận", "routes": "tuyến"}


@commands.command()
def check(context: typer.Context) -> None:
    """Check the settings and report every fault at once."""
    from hub.reports.categories import categories
    from hub.reports.duties import duties

    call: Invocation = context.obj
    settings = call.load_settings()
    with call.failing():
        duties(settings, categories(settings.categories))
    counts = {
        "members": len(settings.members),
        "sources": len(settings.sources),
        "destinations": len(settings.destinations),
        "routes": len(settings.routes),
    }
    database = settings.database_url.partition("://")[0]
    broker = "rabbitmq" if settings.broker_url else "embedded"
    call.answer(
        {"settings": str(call.settings), "ok": True, "database": database, "broker": bool(settings.broker_url)}
        | counts,
        lambda: [
            f"{call.settings}: không có lỗi (no fault)",
            ", ".join(f"{count} {WORDS[what]} ({what})" for what, count in counts.items()),
            f"cơ sở dữ liệu (database): {database}; hàng đợi (broker): {broker}",
        ],
    )


@commands.command()
def version(context: typer.Context) -> None:
    """Print the version of the hub and of Python."""
    import platform
    from importlib.metadata import version as version_of

    call: Invocation = context.obj
    hub, python = version_of("provincial-hub"), platform.python_version()
    call.answer({"hub": hub, "python": python}, lambda: [f"hub {hub}, Python {python}"])
