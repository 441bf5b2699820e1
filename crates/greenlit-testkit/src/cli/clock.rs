//! A clock that is wrong: the programs ask the C library for the time, and this stands before it.

use std::process::Command;

use super::{CliHarness, Run};

const SHIM: &str = r#"
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t id, struct timespec *t) {
    int done = (int)syscall(SYS_clock_gettime, id, t);
    const char *ahead = getenv("CLOCK_AHEAD");
    if (done == 0 && id == CLOCK_REALTIME && ahead) t->tv_sec += atol(ahead);
    return done;
}
"#;

impl CliHarness {
    /// A shell command by a clock so many seconds ahead of the true one.
    pub fn shell_ahead(&self, seconds: i64, script: &str) -> Run {
        let library = self.path("clock.so");
        if !library.exists() {
            self.write("clock.c", SHIM);
            let mut compiler = Command::new("cc");
            let built = compiler.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(self.path("clock.c"));
            assert!(built.status().expect("a C compiler").success());
        }
        self.shell(&format!("export LD_PRELOAD=\"$PWD/clock.so\" CLOCK_AHEAD={seconds}; {script}"))
    }
}
