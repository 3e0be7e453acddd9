"""Build site/python with pdoc.

usage: python tools/pdoc_site.py
"""

from pathlib import Path

import pdoc
from pdoc import docstrings

HERE = Path(__file__).parent

# Keras's docstrings list them as `Args`; pdoc would run them together.
docstrings.GOOGLE_LIST_SECTIONS.append("Call arguments")
pdoc.render.configure(docformat="google", math=True, template_directory=HERE / "pdoc")
pdoc.pdoc("layerbridge", output_directory=HERE.parent / "site" / "python")
