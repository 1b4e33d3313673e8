"""`check_all`, listed among Django's commands; `manage.py` runs it without Django."""

from builder_ui.management.light import LightCommand


class Command(LightCommand):
    """What it does stands in builder_ui.check_all."""

    help = "Checks everything the project tests about itself."
