"""The command `cleaner`, also as `python -m cleaner`: can be stopped before it is imported."""

from cleaner.cli.stops import handle_stops


def main() -> None:
    """Run the command line."""
    handle_stops()
    from cleaner.cli.main import main as run_command  # what it imports takes a while

    run_command()


if __name__ == "__main__":  # a worker that does not fork imports this file, too
    main()
