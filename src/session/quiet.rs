//! Work of decoders that may panic on what no encoder writes: on a thread of its own, where a panic means no more than that
//! there is no result.

/// The name of these threads. A program's panic hook stays silent for them.
pub(crate) const THREAD: &str = "greenlit-decoding";

/// What comes of the work; `None` where it panics, or no thread can be started.
pub(crate) fn run<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name(THREAD.into()).spawn_scoped(scope, work);
        thread.ok()?.join().ok()
    })
}
