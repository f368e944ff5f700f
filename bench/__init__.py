"""The benchmarks. `python -m bench --help` lists them. One with several files has a folder."""
