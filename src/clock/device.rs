//! This machine's clocks, read and set.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use greenlit_core::time::UnixTime;

use super::{Device, Reading};

/// There since systemd's own time service has set the clock by the network.
const SYNCHRONIZED: &str = "/run/systemd/timesync/synchronized";
/// A helper that takes longer is ended.
const PATIENCE: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(20);

/// The real ones.
pub(super) struct System;

impl Device for System {
    fn read(&self) -> Reading {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Reading { system: UnixTime::new(seconds).unwrap_or(UnixTime::MAX), steady: steady() }
    }

    fn set(&self, time: UnixTime) -> bool {
        if set_by_right(time) {
            // A box with a battery keeps the time for the next start. Nobody waits for it, and one without
            // goes on all the same.
            let keep = || done(Command::new("hwclock").arg("--systohc"));
            let _ = std::thread::Builder::new().name("greenlit-hwclock".into()).spawn(keep);
            return true;
        }
        // For accounts that the administrator has allowed it by polkit. It refuses, and leaves all as it is,
        // where the network is meant to set the clock, and must not ask for a password: nobody would see it.
        cfg!(target_os = "linux")
            && done(Command::new("timedatectl").args([
                "--no-ask-password",
                "set-time",
                &format!("@{}", time.seconds()),
            ]))
    }

    fn by_network(&self) -> bool {
        // Other time services than systemd's own are known by what they tell the kernel.
        Path::new(SYNCHRONIZED).exists()
            || cfg!(target_os = "linux")
                && said(Command::new("timedatectl").args(["show", "--property=NTPSynchronized", "--value"]))
                    .is_some_and(|said| said.trim() == "yes")
    }
}

/// Also goes on while the machine sleeps.
#[cfg(target_os = "linux")]
pub(super) fn steady() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    Duration::new(u64::try_from(now.tv_sec).unwrap_or(0), u32::try_from(now.tv_nsec).unwrap_or(0))
}

#[cfg(not(target_os = "linux"))]
pub(super) fn steady() -> Duration {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

/// By the program's own right, CAP_SYS_TIME.
#[cfg(target_os = "linux")]
fn set_by_right(time: UnixTime) -> bool {
    use rustix::time::{ClockId, Timespec, clock_settime};
    let Ok(seconds) = i64::try_from(time.seconds()) else { return false };
    clock_settime(ClockId::Realtime, Timespec { tv_sec: seconds, tv_nsec: 0 }).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn set_by_right(_: UnixTime) -> bool {
    false
}

/// Whether this helper is there and did it.
fn done(helper: &mut Command) -> bool {
    said(helper).is_some()
}

/// What a helper said who did it, in time. What it says is short: it fits where it waits until it is read.
fn said(helper: &mut Command) -> Option<String> {
    said_within(PATIENCE, helper)
}

fn said_within(patience: Duration, helper: &mut Command) -> Option<String> {
    let mut child =
        helper.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).env("LC_ALL", "C").spawn().ok()?;
    let deadline = Instant::now() + patience;
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => {
                let mut said = String::new();
                std::io::Read::read_to_string(child.stdout.as_mut()?, &mut said).ok()?;
                return Some(said);
            }
            Ok(Some(_)) => return None,
            Ok(None) if Instant::now() < deadline => std::thread::sleep(LOOK),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steady_clock_goes_forward() {
        let before = System.read();
        std::thread::sleep(Duration::from_millis(15));
        let after = System.read();
        assert!(after.steady > before.steady && after.steady - before.steady < Duration::from_secs(60));
    }

    #[cfg(unix)]
    #[test]
    fn helpers_are_heard_and_not_waited_for_without_end() {
        // Ends a test that hangs, and nothing else.
        let hangs = Duration::from_secs(600);
        assert_eq!(said_within(hangs, Command::new("echo").arg("yes")).as_deref(), Some("yes\n"));
        assert!(!done(&mut Command::new("false")) && !done(&mut Command::new("greenlit-no-such-helper")));
        let started = Instant::now();
        assert_eq!(said_within(Duration::from_millis(100), Command::new("sleep").arg("3600")), None);
        assert!(started.elapsed() < hangs);
    }
}
