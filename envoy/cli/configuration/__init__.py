"""Configuration of commands: options that are written into a file, or into variables of the environment.

What is given on the command line counts first, then the variable ``ENVOY_<OPTION>``, then the file, then the default of
the option. Which options are keys of a file is in ``keys``; their types and defaults are where the command has them.
"""
