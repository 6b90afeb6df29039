"""The command `cleaner`, also as `python -m cleaner`: can be stopped before it is imported."""

import gc

from cleaner.cli.stops import handle_stops

NEW_OBJECTS = 100_000
"""New objects from which Python looks for those that nobody can reach but themselves. A page makes
thousands and hardly any of that kind: to look each 700 took a tenth of the time of HTML pages."""


def main() -> None:
    """Run the command line."""
    handle_stops()
    gc.set_threshold(NEW_OBJECTS)
    from cleaner.cli.main import main as run_command  # what it imports takes a while

    run_command()


if __name__ == "__main__":  # a worker that does not fork imports this file, too
    main()
