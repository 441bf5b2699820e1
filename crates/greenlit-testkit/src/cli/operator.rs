//! Another user of the machine: the programs ask the C library who runs them, and this stands before it.

use std::process::Command;

use super::{CliHarness, Run};

const SHIM: &str = r#"
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
uid_t getuid(void) {
    const char *as = getenv("ACT_AS");
    return as ? (uid_t)atol(as) : (uid_t)syscall(SYS_getuid);
}
int open64(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    mode_t mode = va_arg(more, int);
    va_end(more);
    if (strcmp(path, "/proc/self/loginuid") == 0) { errno = ENOENT; return -1; }
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}
"#;

impl CliHarness {
    /// A shell command as the user of this number, who has not logged in: 1 is `daemon`, 2 is `bin`.
    pub fn shell_as(&self, user: u32, script: &str) -> Run {
        let library = self.path("operator.so");
        if !library.exists() {
            self.write("operator.c", SHIM);
            let mut compiler = Command::new("cc");
            let built = compiler.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(self.path("operator.c"));
            assert!(built.status().expect("a C compiler").success());
        }
        self.shell(&format!("export LD_PRELOAD=\"$PWD/operator.so\" ACT_AS={user}; {script}"))
    }
}
