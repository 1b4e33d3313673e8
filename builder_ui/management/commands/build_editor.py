"""`build_editor`, listed among Django's commands; `manage.py` runs it without Django."""

from builder_ui.management.light import LightCommand


class Command(LightCommand):
    """What it does stands in builder_ui.editor_build."""

    help = "Builds the editor when its sources have changed."
