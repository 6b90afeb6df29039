"""`python -m cleaner` is the command `cleaner`."""

from cleaner.cli.main import main

if __name__ == "__main__":  # a worker that does not fork imports this file, too
    main()
