#!/usr/bin/env python
"""The one command line of the house.

Decides: that every command answers with a sentence when its surroundings are wrong. Refuses to know:
what any command does. `up` and its kin run without Django, so that the second start is quick.
"""

import sys

from builder_ui.commandline import main

if __name__ == "__main__":
    sys.exit(main(sys.argv))
