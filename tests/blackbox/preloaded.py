"""Libraries in front of libc, for what no option of a system does to one process: built here, where
there is a C compiler; libfaketime comes from its package."""
import glob
import shutil
import subprocess

SLOW_DISK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Holds each sync for as many milliseconds as the file GRAPE_TEST_SLOW_DISK says. */
static void hold(void) {
  const char *path = getenv("GRAPE_TEST_SLOW_DISK");
  char text[16] = "";
  int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return;
  if (read(file, text, sizeof text - 1) > 0) {
    long ms = atol(text);
    struct timespec left = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&left, NULL);
  }
  close(file);
}

#define HELD(name)                                         \
  int name(int file) {                                     \
    static int (*real)(int);                               \
    if (real == NULL)                                      \
      *(void **)&real = dlsym(RTLD_NEXT, #name);           \
    hold();                                                \
    return real(file);                                     \
  }

HELD(fdatasync)
HELD(fsync)
"""


def build(folder, name, source):
    """The library, or None where there is no C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        return None
    (folder / f"{name}.c").write_text(source)
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", str(folder / f"{name}.so"),
                    str(folder / f"{name}.c"), "-ldl"], check=True)
    return folder / f"{name}.so"


def faketime():
    """Where libfaketime is, or None."""
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    return found[0] if found else None
