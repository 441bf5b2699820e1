#!/usr/bin/env python3
"""Boots the kiosk in an emulator and looks at its screen: look.py FOLDER [--short], which script/test-kiosk has filled.

Every look has a limit that is wide enough for an emulator without KVM on a busy machine; what is waited for is a colour
over much of the screen, for that is what staff go by.
"""

import json
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

PATIENCE = 240
GREEN, RED, AMBER = "green", "red", "amber"
# Amber too, but a line of the scan page alone, as for a camera that is away.
LINE = "line"
# Kills of the process, cuts of the power.
WHOLE, SHORT = (200, 5), (20, 1)


class Failed(Exception):
    pass


class Machine:
    def __init__(self, folder, disk):
        self.folder, self.disk, self.process = folder, disk, None

    def boot(self):
        for name in ("agent", "qmp"):
            (self.folder / name).unlink(missing_ok=True)
        self.booted = time.monotonic()
        self.process = subprocess.Popen(
            ["qemu-system-x86_64", "-accel", "tcg", "-m", "1024", "-smp", "2", "-vga", "none", "-display", "none", "-nic", "none",
             "-kernel", self.folder / "vmlinuz", "-initrd", self.folder / "initrd",
             "-append", "root=/dev/vda rw console=ttyS0 quiet vt.global_cursor_default=0",
             "-drive", f"file={self.disk},if=virtio,format=raw,cache=writeback",
             "-device", "virtio-gpu-pci,xres=1024,yres=600", "-device", "virtio-keyboard-pci", "-device", "virtio-serial-pci",
             "-chardev", f"socket,id=agent,path={self.folder}/agent,server=on,wait=off", "-device", "virtserialport,chardev=agent,name=agent",
             "-serial", f"file:{self.folder}/serial.log", "-qmp", f"unix:{self.folder}/qmp,server=on,wait=off"],
            stdin=subprocess.DEVNULL)
        while not all((self.folder / name).exists() for name in ("agent", "qmp")):
            if self.process.poll() is not None:
                raise Failed("the emulator does not start")
            time.sleep(0.1)

    def power_off(self):
        """As if somebody pulled the plug."""
        if self.process:
            self.process.kill()
            self.process.wait()

    def ask(self, *commands):
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(PATIENCE)
            link.connect(str(self.folder / "qmp"))
            file = link.makefile("rw")
            file.readline()
            for command in ({"execute": "qmp_capabilities"}, *commands):
                file.write(json.dumps(command) + "\n")
                file.flush()
                while True:
                    answer = json.loads(file.readline())
                    if "error" in answer:
                        raise Failed(answer["error"]["desc"])
                    if "return" in answer:
                        break
                # A key after another: the keyboard's queue is short.
                time.sleep(0.01)

    def run(self, line, patience=PATIENCE):
        """A shell's line in the guest, and what it printed."""
        until = time.monotonic() + patience
        while True:
            with socket.socket(socket.AF_UNIX) as link:
                link.settimeout(patience)
                try:
                    link.connect(str(self.folder / "agent"))
                    link.sendall(line.encode() + b"\n")
                    told = b""
                    while not (b"==done " in told and told.endswith(b"\n")):
                        part = link.recv(65536)
                        if not part:
                            raise OSError("it went away")
                        told += part
                    text, _, code = told.decode().rpartition("==done ")
                    return text.strip(), int(code)
                except OSError as error:
                    if time.monotonic() > until:
                        raise Failed(f"the guest does not answer: {error}") from error
                    time.sleep(2)

    def type(self, text):
        """As an American keyboard, with Enter at the end."""
        signs = {":": "shift-semicolon", "+": "shift-equal", "-": "minus", ".": "dot", "/": "slash", " ": "spc"}
        signs.update({sign: f"shift-{digit}" for sign, digit in zip(")!@#$%^&*(", "0123456789")})
        for sign in text:
            key = signs.get(sign) or (f"shift-{sign.lower()}" if sign.isupper() else sign)
            self.press(key)
        self.press("ret")

    def press(self, keys):
        names = keys.split("-")
        order = [(True, name) for name in names] + [(False, name) for name in reversed(names)]
        events = [{"type": "key", "data": {"down": down, "key": {"type": "qcode", "data": name}}} for down, name in order]
        self.ask({"execute": "input-send-event", "arguments": {"events": events}})

    def screen(self):
        """Its width and height, and its pixels."""
        file = self.folder / "screen.ppm"
        self.ask({"execute": "screendump", "arguments": {"filename": str(file)}})
        data = file.read_bytes()
        _, size, _, pixels = data.split(b"\n", 3)
        width, height = map(int, size.split())
        return width, height, pixels

    def colour(self):
        """Which answer the screen shows, by what most of its coloured pixels are."""
        width, height, pixels = self.screen()
        count = dict.fromkeys((GREEN, RED, AMBER), 0)
        for place in range(0, width * height, 97):
            red, green, blue = pixels[3 * place:3 * place + 3]
            if green > 120 and red < 100 and blue < 150:
                count[GREEN] += 1
            elif red > 140 and green < 60 and blue < 90:
                count[RED] += 1
            elif red > 220 and 150 < green < 220 and blue < 120:
                count[AMBER] += 1
        name = max(count, key=count.get)
        share = count[name] * 97 / (width * height)
        if share < 1 / 12:
            return None
        return LINE if name == AMBER and share < 1 / 4 else name


class Test:
    def __init__(self, folder):
        self.folder, self.machine, self.number = folder, Machine(folder, folder / "run.img"), 0

    def say(self, line):
        print(line, flush=True)

    def see(self, colour, name):
        """Waits for an answer's colour, and keeps the picture."""
        began = time.monotonic()
        while self.machine.colour() != colour:
            if self.machine.process.poll() is not None:
                raise Failed("the emulator has ended")
            if time.monotonic() > began + PATIENCE:
                self.keep("not-" + name)
                raise Failed(f"{name}: no {colour} in {PATIENCE} s")
            time.sleep(0.5)
        # Until it is drawn whole.
        time.sleep(1)
        self.keep(name)
        self.say(f"  {colour:5}  {name}, after {time.monotonic() - began:.0f} s")

    def keep(self, name):
        self.number += 1
        file = self.folder / "pictures" / f"{self.number:02}-{name}.png"
        self.machine.ask({"execute": "screendump", "arguments": {"filename": str(file), "format": "png"}})

    def must(self, line, wanted, patience=PATIENCE):
        told, code = self.machine.run(line, patience)
        if wanted not in told or code:
            raise Failed(f"{line}: {told!r}, not {wanted!r}")

    def all(self, kills, cuts):
        self.say("from the plug to green")
        self.machine.boot()
        self.see(GREEN, "good-pass-from-the-camera")
        self.say(f"         {time.monotonic() - self.machine.booted:.0f} s after the plug")
        self.must("systemctl show greenlit-kiosk -p NRestarts --value", "0")
        told, _ = self.machine.run("grep VmRSS /proc/$(pidof greenlit)/status; journalctl -u greenlit-kiosk -o cat")
        self.say("         " + told.replace("\n", "\n         "))
        self.must("stat -c %U /proc/$(pidof greenlit)", "greenlit")

        self.say("scans from a keyboard, the camera stalled")
        # Once stopped, a film does not go on before those who look at it: the driver's own way.
        self.machine.run("systemctl stop test-film")
        self.see(LINE, "camera-stalled")
        self.scan("expired", RED, "expired-typed")
        self.scan("good", GREEN, "good-typed")
        self.machine.press("alt-shift")
        self.scan("revoked", RED, "revoked-typed-under-the-Russian-layout")
        self.machine.press("alt-shift")

        self.say("no way past it by another terminal")
        self.machine.press("ctrl-alt-f2")
        time.sleep(5)
        self.must("systemctl is-active getty@tty2 || true", "inactive")

        self.say("it hangs")
        self.machine.run("kill -STOP $(pidof greenlit)")
        until = time.monotonic() + PATIENCE
        while self.machine.run("systemctl show greenlit-kiosk -p NRestarts --value")[0] == "0":
            if time.monotonic() > until:
                raise Failed("nobody noticed that it hangs")
            time.sleep(2)
        self.see(LINE, "after-the-watchdog")
        self.scan("good", GREEN, "good-typed-after-the-watchdog")

        self.say("the clock behind")
        self.machine.run("date -s 2020-01-01")
        self.scan("good", AMBER, "clock-behind")
        year = time.strftime("%Y", time.gmtime())
        self.must(f"runuser -u greenlit -- timedatectl --no-ask-password set-time @{time.time():.0f} && date +%Y", year)
        self.scan("good", GREEN, "clock-set-by-the-till-s-user")

        self.say(f"{kills} kills of an import")
        self.must(f"systemctl stop greenlit-kiosk; timeout 1500 /opt/test/kills {kills}", f"sound after {kills}", 1_600)

        for cut in range(1, cuts + 1):
            self.say(f"the power goes in the middle of an import, {cut} of {cuts}")
            self.machine.run(
                "systemctl stop greenlit-kiosk; (while :; do rm -f /var/lib/greenlit/greenlit.db*; "
                f"runuser -u greenlit -- greenlit --data /var/lib/greenlit sync; done >/dev/null 2>&1 &) ; sleep {0.5 + 0.7 * cut}")
            self.machine.power_off()
            self.machine.boot()
            self.see(GREEN, f"after-power-cut-{cut}")

    def scan(self, name, colour, picture):
        """As a hand scanner types it, after the last answer has gone and the same code may be scanned again."""
        time.sleep(12)
        self.machine.type((self.folder / "passes" / f"{name}.txt").read_text().strip())
        self.see(colour, picture)


def main():
    folder = Path(sys.argv[1])
    shutil.copyfile(folder / "disk.img", folder / "run.img")
    test = Test(folder)
    try:
        test.all(*(SHORT if "--short" in sys.argv else WHOLE))
    except Failed as failed:
        print(f"FAILED: {failed}", file=sys.stderr)
        return 1
    finally:
        test.machine.power_off()
    print(f"ok; the pictures are in {folder / 'pictures'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
