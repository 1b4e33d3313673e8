"""`restore`, listed among Django's commands; `manage.py` runs it without Django."""

from builder_ui.management.light import LightCommand


class Command(LightCommand):
    """What it does stands in builder_ui.restore."""

    help = "Restores a backup while the site runs."
