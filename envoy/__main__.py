"""``python -m envoy`` is the command ``envoy``."""

from envoy.cli import main

if __name__ == "__main__":
    main()
