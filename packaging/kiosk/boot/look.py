#!/usr/bin/env python3
"""Boots the kiosk in an emulator and looks at its screen: look.py FOLDER [--short], which script/test-kiosk has filled.

Every look has a limit that is wide enough for an emulator without KVM on a busy machine; what is waited for is a colour
over much of the screen, for that is what staff go by.
"""

import shutil
import sys
import time
from pathlib import Path

from machine import AMBER, GREEN, LINE, PATIENCE, RED, Failed, Machine

# Kills of the process, cuts of the power.
WHOLE, SHORT = (200, 5), (20, 1)


class Test:
    def __init__(self, folder):
        self.folder, self.machine, self.number = folder, Machine(folder), 0

    def all(self, kills, cuts):
        self.say("from the plug to green")
        self.from_the_plug()
        self.say("scans from a keyboard, the camera stalled; then a camera plugged in elsewhere")
        self.typed_scans()
        self.camera_put_back()
        self.say("no way past it by another terminal")
        self.other_terminal()
        self.say("it hangs")
        self.hang()
        self.say("the clock behind")
        self.clock_behind()
        self.say("a stick with an update and ten thousand files")
        self.stick()
        self.say("its partition full, its store damaged")
        self.full_partition()
        self.damaged_store()
        self.say("a screen turned, a keyboard that nobody knows")
        self.screen_turned()
        self.unknown_keyboard()
        self.say("a package upgraded while it runs")
        self.upgrade()
        self.say(f"{kills} kills of an import")
        self.must(f"systemctl stop greenlit-kiosk; timeout 1500 /opt/test/kills {kills}", f"sound after {kills}", 1_600)
        for cut in range(1, cuts + 1):
            self.say(f"the power goes in the middle of an import, {cut} of {cuts}")
            self.power_cut(cut)
        self.say("no camera, then two screens and a camera")
        self.no_camera_and_two_screens()
        self.say("no screen")
        self.no_screen()
        self.say("no clock battery and no network")
        self.no_clock_battery()

    def from_the_plug(self):
        self.machine.boot()
        self.see(GREEN, "good-pass-from-the-camera")
        self.say(f"         {time.monotonic() - self.machine.booted:.0f} s after the plug")
        self.must("systemctl show greenlit-kiosk -p NRestarts --value", "0")
        told, _ = self.machine.run("grep VmRSS /proc/$(pidof greenlit)/status; journalctl -u greenlit-kiosk -o cat")
        self.say("         " + told.replace("\n", "\n         "))
        self.must("stat -c %U /proc/$(pidof greenlit)", "greenlit")
        self.must("findmnt -no OPTIONS / | cut -d , -f 1", "ro")

    def typed_scans(self):
        self.machine.run("systemctl stop test-film")
        self.see(LINE, "camera-stalled")
        self.scan("expired", RED, "expired-typed")
        self.scan("good", GREEN, "good-typed")
        self.machine.press("alt-shift")
        self.scan("revoked", RED, "revoked-typed-under-the-Russian-layout")
        self.machine.press("alt-shift")

    def camera_put_back(self):
        time.sleep(12)
        self.machine.run("systemctl start test-other-film")
        self.see(RED, "revoked-pass-from-the-other-camera")
        self.machine.run("systemctl stop test-other-film")
        self.see(LINE, "camera-away-again")

    def other_terminal(self):
        self.machine.press("ctrl-alt-f2")
        time.sleep(5)
        self.must("systemctl is-active getty@tty2 || true", "inactive")

    def hang(self):
        self.machine.run("kill -STOP $(pidof greenlit)")
        self.until("nobody noticed that it hangs", lambda: self.restarts() != "0")
        self.started()
        self.see(LINE, "after-the-watchdog")
        self.scan("good", GREEN, "good-typed-after-the-watchdog")

    def clock_behind(self):
        self.machine.run("date -s 2020-01-01")
        self.scan("good", AMBER, "clock-behind")
        year = time.strftime("%Y", time.gmtime())
        self.must(f"runuser -u greenlit -- timedatectl --no-ask-password set-time @{time.time():.0f} && date +%Y", year)
        self.scan("good", GREEN, "clock-set-by-the-till-s-user")

    def stick(self):
        self.machine.plug_stick_in(self.folder / "stick.img")
        find = "findmnt -no OPTIONS -t vfat"
        self.until("the stick is not mounted", lambda: "ro,nosuid,nodev,noexec" in self.machine.run(find)[0])
        folder, _ = self.machine.run("findmnt -no TARGET -t vfat")
        sync = "runuser -u greenlit -- greenlit --data /var/lib/greenlit sync"
        # A folder of photographs is no publication, and is told so.
        told, code = self.machine.run(f"{sync} {folder}/photos")
        if code == 0:
            raise Failed(f"photographs taken for trust data: {told}")
        self.must(f"{sync} {folder}/published", "")
        self.machine.run(f"(while :; do cat {folder}/published/* >/dev/null; {sync} {folder}/published; done >/tmp/stick 2>&1 & echo $! >/tmp/reader)")
        time.sleep(3)
        self.machine.pull_stick_out()
        self.until("the stick that is gone is still mounted", lambda: "ro," not in self.machine.run(find)[0])
        self.machine.run("kill $(cat /tmp/reader)")
        self.scan("good", GREEN, "good-after-the-stick-was-pulled")

    def full_partition(self):
        self.machine.run("dd if=/dev/zero of=/var/lib/greenlit/full bs=64k; sync")
        self.must("df --output=avail /var/lib/greenlit | tail -n 1 | tr -d ' '", "0")
        self.scan("expired", RED, "expired-with-the-partition-full")
        self.machine.run("systemctl restart greenlit-kiosk")
        self.see(LINE, "started-with-the-partition-full")
        self.scan("good", GREEN, "good-with-the-partition-full")
        self.machine.run("rm /var/lib/greenlit/full")

    def damaged_store(self):
        self.machine.run("systemctl stop greenlit-kiosk; dd if=/dev/urandom of=/var/lib/greenlit/greenlit.db bs=1k count=64 conv=notrunc; "
                         "systemctl start greenlit-kiosk")
        time.sleep(30)
        self.scan("good", GREEN, "good-after-the-store-was-damaged")

    def screen_turned(self):
        self.with_setting("SLINT_KMS_ROTATION=90")
        self.see(LINE, "turned-by-90-degrees")
        self.scan("good", GREEN, "good-turned-by-90-degrees")

    def unknown_keyboard(self):
        self.with_setting("XKB_DEFAULT_LAYOUT=nobody,us")
        self.see(LINE, "unknown-keyboard")
        self.scan("good", GREEN, "good-from-an-unknown-keyboard")
        self.must("journalctl -u greenlit-kiosk -o cat | grep -c 'no such keyboard layout'", "1")
        self.with_setting("")

    def upgrade(self):
        before, _ = self.machine.run("pidof greenlit")
        self.must("mount -o remount,rw / && dpkg --install /opt/test/kiosk.deb && mount -o remount,ro / && echo done", "done")
        self.until("the new one does not start", lambda: self.machine.run("pidof greenlit")[0] not in ("", before))
        self.started()
        self.see(LINE, "after-an-upgrade")
        self.scan("good", GREEN, "good-after-an-upgrade")

    def power_cut(self, cut):
        self.machine.run(
            "systemctl stop greenlit-kiosk; (while :; do rm -f /var/lib/greenlit/greenlit.db*; "
            f"runuser -u greenlit -- greenlit --data /var/lib/greenlit sync; done >/dev/null 2>&1 &) ; sleep {0.5 + 0.7 * cut}")
        self.machine.power_off()
        self.machine.boot()
        self.see(GREEN, f"after-power-cut-{cut}")

    def no_camera_and_two_screens(self):
        self.machine.power_off()
        self.machine.boot(kernel="systemd.mask=test-film.service", screens=2)
        self.see(LINE, "no-camera")
        self.machine.run("systemctl start test-other-film")
        self.see(RED, "revoked-once-there-is-a-camera")

    def no_screen(self):
        self.machine.power_off()
        self.machine.boot(screens=0)
        # It is tried again and again: a screen may be plugged in.
        self.until("it does not try again", lambda: self.restarts() not in ("0", "1"))
        self.must("systemctl list-units --state=active --plain --no-legend 'getty@*' | wc -l", "0")

    def no_clock_battery(self):
        self.machine.power_off()
        self.machine.boot(clock="2001-01-01T00:00:00")
        self.see(AMBER, "no-clock-battery")
        # "Set date and time", which begins at the latest moment that the till knows of; then "Set".
        self.machine.tap(0.5, 0.8)
        time.sleep(10)
        self.keep("date-and-time")
        self.machine.tap(0.9, 0.9)
        year = time.strftime("%Y-%m", time.gmtime())
        self.until("the date is not set", lambda: year in self.machine.run("date +%Y-%m")[0])
        self.scan("good", GREEN, "good-once-the-date-is-set")
        self.must("systemctl show greenlit-kiosk -p NRestarts --value", "0")

    def with_setting(self, line):
        self.must(f"mount -o remount,rw / && echo '{line}' >/etc/greenlit/kiosk.env && mount -o remount,ro / && "
                  "systemctl restart greenlit-kiosk && echo done", "done")

    def started(self):
        """Until the window has said that it is ready: what is typed before is nobody's."""
        self.until("it does not get ready", lambda: self.machine.run("systemctl is-active greenlit-kiosk")[0] == "active")

    def restarts(self):
        return self.machine.run("systemctl show greenlit-kiosk -p NRestarts --value")[0]

    def scan(self, name, colour, picture):
        """As a hand scanner types it, after the last answer has gone and the same code may be scanned again."""
        time.sleep(12)
        self.machine.type((self.folder / "passes" / f"{name}.txt").read_text().strip())
        self.see(colour, picture)

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
        number, *_ = self.machine.screen()
        self.machine.picture(file, number, format="png")

    def must(self, line, wanted, patience=PATIENCE):
        told, code = self.machine.run(line, patience)
        if wanted not in told or code:
            raise Failed(f"{line}: {told!r}, not {wanted!r}")

    def until(self, otherwise, done):
        end = time.monotonic() + PATIENCE
        while not done():
            if time.monotonic() > end:
                raise Failed(otherwise)
            time.sleep(2)

    def say(self, line):
        print(line, flush=True)


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
