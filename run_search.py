"""The command line in a checkout: `python run_search.py COMMAND`. Installed, the same is `soundproof COMMAND`."""

from soundproof.command_line.entry import main

if __name__ == "__main__":
    main()
