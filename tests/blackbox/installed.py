"""Programs of strangers: built by themselves against an installed Grape and nothing else."""
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "build"


def run(*command):
    """What it printed; a failure raises with all of that."""
    ended = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                           check=False)
    assert ended.returncode == 0, f"{command}:\n{ended.stdout}{ended.stderr}"
    return ended.stdout


def program(folder, name, build=BUILD):
    """Installs Grape below `folder` and builds the program in tests/blackbox/<name>; its path."""
    run("cmake", "--install", build, "--prefix", folder / "grape")
    run("cmake", "-S", HERE / name, "-B", folder / name, "-G", "Ninja",
        "-DCMAKE_BUILD_TYPE=Release", f"-DCMAKE_PREFIX_PATH={folder / 'grape'}")
    run("cmake", "--build", folder / name)
    return folder / name / ("host" if name == "embedded" else name)


class Obedient:
    """A program that answers each line on its input by one line."""

    def __init__(self, command, log):
        with open(log, "ab") as errors:
            self.process = subprocess.Popen([str(part) for part in command], text=True,
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=errors)
        self.log = pathlib.Path(log)

    def ask(self, line):
        """The answer, whatever it is."""
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        assert answer, f"{line}: the program ended: {self.log.read_text(errors='replace')}"
        return answer

    def tell(self, line):
        """What follows `ok`; anything else is a failure."""
        answer = self.ask(line)
        assert answer == "ok" or answer.startswith("ok "), f"{line}: {answer}"
        return answer[3:]

    def end(self, within=30):
        """Ends its input; the program must end in order by itself."""
        self.process.stdin.close()
        code = self.process.wait(within)
        said = self.log.read_text(errors="replace")
        assert (code, said) == (0, ""), f"it ended with {code} and said: {said}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
