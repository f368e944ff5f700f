"""The translations of the pages: extract the texts, and compile the catalogs in `locale/`.

`make messages` runs this. It imports nothing of the application: it reads the source.
"""
