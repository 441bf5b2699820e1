//! Waking a thread that waits in the kernel: a signal that does nothing ends the wait with `EINTR` (signal(7),
//! "Interruption of system calls and library functions by signal handlers"; poll(2) is never restarted).
//!
//! The signal is SIGURG, which does nothing in a program that has never heard of it either.

use std::thread::JoinHandle;

/// Has the thread's wait end, if it is in one. Between two waits it does nothing, so it is to be said again.
#[cfg(unix)]
pub(crate) fn wake(thread: &JoinHandle<()>) {
    use std::os::unix::thread::JoinHandleExt;
    use std::sync::atomic::AtomicBool;
    use std::sync::{Arc, OnceLock};

    use nix::sys::pthread::pthread_kill;
    use nix::sys::signal::Signal;

    // Without a handler the signal is ignored, and a wait goes on.
    static HANDLED: OnceLock<bool> = OnceLock::new();
    let handled = *HANDLED.get_or_init(|| {
        signal_hook::flag::register(signal_hook::consts::SIGURG, Arc::new(AtomicBool::new(false))).is_ok()
    });
    if handled && !thread.is_finished() {
        // It may end this very moment; its handle is kept until then, so the number is no other thread's.
        let _ = pthread_kill(thread.as_pthread_t(), Signal::SIGURG);
    }
}

/// There is no way.
#[cfg(not(unix))]
pub(crate) fn wake(_: &JoinHandle<()>) {}
